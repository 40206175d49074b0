"""Revisions make exactly the tables that the code describes, on both databases."""

from __future__ import annotations

import threading

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from engine.db import case_tables, file_tables, form_tables, kind_tables, partner_tables, tables, version_tables
from engine.db.base import Base
from engine.db.database import Database
from engine.db.revisions import configuration, newest_revision, require_current, upgrade
from engine.errors import Conflict

TABLE_MODULES = (tables, case_tables, file_tables, form_tables, kind_tables, partner_tables, version_tables)

#: A case with a clock, as a database at revision 0004 holds them.
OLD_ROWS = (
    "INSERT INTO org_unit (id, name, region) VALUES ('w', '窗口', '440103')",
    "INSERT INTO party (id, kind, name, created_at) VALUES (1, '自然人', '', '2026-09-01 00:00:00+00:00')",
    "INSERT INTO case_file (no, org_unit, region, channel, received_at, effective_at, applicant_id, title, text, tried, trips, "
    "cause, status, coordination_count, reopen_count, public_token) VALUES ('BBC1', 'w', '440103', '现场', '2026-09-01 00:00:00+00:00', "
    "'2026-09-01 00:00:00+00:00', 1, '标题', '诉求', '[]', 0, '其他', '已受理', 0, 0, 'token')",
    "INSERT INTO case_clock (case_no, kind, limit_text, started_at, due_at, is_provisional) VALUES "
    "('BBC1', 'finish', '3个工作日', '2026-09-01 00:00:00+00:00', '2026-09-04 00:00:00+00:00', false)",
)


def test_an_upgraded_database_has_exactly_the_tables_of_the_code(empty_database: Database):
    upgrade(empty_database)

    with empty_database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, Base.metadata)

    assert differences == [], 'Run: ./dev revision "what changes"'


def test_upgrading_twice_changes_nothing(empty_database: Database):
    assert upgrade(empty_database) == (None, newest_revision())
    assert upgrade(empty_database) == (newest_revision(), newest_revision())


def test_several_programs_may_upgrade_at_the_same_moment(empty_database: Database):
    outcomes: list[object] = []

    def run() -> None:
        try:
            outcomes.append(upgrade(empty_database)[1])
        except Exception as error:  # any failure of a thread is an outcome to compare
            outcomes.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert outcomes == [newest_revision()] * 4


def test_a_database_without_tables_is_refused_with_the_command_to_run(empty_database: Database):
    with pytest.raises(Conflict, match=r"has no tables yet\. Run: doudi upgrade-db"):
        require_current(empty_database)


def test_an_upgraded_database_is_accepted(empty_database: Database):
    upgrade(empty_database)
    require_current(empty_database)


def test_every_revision_can_be_taken_back(empty_database: Database):
    upgrade(empty_database)

    with empty_database.engine.begin() as connection:
        command.downgrade(configuration(connection), "base")

    assert inspect(empty_database.engine).get_table_names() == ["alembic_version"]


def test_cases_of_an_older_database_keep_what_belongs_to_them(empty_database: Database):
    with empty_database.engine.begin() as connection:
        command.upgrade(configuration(connection), "0004")
        for sql in OLD_ROWS:
            connection.execute(text(sql))

    upgrade(empty_database)

    with empty_database.engine.connect() as connection:
        case = connection.execute(text("SELECT no, kind, facts, title FROM case_file")).one()
        clock = connection.execute(text("SELECT case_no, kind FROM case_clock")).one()
        connection.execute(text("UPDATE case_file SET applicant_id = NULL"))
    assert (tuple(case), tuple(clock)) == (("BBC1", "case", "{}", "标题"), ("BBC1", "finish"))


def test_an_upgraded_database_knows_the_statuses_that_its_cases_have(empty_database: Database):
    upgrade(empty_database)

    with empty_database.engine.connect() as connection:
        closing = connection.execute(text("SELECT status FROM case_status WHERE is_closing ORDER BY position")).scalars()
        assert list(closing) == ["已告知", "已引导", "已并案", "已移交", "已分流", "已归档"]

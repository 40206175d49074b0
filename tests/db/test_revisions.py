"""Revisions make exactly the tables that the code describes, on both databases."""

from __future__ import annotations

import threading

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect

from engine.db import case_tables, tables, version_tables
from engine.db.base import Base
from engine.db.database import Database
from engine.db.revisions import configuration, newest_revision, require_current, upgrade
from engine.errors import Conflict

TABLE_MODULES = (tables, case_tables, version_tables)


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

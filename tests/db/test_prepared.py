"""A prepared statement does on both databases what SQLAlchemy would do with it: values, errors, savepoints."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from engine.clock import LOCAL_ZONE
from engine.db.base import Base
from engine.db.database import Database
from engine.db.prepared import Prepared
from engine.db.statements import table_of
from engine.db.tables import InboxEntry, Job

DUE = datetime(2026, 11, 23, 10, 0, tzinfo=LOCAL_ZONE)
ROW = {"audience": "user:window-a", "due_key": DUE, "task_id": "1-1"}

_entry, _job = table_of(InboxEntry), table_of(Job)
ADD = Prepared(insert(_entry))
ENTRIES = Prepared(select(_entry.c.task_id, _entry.c.due_key).where(_entry.c.audience == bindparam("who")).order_by(_entry.c.task_id))
ADD_JOB = Prepared(insert(_job).returning(_job.c.id, _job.c.payload, _job.c.due_at))
CHANGE_JOB = Prepared(update(_job).where(_job.c.id == bindparam("row_id")).values(kind="timer"))
SEVERAL = Prepared(delete(_job).where(_job.c.id.in_(bindparam("ids", expanding=True))))


@pytest.fixture
def database(empty_database: Database) -> Database:
    Base.metadata.create_all(empty_database.engine)
    return empty_database


def job(**values: Any) -> dict[str, Any]:
    return {"kind": "notices", "payload": {"案号": ["甲", 1]}, "due_at": DUE, "run_at": DUE, "attempts": 0, **values}


def test_values_come_back_as_they_went_in(database: Database) -> None:
    with database.transaction() as session:
        ((number, payload, due_at),) = ADD_JOB.all(session, **job())
        assert (payload, due_at) == ({"案号": ["甲", 1]}, DUE)
        assert CHANGE_JOB.change(session, row_id=number, error="busy", owner=None) == 1
        assert CHANGE_JOB.change(session, row_id=number + 1, error="busy") == 0
    with database.reading() as session:
        row = session.get_one(Job, number)
        assert (row.kind, row.error, row.owner, row.payload, row.due_at) == ("timer", "busy", None, {"案号": ["甲", 1]}, DUE)


def test_several_rows_are_added_at_once_and_none_at_all(database: Database) -> None:
    with database.transaction() as session:
        ADD.change_each(session, [ROW, {**ROW, "task_id": "1-2"}])
        ADD.change_each(session, [])
    with database.reading() as session:
        assert ENTRIES.all(session, who="user:window-a") == [("1-1", DUE), ("1-2", DUE)]
        assert ENTRIES.first(session, who="user:window-b") is None


def test_a_row_that_is_there_already_is_refused_as_sqlalchemy_does_it(database: Database) -> None:
    with pytest.raises(IntegrityError, match="inbox_entry") as refused, database.transaction() as session:
        ADD.change_each(session, [ROW, ROW])
    assert refused.value.params is None
    with database.reading() as session:
        assert ENTRIES.all(session, who="user:window-a") == []


def test_a_missing_table_is_an_error_of_the_database(empty_database: Database) -> None:
    with pytest.raises((OperationalError, ProgrammingError), match="inbox_entry"), empty_database.transaction() as session:
        ADD.change(session, **ROW)


def test_a_savepoint_undoes_it_and_leaves_what_was_before(database: Database) -> None:
    with database.transaction() as session:
        ADD.change(session, **ROW)
        with pytest.raises(IntegrityError), session.begin_nested():
            ADD.change(session, **{**ROW, "task_id": "1-2"})
            ADD.change(session, **ROW)
        ADD.change(session, **{**ROW, "task_id": "1-3"})
    with database.reading() as session:
        assert [task for task, _ in ENTRIES.all(session, who="user:window-a")] == ["1-1", "1-3"]


@pytest.mark.parametrize(
    ("statement", "parameters", "problem"),
    [
        (ENTRIES, {"whom": "x"}, "'whom'"),
        (ENTRIES, {}, "'who'"),
        (Prepared(insert(_job)), {"kind": "notices", "due_at": DUE, "run_at": DUE}, "without defaults"),
        (SEVERAL, {"ids": [1]}, "without defaults and lists"),
    ],
    ids=["unknown parameter", "missing parameter", "a default to fill in", "a list to expand"],
)
def test_what_it_can_not_run_faithfully_is_refused(
    database: Database, statement: Prepared, parameters: dict[str, Any], problem: str
) -> None:
    with pytest.raises(ValueError, match=problem), database.transaction() as session:
        statement.all(session, **parameters)

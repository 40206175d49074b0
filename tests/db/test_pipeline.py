"""On PostgreSQL what is written travels together, and an error, an interrupt or a lost server leaves nothing half done."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import bindparam, delete, insert, select, text, update
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from engine.clock import LOCAL_ZONE
from engine.db.base import Base
from engine.db.database import Database
from engine.db.driver import at_once, batch, driver_of
from engine.db.prepared import Prepared
from engine.db.statements import table_of
from engine.db.tables import InboxEntry, Resource
from engine.errors import Conflict

DUE = datetime(2026, 11, 23, 10, 0, tzinfo=LOCAL_ZONE)

_entry, _resource = table_of(InboxEntry), table_of(Resource)
ADD = Prepared(insert(_entry))
CHANGE = Prepared(update(_entry).where(_entry.c.task_id == bindparam("row_id")))
REMOVE = Prepared(delete(_entry).where(_entry.c.task_id == bindparam("row_id")))
TASKS = Prepared(select(_entry.c.task_id).order_by(_entry.c.task_id))
ADD_RESOURCE = Prepared(insert(_resource))
RESOURCE = Prepared(select(_resource.c.content).where(_resource.c.sha256 == bindparam("sha")))


@pytest.fixture
def database(empty_database: Database) -> Database:
    Base.metadata.create_all(empty_database.engine)
    return empty_database


@pytest.fixture
def postgres(postgres_url: str) -> Database:
    database = Database(postgres_url)
    Base.metadata.create_all(database.engine)
    yield database
    database.dispose()


def entry(task_id: str, audience: str = "user:window-a") -> dict[str, Any]:
    return {"audience": audience, "due_key": DUE, "task_id": task_id}


def tasks(database: Database) -> list[str]:
    with database.reading() as session:
        return [task for (task,) in TASKS.all(session)]


def round_trips(session: Session, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many texts each round trip carries from now on."""
    seen, driver = list[int](), driver_of(session)
    original = driver._round_trip

    def counted(sent: list[Any]) -> Any:
        seen.append(len(sent))
        return original(sent)

    monkeypatch.setattr(driver, "_round_trip", counted)
    return seen


@pytest.mark.postgres
def test_what_is_written_in_a_batch_travels_with_the_next_question(postgres: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with postgres.transaction() as session:
        seen = round_trips(session, monkeypatch)
        with batch(session):
            ADD.change(session, **entry("1-1"))
            ADD.change_each(session, [entry("1-2"), entry("1-3")])
            CHANGE.change_one(session, Conflict("gone"), row_id="1-2", audience="user:window-b")
            assert TASKS.all(session) == [("1-1",), ("1-2",), ("1-3",)]
            ADD.change(session, **entry("1-4"))
    assert seen == [5, 1]
    assert tasks(postgres) == ["1-1", "1-2", "1-3", "1-4"]


def test_a_batch_inside_another_ends_with_the_outer_one(database: Database) -> None:
    with database.transaction() as session, batch(session):
        ADD.change(session, **entry("1-1"))
        with batch(session):
            ADD.change(session, **entry("1-2"))
        ADD.change(session, **entry("1-3"))
    assert tasks(database) == ["1-1", "1-2", "1-3"]


def test_a_change_that_finds_no_row_refuses_the_whole_command(database: Database) -> None:
    with pytest.raises(Conflict, match="gone"), database.transaction() as session, batch(session):
        ADD.change(session, **entry("1-1"))
        CHANGE.change_one(session, Conflict("gone"), row_id="2-2", audience="user:window-b")
        ADD.change(session, **entry("1-2"))
    assert tasks(database) == []


def test_an_error_in_a_batch_is_raised_at_its_end_at_the_latest(database: Database) -> None:
    with pytest.raises(IntegrityError, match="inbox_entry") as refused, database.transaction() as session, batch(session):
        ADD.change_each(session, [entry("1-1"), entry("1-1"), entry("1-2")])
    assert refused.value.params is None
    assert "window-a" not in str(refused.value).split("DETAIL")[0]
    assert tasks(database) == []


def test_what_fails_before_the_end_of_a_batch_takes_what_waits_with_it(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.transaction() as session, batch(session):
        ADD.change(session, **entry("1-1"))
        raise ZeroDivisionError
    assert tasks(database) == []


def test_a_savepoint_in_the_middle_of_a_batch_undoes_only_what_is_in_it(database: Database) -> None:
    with database.transaction() as session, batch(session):
        ADD.change(session, **entry("1-1"))
        with pytest.raises(ZeroDivisionError), at_once(session), session.begin_nested():
            ADD.change(session, **entry("1-2"))
            session.add(InboxEntry(**entry("1-3")))
            session.flush()
            raise ZeroDivisionError
        with at_once(session), session.begin_nested():
            ADD.change(session, **entry("1-4"))
            assert session.scalars(select(InboxEntry.task_id).order_by(InboxEntry.task_id)).all() == ["1-1", "1-4"]
        ADD.change(session, **entry("1-5"))
    assert tasks(database) == ["1-1", "1-4", "1-5"]


@pytest.mark.postgres
def test_a_text_with_a_nul_is_refused_and_not_cut(postgres: Database) -> None:
    with pytest.raises(DataError, match="NUL"), postgres.transaction() as session:
        ADD.change(session, **entry("1-1\0-2"))
    assert tasks(postgres) == []


def test_bytes_and_words_of_all_kinds_come_back_as_they_went_in(database: Database) -> None:
    content = bytes(range(256)) * 300
    with database.transaction() as session:
        ADD_RESOURCE.change(session, sha256="办\\'\"%s$1", content=content)
    with database.reading() as session:
        assert [bytes(found) for (found,) in RESOURCE.all(session, sha="办\\'\"%s$1")] == [content]


@pytest.mark.postgres
def test_a_text_works_again_after_a_failed_command_and_after_a_deleted_plan(postgres: Database) -> None:
    with pytest.raises(IntegrityError), postgres.transaction() as session:
        ADD.change_each(session, [entry("1-1"), entry("1-1")])
    with postgres.transaction() as session:
        ADD.change(session, **entry("1-1"))
        assert REMOVE.change(session, row_id="1-1") == 1
        assert REMOVE.change(session, row_id="1-1") == 0
    with postgres.reading() as session:
        assert TASKS.all(session) == []


@pytest.mark.postgres
def test_a_connection_that_the_server_has_closed_is_not_used_again(postgres: Database) -> None:
    with postgres.transaction() as session:
        ADD.change(session, **entry("1-1"))
        own = session.scalar(text("SELECT pg_backend_pid()"))
    other = Database(postgres.url)
    with other.transaction() as session:
        assert session.scalar(text(f"SELECT pg_terminate_backend({own}, 5000)"))
    other.dispose()
    assert tasks(postgres) == ["1-1"]


@pytest.mark.postgres
def test_a_connection_lost_in_the_middle_of_a_command_is_an_error_of_the_database(postgres: Database) -> None:
    other = Database(postgres.url)
    with pytest.raises(DBAPIError), postgres.transaction() as session:
        ADD.change(session, **entry("1-1"))
        own = session.scalar(text("SELECT pg_backend_pid()"))
        with other.transaction() as killing:
            assert killing.scalar(text(f"SELECT pg_terminate_backend({own}, 5000)"))
        ADD.change(session, **entry("1-2"))
    other.dispose()
    assert tasks(postgres) == []


@pytest.mark.postgres
def test_an_interrupt_while_the_server_works_leaves_no_answer_for_the_next(postgres: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(KeyboardInterrupt), postgres.transaction() as session:
        ADD.change(session, **entry("1-1"))
        raw: Any = driver_of(session)._raw

        def interrupted(generator: Any) -> Any:
            next(generator)
            raise KeyboardInterrupt

        monkeypatch.setattr(raw, "wait", interrupted)
        TASKS.all(session)
    assert tasks(postgres) == []


def test_an_installation_on_sqlite_needs_no_psycopg() -> None:
    without = (
        "import sys; sys.modules['psycopg'] = None\n"
        "import engine.cli, engine.worker\n"
        "from engine.db.database import Database\n"
        "from engine.db.statements import EARLIEST_JOB, table_of\n"
        "from engine.db.tables import Job\n"
        "database = Database('sqlite://')\n"
        "table_of(Job).create(database.engine)\n"
        "with database.transaction() as session:\n"
        "    print(EARLIEST_JOB.all(session))"
    )
    done = subprocess.run([sys.executable, "-c", without], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("[(None,)]", "")

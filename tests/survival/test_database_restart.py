"""PostgreSQL goes away in the middle of the work and comes back: errors meanwhile, nothing half done, nobody has to help."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from engine.assembly import Engine, build_engine
from engine.commands import user_tasks
from engine.db.tables import UserTask
from engine.worker import Worker
from tests.commands.conftest import CLERK
from tests.survival.count import count, due_jobs
from tests.survival.installation import PostgresServer, install, postgres, start_cases

pytestmark = pytest.mark.postgres
CASES = 60


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    """A server of this test's own: nobody else's is stopped."""
    try:
        running = postgres()
        started = running.__enter__()
    except Exception as error:
        pytest.skip(f"PostgreSQL does not start here: {error}")
    yield started
    running.__exit__(None, None, None)


@pytest.fixture
def installed(server: PostgresServer, tmp_path: Path) -> Iterator[Engine]:
    engine = install(tmp_path / "data", server.url)
    yield engine
    engine.database.dispose()


class Desk:
    """A thread that completes every open task it sees; remembers what was answered and what failed."""

    def __init__(self, engine: Engine):
        self._engine = engine
        self.answered: list[str] = []
        self.failures: list[str] = []
        self.is_open = True
        self._thread = threading.Thread(target=self._work)
        self._thread.start()

    def close(self) -> None:
        self.is_open = False
        self._thread.join()

    def _work(self) -> None:
        while self.is_open:
            try:
                for task_id in open_tasks(self._engine):
                    user_tasks.complete_task(self._engine, CLERK, task_id, {})
                    self.answered.append(task_id)
            except Exception as error:  # whatever a command answers is noted, and the desk stays open
                self.failures.append(f"{type(error).__module__}.{type(error).__name__}: {error}")
            time.sleep(0.02)


def open_tasks(engine: Engine) -> list[str]:
    with engine.database.reading() as session:
        return list(session.scalars(select(UserTask.id).where(UserTask.ended_at.is_(None)).order_by(UserTask.id)))


def wait_for(is_so: Callable[[], object], why: Callable[[], object] = lambda: "", seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert is_so(), why()


def test_a_database_that_crashes_under_load_is_waited_for_and_nothing_is_half_done(
    server: PostgresServer, installed: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL + 1)
    start_cases(installed, CASES)
    workplace = build_engine(installed.settings)
    worker, desk = Worker(workplace), Desk(installed)
    worker.start()
    wait_for(lambda: len(desk.answered) >= 10)
    server.crash()
    wait_for(lambda: desk.failures)
    before = len(desk.answered)
    with pytest.raises(DBAPIError):
        user_tasks.complete_task(installed, CLERK, "1-2", {})
    server.start()
    assert all("sqlalchemy" in failure or "Conflict" in failure for failure in desk.failures), desk.failures
    wait_for(lambda: len(desk.answered) > before, why=lambda: desk.failures[-3:])
    wait_for(lambda: not open_tasks(installed) and not due_jobs(installed))
    desk.close()
    worker.stop()
    workplace.database.dispose()
    found = count(installed, desk.answered, {})
    assert found.is_clean, found
    assert found.completed == 2 * CASES

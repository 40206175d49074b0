"""PostgreSQL goes away in the middle of the work and comes back: errors meanwhile, nothing half done, nobody has to help."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from engine.assembly import Engine, build_engine
from engine.commands import user_tasks
from engine.worker import Worker
from tests.commands.conftest import CLERK
from tests.survival.count import count, due_jobs
from tests.survival.desk import Desk, open_tasks, wait_for
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

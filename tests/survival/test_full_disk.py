"""PostgreSQL on a disk that is really full: errors meanwhile, nothing half done, and work goes on once there is room."""

from __future__ import annotations

import logging
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.exc import OperationalError

from engine.assembly import Engine, build_engine
from engine.queries.inbox import InboxQuery, inbox
from engine.worker import Worker
from tests.commands.conftest import CLERK
from tests.survival.count import count, due_jobs
from tests.survival.desk import Desk, open_tasks, wait_for
from tests.survival.installation import PostgresServer, install, postgres, start_cases

pytestmark = pytest.mark.postgres
CASES = 15
MOST = 20_000


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system of 128 MB that belongs to this test alone."""
    folder = Path(tempfile.mkdtemp(prefix="doudi-small-"))
    try:
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=128m,mode=0777", "tmpfs", folder], check=True, capture_output=True, text=True, timeout=10
        )
    except (OSError, subprocess.SubprocessError) as error:
        folder.rmdir()
        pytest.skip(f"Expected to mount a small tmpfs, which takes root, but: {getattr(error, 'stderr', '') or error}")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)
    folder.rmdir()


@pytest.fixture
def server(small_disk: Path) -> Iterator[PostgresServer]:
    try:
        running = postgres(small_disk / "server")
        started = running.__enter__()
    except Exception as error:
        pytest.skip(f"PostgreSQL does not start here: {error}")
    yield started
    running.__exit__(None, None, None)


@pytest.fixture
def installed(server: PostgresServer, tmp_path: Path) -> Iterator[Engine]:
    engine = install(tmp_path / "data", server.url)
    start_cases(engine, CASES)
    yield engine
    engine.database.dispose()


def fill(disk: Path) -> Path:
    """Leave no room; removing what is returned makes some."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(65_536))
    return ballast


def work_off(installed: Engine) -> None:
    """Everything that is open is done by a desk and a worker, and counts once."""
    workplace = build_engine(installed.settings)
    worker, desk = Worker(workplace), Desk(installed)
    worker.start()
    wait_for(lambda: not open_tasks(installed) and not due_jobs(installed), why=lambda: desk.failures[-3:])
    desk.close()
    worker.stop()
    workplace.database.dispose()
    found = count(installed, desk.answered, {})
    assert found.is_clean and found.completed == len(desk.answered), found


def test_full_tables_refuse_commands_and_lose_nothing(small_disk: Path, installed: Engine, caplog: pytest.LogCaptureFixture) -> None:
    ballast = fill(small_disk)
    with pytest.raises(OperationalError, match="No space left on device"):
        start_cases(installed, MOST)
    seen = open_tasks(installed)
    with pytest.raises(OperationalError, match="No space left on device"):
        start_cases(installed, MOST)
    assert set(open_tasks(installed)) >= set(seen) and inbox(installed, CLERK, InboxQuery()).items, "Expected reading to go on."
    caplog.set_level(logging.CRITICAL + 1)
    assert Worker(installed).run_once() == 0, "Expected the worker to outlive it."
    ballast.unlink()
    work_off(installed)


def test_a_full_log_stops_the_server_and_loses_nothing(small_disk: Path, server: PostgresServer, installed: Engine) -> None:
    before, ballast = open_tasks(installed), fill(small_disk)
    with pytest.raises(psycopg.Error), psycopg.connect(server.url.replace("+psycopg", ""), autocommit=True) as connection:
        for _ in range(MOST):  # each time the server begins a new file of its log
            connection.execute("SELECT pg_switch_wal()")
            connection.execute("UPDATE org_unit SET name = name")
    with pytest.raises(OperationalError):
        start_cases(installed, 1)
    ballast.unlink()
    server.start()
    wait_for(lambda: answers(installed))
    assert open_tasks(installed) == before
    work_off(installed)


def answers(installed: Engine) -> bool:
    try:
        open_tasks(installed)
    except OperationalError:
        return False
    return True

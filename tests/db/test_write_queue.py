"""Who comes first writes first: threads and processes, with people killed, stopped and impatient in the line."""

from __future__ import annotations

import errno
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from engine.db import database as database_module
from engine.db import write_queue
from engine.db.base import Base
from engine.db.database import Database
from engine.db.prepared import Prepared
from engine.db.statements import table_of
from engine.db.tables import OrgUnit
from engine.db.write_queue import WriteQueue

PROJECT = Path(__file__).resolve().parents[2]
LONGEST = 60.0

pytestmark = pytest.mark.skipif(not write_queue.is_possible(), reason="This system has no locks that belong to an open file.")

#: Says that it waits its turn, that it has it, and ends it when it is told to.
CUSTOMER = """
import sys
from pathlib import Path
from engine.db.write_queue import WriteQueue
queue = WriteQueue(Path(sys.argv[1]), 600)
turn = queue.take_turn()
print(turn is not None, flush=True)
sys.stdin.readline()
queue.end_turn(turn)
"""


@pytest.fixture
def database_file(tmp_path: Path) -> Path:
    file = tmp_path / "queued.db"
    file.touch(0o640)
    return file


@pytest.fixture
def queue(database_file: Path) -> WriteQueue:
    return WriteQueue(database_file, LONGEST)


class Customer:
    """Another process in the line."""

    def __init__(self, database_file: Path):
        command = [sys.executable, "-c", CUSTOMER, str(database_file)]
        self.process = subprocess.Popen(command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def is_served(self) -> bool:
        assert self.process.stdout is not None
        return self.process.stdout.readline() == "True\n"

    def leave(self) -> None:
        self.process.communicate("\n")

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def customer(database_file: Path) -> Iterator[Callable[[], Customer]]:
    present: list[Customer] = []

    def come() -> Customer:
        present.append(Customer(database_file))
        return present[-1]

    yield come
    for customer in present:
        customer.kill()


def line(queue: WriteQueue) -> int:
    """How many stand in line, who is served included."""
    file = os.open(queue._file, os.O_RDWR)
    try:
        return write_queue._line_up(file) - 1
    finally:
        os.close(file)


def wait_until(is_so: Callable[[], object]) -> None:
    deadline = time.monotonic() + LONGEST
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.002)
    assert is_so()


def come_in_thread(queue: WriteQueue, name: str, served: list[str]) -> Thread:
    """Comes, is in line when this returns, and notes when it is served."""

    def work() -> None:
        turn = queue.take_turn()
        served.append(name)
        queue.end_turn(turn)

    before, thread = line(queue), Thread(target=work)
    thread.start()
    wait_until(lambda: line(queue) > before)  # looking takes a place for a moment: whoever comes then stands one behind
    return thread


def test_threads_are_served_in_the_order_in_which_they_came(queue: WriteQueue) -> None:
    turn, served = queue.take_turn(), list[str]()
    threads = [come_in_thread(queue, str(number), served) for number in range(20)]
    assert served == []
    queue.end_turn(turn)
    for thread in threads:
        thread.join()
    assert served == [str(number) for number in range(20)]
    assert line(queue) == 0


def test_who_has_just_written_does_not_go_before_those_who_wait(queue: WriteQueue) -> None:
    turn, served = queue.take_turn(), list[str]()
    waiting = come_in_thread(queue, "waiting", served)
    queue.end_turn(turn)
    again = queue.take_turn()
    served.append("again")
    queue.end_turn(again)
    waiting.join()
    assert served == ["waiting", "again"]


def test_threads_and_processes_stand_in_one_line(queue: WriteQueue, customer: Callable[[], Customer]) -> None:
    turn, served = queue.take_turn(), list[str]()
    first = come_in_thread(queue, "first", served)
    before, second = line(queue), customer()
    wait_until(lambda: line(queue) > before)
    third = come_in_thread(queue, "third", served)
    queue.end_turn(turn)
    first.join()
    assert second.is_served()
    assert served == ["first"]
    second.leave()
    third.join()
    assert served == ["first", "third"]


def test_the_turn_of_a_killed_process_goes_to_the_next(queue: WriteQueue, customer: Callable[[], Customer]) -> None:
    holder, served = customer(), list[str]()
    assert holder.is_served()
    waiting = come_in_thread(queue, "next", served)
    assert served == []
    holder.kill()
    waiting.join()
    assert served == ["next"]


def test_a_process_killed_in_line_lets_nobody_in_before_his_turn(queue: WriteQueue, customer: Callable[[], Customer]) -> None:
    turn, served = queue.take_turn(), list[str]()
    first = come_in_thread(queue, "first", served)
    killed = customer()
    wait_until(lambda: line(queue) >= 3)
    third = come_in_thread(queue, "third", served)
    killed.kill()
    fourth = come_in_thread(queue, "fourth", served)
    assert served == []
    queue.end_turn(turn)
    for thread in (first, third, fourth):
        thread.join()
    assert served == ["first", "third", "fourth"]


def test_who_waits_behind_a_stopped_process_goes_to_the_database_himself_in_the_end(
    queue: WriteQueue, database_file: Path, customer: Callable[[], Customer]
) -> None:
    stopped = customer()
    assert stopped.is_served()
    stopped.process.send_signal(signal.SIGSTOP)
    assert WriteQueue(database_file, 0.0).take_turn() is None
    assert line(queue) == 1
    stopped.process.send_signal(signal.SIGCONT)
    stopped.leave()
    turn = queue.take_turn()
    assert turn is not None
    queue.end_turn(turn)


def test_a_deleted_queue_file_is_made_anew_with_the_rights_of_the_database(queue: WriteQueue, database_file: Path) -> None:
    queue.end_turn(queue.take_turn())
    file = Path(queue._file)
    assert file.stat().st_mode & 0o777 == 0o640
    file.unlink()
    turn = queue.take_turn()
    assert turn is not None
    assert file.stat().st_size == 0
    queue.end_turn(turn)


@pytest.mark.parametrize("reason", [errno.EACCES, errno.EROFS, errno.ENOSPC])
def test_where_the_file_can_not_be_made_there_is_no_queue(queue: WriteQueue, monkeypatch: pytest.MonkeyPatch, reason: int) -> None:
    def refuse(*_: object) -> int:
        raise OSError(reason, os.strerror(reason))

    monkeypatch.setattr(os, "open", refuse)
    assert queue.take_turn() is None
    queue.end_turn(None)


def test_where_the_file_system_has_no_such_locks_there_is_no_queue(queue: WriteQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> bytes:
        raise OSError(errno.EINVAL, "Invalid argument")

    monkeypatch.setattr("engine.db.write_queue.fcntl.fcntl", refuse)
    open_files = len(os.listdir("/proc/self/fd"))
    assert queue.take_turn() is None
    assert len(os.listdir("/proc/self/fd")) == open_files


# --- the database behind it -----------------------------------------------------------------------------------------------------------

_unit = table_of(OrgUnit)
ADD_UNIT = Prepared(insert(_unit))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'doudi.db'}")
    Base.metadata.create_all(made.engine)
    yield made
    made.dispose()


def add_units(database: Database, prefix: str, many: int) -> None:
    for number in range(many):
        with database.transaction() as session:
            ADD_UNIT.change(session, id=f"{prefix}-{number}", name="示例窗口", region="440103")


def units(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(_unit)) or 0


@pytest.fixture(params=["queue", "no queue"])
def any_system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "no queue":
        monkeypatch.setattr(database_module, "is_possible", lambda: False)


@pytest.mark.usefixtures("any_system")
def test_twenty_threads_on_two_installations_of_one_file_all_write(tmp_path: Path, database: Database) -> None:
    (tmp_path / "elsewhere").symlink_to(tmp_path)
    other = Database(f"sqlite:///{tmp_path / 'elsewhere' / 'doudi.db'}")
    threads = [Thread(target=add_units, args=((database, other)[number % 2], str(number), 5)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.dispose()
    assert units(database) == 100


def test_two_ways_to_one_file_lead_into_one_queue(tmp_path: Path, database: Database) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "doudi.db")
    other = Database(f"sqlite:///{tmp_path / 'link.db'}")
    assert other._queue is not None and database._queue is not None
    assert other._queue._file == database._queue._file
    other.dispose()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite:///file:x?mode=memory&uri=true"])
def test_a_database_without_a_file_has_no_queue(url: str) -> None:
    database = Database(url)
    assert database._queue is None
    with database.transaction() as session:
        assert session.connection().exec_driver_sql("SELECT 1").scalar_one() == 1
    database.dispose()


def test_a_command_that_fails_ends_its_turn(database: Database) -> None:
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), database.transaction():
            raise ZeroDivisionError
    add_units(database, "after", 1)
    assert units(database) == 1


def test_who_only_reads_so_far_holds_nobody_up_and_sees_that_others_have_written(database: Database) -> None:
    with database.transaction_after_reading() as work:
        assert work.session.scalar(select(func.count()).select_from(_unit)) == 0
        add_units(database, "meanwhile", 1)
        assert work.session.scalar(select(func.count()).select_from(_unit)) == 0
        assert work.start_writing()
        assert work.session.scalar(select(func.count()).select_from(_unit)) == 1
        ADD_UNIT.change(work.session, id="mine", name="示例窗口", region="440103")
    assert units(database) == 2


def test_a_writer_outside_the_queue_is_waited_for(tmp_path: Path, database: Database) -> None:
    outside = sqlite3.connect(tmp_path / "doudi.db", isolation_level=None, check_same_thread=False)
    outside.execute("BEGIN IMMEDIATE")
    has_begun, done = Event(), list[Any]()

    def write() -> None:
        has_begun.set()
        add_units(database, "later", 1)
        done.append(True)

    thread = Thread(target=write)
    thread.start()
    has_begun.wait(LONGEST)
    assert done == []
    outside.execute("COMMIT")
    outside.close()
    thread.join()
    assert units(database) == 1

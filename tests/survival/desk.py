"""A desk in this process that completes every open task it sees, and remembers what was answered and what failed. Knows no HTTP."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from sqlalchemy import select

from engine.assembly import Engine
from engine.commands import user_tasks
from engine.db.tables import UserTask
from tests.commands.conftest import CLERK


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

"""Long work beside the requests: what waits, what runs, how far it is, what came of it. Kept in memory: a restart forgets it."""

from __future__ import annotations

import atexit
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from engine.errors import Conflict, EngineError, Finding, InvalidDefinition, NotFound

State = Literal["waiting", "running", "done", "failed", "cancelled"]
#: Kept at most, the newest; those that run are kept whatever their number.
MOST_KEPT = 30
#: Waiting or running at most, of one person and of all.
MOST_OF_ONE, MOST_OF_ALL = 3, 10

logger = logging.getLogger(__name__)


class Cancelled(Exception):
    """Somebody does not want the result any more."""


@dataclass
class Work:
    """One piece of work. ``about`` is what it belongs to, ``facts`` what the page says about it."""

    id: int
    kind: str
    about: int
    owner: str
    facts: dict[str, Any]
    state: State = "waiting"
    done: int = 0
    total: int = 0
    result: Any = None
    problem: str = ""
    findings: tuple[Finding, ...] = ()
    is_unwanted: bool = False
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def is_ended(self) -> bool:
        return self.ended.is_set()

    def progress(self, done: int, total: int) -> None:
        """Called by the work itself as often as it can stop. Raises Cancelled when it shall."""
        self.done, self.total = done, total
        if self.is_unwanted:
            raise Cancelled


class Workshop:
    """Does one piece of work at a time, so that people who work beside it notice little."""

    def __init__(self) -> None:
        self._works: dict[int, Work] = {}
        self._lock, self._turn = threading.Lock(), threading.Lock()
        self._count = 0
        atexit.register(self.close)

    def start(self, kind: str, about: int, owner: str, facts: dict[str, Any], task: Callable[[Work], Any]) -> Work:
        """Begin work as soon as there is a turn. Raises Conflict when too much is waiting already."""
        with self._lock:
            going = [work for work in self._works.values() if not work.is_ended]
            if len(going) >= MOST_OF_ALL or sum(work.owner == owner for work in going) >= MOST_OF_ONE:
                raise Conflict("Expected room for another trial but too many are waiting. Wait for one to end, or cancel it.")
            self._count += 1
            work = Work(self._count, kind, about, owner, facts)
            self._works[work.id] = work
            self._forget()
        threading.Thread(target=self._run, args=(work, task), name=f"trial-{work.id}", daemon=True).start()
        return work

    def find(self, work_id: int, about: int) -> Work:
        work = self._works.get(work_id)
        if work is None or work.about != about:
            raise NotFound(f"Expected trial {work_id} but it does not exist any more. Start it again.")
        return work

    def of(self, about: int) -> list[Work]:
        """What belongs to something, newest first."""
        with self._lock:
            return sorted((work for work in self._works.values() if work.about == about), key=lambda work: -work.id)

    def cancel(self, work_id: int, about: int) -> None:
        """It stops at the next place where it can; what has ended stays."""
        self.find(work_id, about).is_unwanted = True

    def close(self) -> None:
        """Stop everything and wait a moment, so that no folder is left behind."""
        for work in list(self._works.values()):
            work.is_unwanted = True
        for work in list(self._works.values()):
            work.ended.wait(timeout=5)

    def _run(self, work: Work, task: Callable[[Work], Any]) -> None:
        with self._turn:
            try:
                work.progress(0, 0)
                work.state = "running"
                work.result = task(work)
                work.state = "done"
            except Cancelled:
                work.state = "cancelled"
            except EngineError as error:
                work.state, work.problem = "failed", str(error)
                work.findings = error.findings if isinstance(error, InvalidDefinition) else ()
            except Exception:  # a fault of the program ends the trial with a word, never the thread
                work.state, work.problem = "failed", "Expected the trial to end but the program has a fault. The log says more."
                logger.exception("Trial %s failed", work.id)
            finally:
                work.ended.set()

    def _forget(self) -> None:
        ended = sorted(work.id for work in self._works.values() if work.is_ended)
        for work_id in ended[: max(0, len(self._works) - MOST_KEPT)]:
            del self._works[work_id]

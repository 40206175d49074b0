"""The background worker: executes due jobs for ever, a postman beside it. Several may run, in one process or in many."""

from __future__ import annotations

import logging
import os
import socket
import uuid
from datetime import datetime, timedelta
from threading import Event, Thread

from engine.assembly import Engine
from engine.commands import evidence, jobs
from engine.postman import Postman

log = logging.getLogger(__name__)

#: How long an idle worker sleeps at most, in seconds; and at least, when others hold what is due.
LONGEST_NAP, SHORTEST_NAP = 1.0, 0.01

#: How often what was recorded is sealed with a signature.
SEAL_EVERY = timedelta(hours=1)

#: By how much a clock goes back when it is only being regulated.
CLOCK_PLAY = timedelta(seconds=1)


class Worker:
    """Claims and executes due jobs until it is told to stop."""

    def __init__(self, engine: Engine):
        self.engine = engine
        self.id = f"{socket.gethostname()[:16]}-{os.getpid()}-{uuid.uuid4().hex[:6]}"
        self._stop = Event()
        self._sealed_at: datetime | None = None
        self._seen_at: datetime | None = None
        self._nap = LONGEST_NAP
        self._thread: Thread | None = None

    def start(self) -> None:
        """Run in a thread beside the web server."""
        self._thread = Thread(target=self.run_forever, name="doudi-worker", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish the job in hand, then stop."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=30)

    def run_forever(self) -> None:
        postman = Postman(self.engine)
        postman.start()
        while not self._stop.is_set():
            if not self.run_once():
                self._stop.wait(self._nap)
        postman.stop()

    def run_once(self) -> int:
        """Execute what is due; a database that is away is waited for, not given up on."""
        try:
            self._keep_in_order()
            wait = jobs.next_due(self.engine)  # the only question of an idle worker
            self._nap = LONGEST_NAP if wait is None else min(LONGEST_NAP, max(SHORTEST_NAP, wait))
            return jobs.run_due_jobs(self.engine, self.id) if wait == 0 else 0
        except Exception:  # the worker outlives every failure; the next round tries again
            log.exception("worker %s could not run due jobs", self.id)
            self._nap = LONGEST_NAP
            return 0

    def _keep_in_order(self) -> None:
        now = self.engine.clock.now()
        if self._seen_at is None or now < self._seen_at - CLOCK_PLAY:
            jobs.shorten_waits(self.engine)
        self._seen_at = now
        if self._sealed_at is None or abs(now - self._sealed_at) >= SEAL_EVERY:  # a clock set back must not put seals off
            evidence.seal_evidence(self.engine)
            self._sealed_at = now

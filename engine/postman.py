"""The postman: carries messages to gateways for ever, in a thread of his own. Knows no case; a gateway that is away rests a while."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from threading import Event, Thread

from engine.assembly import Engine
from engine.channels.choose import channels_of
from engine.channels.contract import Channel
from engine.commands import letters

log = logging.getLogger(__name__)

#: How long he looks away when nothing waits, in seconds.
NAP = 1.0
#: How long a channel rests after a failure; each further one doubles it.
SHORTEST_REST, LONGEST_REST = timedelta(seconds=5), timedelta(minutes=5)


class Postman:
    """Carries what is due until he is told to stop. Several may run: a message is with one of them at a time."""

    def __init__(self, engine: Engine, channels: Mapping[str, Channel] | None = None):
        self.engine = engine
        self.channels = channels_of(engine.settings.channels) if channels is None else channels
        self._rests: dict[str, timedelta] = {}
        self._rests_until: dict[str, datetime] = {}
        self._stop = Event()
        self._threads: list[Thread] = []

    def start(self) -> None:
        """One thread a channel: a slow gateway holds up nobody else's messages."""
        for name in self.channels:
            thread = Thread(target=self._run_forever, args=(name,), name=f"doudi-postman-{name}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Finish the message in hand, then stop."""
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=30)

    def run_once(self, name: str) -> bool:
        """Carry what is due for one channel; gives whether there was anything. A database that is away is waited for."""
        try:
            if self._is_resting(name) or not letters.has_due(self.engine, name):
                return False
            failure = letters.send_due(self.engine, name, self.channels[name])
            self._rest(name) if failure is not None else self._rests.pop(name, None)
            return failure is None
        except Exception:  # the postman outlives every failure; the next round tries again
            log.exception("the postman could not carry messages by %s", name)
            return False

    def _run_forever(self, name: str) -> None:
        while not self._stop.is_set():
            if not self.run_once(name):
                self._stop.wait(NAP)

    def _is_resting(self, name: str) -> bool:
        return name in self._rests_until and self.engine.clock.now() < self._rests_until[name]

    def _rest(self, name: str) -> None:
        pause = min(LONGEST_REST, self._rests.get(name, SHORTEST_REST / 2) * 2)
        self._rests[name], self._rests_until[name] = pause, self.engine.clock.now() + pause

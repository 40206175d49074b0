"""Kills serving processes at random under load and counts what went wrong. Knows processes; the load and the count are next door."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

from engine.assembly import Engine
from tests.survival.clerks import Clerks, log_in
from tests.survival.count import Found, count, due_jobs, open_tasks
from tests.survival.installation import LEASE_SECONDS, environment, start_cases

PROJECT = Path(__file__).resolve().parents[2]
WEB = ("serve", "--port", "0", "--no-worker")
WORKER = ("worker",)

#: How long a process may take until it serves, and the rest until it is worked off, on a busy machine.
PATIENCE = 60.0

#: How much work lies on the table at each moment.
OPEN_TASKS = 20

Report = Callable[[str], None]


class Served:
    """One process of the installation, started anew each time it is killed."""

    def __init__(self, engine: Engine, command: tuple[str, ...]):
        self._engine, self._command = engine, command
        self.start()

    def start(self) -> None:
        self.announced = ""
        with (self._engine.settings.data_folder / "processes.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "engine", *self._command],
                cwd=PROJECT,
                env=environment(self._engine),
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self._listener = Thread(target=self._listen, args=(self._process,), daemon=True)
        self._listener.start()

    def kill(self) -> None:
        """SIGKILL: no handler runs, nothing is put in order."""
        self._process.kill()
        self._process.wait()
        self._listener.join()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self.announced = ""

    @property
    def is_web(self) -> bool:
        return self._command == WEB

    @property
    def has_died(self) -> bool:
        return self._process.poll() is not None

    @property
    def port(self) -> int:
        """0 while it does not serve."""
        return int(self.announced.split("127.0.0.1:")[1].split("/")[0]) if "127.0.0.1:" in self.announced else 0

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        self.announced = process.stdout.readline()


@dataclass(frozen=True)
class Attack:
    """How often to kill, how many processes work at the same time, and how long they live at least and at most (seconds)."""

    kills: int
    seed: int
    each: int = 1
    clerks: int = 4
    life: tuple[float, float] = (0.05, 0.8)
    at_most: float = 10_800.0  # seconds; on a slow machine fewer are killed, and the number is reported


def attack(engine: Engine, plan: Attack, report: Report) -> Found:
    """Kill web and worker processes while clerks complete tasks; then let the rest be worked off and count."""
    served = [Served(engine, command) for command in (WEB, WORKER) * plan.each]
    clerks: Clerks | None = None
    try:
        _wait_until(lambda: all(one.announced for one in served), "Expected every process to start.")
        cookie = log_in(served[0].port)
        clerks = Clerks(cookie, lambda: [one.port for one in served if one.is_web and one.port], plan.clerks, plan.seed)
        killed = _kill_at_random(engine, plan, served, clerks, report)
        clerks.stop()
        _wait_until(lambda: all(one.announced for one in served if not one.is_web), "Expected the workers to start again.")
        _wait_at_most(lambda: not due_jobs(engine), PATIENCE + LEASE_SECONDS)
    finally:
        if clerks is not None:
            clerks.stop()
        for one in served:
            one.kill()
    return count(engine, clerks.answered, killed)


def _kill_at_random(engine: Engine, plan: Attack, served: list[Served], clerks: Clerks, report: Report) -> dict[str, int]:
    chance, started = random.Random(plan.seed), time.monotonic()
    killed = {"web": 0, "worker": 0}
    while sum(killed.values()) < plan.kills and time.monotonic() - started < plan.at_most:
        start_cases(engine, max(0, OPEN_TASKS - open_tasks(engine)))
        time.sleep(chance.uniform(*plan.life))
        died = [one for one in served if one.has_died]
        assert not died, "Expected only killed processes to end; see processes.log."
        # Alternately, so that both kinds are met equally often; one that has done nothing yet would die for nothing.
        wanted = killed["web"] <= killed["worker"]
        ready = [one for one in served if one.announced and one.is_web == wanted and (not wanted or one.port in clerks.answered_by)]
        if not ready:
            continue
        victim = chance.choice(ready)
        port = victim.port
        victim.kill()
        clerks.answered_by.discard(port)
        victim.start()
        killed["web" if victim.is_web else "worker"] += 1
        if sum(killed.values()) % 10 == 0:
            seconds, answered = time.monotonic() - started, len(clerks.answered)
            report(f"{sum(killed.values())} kills, {answered} completions answered, {clerks.cut_off} requests cut off, {seconds:.0f} s")
    return killed


def _wait_until(is_so: Callable[[], bool], otherwise: str) -> None:
    assert _wait_at_most(is_so, PATIENCE), otherwise


def _wait_at_most(is_so: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.05)
    return is_so()

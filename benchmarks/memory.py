"""What a process holds in memory that works off cases and jobs, after so many cases and after so many steps of one case."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

from sqlalchemy import select

from benchmarks import doudi
from engine.assembly import Engine
from engine.commands import deployments, instances, user_tasks
from engine.db.tables import InboxEntry
from engine.worker import Worker

BACKGROUND = Path(__file__).with_name("background.bpmn")
#: A round of the background process: a person, a timer and a background step.
STEPS_A_ROUND = 3
#: A line of /proc: what is in memory now. Elsewhere there is none, and the figure is not a number.
RESIDENT = re.compile(r"VmRSS:\s+(\d+) kB")


@dataclass(frozen=True)
class Milestone:
    """After ``done`` cases or steps: MB in memory, and ms CPU each since the milestone before."""

    done: int
    size: float
    cost: float


def measure(folder: Path, cases: int, steps: int) -> dict[str, float]:
    """MB, in a fresh process that has loaded nothing else. A case is one of workload W and one with a timer and a background step."""
    receiver, sender = get_context("spawn").Pipe(duplex=False)
    process = get_context("spawn").Process(target=_work, args=(folder, cases, steps, sender))
    process.start()
    sender.close()  # so that a process that fails ends the waiting too
    of_cases, of_steps = receiver.recv()
    process.join()
    return {**_figures(of_cases, "cases", "case", " (≤ 150)"), **_figures(of_steps, "further steps", "step", "")}


def _figures(milestones: list[Milestone], many: str, one: str, target: str) -> dict[str, float]:
    *_, before, last = milestones
    return {
        **{f"memory: MB after {at.done:,} {many}{target if at is last else ''}": at.size for at in milestones},
        f"memory: MB grown in the last half of the {many}": last.size - before.size,
        **{f"memory: ms CPU a {one} up to {at.done:,} {many}": at.cost for at in milestones},
    }


def resident() -> float:
    """MB of this process in memory; not a number where the system keeps no /proc."""
    status = Path("/proc/self/status")
    found = RESIDENT.search(status.read_text()) if status.is_file() else None
    return int(found[1]) / 1024 if found else float("nan")


def _work(folder: Path, cases: int, steps: int, answer: Connection) -> None:
    engine = doudi.prepared_engine(folder)
    deployments.deploy(engine, doudi.ADMIN, {"background.bpmn": BACKGROUND.read_bytes()}, "基准·后台")
    worker, run_case = Worker(engine), doudi.one_case(engine)

    def case(number: int) -> None:
        run_case(number)
        _background(engine, worker, f"B-{number}", 1)

    of_cases = _milestones(case, cases, 1)
    rounds = steps // STEPS_A_ROUND
    task = _started(engine, "B-long", rounds)

    def one_round(_number: int) -> None:
        nonlocal task
        task = _round(engine, worker, task)

    answer.send((of_cases, _milestones(one_round, rounds, STEPS_A_ROUND)))


def _milestones(work: Callable[[int], None], times: int, counts: int) -> list[Milestone]:
    """After a tenth, a half and all of it."""
    found, before, since = list[Milestone](), time.process_time(), 0
    for number in range(1, times + 1):
        work(number)
        if number in (times // 10, times // 2, times):
            spent = (time.process_time() - before) * 1000
            found.append(Milestone(number * counts, resident(), spent / (number - since) / counts))
            before, since = time.process_time(), number
    return found


def _background(engine: Engine, worker: Worker, case_no: str, rounds: int) -> None:
    task = _started(engine, case_no, rounds)
    for _ in range(rounds):
        task = _round(engine, worker, task)


def _started(engine: Engine, case_no: str, rounds: int) -> str:
    instance = instances.start_instance(engine, doudi.ADMIN, "background", case_no, {"round": 0, "rounds": rounds})
    return doudi.first_task(engine, instance)


def _round(engine: Engine, worker: Worker, task: str) -> str:
    """A person, then the timer and the background step by the worker; returns the next task, or an empty text."""
    user_tasks.complete_task(engine, doudi.ADMIN, task, {"note": "checked"})
    while worker.run_once():
        continue
    with engine.database.reading() as session:  # the only open task of all; a task's instance would have many that ended
        return str(session.scalar(select(InboxEntry.task_id).limit(1)) or "")

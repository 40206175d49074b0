"""Counts what an attack left behind: losses, doubles, halves, jobs that stand still, broken evidence. Reads only."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from sqlalchemy import func, select

from engine.assembly import Engine
from engine.db.tables import ElementRun, Evidence, Incident, Job, UserTask
from engine.queries.evidence import verify_evidence


@dataclass(frozen=True)
class Found:
    """What was done, and every number that must be nought."""

    killed: dict[str, int]
    answered: int
    completed: int
    timers_fired: int
    lost: int  # answered, but not in the database
    answered_twice: int
    double_effects: int
    half_done: int  # completed, but what follows is missing
    stuck_jobs: int
    incidents: int
    evidence_faults: tuple[str, ...]

    @property
    def is_clean(self) -> bool:
        wrong = (self.lost, self.answered_twice, self.double_effects, self.half_done, self.stuck_jobs, self.incidents)
        return self.answered > 0 and not any(wrong) and not self.evidence_faults


def count(engine: Engine, answered: list[str], killed: dict[str, int]) -> Found:
    with engine.database.reading() as session:
        tasks = session.execute(select(UserTask.instance_id, UserTask.element_id, UserTask.id, UserTask.outcome)).all()
        runs = session.execute(select(ElementRun.instance_id, ElementRun.element_id)).all()
        facts = session.execute(select(Evidence.event, Evidence.facts)).all()
        incidents = session.scalar(select(func.count()).select_from(Incident)) or 0
    completed = {task.id for task in tasks if task.outcome == "completed"}
    of_first = {task.instance_id for task in tasks if task.outcome == "completed" and task.element_id == "first"}
    of_second = {task.instance_id for task in tasks if task.element_id == "second"}
    fired = [json.loads(text)["instance"] for event, text in facts if event == "timer:fire"]
    told = [text for event, text in facts if event == "user_task:complete"]
    return Found(
        killed=killed,
        answered=len(answered),
        completed=len(completed),
        timers_fired=len(fired),
        lost=len(set(answered) - completed),
        answered_twice=_doubles(answered),
        double_effects=sum(
            map(_doubles, (((task.instance_id, task.element_id) for task in tasks), (tuple(run) for run in runs), fired, told))
        ),
        half_done=len(of_first ^ of_second) + len(set(fired) ^ of_first) + abs(len(told) - len(completed)),
        stuck_jobs=due_jobs(engine),
        incidents=incidents,
        evidence_faults=tuple(verify_evidence(engine).faults),
    )


def due_jobs(engine: Engine) -> int:
    """In this process every job is due at once: what is left has not been done."""
    with engine.database.reading() as session:
        return session.scalar(select(func.count()).select_from(Job)) or 0


def open_tasks(engine: Engine) -> int:
    with engine.database.reading() as session:
        return session.scalar(select(func.count()).select_from(UserTask).where(UserTask.ended_at.is_(None))) or 0


def _doubles(things: Iterable[Hashable]) -> int:
    return sum(number - 1 for number in Counter(things).values())

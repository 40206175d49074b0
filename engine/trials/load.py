"""The load that another version would bring, from what really happened: arrivals, handling times and staff of this installation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from statistics import median

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.assembly import Engine
from engine.db.case_tables import Case
from engine.db.tables import Account, Membership, UserTask
from engine.errors import InvalidInput
from engine.services.case_kinds import CASE
from engine.services.working_time import WorkCalendar
from engine.trials.load_simulation import Forecast, Leg, Route, arrivals, picks, simulate
from engine.trials.reporting import Report, TaskSeen
from engine.trials.scenarios import Progress, silent
from engine.trials.what_if import replay_cases

#: Minutes of a task that history knows nothing about.
UNKNOWN_HANDLING = 30.0
#: Tasks whose handling times are looked at, the newest first.
MOST_TASKS = 20_000


@dataclass(frozen=True)
class LoadComparison:
    """Both forecasts, and what they were computed from."""

    old: Forecast
    new: Forecast
    cases: int
    per_day: float
    days: int
    handling: Mapping[str, float]  # element → minutes


def compare_load(
    engine: Engine, files: Mapping[str, bytes], history: int, days: int, factor: float = 1.0, progress: Progress = silent
) -> LoadComparison:
    """Simulate ``days`` working days with the arrivals of the last ``history`` days times ``factor``, without and with ``files``."""
    replay = replay_cases(engine, files, history, progress)
    if not replay.routes:
        raise InvalidInput("Expected ended cases to learn from but there are none in this time. Take more days.", {"history": ["empty"]})
    with engine.database.reading() as session:
        calendar = engine.reference.read(session).calendar
        rate = _arrivals_per_day(session, calendar, engine.clock.now(), history) * factor
        handling, staff = _handling(session, calendar, engine.clock.now() - timedelta(days=history)), _staff(session)
    day = calendar.day_length.total_seconds() / 60
    routes = [_routes(calendar, handling, old, new) for old, new in replay.routes]
    moments = arrivals(rate, days, day, seed=1)
    chosen = [routes[pick] for pick in picks(len(moments), len(routes), seed=1)]
    old, new = (simulate(moments, [pair[side] for pair in chosen], staff, days * day, day) for side in (0, 1))
    return LoadComparison(old, new, len(replay.routes), rate, days, handling)


def _arrivals_per_day(session: Session, calendar: WorkCalendar, now: datetime, history: int) -> float:
    since = now - timedelta(days=history)
    came = (Case.kind == CASE, Case.received_at >= since)
    number = session.scalar(select(func.count()).select_from(Case).where(*came)) or 0
    first = session.scalar(select(func.min(Case.received_at)).where(*came)) or since
    return number / max(1, calendar.working_days_between(first, now))


def _handling(session: Session, calendar: WorkCalendar, since: datetime) -> dict[str, float]:
    """Median minutes a task took whoever did it, from when they were free for it: a person does one thing after the other."""
    done = select(UserTask).where(UserTask.outcome == "completed", UserTask.ended_at >= since)
    latest = (UserTask.ended_at.desc(), UserTask.created_at.desc(), UserTask.token.desc())
    tasks = session.scalars(done.order_by(*latest).limit(MOST_TASKS)).all()
    free: dict[str | None, datetime] = {}
    found = defaultdict[str, list[float]](list)
    longest = calendar.day_length.total_seconds() / 60
    for task in reversed(tasks):
        assert task.ended_at is not None
        claimed = task.claimed_at if task.claimed_at != task.ended_at else None  # completing an unclaimed task claims it
        begun = max(moment for moment in (task.created_at, claimed, free.get(task.completed_by)) if moment)
        found[task.element_id].append(min(longest, max(1.0, calendar.working_minutes_between(begun, task.ended_at))))
        free[task.completed_by] = task.ended_at
    return {element: median(minutes) for element, minutes in found.items()}


def _staff(session: Session) -> dict[str, int]:
    """How many people who can log in are in each group."""
    members = select(Membership.group_id, func.count()).join(Account, Account.id == Membership.account_id)
    counted = session.execute(members.where(Account.is_active).group_by(Membership.group_id))
    return {str(group): int(number) for group, number in counted}


def _routes(calendar: WorkCalendar, handling: Mapping[str, float], old: Report, new: Report) -> tuple[Route, Route]:
    """The way of one case then and now. Where nobody ever answered what is asked now, it goes on as it went then."""
    known = {task.element_id for task in new.tasks}
    is_stuck = any(task.ended_at is None for task in new.tasks)
    rest = [[task for task in stage if task.element_id not in known] for stage in _stages(old)] if is_stuck else []
    before = _route(calendar, handling, old, _stages(old))
    return before, _route(calendar, handling, new, [*_stages(new), *filter(None, rest)])


def _stages(report: Report) -> list[list[TaskSeen]]:
    """Tasks that came up at the same moment run side by side."""
    tasks = sorted(report.tasks, key=lambda task: task.created_at)
    return [list(together) for _at, together in groupby(tasks, key=lambda task: task.created_at)]


def _route(calendar: WorkCalendar, handling: Mapping[str, float], report: Report, stages: list[list[TaskSeen]]) -> Route:
    due, begun = report.clocks.get("finish"), report.visits[0].entered_at if report.visits else None
    limit = float(calendar.working_minutes_between(begun, due)) if due and begun and due > begun else None
    return Route(tuple(tuple(_leg(calendar, handling, task) for task in stage) for stage in stages), limit)


def _leg(calendar: WorkCalendar, handling: Mapping[str, float], task: TaskSeen) -> Leg:
    due = task.due_at
    limit = float(calendar.working_minutes_between(task.created_at, due)) if due is not None and due > task.created_at else None
    return Leg(task.element_id, task.group, handling.get(task.element_id, UNKNOWN_HANDLING), limit)

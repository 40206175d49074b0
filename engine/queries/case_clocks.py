"""The clocks of a case with the history of each due time: what moved, when, why, by whom; what rested; the three clocks side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, pairwise

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.actors import Actor
from engine.assembly import Engine
from engine.db.case_tables import Case, CaseClock, Department, Matter, SubOrder
from engine.errors import NotFound
from engine.queries.inbox import Lamp, lamp_of
from engine.queries.names import names_of
from engine.queries.visibility import require_may_see
from engine.services.clock_references import RunningClock, time_left, whole_time
from engine.services.working_time import Limit, WorkCalendar

#: DT08 row K7: yellow with a fifth of the time left.
WARNING_SHARE = 0.2


@dataclass(frozen=True)
class Move:
    """A due time became another; None while the clock rests."""

    at: datetime
    was: datetime | None
    due_at: datetime | None
    reason: str
    actor_name: str


@dataclass(frozen=True)
class Span:
    """How long a clock rested; still does when it has no end."""

    begun_at: datetime
    ended_at: datetime | None
    reason: str


@dataclass(frozen=True)
class ClockHistory:
    """One clock from its start until now. ``subject``: the department whose sub-order it is about, if any."""

    kind: str
    title: str
    title_en: str
    subject: str
    is_service: bool
    state: str
    limit_text: str
    started_at: datetime
    due_at: datetime | None
    stopped_at: datetime | None
    is_provisional: bool
    lamp: Lamp
    left_minutes: int
    moves: tuple[Move, ...]
    pauses: tuple[Span, ...]


@dataclass(frozen=True)
class StatutoryClock:
    """The limit of the matter itself (事项法定时钟), kept by the department; here it is only shown."""

    matter: str
    days: int
    started_at: datetime
    due_at: datetime


@dataclass(frozen=True)
class WholeClock:
    """From first contact until the end, pauses and all (全程时钟): it never stops, so that no pause hides a delay."""

    started_at: datetime
    ended_at: datetime | None
    natural_days: int
    working_days: int


@dataclass(frozen=True)
class CaseClocks:
    """The three clocks of a case, and what is counted besides."""

    clocks: tuple[ClockHistory, ...]
    statutory: StatutoryClock | None
    whole: WholeClock


def case_clocks(engine: Engine, actor: Actor, case_no: str) -> CaseClocks:
    """The clocks of one case. Raises NotFound, or NotAllowed outside the actor's scope and departments."""
    with engine.database.reading() as session:
        case = session.get(Case, case_no)
        if case is None:
            raise NotFound(f"Expected case {case_no} to exist but it does not. Check the number.")
        require_may_see(session, case, actor)
        return clocks_of(engine, session, case, engine.clock.now())


def clocks_of(engine: Engine, session: Session, case: Case, now: datetime) -> CaseClocks:
    """The same within a query that has read the case."""
    calendar, kinds = engine.reference.read(session).calendar, engine.reference.read(session).kinds.clocks
    rows = list(session.scalars(select(CaseClock).where(CaseClock.case_no == case.no).order_by(CaseClock.id)))
    names = names_of(session, [row.actor for row in rows if row.actor])
    subjects = _subjects(session, rows)
    lines = sorted(rows, key=_line)
    found = []
    for (kind, subject, _begun), line in groupby(lines, key=_line):
        words = kinds.get(kind)
        title = (words.name, words.name_en, words.is_service) if words else (kind, kind, False)
        found.append(_history(calendar, list(line), title, subjects.get(subject, subject), names, now))
    found.sort(key=lambda one: (one.started_at, one.kind, one.subject))
    return CaseClocks(tuple(found), _statutory(session, calendar, case), _whole(calendar, case, now))


def _line(row: CaseClock) -> tuple[str, str, datetime]:
    return row.kind, row.subject or "", row.started_at


def _subjects(session: Session, rows: Sequence[CaseClock]) -> dict[str, str]:
    """Sub-order number → name of its department."""
    numbers = [int(row.subject) for row in rows if row.subject and row.subject.isdecimal() and row.kind in ("sign", "opinion")]
    if not numbers:
        return {}
    named = select(SubOrder.id, Department.name).join(Department, Department.code == SubOrder.department)
    return {str(number): name for number, name in session.execute(named.where(SubOrder.id.in_(numbers)))}


def _history(
    calendar: WorkCalendar, rows: list[CaseClock], title: tuple[str, str, bool], subject: str, names: Mapping[str, str], now: datetime
) -> ClockHistory:
    last = rows[-1]
    seen = RunningClock(last.limit_text, last.started_at, last.due_at, last.paused_at is not None)
    left, whole = time_left(calendar, seen, last.stopped_at or now), whole_time(calendar, seen)
    resting = last.paused_at is not None and last.stopped_at is None
    left_minutes = (last.remaining or 0) // 60 if resting else int(left.total_seconds() // 60)
    warn_at = last.due_at if left > whole * WARNING_SHARE else last.started_at
    lamp = "grey" if resting else lamp_of(last.stopped_at or now, last.due_at, None if last.stopped_at else warn_at)
    return ClockHistory(
        last.kind,
        *title[:2],
        subject,
        title[2],
        "stopped" if last.stopped_at else "resting" if resting else "running",
        last.limit_text,
        last.started_at,
        None if resting else last.due_at,
        last.stopped_at,
        last.is_provisional,
        lamp,
        left_minutes,
        tuple(_move(before, row, names) for before, row in pairwise(rows)),
        tuple(Span(row.paused_at, row.replaced_at or row.stopped_at, row.reason or "") for row in rows if row.paused_at is not None),
    )


def _move(before: CaseClock, row: CaseClock, names: Mapping[str, str]) -> Move:
    at = row.written_at or before.replaced_at or row.started_at
    was = None if before.paused_at is not None else before.due_at
    return Move(at, was, None if row.paused_at is not None else row.due_at, row.reason or "", names.get(row.actor or "", ""))


def _statutory(session: Session, calendar: WorkCalendar, case: Case) -> StatutoryClock | None:
    matter = session.get(Matter, case.matter_code) if case.matter_code else None
    if matter is None or not matter.promise_days:
        return None
    due = calendar.due(case.effective_at, Limit.parse(f"{matter.promise_days}个工作日"))
    return StatutoryClock(matter.name, matter.promise_days, case.effective_at, due.at)


def _whole(calendar: WorkCalendar, case: Case, now: datetime) -> WholeClock:
    until = case.closed_at or now
    days = (until - case.received_at).days
    return WholeClock(case.received_at, case.closed_at, days, max(0, calendar.working_days_between(case.received_at, until)))

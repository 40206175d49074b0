"""Due times under another calendar: computes again what its days move. Moves no timer of a process; those follow their clock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from engine.actors import Actor
from engine.db.case_tables import CaseClock
from engine.services import clocks, evidence
from engine.services.clock_references import FIXED, is_natural, limits_of
from engine.services.working_time import Due, Limit, WorkCalendar

#: Marks a row that only the calendar moved.
REASON = "放假通知调整"


@dataclass(frozen=True)
class MovedDue:
    """A due time that is another now; whoever waits for it must be told."""

    case_no: str
    kind: str
    old_at: datetime
    new_at: datetime
    is_provisional: bool


def recompute(session: Session, calendar: WorkCalendar, now: datetime, actor: Actor) -> tuple[MovedDue, ...]:
    """Compute every running provisional clock again; gives those that moved. The old row of a moved clock stays on record."""
    return recompute_cases(session, calendar, now, actor, None)


def recompute_cases(
    session: Session, calendar: WorkCalendar, now: datetime, actor: Actor, cases: Sequence[str] | None, since: datetime | None = None
) -> tuple[MovedDue, ...]:
    """The same for the clocks of some cases; with ``since`` also confirmed clocks that fall due from then on."""
    moved = []
    for clock, due in list(_computed(session, calendar, cases, since)):
        if due.at != clock.due_at:
            moved.append(MovedDue(clock.case_no, clocks.name_of(clock), clock.due_at, due.at, due.is_provisional))
            _replace(session, clock, due, now, actor)
        elif due.is_provisional == clock.is_provisional:
            continue
        else:
            clock.is_provisional = due.is_provisional
        facts = {"kind": clocks.name_of(clock), "due_at": clocks.iso(due.at), "is_provisional": due.is_provisional}
        evidence.record(session, now, actor, clock.case_no, "clock:move", **facts)
    session.flush()
    return tuple(moved)


def would_move(session: Session, calendar: WorkCalendar, since: datetime) -> tuple[MovedDue, ...]:
    """What another calendar would move, without moving it."""
    return tuple(
        MovedDue(clock.case_no, clocks.name_of(clock), clock.due_at, due.at, due.is_provisional)
        for clock, due in _computed(session, calendar, None, since)
        if due.at != clock.due_at
    )


def cases_reached(session: Session, since: datetime) -> list[str]:
    """Cases with a running clock that is provisional or falls due from then on."""
    return list(session.scalars(select(CaseClock.case_no).where(*_reached(None, since)).distinct().order_by(CaseClock.case_no)))


def _computed(
    session: Session, calendar: WorkCalendar, cases: Sequence[str] | None, since: datetime | None
) -> Iterator[tuple[CaseClock, Due]]:
    """Each running clock with its due time by that calendar. One that rests has none until it goes on."""
    for clock in session.scalars(select(CaseClock).where(*_reached(cases, since)).order_by(CaseClock.id)).all():
        due = _due(calendar, _history(session, clock))
        if due is not None:
            yield clock, due


def _reached(cases: Sequence[str] | None, since: datetime | None) -> Iterator[ColumnElement[bool] | InstrumentedAttribute[bool]]:
    yield from (CaseClock.stopped_at.is_(None), CaseClock.replaced_at.is_(None), CaseClock.paused_at.is_(None))
    yield CaseClock.is_provisional if since is None else or_(CaseClock.is_provisional, CaseClock.due_at >= since)
    if cases is not None:
        yield CaseClock.case_no.in_(cases)


def _history(session: Session, clock: CaseClock) -> Sequence[CaseClock]:
    """The clock with the rows it came from, oldest first."""
    rows = select(CaseClock).where(CaseClock.case_no == clock.case_no, CaseClock.kind == clock.kind, CaseClock.id <= clock.id)
    rows = rows.where(CaseClock.started_at == clock.started_at, CaseClock.subject == clock.subject)
    return session.scalars(rows.order_by(CaseClock.id)).all()


def _due(calendar: WorkCalendar, rows: Sequence[CaseClock]) -> Due | None:
    """The first limit from its start, then what each later row did to it: a pause, its end, an extension, a decision, a regrade.

    None where a regrade followed a stopped clock: its moment is not on record, so the due time stays as it was promised.
    """
    at = rows[0].due_at if rows[0].limit_text == FIXED else calendar.due(rows[0].started_at, Limit.parse(rows[0].limit_text)).at
    for before, row in pairwise(rows):
        if row.reason == REASON or row.paused_at is not None:
            continue
        if before.replaced_at is None:
            return None
        if before.paused_at is not None:
            at = _resumed(calendar, before, row)
        elif (extension := _extension(before.limit_text, row.limit_text)) is not None:
            at = calendar.after(at, extension)
        elif row.limit_text == FIXED:
            at = row.due_at  # somebody decided on this moment
        else:
            at = max(at, calendar.due(before.replaced_at, Limit.parse(row.limit_text)).at)
    is_by_hours = is_natural(rows[-1].limit_text) and limits_of(rows[-1].limit_text)[0].unit.value.startswith("小时")
    return Due(at, not is_by_hours and calendar.is_provisional(at))


def _resumed(calendar: WorkCalendar, resting: CaseClock, row: CaseClock) -> datetime:
    """What was left when it came to rest, from the moment it went on."""
    begun, left = (row.written_at or row.started_at).replace(microsecond=0), timedelta(seconds=resting.remaining or 0)
    return begun + left if is_natural(row.limit_text) else calendar.add(begun, left)


def _extension(before: str, after: str) -> Limit | None:
    """By how much one row was extended in the next; None when it was not, but graded anew."""
    old, new = before.split("+"), after.split("+")
    if new == old or new[0] != old[0] or len(new) < len(old):
        return None
    last = Limit.parse(new[-1])
    return Limit(last.count - Limit.parse(old[-1]).count, last.unit) if len(new) == len(old) else last


def _replace(session: Session, clock: CaseClock, due: Due, now: datetime, actor: Actor) -> None:
    clock.replaced_at = now
    moved = CaseClock(
        case_no=clock.case_no,
        kind=clock.kind,
        subject=clock.subject,
        limit_text=clock.limit_text,
        started_at=clock.started_at,
        due_at=due.at,
        is_provisional=due.is_provisional,
        reason=REASON,
        actor=actor.id,
        written_at=now,
    )
    session.add(moved)
    clocks.tell_sub_order(session, moved)

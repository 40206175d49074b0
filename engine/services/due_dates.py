"""Due times after a holiday notice was imported: recomputes what rested on expected days. Moves no timer of a process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.actors import Actor
from engine.db.case_tables import CaseClock
from engine.services import clocks, evidence
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
    running = select(CaseClock).where(CaseClock.is_provisional, CaseClock.stopped_at.is_(None), CaseClock.replaced_at.is_(None))
    moved = []
    for clock in session.scalars(running.order_by(CaseClock.id)).all():
        due = _due(calendar, _history(session, clock))
        if due is None:
            continue
        if due.at != clock.due_at:
            moved.append(MovedDue(clock.case_no, clock.kind, clock.due_at, due.at, due.is_provisional))
            _replace(session, clock, due, now)
        elif not due.is_provisional:
            clock.is_provisional = False
        else:
            continue
        facts = {"kind": clock.kind, "due_at": clocks.iso(due.at), "is_provisional": due.is_provisional}
        evidence.record(session, now, actor, clock.case_no, "clock:move", **facts)
    session.flush()
    return tuple(moved)


def _history(session: Session, clock: CaseClock) -> Sequence[CaseClock]:
    """The clock with the rows it came from, oldest first."""
    rows = select(CaseClock).where(CaseClock.case_no == clock.case_no, CaseClock.kind == clock.kind, CaseClock.id <= clock.id)
    return session.scalars(rows.where(CaseClock.started_at == clock.started_at).order_by(CaseClock.id)).all()


def _due(calendar: WorkCalendar, rows: Sequence[CaseClock]) -> Due | None:
    """The first limit from its start, then the later of that and each regrade's limit from the moment of the regrade.

    None where a regrade followed a stopped clock: its moment is not on record, so the due time stays as it was promised.
    """
    due = calendar.due(rows[0].started_at, Limit.parse(rows[0].limit_text))
    for before, row in pairwise(rows):
        if row.reason == REASON:
            continue
        if before.replaced_at is None:
            return None
        renewed = calendar.due(before.replaced_at, Limit.parse(row.limit_text))
        due = max(due, renewed, key=lambda each: each.at)
    return due


def _replace(session: Session, clock: CaseClock, due: Due, now: datetime) -> None:
    clock.replaced_at = now
    session.add(
        CaseClock(
            case_no=clock.case_no,
            kind=clock.kind,
            limit_text=clock.limit_text,
            started_at=clock.started_at,
            due_at=due.at,
            is_provisional=due.is_provisional,
            reason=REASON,
        )
    )

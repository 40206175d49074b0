"""The calendar as administrators see it: what is expected, what a notice would change and move, how far the last one has come."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.actors import SYSTEM, Actor
from engine.assembly import Engine
from engine.bpmn.findings import Language
from engine.clock import LOCAL_ZONE, local
from engine.db.case_tables import CalendarDay, CalendarImport
from engine.db.tables import Definition, Resource
from engine.errors import Finding, NotAllowed
from engine.services import due_dates
from engine.services.calendar_notices import NoticeDay, first_change, read_notice
from engine.services.due_dates import MovedDue
from engine.services.working_time import WorkCalendar

READERS = ("admin", "auditor", "analyst")
MOST_LISTED = 50


@dataclass(frozen=True)
class DayView:
    """A day that differs from the published calendar."""

    day: date
    type: str
    source: str
    is_confirmed: bool


@dataclass(frozen=True)
class ImportView:
    """How far the due times have followed a notice."""

    id: int
    state: str
    total: int
    done: int
    moved: int
    told: int
    created_at: datetime
    created_by: str
    finished_at: datetime | None


@dataclass(frozen=True)
class CalendarView:
    """Announced up to ``confirmed_to``; the days on top, and the last imports."""

    confirmed_to: date
    days: tuple[DayView, ...]
    imports: tuple[ImportView, ...]


@dataclass(frozen=True)
class Preview:
    """What a notice would do: its days, what is wrong, how many clocks of how many cases move, by kind, and the first of them."""

    days: tuple[NoticeDay, ...]
    findings: tuple[Finding, ...]
    moved_by_kind: tuple[tuple[str, int], ...]
    cases: int
    clocks: int
    moved: tuple[MovedDue, ...]

    @property
    def can_be_imported(self) -> bool:
        return bool(self.days) and not any(finding.severity == "error" for finding in self.findings)


def calendar(engine: Engine, actor: Actor) -> CalendarView:
    """The calendar in force."""
    _require_reader(actor)
    with engine.database.reading() as session:
        days = session.scalars(select(CalendarDay).order_by(CalendarDay.day))
        imports = session.scalars(select(CalendarImport).order_by(CalendarImport.id.desc()).limit(10))
        return CalendarView(
            engine.reference.read(session).calendar.confirmed_to,
            tuple(DayView(row.day, row.type, row.source, row.is_confirmed) for row in days),
            tuple(ImportView(r.id, r.state, r.total, r.done, r.moved, r.told, r.created_at, r.created_by, r.finished_at) for r in imports),
        )


def preview(engine: Engine, actor: Actor, content: bytes, language: Language = "zh") -> Preview:
    """What a notice would change and move. Changes nothing."""
    _require_reader(actor)
    with engine.database.reading() as session:
        current = engine.reference.read(session).calendar
        notice = read_notice(content, calendar_in_force(session), current, local(engine.clock.now()).date(), language)
        since = None if notice.has_errors else first_change(current, notice.calendar)
        moved = _moved(session, notice.calendar, since) if since is not None else ()
    kinds = Counter(one.kind.partition("#")[0] for one in moved)
    cases = len({one.case_no for one in moved})
    return Preview(notice.days, notice.findings, tuple(kinds.most_common()), cases, len(moved), moved[:MOST_LISTED])


def calendar_in_force(session: Session) -> bytes | None:
    """The newest calendar file; None before any was loaded."""
    newest = (
        select(Definition.sha256).where(Definition.kind == "reference", Definition.key == "calendar").order_by(Definition.version.desc())
    )
    sha256 = session.scalar(newest.limit(1))
    return session.get_one(Resource, sha256).content if sha256 is not None else None


def _moved(session: Session, calendar: WorkCalendar, since: date) -> tuple[MovedDue, ...]:
    from_moment = datetime.combine(since, datetime.min.time(), LOCAL_ZONE)
    return due_dates.would_move(session, calendar, from_moment)


def _require_reader(actor: Actor) -> None:
    if actor is not SYSTEM and not actor.has_group(*READERS):
        raise NotAllowed("Expected an administrator, an analyst or an auditor to read the calendar but you are none of them.")

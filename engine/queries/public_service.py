"""What everybody may read about the window: what it does not do, and whether it keeps what it promises. Names nobody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import forms
from engine.assembly import Engine
from engine.clock import local
from engine.db.case_tables import Case, CaseClock, Rating
from engine.services import negative_list

#: The figures look back this far.
SPAN = timedelta(days=90)
#: The three promises (建设方案 3.2: 1小时响应、3个工作日协调、7个工作日办结) and the clocks that measure them.
PROMISES = ("respond", "conclude", "finish")
#: From this level of the scale on a person was content.
CONTENT = 3


@dataclass(frozen=True)
class NegativeView:
    """What the window can't take, what it gives instead, and which door is the right one."""

    code: str
    name: str
    name_en: str
    definition: str
    notice: str
    destination: str


@dataclass(frozen=True)
class Kept:
    """Of so many limits that ran out or were met, how many were met."""

    met: int
    total: int

    @property
    def percent(self) -> float | None:
        return round(100 * self.met / self.total, 1) if self.total else None


@dataclass(frozen=True)
class ServiceView:
    """The front page of the public side."""

    negative: tuple[NegativeView, ...]
    promises: dict[str, Kept]
    content: Kept
    open_cases: int
    closed_cases: int
    since: datetime


def public_form(engine: Engine, form_key: str) -> dict[str, Any]:
    """The form in force as citizens fill it in."""
    with engine.database.reading() as session:
        return forms.for_citizens(forms.latest_form(engine, session, form_key))


def service_view(engine: Engine) -> ServiceView:
    """The negative list, and the figures of the last 90 days."""
    now = engine.clock.now()
    since = now - SPAN
    with engine.database.reading() as session:
        closed = select(func.count()).select_from(Case).where(Case.kind == "case", Case.closed_at >= since)
        is_open = select(func.count()).select_from(Case).where(Case.kind == "case", Case.closed_at.is_(None))
        return ServiceView(
            negative=tuple(_negative(session, now)),
            promises={kind: _kept(session, kind, since, now) for kind in PROMISES},
            content=_content(session, since),
            open_cases=session.scalar(is_open) or 0,
            closed_cases=session.scalar(closed) or 0,
            since=since,
        )


def _negative(session: Session, now: datetime) -> list[NegativeView]:
    rows = negative_list.entries_on(session, local(now).date())
    return [NegativeView(row.code, row.name, row.name_en, row.definition, row.notice, row.refer_to) for row in rows]


def _kept(session: Session, kind: str, since: datetime, now: datetime) -> Kept:
    """Limits that fell due: met when the clock had stopped by then."""
    due = (CaseClock.kind == kind, CaseClock.due_at >= since, CaseClock.replaced_at.is_(None))
    is_met = CaseClock.stopped_at <= CaseClock.due_at
    is_over = CaseClock.stopped_at.is_not(None) | (CaseClock.due_at <= now)
    counted = select(func.count().filter(is_met), func.count()).where(*due, is_over)
    met, total = session.execute(counted).one()
    return Kept(met, total)


def _content(session: Session, since: datetime) -> Kept:
    given = select(func.count().filter(Rating.level >= CONTENT), func.count()).where(Rating.rated_at >= since, Rating.level > 0)
    met, total = session.execute(given).one()
    return Kept(met, total)

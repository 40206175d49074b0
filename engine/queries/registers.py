"""Registers (台账): the files of one kind, searched and filtered, page by page. Personal data never appear."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from engine.actors import Actor
from engine.assembly import Engine
from engine.clock import LOCAL_ZONE
from engine.db.case_tables import Case, Department
from engine.db.tables import Account
from engine.queries.case_summaries import CaseSummary, case_summaries
from engine.queries.cursors import cursor_of, latest_first
from engine.queries.inbox import COUNT_CAP
from engine.queries.visibility import is_visible

State = Literal["open", "closed"]


@dataclass(frozen=True)
class RegisterQuery:
    """Filters of a register; ``text`` is looked for in number, title, external number and the parent's number. Both days are included."""

    kind: str
    text: str = ""
    status: str | None = None
    state: State | None = None
    from_on: date | None = None
    to_on: date | None = None
    owner: str | None = None
    department: str | None = None
    after: str | None = None
    limit: int = 20


@dataclass(frozen=True)
class RegisterPage:
    """A page of a register, latest received first; ``total`` is capped. The choices are what the person's files of this kind have."""

    items: tuple[CaseSummary, ...]
    next_cursor: str | None
    total: int
    statuses: tuple[tuple[str, int], ...]
    owners: tuple[tuple[str, str], ...]
    departments: tuple[tuple[str, str], ...]


def register(engine: Engine, actor: Actor, query: RegisterQuery) -> RegisterPage:
    """Files of one kind that the person may see."""
    seen = select(Case).where(is_visible(actor), Case.kind == query.kind)
    wanted = _filtered(seen, query)
    with engine.database.reading() as session:
        rows = list(session.scalars(latest_first(wanted, query.after).limit(query.limit + 1)))
        shown = rows[: query.limit]
        total = session.scalar(select(func.count()).select_from(wanted.with_only_columns(Case.no).limit(COUNT_CAP).subquery())) or 0
        return RegisterPage(
            items=case_summaries(session, shown, engine.clock.now()),
            next_cursor=cursor_of(shown[-1]) if len(rows) > query.limit else None,
            total=total,
            statuses=_statuses(session, seen),
            owners=_names(session, seen, Case.owner_id, Account.id, Account.name),
            departments=_names(session, seen, Case.lead_department, Department.code, Department.name),
        )


def _filtered(wanted: Select[tuple[Case]], query: RegisterQuery) -> Select[tuple[Case]]:
    if query.status:
        wanted = wanted.where(Case.status == query.status)
    if query.state:
        wanted = wanted.where(Case.closed_at.is_(None) if query.state == "open" else Case.closed_at.is_not(None))
    if query.from_on:
        wanted = wanted.where(Case.received_at >= _morning(query.from_on))
    if query.to_on:
        wanted = wanted.where(Case.received_at < _morning(query.to_on) + timedelta(days=1))
    if query.owner:
        wanted = wanted.where(Case.owner_id == query.owner)
    if query.department:
        wanted = wanted.where(Case.lead_department == query.department)
    if text := query.text.strip():
        columns = (Case.no, Case.title, Case.external_no, Case.parent_no)
        wanted = wanted.where(or_(*(column.contains(text, autoescape=True) for column in columns)))
    return wanted


def _morning(day: date) -> datetime:
    return datetime.combine(day, time(), LOCAL_ZONE)


def _statuses(session: Session, seen: Select[tuple[Case]]) -> tuple[tuple[str, int], ...]:
    counted = seen.with_only_columns(Case.status, func.count()).group_by(Case.status).order_by(func.count().desc(), Case.status)
    return tuple((row[0], row[1]) for row in session.execute(counted))


def _names(session: Session, seen: Select[tuple[Case]], column: object, key: object, name: object) -> tuple[tuple[str, str], ...]:
    """Those who occur in the register, by name."""
    occurring = seen.with_only_columns(column).distinct()  # type: ignore[call-overload]
    found = select(key, name).where(key.in_(occurring)).order_by(key)  # type: ignore[call-overload,attr-defined]
    return tuple((row[0], row[1]) for row in session.execute(found))

"""How figures are counted in SQL: which cases belong to a period, conditional counts, rates. Knows no single figure."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.sql.selectable import Subquery

from engine.db.case_tables import Case, CaseClock
from engine.services.periods import Period

#: Nothing that a period finishes came in earlier than this before it: what bounds the rows that are read.
LOOK_BACK = timedelta(days=400)

#: A case that was answered and rated; one that was refused, passed on or withdrawn has ended otherwise.
ENDED = ("已办结", "已归档")

#: Only these count as solved (domain B).
SOLVED = ("直接解决", "协调解决", "告知承诺解决", "政策采纳")


def received(org_unit: str, period: Period, kind: str) -> ColumnElement[bool]:
    """Files of a kind that came in during the period."""
    return and_(Case.kind == kind, Case.org_unit == org_unit, Case.received_at >= period.begins_at, Case.received_at < period.ends_at)


def recent(org_unit: str, period: Period, kind: str) -> ColumnElement[bool]:
    """Files of a kind among which everything is that could be finished in the period."""
    since = period.begins_at - LOOK_BACK
    return and_(Case.kind == kind, Case.org_unit == org_unit, Case.received_at >= since, Case.received_at < period.ends_at)


def closed(org_unit: str, period: Period, kind: str) -> ColumnElement[bool]:
    """Files of a kind that were closed in the period."""
    return and_(recent(org_unit, period, kind), Case.closed_at >= period.begins_at, Case.closed_at < period.ends_at)


def within(column: Any, period: Period) -> ColumnElement[bool]:
    return and_(column >= period.begins_at, column < period.ends_at)


def number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """How many rows fulfil the condition."""
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def latest_clock(kind: str, files: ColumnElement[bool]) -> Subquery:
    """The clock of a kind that counts for each of these files: the last one that was not replaced."""
    last = select(func.max(CaseClock.id).label("id")).join(Case, Case.no == CaseClock.case_no)
    last = last.where(files, CaseClock.kind == kind, CaseClock.replaced_at.is_(None))
    last_ids = last.group_by(CaseClock.case_no).subquery()
    return select(CaseClock).join(last_ids, last_ids.c.id == CaseClock.id).subquery()


def kept(clock: Subquery, ended: Any) -> ColumnElement[bool]:
    """What ended by ``ended`` ended in time."""
    return and_(ended.is_not(None), ended <= clock.c.due_at)


def rate(part: float | None, whole: float | None) -> float | None:
    """A share from 0 to 1 with four places; None of nothing."""
    return round(float(part or 0) / float(whole), 4) if whole else None


def average(total: float | None, count: int | None) -> float | None:
    return round(float(total or 0) / count, 2) if count else None

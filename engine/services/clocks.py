"""The clocks of a case: limits that run, stop and move. A moved due time is a new row, the old one stays on record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from engine.clock import local
from engine.db.case_tables import CaseClock
from engine.errors import InvalidInput
from engine.services.context import OperationContext
from engine.services.working_time import Due, Limit, limit_or_moment

TITLES: Mapping[str, str] = {
    "respond": "首次响应",
    "sign": "部门签收",
    "start": "启动协调",
    "conclude": "协调结论",
    "finish": "办结",
    "contact": "差评联系",
    "rectify": "整改",
    "confirm": "申请人确认",
    "rating": "评价",
}

#: The clocks of graded response (DT03) that run on the case; respond runs since first contact, sign on each sub-order.
GRADED = ("start", "conclude", "finish")


def start(context: OperationContext, kind: str, limit: str, begun_at: datetime | None = None, reason: str | None = None) -> Due:
    """Start a clock at ``begun_at`` (now unless given); a running clock of the same kind is replaced."""
    require_kind(kind)
    begun = begun_at or context.now
    due = context.calendar.due(begun, Limit.parse(limit))
    _write(context, kind, limit, begun, due, reason)
    return due


def stop(context: OperationContext, *kinds: str) -> None:
    """Stop the running clocks of these kinds; of all kinds when none is named. Stopping a stopped clock changes nothing."""
    for kind in kinds:
        require_kind(kind)
    for clock in running(context, *kinds):
        clock.stopped_at = context.now
        context.record("clock:stop", kind=clock.kind)


def start_graded(context: OperationContext, limits: Mapping[str, Any], level: str, effective_at: datetime) -> dict[str, str]:
    """Start or move the clocks of a grade and give every due time as ISO text.

    On a regrade the start is kept and the new due time is the later of the old one and now + the new limit (domain P05.6).
    """
    known = {clock.kind: clock for clock in _latest(context, GRADED)}
    due = {kind: str(at) for kind, at in (context.variables.get("due") or {}).items() if at}
    for kind in GRADED:
        if limit := limits.get(kind):
            due[kind] = iso(_graded(context, known.get(kind), kind, str(limit), level, effective_at).at)
    if limits.get("sign"):
        due["sign"] = iso(context.calendar.due(context.now, Limit.parse(str(limits["sign"]))).at)
    return due


def running(context: OperationContext, *kinds: str) -> list[CaseClock]:
    """Clocks of the case that neither stopped nor were replaced; of all kinds when none is named."""
    clocks = select(CaseClock).where(CaseClock.case_no == context.case_no, CaseClock.stopped_at.is_(None), CaseClock.replaced_at.is_(None))
    if kinds:
        clocks = clocks.where(CaseClock.kind.in_(kinds))
    context.session.flush()
    return list(context.session.scalars(clocks.order_by(CaseClock.id)))


def due_at(context: OperationContext, limit: object, begun_at: object | None = None) -> datetime:
    """The moment a limit, a duration or a moment means, from ``begun_at`` or now."""
    begun = limit_or_moment(context.calendar, begun_at, context.now) if begun_at is not None else context.now
    return limit_or_moment(context.calendar, limit, begun)


def iso(moment: datetime) -> str:
    """ISO text of the centre's wall clock with its offset, for process variables."""
    return local(moment).isoformat()


def require_kind(kind: str) -> None:
    """Refuse an unknown clock."""
    if kind not in TITLES:
        raise InvalidInput(f"Expected a clock of kind {', '.join(TITLES)} but got {kind!r}.")


def _latest(context: OperationContext, kinds: tuple[str, ...]) -> list[CaseClock]:
    """The clocks that were not replaced, oldest first: on a regrade a stopped one still tells when service began."""
    context.session.flush()
    clocks = select(CaseClock).where(CaseClock.case_no == context.case_no, CaseClock.replaced_at.is_(None), CaseClock.kind.in_(kinds))
    return list(context.session.scalars(clocks.order_by(CaseClock.id)))


def _graded(context: OperationContext, old: CaseClock | None, kind: str, limit: str, level: str, effective_at: datetime) -> Due:
    if old is None:
        return start(context, kind, limit, effective_at, f"定级:{level}")
    renewed = context.calendar.due(context.now, Limit.parse(limit))
    due = renewed if renewed.at > old.due_at else Due(old.due_at, old.is_provisional)
    _write(context, kind, limit, old.started_at, due, f"重新定级:{level}")
    return due


def _write(context: OperationContext, kind: str, limit: str, begun: datetime, due: Due, reason: str | None) -> None:
    for replaced in running(context, kind):
        replaced.replaced_at = context.now
    context.session.add(
        CaseClock(
            case_no=context.case_no,
            kind=kind,
            limit_text=limit,
            started_at=begun,
            due_at=due.at,
            is_provisional=due.is_provisional,
            reason=reason,
        )
    )
    context.record("clock:start", kind=kind, limit=limit, due_at=iso(due.at), is_provisional=due.is_provisional)

"""The clocks of a case: limits that run, rest, stop and move. A moved due time is a new row, the old one stays on record."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.clock import local
from engine.db import statements
from engine.db.case_tables import CaseClock, SubOrder
from engine.errors import Conflict, InvalidInput, NotFound
from engine.services.clock_references import FIXED, RunningClock, extended, is_natural, span_of, time_left, whole_time
from engine.services.context import OperationContext
from engine.services.working_time import Due, Limit, limit_or_moment

#: The kinds that the program itself starts; every installation has them. An analyst's own are in clock_kinds.csv.
BUILT_IN = frozenset({"respond", "sign", "opinion", "start", "conclude", "finish", "contact", "rectify", "confirm", "rating"})

#: The clocks of graded response (DT03) that run on the case; respond runs since first contact, sign on each sub-order.
GRADED = ("start", "conclude", "finish")


@dataclass(frozen=True)
class Reading:
    """A clock as DT08 asks about it: working days over, the share of its time that is left, and whether it runs.

    ``state``: running, resting, stopped, or none when there is no such clock.
    """

    state: str
    due_at: datetime | None = None
    overdue_days: int = 0
    remaining_ratio: float | None = None


def start(
    context: OperationContext,
    kind: str,
    limit: str,
    begun_at: datetime | None = None,
    reason: str | None = None,
    subject: str | None = None,
) -> Due:
    """Start a clock at ``begun_at`` (now unless given); a running clock of the same kind and subject is replaced."""
    require_kind(context, kind)
    begun = begun_at or context.now
    due = context.calendar.due(begun, Limit.parse(limit))
    _write(context, kind, limit, begun, due, reason, subject)
    _have_others_follow(context)
    return due


def start_for(context: OperationContext, kind: str, subject: str, limit: object, due_at: datetime) -> None:
    """Start the clock of one sub-order, whose sending is evidence already; ``limit`` may be a moment."""
    text = limit if isinstance(limit, str) and _is_limit(limit) else FIXED
    is_provisional = context.calendar.is_provisional(due_at)
    columns = {
        "case_no": context.case_no,
        "kind": kind,
        "subject": subject,
        "limit_text": text,
        "started_at": context.now,
        "due_at": due_at,
    }
    context.session.add(CaseClock(**columns, is_provisional=is_provisional, actor=context.actor.id, written_at=context.now))


#: Clocks of processes that begin beside a case and outlast it: materials that follow, commitments that are verified.
OUTLASTING = frozenset({"tolerance", "commitment_check"})


def stop(context: OperationContext, *kinds: str, subject: str | None = None) -> None:
    """Stop the running clocks of these kinds; of all kinds when none is named. Stopping a stopped clock changes nothing."""
    for kind in kinds:
        require_kind(context, kind)
    stopped = running(context, *kinds, subject=subject)
    for clock in stopped:
        clock.stopped_at = context.now
        context.record("clock:stop", kind=name_of(clock))
    if stopped:
        _have_others_follow(context)


def stop_with_case(context: OperationContext) -> None:
    """Stop what runs for a case that is being closed; what its own process goes on to watch runs on."""
    if ending := sorted({clock.kind for clock in running(context)} - OUTLASTING):
        stop(context, *ending)


def pause(context: OperationContext, reason: str) -> list[str]:
    """Let the service clocks rest: what is left of each is kept. One that has run out goes on: waiting cannot undo a delay."""
    at, rested = _whole_second(context.now), []
    service = _service_kinds(context)
    for clock in running(context):
        if clock.kind in service and clock.paused_at is None and clock.due_at > at:
            left = time_left(context.calendar, _seen(clock), at)
            _replace(context, clock, clock.due_at, f"暂停:{reason}", paused_at=at, remaining=_seconds(left))
            rested.append(name_of(clock))
    if rested:
        context.record("clock:pause", kinds=rested, reason=reason)
        _have_others_follow(context)
    return rested


def resume(context: OperationContext) -> dict[str, str]:
    """Let what rests go on: due is now and what was left. Gives the new due times by clock as ISO text."""
    at, due = _whole_second(context.now), {}
    for clock in running(context):
        if clock.paused_at is not None:
            left = timedelta(seconds=clock.remaining or 0)
            due_at = at + left if is_natural(clock.limit_text) else context.calendar.add(at, left)
            _replace(context, clock, due_at, "恢复计时")
            due[name_of(clock)] = iso(due_at)
    if due:
        context.record("clock:resume", due=due)
        _have_others_follow(context)
    return due


def extend(context: OperationContext, kind: str, limit: str, subject: str | None = None, reason: str = "") -> tuple[datetime, datetime]:
    """Put the due time of a running clock off by ``limit``; gives the new one and the old one."""
    clock, added = _require_running(context, kind, subject), Limit.parse(limit)
    was, due_at = clock.due_at, context.calendar.after(clock.due_at, added)
    more = None if clock.paused_at is None else (clock.remaining or 0) + _seconds(span_of(context.calendar, added))
    _replace(context, clock, due_at, f"延期:{reason}", extended(clock.limit_text, added), clock.paused_at, more)
    context.record("clock:extend", kind=name_of(clock), limit=limit, due_at=iso(due_at), was=iso(was))
    _have_others_follow(context)
    return due_at, was


def move(context: OperationContext, kind: str, due_at: datetime, subject: str | None = None, reason: str = "") -> tuple[datetime, datetime]:
    """Put the due time of a running clock on a moment somebody has decided, earlier or later; gives the new one and the old one."""
    clock = _require_running(context, kind, subject)
    was = clock.due_at
    if local(due_at) != local(was):
        left = None if clock.paused_at is None else max(0, _seconds(context.calendar.remaining(due_at, _whole_second(context.now))))
        _replace(context, clock, due_at, reason, FIXED, clock.paused_at, left)
        context.record("clock:move", kind=name_of(clock), due_at=iso(due_at), is_provisional=context.calendar.is_provisional(due_at))
        _have_others_follow(context)
    return due_at, was


def read(context: OperationContext, kind: str, subject: str | None = None) -> Reading:
    """The latest clock of a kind as it stands now."""
    context.session.flush()
    latest = select(CaseClock).where(*_of(context, kind), CaseClock.replaced_at.is_(None), CaseClock.subject == subject)
    clock = context.session.scalar(latest.order_by(CaseClock.id.desc()).limit(1))
    if clock is None:
        return Reading("none")
    until = clock.stopped_at or context.now
    seen = _seen(clock)
    resting = clock.paused_at is not None
    left = timedelta(seconds=clock.remaining or 0) if resting else time_left(context.calendar, seen, until)
    whole = whole_time(context.calendar, seen)
    days = 0 if resting else max(0, context.calendar.working_days_between(clock.due_at, until))
    ratio = round(max(0.0, left / whole), 4) if whole else 0.0
    return Reading("stopped" if clock.stopped_at else "resting" if resting else "running", clock.due_at, days, ratio)


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
    _have_others_follow(context)
    return due


def running(context: OperationContext, *kinds: str, subject: str | None = None) -> list[CaseClock]:
    """Clocks of the case that neither stopped nor were replaced, also those that rest; of all kinds when none is named."""
    clocks = select(CaseClock).where(CaseClock.case_no == context.case_no, CaseClock.stopped_at.is_(None), CaseClock.replaced_at.is_(None))
    if kinds:
        clocks = clocks.where(CaseClock.kind.in_(kinds))
    if subject is not None:
        clocks = clocks.where(CaseClock.subject == subject)
    context.session.flush()
    return list(context.session.scalars(clocks.order_by(CaseClock.id)))


def due_at(context: OperationContext, limit: object, begun_at: object | None = None) -> datetime:
    """The moment a limit, a duration or a moment means, from ``begun_at`` or now."""
    begun = limit_or_moment(context.calendar, begun_at, context.now) if begun_at is not None else context.now
    return limit_or_moment(context.calendar, limit, begun)


def iso(moment: datetime) -> str:
    """ISO text of the centre's wall clock with its offset, for process variables."""
    return local(moment).isoformat()


def name_of(clock: CaseClock) -> str:
    """The clock as a reference names it: ``finish``, ``opinion#12``."""
    return f"{clock.kind}#{clock.subject}" if clock.subject else clock.kind


def tell_sub_order(session: Session, clock: CaseClock) -> None:
    """The sub-order shows when it is due: it goes with its clock."""
    if clock.subject is not None and clock.kind in ("sign", "opinion"):
        order = session.get(SubOrder, int(clock.subject))
        if order is not None:
            setattr(order, f"{clock.kind}_due_at", clock.due_at)


def require_kind(context: OperationContext, kind: str) -> None:
    """Refuse an unknown clock."""
    if kind not in BUILT_IN and kind not in context.kinds.clocks:
        known = sorted({*BUILT_IN, *context.kinds.clocks})
        raise InvalidInput(f"Expected a clock of kind {', '.join(known)} but got {kind!r}. Add it to clock_kinds.csv.")


def _require_running(context: OperationContext, kind: str, subject: str | None) -> CaseClock:
    require_kind(context, kind)
    found = [clock for clock in running(context, kind) if clock.subject == subject]
    if not found:
        raise Conflict(f"Expected the clock {kind} of case {context.case_no} to run but it does not.")
    return found[-1]


def _service_kinds(context: OperationContext) -> frozenset[str]:
    """The kinds that rest during a pause."""
    kinds = frozenset(kind for kind, clock in context.kinds.clocks.items() if clock.is_service)
    if not kinds:
        raise NotFound("Expected clock_kinds.csv to name service clocks but none is loaded. Load the reference data.")
    return kinds


def _latest(context: OperationContext, kinds: tuple[str, ...]) -> list[CaseClock]:
    """The clocks that were not replaced, oldest first: on a regrade a stopped one still tells when service began."""
    context.session.flush()
    clocks = select(CaseClock).where(CaseClock.case_no == context.case_no, CaseClock.replaced_at.is_(None), CaseClock.kind.in_(kinds))
    return list(context.session.scalars(clocks.order_by(CaseClock.id)))


def _of(context: OperationContext, kind: str) -> tuple[Any, Any]:
    return CaseClock.case_no == context.case_no, CaseClock.kind == kind


def _graded(context: OperationContext, old: CaseClock | None, kind: str, limit: str, level: str, effective_at: datetime) -> Due:
    if old is None:
        due = context.calendar.due(effective_at, Limit.parse(limit))
        _write(context, kind, limit, effective_at, due, f"定级:{level}", None)
        return due
    renewed = context.calendar.due(context.now, Limit.parse(limit))
    due = renewed if renewed.at > old.due_at else Due(old.due_at, old.is_provisional)
    if old.paused_at is not None and old.stopped_at is None:
        remaining = max(old.remaining or 0, _seconds(context.calendar.remaining(renewed.at, context.now)))
        _replace(context, old, due.at, f"重新定级:{level}", limit, paused_at=old.paused_at, remaining=remaining)
    else:
        _write(context, kind, limit, old.started_at, due, f"重新定级:{level}", None)
    return due


def _write(context: OperationContext, kind: str, limit: str, begun: datetime, due: Due, reason: str | None, subject: str | None) -> None:
    for replaced in running(context, kind):
        if replaced.subject == subject:
            replaced.replaced_at = context.now
    clock = CaseClock(
        case_no=context.case_no,
        kind=kind,
        subject=subject,
        limit_text=limit,
        started_at=begun,
        due_at=due.at,
        is_provisional=due.is_provisional,
        reason=reason,
        actor=context.actor.id,
        written_at=context.now,
    )
    context.session.add(clock)
    context.record("clock:start", kind=name_of(clock), limit=limit, due_at=iso(due.at), is_provisional=due.is_provisional)


def _replace(
    context: OperationContext,
    clock: CaseClock,
    due_at: datetime,
    reason: str,
    limit: str | None = None,
    paused_at: datetime | None = None,
    remaining: int | None = None,
) -> None:
    """The clock in a new row: moved, resting, or going on again."""
    clock.replaced_at = context.now
    moved = CaseClock(
        case_no=clock.case_no,
        kind=clock.kind,
        subject=clock.subject,
        limit_text=limit or clock.limit_text,
        started_at=clock.started_at,
        due_at=due_at,
        is_provisional=context.calendar.is_provisional(due_at),
        paused_at=paused_at,
        remaining=remaining,
        reason=reason.rstrip(":")[:200],
        actor=context.actor.id,
        written_at=context.now,
    )
    context.session.add(moved)
    tell_sub_order(context.session, moved)


def _have_others_follow(context: OperationContext) -> None:
    """What waits for a clock in other running processes of the case moves as soon as this has come true."""
    others = statements.OTHERS_OF_CASE.first(context.session, business_key=context.case_no, but_not=context.instance_id)
    if others is not None:
        soon = {"due_at": context.now, "run_at": context.now, "attempts": 0}
        statements.ADD_JOB.change(context.session, kind="rearm", instance_id=None, payload={"case": context.case_no}, **soon)


def _seen(clock: CaseClock) -> RunningClock:
    return RunningClock(clock.limit_text, clock.started_at, clock.due_at, clock.paused_at is not None)


def _is_limit(text: str) -> bool:
    try:
        Limit.parse(text)
    except InvalidInput:
        return False
    return True


def _whole_second(moment: datetime) -> datetime:
    """Fractions of a second would carry what is left past the closing time."""
    return moment.replace(microsecond=0)


def _seconds(left: timedelta) -> int:
    return math.ceil(left.total_seconds())

"""References to a clock of the case: their grammar, and the moment each means. Starts and moves no clock."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from engine.db.case_tables import CaseClock
from engine.db.prepared import Prepared
from engine.errors import InvalidInput
from engine.services.working_time import Limit, Unit, WorkCalendar

ACCEPTED = "clock:finish, clock:finish-1个工作日, clock:finish+2个工作日, clock:finish@80%, clock:finish@stopped, clock:opinion#<subject>"

#: In place of a limit: the clock began with a due time.
FIXED = "定期"

_REFERENCE = re.compile(
    r"clock:(?P<kind>[a-z][a-z0-9_]{0,19})(?:#(?P<subject>[^\s#@%+,，-]{1,60}))?(?:@(?P<share>\d{1,3})%|@(?P<stopped>stopped)|(?P<sign>[+-])(?P<limit>.+))?"
)

#: These limits are counted in natural time, all others inside the opening hours.
_NATURAL = frozenset({Unit.HOURS, Unit.DAYS})

_clock = CaseClock.__table__.c
_LATEST = Prepared(
    select(_clock.kind, _clock.subject, _clock.limit_text, _clock.started_at, _clock.due_at, _clock.paused_at, _clock.stopped_at)
    .where(_clock.case_no == bindparam("case_no"), _clock.replaced_at.is_(None))
    .order_by(_clock.id)
)


@dataclass(frozen=True)
class ClockReference:
    """A clock by kind and subject, then a limit before or after its due time, a share of its time in per cent, or its stop."""

    kind: str
    subject: str | None = None
    before: Limit | None = None
    after: Limit | None = None
    share: int | None = None
    is_stop: bool = False

    @classmethod
    def parse(cls, text: str) -> ClockReference:
        """Read one of the accepted forms; raises ``InvalidInput`` naming them."""
        match = _REFERENCE.fullmatch("".join(text.split()))
        if match is None or int(match["share"] or 0) > 100:
            raise InvalidInput(f"Expected a clock such as {ACCEPTED} but got “{text}”.")
        limit = Limit.parse(match["limit"]) if match["limit"] else None
        share = int(match["share"]) if match["share"] else None
        is_before = match["sign"] == "-"
        return cls(
            match["kind"], match["subject"], limit if is_before else None, None if is_before else limit, share, bool(match["stopped"])
        )


@dataclass(frozen=True)
class RunningClock:
    """What a reference needs to know of a clock."""

    limit_text: str
    started_at: datetime
    due_at: datetime
    is_resting: bool
    stopped_at: datetime | None = None


def moments(session: Session, calendar: WorkCalendar, case_no: str, references: Iterable[str]) -> dict[str, datetime | None]:
    """When each reference is due now; None while its clock rests, has stopped or has not started.

    ``@stopped`` is the moment at which the clock stopped: what accompanies a case ends with it.
    """
    wanted = {text: ClockReference.parse(text) for text in references}
    running = _running(session, case_no) if case_no else {}
    return {text: _moment(calendar, reference, running.get((reference.kind, reference.subject))) for text, reference in wanted.items()}


def whole_time(calendar: WorkCalendar, clock: RunningClock) -> timedelta:
    """How long the clock runs in all by its limits (``7个工作日+3个工作日`` after an extension): working time, or natural time."""
    limits = limits_of(clock.limit_text)
    is_fixed = len(limits) < len(clock.limit_text.split("+"))
    at = clock.due_at if is_fixed else calendar.due(clock.started_at, limits[0]).at
    for extension in () if is_fixed else limits[1:]:
        at = calendar.after(at, extension)
    return at - clock.started_at if is_natural(clock.limit_text) else calendar.working_time_between(clock.started_at, at)


def time_left(calendar: WorkCalendar, clock: RunningClock, now: datetime) -> timedelta:
    """What is left until its due time, counted as its limit is; negative once it has passed."""
    return clock.due_at - now if is_natural(clock.limit_text) else calendar.remaining(clock.due_at, now)


def limits_of(text: str) -> list[Limit]:
    """The limit a clock began with, none if it began with a due time, then its extensions."""
    return [Limit.parse(part) for part in text.split("+") if part != FIXED]


def extended(text: str, added: Limit) -> str:
    """The limits of a clock after an extension; extensions in one unit are one sum."""
    first, *extensions = text.split("+")
    if extensions and (last := Limit.parse(extensions[-1])).unit is added.unit:
        added, extensions = Limit(last.count + added.count, added.unit), extensions[:-1]
    return "+".join([first, *extensions, str(added)])


def is_natural(text: str) -> bool:
    """Whether the clock counts natural time."""
    return any(limit.unit in _NATURAL for limit in limits_of(text)[:1])


def span_of(calendar: WorkCalendar, limit: Limit) -> timedelta:
    """How much time a limit gives wherever it is counted."""
    match limit.unit:
        case Unit.WORKING_DAYS:
            return int(limit.count) * calendar.day_length
        case Unit.DAYS:
            return timedelta(days=int(limit.count))
        case Unit.SAME_DAY:
            return timedelta()
    return timedelta(seconds=float(limit.count * 3600))


def _running(session: Session, case_no: str) -> Mapping[tuple[str, str | None], RunningClock]:
    rows = _LATEST.all(session, case_no=case_no)
    return {(row[0], row[1]): RunningClock(row[2], row[3], row[4], row[5] is not None, row[6]) for row in rows}


def _moment(calendar: WorkCalendar, reference: ClockReference, clock: RunningClock | None) -> datetime | None:
    if clock is not None and reference.is_stop:
        return clock.stopped_at
    if clock is None or clock.is_resting or clock.stopped_at is not None:
        return None
    if reference.before is not None:
        return calendar.before(clock.due_at, reference.before)
    if reference.after is not None:
        return calendar.after(clock.due_at, reference.after)
    if reference.share is not None:
        return _share(calendar, clock, reference.share)
    return clock.due_at


def _share(calendar: WorkCalendar, clock: RunningClock, share: int) -> datetime:
    """The moment at which that share of the clock's time has gone."""
    seconds = Decimal(int(whole_time(calendar, clock).total_seconds())) * (100 - share) / 100
    left = timedelta(seconds=int(seconds))
    return clock.due_at - left if is_natural(clock.limit_text) else calendar.back(clock.due_at, left)

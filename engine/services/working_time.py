"""Working-time arithmetic. Knows dates, opening hours and limits; knows nothing of processes, rows, or the current time.

Rules (民法典 200-203 and the State Council's yearly holiday notice): the day of receipt is not counted, a limit in days ends
when the window closes on its last working day, and only 工作小时 are counted inside the opening hours. A start outside the opening
hours counts from the next opening, its effective moment.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache, cached_property
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import chinese_calendar
import isodate  # type: ignore[import-untyped]  # the package ships no types

from engine.clock import LOCAL_ZONE
from engine.errors import InvalidInput

Hours = tuple[tuple[time, time], ...]

#: 广州市政务服务规范: 09:00-12:00 and 13:00-17:00.
OPENING_HOURS: Hours = ((time(9), time(12)), (time(13), time(17)))

ACCEPTED_LIMITS = "N工作小时, N个工作小时, N个工作日, N工作日, N小时(自然), N小时, N个自然日, N个自然天, N天, 当日"

#: Types of a calendar day on which the window is open; 休息 and 法定 close it.
WORKING_DAY_TYPES = frozenset({"工作", "调休上班"})

#: Statutory holidays with a fixed date in the solar calendar (全国年节及纪念日放假办法); the only ones known in a year without a notice.
_FIXED_HOLIDAYS = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})

#: How far beyond the last published year due times are computed at all.
_PROVISIONAL_YEARS = 20

_EARLIEST_YEAR = 2004

_NARROW_BRACKETS = str.maketrans("\uff08\uff09", "()")


class Unit(Enum):
    """What a limit counts."""

    WORKING_HOURS = "工作小时"
    WORKING_DAYS = "个工作日"
    HOURS = "小时(自然)"
    DAYS = "个自然日"
    SAME_DAY = "当日"


@dataclass(frozen=True)
class Limit:
    """A legal limit such as 3个工作日. Hours may have decimals, days may not."""

    count: Decimal
    unit: Unit

    @classmethod
    def parse(cls, text: str) -> Limit:
        """Read one of the accepted forms; raises ``InvalidInput`` naming them."""
        cleaned = "".join(text.split()).translate(_NARROW_BRACKETS)
        if cleaned == Unit.SAME_DAY.value:
            return cls(Decimal(0), Unit.SAME_DAY)
        for pattern, unit in _LIMIT_FORMS:
            if match := pattern.fullmatch(cleaned):
                return cls(Decimal(match[1]), unit)
        raise InvalidInput(f"Expected a limit of the form {ACCEPTED_LIMITS} but got “{text}”.")

    def __str__(self) -> str:
        return self.unit.value if self.unit is Unit.SAME_DAY else f"{self.count}{self.unit.value}"


_LIMIT_FORMS = (
    (re.compile(r"(\d{1,6}(?:\.\d{1,3})?)个?工作小时"), Unit.WORKING_HOURS),
    (re.compile(r"(\d{1,6})个?工作日"), Unit.WORKING_DAYS),
    (re.compile(r"(\d{1,6}(?:\.\d{1,3})?)个?小时(?:\(自然\))?"), Unit.HOURS),
    (re.compile(r"(\d{1,6})个自然[日天]"), Unit.DAYS),
    (re.compile(r"(\d{1,6})天"), Unit.DAYS),
)


@dataclass(frozen=True)
class Due:
    """When a limit ends, in the centre's wall-clock time. Provisional: it rests on days no notice has confirmed yet (以放假通知为准)."""

    at: datetime
    is_provisional: bool


@cache
def published_to() -> date:
    """The last day covered by the notices that ``chinesecalendar`` ships."""
    return date(max(day.year for day in chinese_calendar.holidays), 12, 31)


@dataclass(frozen=True)
class WorkCalendar:
    """Working days and opening hours.

    ``confirmed`` are days announced by an import, ``provisional`` are expected days; ``confirmed_to`` is the last day that a published
    notice covers. A confirmed day wins over the published one, a provisional day only counts after ``confirmed_to``.
    """

    confirmed: Mapping[date, bool] = field(default_factory=dict)
    provisional: Mapping[date, bool] = field(default_factory=dict)
    hours: Hours = OPENING_HOURS
    confirmed_to: date = field(default_factory=published_to)

    @classmethod
    def from_days(cls, days: Iterable[Sequence[Any]]) -> WorkCalendar:
        """The published calendar with an administrator's days (day, type, is_confirmed) on top.

        A year after the published ones counts as announced once New Year and National Day are confirmed and nothing is provisional.
        """
        given = list(days)
        confirmed = {day: kind in WORKING_DAY_TYPES for day, kind, is_confirmed in given if is_confirmed}
        provisional = {day: kind in WORKING_DAY_TYPES for day, kind, is_confirmed in given if not is_confirmed}
        year = published_to().year + 1
        while {date(year, 1, 1), date(year, 10, 1)} <= confirmed.keys() and all(day.year != year for day in provisional):
            year += 1
        return cls(confirmed, provisional, confirmed_to=date(year - 1, 12, 31))

    # ── days ────────────────────────────────────────────────────────────────
    def is_working_day(self, day: date) -> bool:
        """Whether the window is open on that day."""
        if day in self.confirmed:
            return self.confirmed[day]
        if day <= min(self.confirmed_to, published_to()):
            return day in chinese_calendar.workdays or (day.weekday() < 5 and day not in chinese_calendar.holidays)
        if day > self.confirmed_to and day in self.provisional:
            return self.provisional[day]
        return day.weekday() < 5 and (day.month, day.day) not in _FIXED_HOLIDAYS

    def is_provisional(self, moment: datetime) -> bool:
        """Whether a due time at that moment rests on days that no notice has confirmed."""
        return _local(moment).date() > self.confirmed_to

    def working_days_between(self, start: datetime, end: datetime) -> int:
        """Working days after the day of ``start`` up to and with the day of ``end``; negative when ``end`` is earlier."""
        return self._days_until(_local(end).date()) - self._days_until(_local(start).date())

    # ── moments ─────────────────────────────────────────────────────────────
    def effective(self, moment: datetime) -> datetime:
        """The moment itself inside the opening hours, else the next opening."""
        at = _local(moment)
        days = self._days_until(at.date())
        if self.is_working_day(at.date()):
            for opens, closes in self.hours:
                if at.time() < closes:
                    return max(at, _at(at.date(), opens))
        return _at(self._working_day(days), self.hours[0][0])

    def closing(self, day: date) -> datetime:
        """When the window closes on that day."""
        return _at(day, self.hours[-1][1])

    def due(self, start: datetime, limit: Limit) -> Due:
        """When ``limit`` ends if it starts at ``start``."""
        at = self._due_at(start, limit)
        return Due(at, limit.unit is not Unit.HOURS and self.is_provisional(at))

    def days_before(self, moment: datetime, days: int) -> datetime:
        """Closing time ``days`` working days before the day of ``moment``."""
        return self.closing(self._working_day(self._days_until(_local(moment).date()) - 1 - days))

    def after(self, moment: datetime, limit: Limit) -> datetime:
        """``limit`` behind a due time. A due time ends its day, so the next working day is the first to be counted."""
        match limit.unit:
            case Unit.HOURS:
                return _local(moment) + _hours(limit.count)
            case Unit.DAYS:
                return self._end_of_natural_days(_local(moment).date(), int(limit.count))
            case Unit.WORKING_HOURS:
                return self.add(moment, _hours(limit.count))
        return self.days_before(moment, -int(limit.count))

    def before(self, moment: datetime, limit: Limit) -> datetime:
        """The last moment from which ``limit`` still lies before ``moment``; days end when the window closes."""
        match limit.unit:
            case Unit.HOURS:
                return _local(moment) - _hours(limit.count)
            case Unit.DAYS:
                return _local(moment) - timedelta(days=int(limit.count))
            case Unit.WORKING_HOURS:
                return self.back(moment, _hours(limit.count))
        return self.days_before(moment, int(limit.count))

    # ── working time ────────────────────────────────────────────────────────
    def working_time_between(self, start: datetime, end: datetime) -> timedelta:
        """Time inside the opening hours from ``start`` to ``end``; negative when ``end`` is earlier."""
        return self._elapsed(end) - self._elapsed(start)

    def working_minutes_between(self, start: datetime, end: datetime) -> int:
        """Whole minutes inside the opening hours from ``start`` to ``end``, rounded towards zero."""
        return int(self.working_time_between(start, end) / timedelta(minutes=1))

    def remaining(self, due: datetime, now: datetime) -> timedelta:
        """Working time left until ``due``; negative once it has passed."""
        return self.working_time_between(now, due)

    def add(self, start: datetime, working_time: timedelta) -> datetime:
        """The earliest moment at which ``working_time`` inside the opening hours has gone by since ``start``."""
        if working_time < timedelta():
            raise InvalidInput(f"Expected a working time of zero or more but got {working_time}.")
        begun = self.effective(start)
        return self._reached(self._elapsed(begun) + working_time) if working_time else begun

    def back(self, moment: datetime, working_time: timedelta) -> datetime:
        """The latest moment from which ``working_time`` inside the opening hours goes by until ``moment``."""
        return self._reached(self._elapsed(moment) - working_time) if working_time > timedelta() else _local(moment)

    @cached_property
    def day_length(self) -> timedelta:
        """Working time of one working day."""
        return sum((_length(span) for span in self.hours), timedelta())

    # ── the index: every working day in order, so that each question is a binary search ──
    @cached_property
    def _index(self) -> list[int]:
        first, last = date(_EARLIEST_YEAR, 1, 1).toordinal(), date(self.confirmed_to.year + _PROVISIONAL_YEARS, 12, 31).toordinal()
        return [ordinal for ordinal in range(first, last + 1) if self.is_working_day(date.fromordinal(ordinal))]

    def _days_until(self, day: date) -> int:
        """Number of indexed working days up to and with ``day``."""
        ordinal = day.toordinal()
        if not self._index[0] - 7 <= ordinal <= self._index[-1]:
            raise self._outside(day.isoformat())
        return bisect_right(self._index, ordinal)

    def _working_day(self, position: int) -> date:
        if not 0 <= position < len(self._index):
            raise self._outside("a day beyond them")
        return date.fromordinal(self._index[position])

    def _outside(self, found: str) -> InvalidInput:
        first, last = date.fromordinal(self._index[0]), date.fromordinal(self._index[-1])
        return InvalidInput(f"Expected working days between {first} and {last} but reached {found}. Use a shorter limit.")

    # ── arithmetic ──────────────────────────────────────────────────────────
    def _due_at(self, start: datetime, limit: Limit) -> datetime:
        begun = self.effective(start)
        if limit.unit is Unit.WORKING_HOURS:
            return self.add(begun, _hours(limit.count))
        if limit.unit is Unit.HOURS:
            return _local(start) + _hours(limit.count)
        if limit.unit is Unit.DAYS:
            return self._end_of_natural_days(_local(start).date(), int(limit.count))
        days = int(limit.count)  # 当日 counts zero
        return self.closing(self._working_day(self._days_until(begun.date()) - 1 + days))

    def _end_of_natural_days(self, day: date, count: int) -> datetime:
        """A last day that is a holiday is replaced by the next working day (民法典 203)."""
        try:
            last = day + timedelta(days=count)
        except OverflowError as error:
            raise self._outside(f"{count} days after {day}") from error
        self._days_until(last)
        return self.closing(self._working_day(bisect_left(self._index, last.toordinal())))

    def _elapsed(self, moment: datetime) -> timedelta:
        """Working time since the start of the index."""
        at = _local(moment)
        if not self.is_working_day(at.date()):
            return self._days_until(at.date()) * self.day_length
        spans = ((_at(at.date(), opens), _at(at.date(), closes)) for opens, closes in self.hours)
        today = sum((max(timedelta(), min(at, closes) - opens) for opens, closes in spans), timedelta())
        return (self._days_until(at.date()) - 1) * self.day_length + today

    def _reached(self, elapsed: timedelta) -> datetime:
        """The earliest moment with that much working time since the start of the index."""
        days, rest = divmod(elapsed, self.day_length)
        if not rest:
            return self.closing(self._working_day(days - 1))
        for opens, closes in self.hours:
            span = _length((opens, closes))
            if rest <= span:
                break
            rest -= span
        return _at(self._working_day(days), opens) + rest


def resume_due(calendar: WorkCalendar, due: datetime, paused_at: datetime, resumed_at: datetime) -> Due:
    """The due time after a pause: what was left in working time when it began starts again when it ends.

    A limit that had run out before the pause keeps its due time: waiting cannot undo a delay.
    """
    if resumed_at < paused_at:
        raise InvalidInput(f"Expected a pause to end after it began ({paused_at.isoformat()}) but it ended {resumed_at.isoformat()}.")
    left = calendar.remaining(due, paused_at)
    at = calendar.add(resumed_at, left) if left > timedelta() else _local(due)
    return Due(at, calendar.is_provisional(at))


def limit_or_moment(calendar: WorkCalendar, value: object, start: datetime) -> datetime:
    """The moment a timer or due date means.

    ``value`` is a datetime, a date (its closing time), ISO text of either, a duration or its ISO text (natural time after
    ``start``), or a limit such as 3个工作日 (from ``start``). Without an offset, text is the centre's wall clock.
    """
    try:
        return _moment(calendar, value, start)
    except OverflowError as error:
        raise InvalidInput(f"Expected a moment within the calendar but {value!r} lies beyond it.") from error


def _moment(calendar: WorkCalendar, value: object, start: datetime) -> datetime:
    if isinstance(value, datetime):
        return _local(value)
    if isinstance(value, date):
        return calendar.closing(value)
    if isinstance(value, timedelta):
        return _local(start) + value
    if isinstance(value, str):
        return _moment_of_text(calendar, value.strip(), start)
    raise InvalidInput(f"Expected a moment, a duration or a limit ({ACCEPTED_LIMITS}) but got {value!r}.")


def _moment_of_text(calendar: WorkCalendar, text: str, start: datetime) -> datetime:
    if text.startswith(("P", "-P")):
        return _after(start, text)
    if not re.match(r"\d{4}-", text):
        return calendar.due(start, Limit.parse(text)).at
    try:
        if len(text) == 10:
            return calendar.closing(date.fromisoformat(text))
        moment, _, zone = text.partition("@")  # FEEL writes a named zone as 2026-11-23T10:00:00@Asia/Shanghai
        at = datetime.fromisoformat(moment)
        return _local(at.replace(tzinfo=ZoneInfo(zone)) if zone else at)
    except (ValueError, ZoneInfoNotFoundError) as error:
        raise InvalidInput(f"Expected an ISO moment such as 2026-11-23T10:00:00+08:00 but got “{text}”.") from error


def _after(start: datetime, text: str) -> datetime:
    if text.endswith(("P", "T")):  # isodate reads PT as nothing at all
        raise InvalidInput(f"Expected an ISO duration such as PT1H or P1D but got “{text}”.")
    try:
        moment: datetime = _local(start) + isodate.parse_duration(text)
    except (isodate.ISO8601Error, ValueError) as error:  # a fraction of a month, a year beyond 9999
        raise InvalidInput(f"Expected an ISO duration such as PT1H or P1D but got “{text}”.") from error
    return moment


def _hours(count: Decimal) -> timedelta:
    return timedelta(seconds=float(count * 3600))


def _length(span: tuple[time, time]) -> timedelta:
    opens, closes = span
    return timedelta(hours=closes.hour - opens.hour, minutes=closes.minute - opens.minute)


def _local(moment: datetime) -> datetime:
    return moment.astimezone(LOCAL_ZONE) if moment.tzinfo else moment.replace(tzinfo=LOCAL_ZONE)


def _at(day: date, clock_time: time) -> datetime:
    return datetime.combine(day, clock_time, LOCAL_ZONE)

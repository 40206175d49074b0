"""Cron cycles as Camunda 7 writes them: second, minute, hour, day, month, weekday, perhaps year, on the centre's clock.

Knows no timer. Refuses what the library cannot read, and a day of the month together with a weekday.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from cronsim import CronSim, CronSimError

from engine.clock import LOCAL_ZONE, local

_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
#: A weekday at the beginning of a term or of the end of a range; what follows “#” or “/” is a count.
_WEEKDAY = re.compile(rf"(^|[,-])({'|'.join(_DAYS)}|[1-7])")
_YEAR = re.compile(r"(\d{4})(?:-(\d{4}))?(?:/(\d+))?$")
_ANY = datetime(2000, 1, 1, tzinfo=UTC)
_YEARS = range(1970, 2100)


class NoCron(ValueError):
    """The text is no cron expression that names a moment."""


def is_cron(text: str) -> bool:
    """Whether the text can be read as a cron expression."""
    try:
        _fields(text)
    except NoCron:
        return False
    return True


def next_after(text: str, moment: datetime) -> datetime | None:
    """The first moment after ``moment`` that the expression names; None when there is none. Raises NoCron."""
    fields, years = _fields(text)
    start = local(moment).replace(tzinfo=None)
    while True:
        found = next(CronSim(fields, start), None)
        if found is None or found.year in years:
            return found.replace(tzinfo=LOCAL_ZONE).astimezone(UTC) if found is not None else None
        later = [year for year in years if year > found.year]
        if not later:
            return None
        start = start.replace(year=min(later) - 1, month=12, day=31, hour=23, minute=59, second=59)


def _fields(text: str) -> tuple[str, frozenset[int]]:
    """Six fields as the library wants them (weekdays from 0, no “?”), and the years."""
    parts = text.upper().split()
    if len(parts) not in (6, 7) or (parts[3] not in "*?" and parts[5] not in "*?") or "?" in (*parts[:3], parts[4]):
        raise NoCron(text)
    weekday = "7" if parts[5] == "L" else parts[5].replace("?", "*")
    parts[3], parts[5] = parts[3].replace("?", "*"), _WEEKDAY.sub(_from_zero, weekday)
    if re.search(r"\b7\b", parts[5].split("#")[0].split("/")[0]) or weekday.startswith("0"):
        raise NoCron(text)
    fields = " ".join(parts[:6])
    try:
        CronSim(fields, _ANY)
    except (CronSimError, ValueError) as error:
        raise NoCron(text) from error
    return fields, _years(parts[6]) if len(parts) == 7 else frozenset(_YEARS)


def _from_zero(found: re.Match[str]) -> str:
    day = found[2]
    return found[1] + str(_DAYS.index(day) if day in _DAYS else int(day) - 1)


def _years(text: str) -> frozenset[int]:
    if text == "*":
        return frozenset(_YEARS)
    years: set[int] = set()
    for term in text.split(","):
        match = _YEAR.match(term)
        if match is None:
            raise NoCron(text)
        first, step = int(match[1]), int(match[3] or 1)
        last = int(match[2]) if match[2] else (first if match[3] is None else _YEARS.stop - 1)
        years |= set(_YEARS) & set(range(first, last + 1, max(step, 1)))
    return frozenset(years)

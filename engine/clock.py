"""The only source of the current time. Moments are aware and in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

#: The time zone in which the centre works and in which people read times.
LOCAL_ZONE = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    def now(self) -> datetime: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class MovableClock:
    """A clock moved by hand: for tests, scenarios, and cases registered at a stated time."""

    def __init__(self, now: datetime):
        self._now = now.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def move_to(self, moment: datetime) -> None:
        self._now = moment.astimezone(UTC)

    def advance(self, **delta: float) -> None:
        """Move forward by ``timedelta(**delta)``."""
        self._now += timedelta(**delta)


def local(moment: datetime) -> datetime:
    """The same moment as the centre's wall clock shows it."""
    return moment.astimezone(LOCAL_ZONE)


def as_local(text: str) -> datetime:
    """Read ISO text; without an offset it is the centre's wall-clock time."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=LOCAL_ZONE)

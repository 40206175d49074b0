"""Periods of time that figures are about: months, quarters, years, the last days. Local days of the centre; the end is not part of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from engine.clock import LOCAL_ZONE, local
from engine.errors import InvalidInput

_FORM = re.compile(r"(\d{4})(?:-(?:(\d{2})|Q([1-4])))?")


@dataclass(frozen=True)
class Period:
    """From the first moment of ``begins_at`` to just before ``ends_at``."""

    name: str
    begins_at: datetime
    ends_at: datetime

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read ``2026-11``, ``2026-Q4`` or ``2026``."""
        match = _FORM.fullmatch(text.strip())
        if match is None or (match[2] and not 1 <= int(match[2]) <= 12) or int(match[1]) < 1:
            raise InvalidInput(f"Expected a month such as 2026-11, a quarter such as 2026-Q4 or a year but got {text!r}.")
        year = int(match[1])
        first, count = (int(match[2]), 1) if match[2] else (3 * int(match[3]) - 2, 3) if match[3] else (1, 12)
        return cls(match[0], _first_of(year, first), _first_of(year, first + count))

    @classmethod
    def before(cls, now: datetime) -> Period:
        """The month before the one that ``now`` is in."""
        today = local(now)
        begins_at = _first_of(today.year, today.month - 1)
        return cls(f"{begins_at:%Y-%m}", begins_at, _first_of(today.year, today.month))

    @classmethod
    def last_days(cls, now: datetime, days: int) -> Period:
        """The last ``days`` times 24 hours."""
        if days < 1:
            raise InvalidInput(f"Expected at least one day but got {days}.")
        return cls(f"{days}d", now - timedelta(days=days), now)

    def described(self) -> dict[str, Any]:
        """As a variable of a process: its name, its first and its last day."""
        last = local(self.ends_at - timedelta(microseconds=1))
        return {"month": self.name, "from": local(self.begins_at).date().isoformat(), "to": last.date().isoformat()}


def _first_of(year: int, month: int) -> datetime:
    """Midnight of the first day of a month, counted on over the years."""
    years, month = divmod(month - 1, 12)
    return datetime(year + years, month + 1, 1, tzinfo=LOCAL_ZONE)

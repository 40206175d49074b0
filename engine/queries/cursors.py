"""What comes back from a browser to say where a page begins: moments and row numbers. Refuses what no database can compare."""

from __future__ import annotations

from datetime import UTC, datetime

#: Row numbers are 64 bit with sign.
LARGEST_NUMBER = 2**63 - 1


def read_moment(text: str) -> datetime:
    """An aware moment in UTC; ValueError for everything else."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("Expected a moment with its offset but got one without.")
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("Expected a moment of the calendar but got one outside of it.") from error


def is_row_number(number: int) -> bool:
    """Whether a row can have this number."""
    return 0 < number <= LARGEST_NUMBER

"""Days on which rows of data files hold: both named days count, an empty one sets no bound. Knows no file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Protocol, TypeVar

BEGIN, END = "valid_from", "valid_to"

#: First and last day.
Span = tuple[date, date]
ALWAYS: Span = (date.min, date.max)


class Row(Protocol):
    """A row with its values by column."""

    @property
    def values(self) -> Mapping[str, Any]: ...


R = TypeVar("R", bound=Row)


def span(values: Mapping[str, Any]) -> Span:
    """The days on which a row holds."""
    return values.get(BEGIN) or date.min, values.get(END) or date.max


def is_dated(values: Mapping[str, Any]) -> bool:
    """The row does not hold always."""
    return span(values) != ALWAYS


def holds(values: Mapping[str, Any], on: date) -> bool:
    """Whether a row holds on a day."""
    begin, end = span(values)
    return begin <= on <= end


def meet(one: Span, other: Span) -> Span | None:
    """The days that two spans have in common; None without any."""
    begin, end = max(one[0], other[0]), min(one[1], other[1])
    return (begin, end) if begin <= end else None


def uncovered(wanted: Span, spans: Iterable[Span]) -> date | None:
    """The first day of a span on which none of the others holds; None when they cover it.

    A span without a beginning asks for nothing before the first of the others: nobody knows how far back it means to reach.
    """
    in_order = sorted(spans)
    day = in_order[0][0] if in_order and wanted[0] == date.min else wanted[0]
    for begin, end in in_order:
        if begin > day:
            break
        if end >= wanted[1]:
            return None
        day = max(day, end + timedelta(days=1))
    return day


def nearest(rows: Iterable[R], key: Sequence[str], on: date) -> list[R]:
    """One row of each key: the one that holds on the day, or else the next to come, or else the last that held."""
    found: dict[tuple[Any, ...], R] = {}
    for row in rows:
        place = tuple(row.values[column] for column in key)
        if place not in found or _distance(row.values, on) < _distance(found[place].values, on):
            found[place] = row
    return list(found.values())


def turns(rows: Iterable[Row]) -> Iterator[date]:
    """The days from which on other rows hold than the day before."""
    for row in rows:
        begin, end = span(row.values)
        if begin > date.min:
            yield begin
        if end < date.max:
            yield end + timedelta(days=1)


def _distance(values: Mapping[str, Any], on: date) -> tuple[int, int]:
    begin, end = span(values)
    if begin > on:
        return 1, (begin - on).days
    return (2, (on - end).days) if end < on else (0, 0)

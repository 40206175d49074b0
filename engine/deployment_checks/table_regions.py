"""The regions into which the cells of a table divide its inputs, and which rows cover which. Knows no hit policy.

After D. Calvanese, M. Dumas, Ü. Laurson, F. M. Maggi, M. Montali, I. Teinemaa, “Semantics and Analysis of DMN Decision Tables”
(BPM 2016): each row is a box over the inputs; a sweep along one input after the other finds boxes that meet and places without any.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from math import floor
from typing import Any

from engine.deployment_checks.decision_tables import Column, Table
from engine.deployment_checks.unary_tests import ANY, ORDERED, OTHER, Cell, kind, read_cell

#: A table is judged with at most so many comparisons, and so many regions gone to.
_MOST_COMPARISONS, _MOST_VISITS = 200_000, 200_000
_KINDS = {"boolean": "boolean", "string": "text"}
_WHOLE = frozenset({"integer", "long"})


class TooLarge(Exception):
    """Judging the table would take too long."""


@dataclass
class Budget:
    """What is left of a limited amount of work. Raises TooLarge when it is used up."""

    left: int

    def use(self, amount: int) -> None:
        self.left -= amount
        if self.left < 0:
            raise TooLarge


@dataclass(frozen=True)
class Region:
    """Values of one input that no cell tells apart: ``sample`` is one of them. ``surely``, ``perhaps``: the rows that hold there, as bits.

    ``perhaps`` also has the rows whose cell is a general expression.
    """

    sample: Any
    surely: int
    perhaps: int


@dataclass(frozen=True)
class Grid:
    """A table divided into regions, by column. ``unjudged``: the rows with a cell that is a general expression."""

    columns: tuple[tuple[Region, ...], ...]
    unjudged: int
    everywhere: tuple[int, ...]
    surely: tuple[tuple[int, ...], ...]
    visits: Budget = field(default_factory=lambda: Budget(_MOST_VISITS))

    def box(self, row: int) -> tuple[tuple[Region, ...], ...]:
        """The regions in which a row may hold."""
        return tuple(tuple(region for region in column if region.perhaps >> row & 1) for column in self.columns)


def grid_of(table: Table) -> Grid:
    """Raises TooLarge."""
    comparisons = Budget(_MOST_COMPARISONS)
    cells = [[read_cell(row.inputs[at]) if at < len(row.inputs) else ANY for row in table.rows] for at in range(len(table.columns))]
    columns = tuple(_column(column, own, comparisons) for column, own in zip(table.columns, cells, strict=True))
    unjudged = 0
    for at, own in enumerate(cells):
        is_divided = not _is_unknown(columns[at])
        unjudged |= sum(1 << row for row, cell in enumerate(own) if cell is None or (not is_divided and not cell.is_any))
    return Grid(columns, unjudged, _everywhere(columns, len(table.rows)), _by_row(columns, len(table.rows)))


def uncovered(grid: Grid, rows: int, box: Sequence[Sequence[Region]], is_sure: bool) -> Iterator[tuple[Any, ...]]:
    """Places of ``box`` where none of ``rows`` holds: a sample for each input, ANY where the rest does not matter.

    With ``is_sure`` only rows that surely hold there count. Raises TooLarge.
    """
    covered: set[tuple[int, int]] = set()

    def search(at: int, alive: int, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
        if not alive:
            yield path + (ANY,) * (len(box) - at)
            return
        if at == len(box) or (at, alive) in covered or alive & grid.everywhere[at]:
            return
        grid.visits.use(len(box[at]))
        is_covered, seen = True, set()
        for region in box[at]:
            left = alive & (region.surely if is_sure else region.perhaps)
            if left not in seen:
                seen.add(left)
                for place in search(at + 1, left, (*path, region.sample)):
                    is_covered = False
                    yield place
        if is_covered:
            covered.add((at, alive))

    return search(0, rows, ()) if all(box) else iter(())


def meeting(grid: Grid, one: int, other: int) -> tuple[Any, ...] | None:
    """A place where two rows surely hold together."""
    place = []
    for column, rows in zip(grid.columns, grid.surely, strict=True):
        common = rows[one] & rows[other]
        if not common:
            return None
        place.append(column[(common & -common).bit_length() - 1].sample)
    return tuple(place)


# --- one column ---------------------------------------------------------------------------------------------------------------


def _column(column: Column, cells: list[Cell | None], comparisons: Budget) -> tuple[Region, ...]:
    samples = samples_of(column, [cell for cell in cells if cell is not None])
    if samples is None:
        dashes = sum(1 << row for row, cell in enumerate(cells) if cell is not None and cell.is_any)
        return (Region(ANY, dashes, (1 << len(cells)) - 1),)
    comparisons.use(len(samples) * sum(1 + len(cell.tests) for cell in cells if cell is not None))
    regions = []
    for sample in samples:
        surely = sum(1 << row for row, cell in enumerate(cells) if cell is not None and cell.holds(sample))
        unknown = sum(1 << row for row, cell in enumerate(cells) if cell is None)
        regions.append(Region(sample, surely, surely | unknown))
    return tuple(regions)


def _is_unknown(column: tuple[Region, ...]) -> bool:
    return len(column) == 1 and column[0].sample is ANY


def samples_of(column: Column, cells: list[Cell]) -> list[Any] | None:
    """One value of each region; None when the cells name values that cannot be compared."""
    allowed = read_cell(column.allowed) or ANY
    values = [value for cell in (*cells, allowed) for value in cell.values()]
    kinds = {kind(value) for value in values if value is not None} or {_KINDS.get(column.type or "", "other")}
    if len(kinds) > 1:
        return None
    of_kind = next(iter(kinds))
    known = set(filter(lambda value: value is not None, values))
    if of_kind in ORDERED:
        samples = _ordered(sorted(known), column.type in _WHOLE)
    elif of_kind == "boolean":
        samples = [True, False]
    else:
        samples = [*dict.fromkeys(value for value in values if value is not None), OTHER]
    return [sample for sample in samples if allowed.holds(sample)] + ([None] if None in values else [])


def _ordered(points: list[Any], is_whole: bool) -> list[Any]:
    """Each point, and a value of each stretch between, before and behind them."""
    samples = [*_step(points[0], -1)]
    for point, following in pairwise(points):
        samples += [point, *_between(point, following, is_whole)]
    return [*samples, points[-1], *_step(points[-1], 1)]


def _step(point: Any, count: int) -> list[Any]:
    if isinstance(point, Fraction):
        return [Fraction(floor(point) + count if count > 0 or point.denominator == 1 else floor(point))]
    try:
        return [point + timedelta(days=count)]
    except OverflowError:
        return []


def _between(low: Any, high: Any, is_whole: bool) -> list[Any]:
    if isinstance(low, Fraction):
        whole = Fraction(floor(low) + 1)
        return [whole] if whole < high else [] if is_whole else [(low + high) / 2]
    if isinstance(low, datetime):
        return [low + (high - low) / 2]
    assert isinstance(low, date)
    return [low + timedelta(days=1)] if (high - low).days > 1 else []


def _everywhere(columns: tuple[tuple[Region, ...], ...], rows: int) -> tuple[int, ...]:
    """By column the rows that surely hold wherever they get to there: from it on they are dashes."""
    left = (1 << rows) - 1
    found = [left]
    for column in reversed(columns):
        for region in column:
            left &= region.surely
        found.append(left)
    return tuple(reversed(found))


def _by_row(columns: tuple[tuple[Region, ...], ...], rows: int) -> tuple[tuple[int, ...], ...]:
    """By column and row the regions, as bits, in which the row surely holds."""
    return tuple(
        tuple(sum(1 << at for at, region in enumerate(column) if region.surely >> row & 1) for row in range(rows)) for column in columns
    )

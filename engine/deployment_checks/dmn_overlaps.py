"""What rows of a decision table do to each other: rows that hold together, rows that never decide, places without a row.

The method is cited in ``table_regions``. What a general expression in a cell means is not judged, and said so.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import Any

from engine.bpmn.findings import Language
from engine.deployment_checks.advice import Advice
from engine.deployment_checks.decision_tables import Row, Table, tables_in
from engine.deployment_checks.examples import example_of
from engine.deployment_checks.table_regions import Grid, TooLarge, grid_of, meeting, uncovered
from engine.errors import Finding

#: A larger table is not judged.
_MOST_ROWS, _MOST_COLUMNS = 400, 40
#: Nobody mends more at once.
_MOST_PAIRS, _MOST_GAPS = 20, 3
_SINGLE = frozenset({"UNIQUE", "ANY", "FIRST", "PRIORITY"})


@lru_cache(maxsize=32)
def check_tables(file: str, content: bytes, language: Language) -> tuple[Finding, ...]:
    """Findings about the rows of every table of a DMN file that was read without fault."""
    advice = Advice(file, language)
    for table in tables_in(content):
        if len(table.rows) > _MOST_ROWS or len(table.columns) > _MOST_COLUMNS:
            _too_large(table, advice)
        elif table.hit_policy in _SINGLE and table.columns:
            _check(table, advice)
    return tuple(advice.findings)


def _check(table: Table, advice: Advice) -> None:
    try:
        grid = grid_of(table)
        _never(table, grid, advice)
        if table.hit_policy in ("UNIQUE", "ANY"):
            _overlaps(table, grid, advice)
        else:
            _masked(table, grid, advice)
        if not table.has_default:
            _gaps(table, grid, advice)
    except TooLarge:
        _too_large(table, advice)
        return
    if grid.unjudged:
        rows = [row.id for at, row in enumerate(table.rows) if grid.unjudged >> at & 1]
        advice.add("table-not-judged", table.decision, table.name, table.line, rows=", ".join(rows[:10]), count=len(rows))


def _too_large(table: Table, advice: Advice) -> None:
    advice.add("table-too-large", table.decision, table.name, table.line, rows=len(table.rows), columns=len(table.columns))


def _never(table: Table, grid: Grid, advice: Advice) -> None:
    """Rows with a cell that no allowed value of its input fulfils."""
    for at, row in enumerate(table.rows):
        empty = [column.label for column, regions in zip(table.columns, grid.box(at), strict=True) if not regions]
        if empty:
            advice.add("row-never", row.id, table.name, row.line, row=row.id, number=at + 1, columns=", ".join(empty))


def _overlaps(table: Table, grid: Grid, advice: Advice) -> None:
    for one, other, place in islice(_pairs(table, grid), _MOST_PAIRS):
        first, second = table.rows[one], table.rows[other]
        facts = {"row": first.id, "number": one + 1, "other": second.id, "other_number": other + 1}
        code = "rows-overlap" if table.hit_policy == "UNIQUE" else "rows-differ"
        advice.add(code, second.id, table.name, second.line, **facts, example=_example(table, place, advice.language))


def _pairs(table: Table, grid: Grid) -> Iterator[tuple[int, int, tuple[Any, ...]]]:
    for one in range(len(table.rows)):
        for other in range(one + 1, len(table.rows)):
            is_allowed = table.hit_policy == "ANY" and table.rows[one].outputs == table.rows[other].outputs
            place = None if is_allowed else meeting(grid, one, other)
            if place is not None:
                yield one, other, place


def _masked(table: Table, grid: Grid, advice: Advice) -> None:
    """Rows that never decide because rows that come before them do, wherever they hold."""
    for at, row in enumerate(table.rows):
        stronger = _before(table, at)
        box = grid.box(at)
        if stronger and all(box) and next(uncovered(grid, stronger, box, is_sure=True), None) is None:
            names = ", ".join(table.rows[one].id for one in _masking(grid, stronger, at, len(table.rows)))
            advice.add("row-masked", row.id, table.name, row.line, row=row.id, number=at + 1, others=names)


def _before(table: Table, at: int) -> int:
    """The rows, as bits, whose answer is taken before that of row ``at``."""
    if table.hit_policy == "FIRST":
        return (1 << at) - 1
    ranks = [_rank(table, row) for row in table.rows]
    own = ranks[at]
    if own is None:
        return 0
    return sum(1 << one for one, rank in enumerate(ranks) if rank is not None and rank < own)


def _rank(table: Table, row: Row) -> tuple[int, ...] | None:
    """The priority of a row's outputs; None when they are not among the listed ones."""
    ranks = [order.index(text) if text in order else None for order, text in zip(table.priorities, row.outputs, strict=False) if order]
    known = tuple(rank for rank in ranks if rank is not None)
    return known if known and len(known) == len(ranks) else None


def _masking(grid: Grid, stronger: int, at: int, count: int) -> list[int]:
    """The stronger rows that share a place with row ``at``; the first few."""
    sharing = [
        one
        for one in range(count)
        if stronger >> one & 1 and all(any(region.surely >> one & 1 for region in column) for column in grid.box(at))
    ]
    return sharing[:8]


def _gaps(table: Table, grid: Grid, advice: Advice) -> None:
    everything = (1 << len(table.rows)) - 1
    for place in islice(uncovered(grid, everything, grid.columns, is_sure=False), _MOST_GAPS):
        advice.add("table-gap", table.decision, table.name, table.line, example=_example(table, place, advice.language))


def _example(table: Table, place: tuple[Any, ...], language: Language) -> str:
    return example_of([column.label for column in table.columns], place, language)

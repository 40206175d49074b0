"""A data file as of a day: which rows hold, which not yet or no longer, and which version judges cases of that day. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import PurePath
from typing import Literal

from engine.assembly import Engine
from engine.clock import LOCAL_ZONE, local
from engine.deployment_checks.differences import Table
from engine.errors import NotFound
from engine.queries.versions import VersionView
from engine.services.reference_files import SHAPES, VALIDITY
from engine.services.validity import BEGIN, END, span
from engine.versions import Place, Version, latest

Standing = Literal["holds", "coming", "ended"]


@dataclass(frozen=True)
class RowsOnADay:
    """How each row of a version stands ``on`` a day; ``in_force``: the version that judges cases accepted on that day, if any."""

    on: date
    standing: Mapping[str, Standing]
    in_force: Version | None

    def count(self, standing: Standing) -> int:
        return list(self.standing.values()).count(standing)


def rows_on_a_day(engine: Engine, view: VersionView, table: Table, day: str) -> RowsOnADay | None:
    """As of a day such as 2026-12-01 (anything else: today); None for files whose rows have no days."""
    shape = SHAPES.get(PurePath(view.file).name)
    if view.kind != "reference" or shape is None or VALIDITY[0] not in shape.columns:
        return None
    on = _day(day) or local(engine.clock.now()).date()
    return RowsOnADay(
        on, {row: _standing(cells, on) for row, (_title, cells) in table.rows.items() if row}, _in_force(engine, view.key, on)
    )


def _in_force(engine: Engine, key: str, on: date) -> Version | None:
    """What is in force when the day ends."""
    moment = datetime.combine(on, time(23, 59, 59), LOCAL_ZONE)
    try:
        with engine.database.reading() as session:
            return latest(session, "reference", key, Place("", moment))
    except NotFound:
        return None


def _standing(cells: Mapping[str, str], on: date) -> Standing:
    begin, end = span({column: _day(cells.get(column, "")) for column in (BEGIN, END)})
    if on < begin:
        return "coming"
    return "ended" if on > end else "holds"


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None

"""Rows of data files: those a case is judged by, and those in force today. Leaves evidence of the rows that hit; changes nothing else.

A case has the file that was in force when it was accepted, and of it the rows that held on that day. People of today have today's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import PurePath
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.clock import local
from engine.db.case_tables import Case
from engine.db.tables import Definition, Resource
from engine.errors import NotFound
from engine.services.context import OperationContext
from engine.services.csv_tables import CsvRow, Findings, read_file
from engine.services.reference_files import SHAPES
from engine.services.validity import holds
from engine.versions import Place, Version, latest

#: How evidence names that rows of a data file hit.
HIT = "reference:hit"

#: Rows by what they were read from: (file, digest of its content). Files are small and their versions few.
_READ: dict[tuple[str, str], tuple[CsvRow, ...]] = {}


@dataclass(frozen=True)
class RuleRows:
    """A version of a data file: ``every`` row, and those that hold ``on`` the day that counts."""

    key: str
    version: Version
    on: date
    every: tuple[CsvRow, ...]

    @property
    def holding(self) -> list[CsvRow]:
        return [row for row in self.every if holds(row.values, self.on)]

    def named(self, **wanted: str) -> list[CsvRow]:
        """The holding rows with these values."""
        return [row for row in self.holding if all(row.values.get(column) == value for column, value in wanted.items())]


def accepted_at(session: Session, key: str, moment: datetime | None, now: datetime) -> RuleRows | None:
    """What judges a case accepted at a moment (None: no case, so what is in force now); None while no such file is deployed."""
    try:
        version = latest(session, "reference", key, Place("", now, moment))
    except NotFound:
        return None
    return RuleRows(key, version, local(moment or now).date(), rows_of(session, version.id))


def for_case(context: OperationContext, key: str) -> RuleRows | None:
    """What judges the case of the operation."""
    case = context.session.get(Case, context.case_no) if context.case_no else None
    return accepted_at(context.session, key, case.received_at if case else None, context.now)


def today(session: Session, key: str, now: datetime) -> RuleRows | None:
    """What is in force now, whatever case asks: people, departments, ways out of the building."""
    return accepted_at(session, key, None, now)


def rows_of(session: Session, definition_id: int) -> tuple[CsvRow, ...]:
    """Every row of a version."""
    file, digest = session.execute(select(Definition.file, Definition.sha256).where(Definition.id == definition_id)).one()
    address = (PurePath(file).name, digest)
    if address not in _READ:
        content = session.get_one(Resource, digest).content
        _READ[address] = tuple(read_file(content, SHAPES[address[0]], Findings()))
    return _READ[address]


def keep(context: OperationContext, found: RuleRows, rows: Iterable[CsvRow], inputs: Mapping[str, str]) -> None:
    """Evidence of the rows that an operation asked: of which version, why that one, as of which day, on which codes."""
    context.record(HIT, element=context.element_id, **facts_of(found, rows, inputs))


def facts_of(found: RuleRows, rows: Iterable[CsvRow], inputs: Mapping[str, str]) -> dict[str, Any]:
    """What evidence of rows that hit carries, beside the element that asked."""
    since = local(found.version.since).isoformat() if found.version.since else None
    version = {"definition": found.version.id, "version": found.version.version, "since": since, "reason": found.version.reason}
    return {"file": found.key, **version, "on": found.on.isoformat(), "lines": [row.line for row in rows], "inputs": dict(inputs)}


def name_of(key: str, row: CsvRow) -> str:
    """A row by its key, as people name it: M01-02, or M01 D01."""
    return " ".join(str(row[column]) for column in keys_of(key))


def keys_of(key: str) -> Sequence[str]:
    """The columns that tell the rows of a file apart."""
    return SHAPES[f"{key}.csv"].key

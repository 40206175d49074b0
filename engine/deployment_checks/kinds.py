"""Kinds of case files and actions in a set: whether the processes and forms they name exist, and what their starts bring."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import PurePath

from engine.bpmn.findings import Language
from engine.deployment_checks.parsed import ParsedFile
from engine.deployment_checks.texts import said, what_name
from engine.errors import Finding
from engine.services.csv_tables import CsvFile, CsvRow, Findings, read_file
from engine.services.kind_files import CASE_ACTIONS, CASE_KINDS


@dataclass(frozen=True)
class Beginnings:
    """How processes begin that people start: of a kind by its start form, of an action by a message with the fields of its form."""

    start_forms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # process → forms; several kinds may share a process
    action_forms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # message → forms

    @property
    def pages(self) -> frozenset[str]:
        """Forms that pages show without a task."""
        return frozenset[str]().union(*self.start_forms.values(), *self.action_forms.values())


def beginnings_in(tables: Mapping[str, bytes]) -> Beginnings:
    """``tables`` by bare file name."""
    kinds, actions = _rows(CASE_KINDS, tables), _rows(CASE_ACTIONS, tables)
    return Beginnings(_forms_by(kinds, "process", "start_form"), _forms_by(actions, "message", "form"))


def kind_findings(files: Iterable[ParsedFile], processes: Collection[str], forms: Collection[str], language: Language) -> list[Finding]:
    """Rows that name a process or a form that nobody has."""
    brought = [(file.name, PurePath(file.name).name, file.content) for file in files]
    return [
        finding
        for file, name, content in brought
        for shape in (CASE_KINDS, CASE_ACTIONS)
        if name == shape.name
        for row in _rows(shape, {name: content})
        for finding in _missing(file, shape, row, processes, forms, language)
    ]


def _missing(
    file: str, shape: CsvFile, row: CsvRow, processes: Collection[str], forms: Collection[str], language: Language
) -> Iterator[Finding]:
    wanted = [("process", "called process", processes), ("start_form", "form", forms)] if shape is CASE_KINDS else [("form", "form", forms)]
    for column, what, known in wanted:
        name = row[column]
        if name and name not in known:
            near = get_close_matches(name, known, n=1)
            facts = {
                "what": what_name(what, language),
                "name": name,
                "near": next(iter(near), ""),
                "known": ", ".join(sorted(known)[:8]) or "—",
            }
            message, remedy = said("missing-near" if near else "missing", language, facts)
            yield Finding(file, row.line, column, row[shape.key[0]], f"missing-{what.replace(' ', '-')}", message, remedy)


def _forms_by(rows: Iterable[CsvRow], key: str, column: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for row in rows:
        if row[column]:
            found[row[key]] = (*found.get(row[key], ()), row[column])
    return found


def _rows(shape: CsvFile, tables: Mapping[str, bytes]) -> list[CsvRow]:
    content = tables.get(shape.name)
    return read_file(content, shape, Findings()) if content is not None else []

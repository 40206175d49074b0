"""What changed between two versions of a table, a form or a data file, for people to read. Knows no diagrams (``engine.bpmn.diff``)."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher, unified_diff
from pathlib import PurePath
from typing import Any, Literal

from lxml import etree

from engine.services import reference, validity

Kind = Literal["added", "removed", "changed", "moved"]
#: Column or property → text.
Cells = dict[str, str]


@dataclass(frozen=True)
class Change:
    """One column or property: ``old`` is empty where there was none, ``new`` where there is none any more."""

    name: str
    old: str
    new: str


@dataclass(frozen=True)
class RowChange:
    """One row, field or setting that differs. Positions count from 1; ``changes`` of a whole row that came or went lists its cells."""

    kind: Kind
    id: str
    title: str
    old_position: int | None
    new_position: int | None
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class TableDifference:
    """The rows of one table that differ; ``columns`` in the order of the newer one."""

    id: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[RowChange, ...]


@dataclass(frozen=True)
class Table:
    """A table, form or data file as rows. The row with the empty id holds the settings of the whole."""

    title: str
    columns: tuple[str, ...]
    rows: Mapping[str, tuple[str, Cells]]  # id → (title, cells), in order


def inputs_of(content: bytes) -> dict[str, dict[str, str]]:
    """Of each decision table of a DMN file: the label of each input column → its expression."""
    root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True))
    found: dict[str, dict[str, str]] = {}
    for decision in root.iter("{*}decision"):
        columns = decision.findall("{*}decisionTable/{*}input")
        found[str(decision.get("id"))] = {_heading(column): _text(column.find("{*}inputExpression")) for column in columns}
    return found


def compare_decisions(old: bytes, new: bytes) -> tuple[TableDifference, ...]:
    """Every decision of two DMN files whose settings or rows differ, those of the newer file first."""
    before, after = _decisions(old), _decisions(new)
    names = [*after, *(name for name in before if name not in after)]
    found = (_compare(name, before.get(name, _EMPTY), after.get(name, _EMPTY)) for name in names)
    return tuple(difference for difference in found if difference.rows)


def compare_forms(old: bytes, new: bytes) -> tuple[TableDifference, ...]:
    """The fields of two form files that differ, by their key."""
    found = _compare("form", _form(old), _form(new))
    return (found,) if found.rows else ()


def compare_tables(file: str, old: bytes, new: bytes) -> tuple[TableDifference, ...]:
    """The rows of two CSV files that differ, by the key of the table."""
    found = _compare(PurePath(file).stem, _csv(file, old), _csv(file, new))
    return (found,) if found.rows else ()


def compare_texts(old: bytes, new: bytes) -> tuple[str, ...]:
    """Lines of a unified difference, three lines of context."""
    before, after = (content.decode("utf-8-sig", "replace").splitlines() for content in (old, new))
    return tuple(unified_diff(before, after, "old", "new", lineterm=""))


def rows_of(kind: str, file: str, content: bytes) -> dict[str, Table]:
    """The tables of a file by id: one for each decision of a DMN file, one for a form, a data file."""
    if kind == "decision":
        return _decisions(content)
    if kind == "form":
        return {"form": _form(content)}
    return {PurePath(file).stem: _csv(file, content)} if kind in ("reference", "notice") else {}


_EMPTY = Table("", (), {})


def _compare(name: str, old: Table, new: Table) -> TableDifference:
    columns = (*new.columns, *(column for column in old.columns if column not in new.columns))
    return TableDifference(name, new.title or old.title, columns, tuple(_row_changes(old.rows, new.rows)))


def _row_changes(old: Mapping[str, tuple[str, Cells]], new: Mapping[str, tuple[str, Cells]]) -> Iterator[RowChange]:
    before, after = _positions(old), _positions(new)
    moved = _moved([row for row in old if row in new], [row for row in new if row in old])
    for row, (title, cells) in new.items():
        known = old[row][1] if row in old else {}
        changes = tuple(_changes(known, cells))
        if row not in old or changes or row in moved:
            kind: Kind = "added" if row not in old else "changed" if changes else "moved"
            yield RowChange(kind, row, title, before.get(row), after[row], changes)
    for row, (title, cells) in old.items():
        if row not in new:
            yield RowChange("removed", row, title, before[row], None, tuple(_changes(cells, {})))


def _changes(old: Cells, new: Cells) -> Iterator[Change]:
    for name in dict.fromkeys((*new, *old)):
        if old.get(name, "") != new.get(name, ""):
            yield Change(name, old.get(name, ""), new.get(name, ""))


def _positions(rows: Mapping[str, Any]) -> dict[str, int]:
    return {row: number for number, row in enumerate(rows, start=1)}


def _moved(old: Sequence[str], new: Sequence[str]) -> set[str]:
    """Rows whose order among the common ones changed: the fewest that explain it."""
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    stayed = {old[place] for block in matcher.get_matching_blocks() for place in range(block.a, block.a + block.size)}
    return set(old) - stayed


def _decisions(content: bytes) -> dict[str, Table]:
    root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True))
    return {str(element.get("id")): _decision(element) for element in root.iter("{*}decision")}


def _decision(element: Any) -> Table:
    rows: dict[str, tuple[str, Cells]] = {}
    table = element.find("{*}decisionTable")
    settings = {f"{_local(child)} {name}": value for child in element.iter() for name, value in _settings(child)}
    rows[""] = ("", settings)
    if table is None:
        return Table(str(element.get("name", "")), (), rows)
    columns = [_heading(column) for column in (*table.findall("{*}input"), *table.findall("{*}output"), *table.findall("{*}annotation"))]
    for rule in table.findall("{*}rule"):
        entries = [child for child in rule if _local(child) in ("inputEntry", "outputEntry", "annotationEntry")]
        cells = {column: _text(entry) for column, entry in zip(columns, entries, strict=False)}
        rows[str(rule.get("id"))] = (_text(rule.find("{*}description")), {**cells, "description": _text(rule.find("{*}description"))})
    return Table(str(element.get("name", "")), tuple(columns), rows)


def _settings(element: Any) -> Iterator[tuple[str, str]]:
    """What a decision says outside of its rules: hit policy, columns, literal expressions, what it requires."""
    if any(_local(above) == "rule" for above in (element, *element.iterancestors())):
        return
    label = str(element.get("label") or element.get("id") or "")
    for name, value in element.attrib.items():
        if name not in ("id", "label"):
            yield f"{label} {etree.QName(name).localname}".strip(), str(value)
    if _local(element) == "text":
        yield str(element.getparent().get("id") or _local(element.getparent())), (element.text or "").strip()


def _heading(column: Any) -> str:
    return str(column.get("label") or column.get("name") or _text(column.find("{*}inputExpression")) or column.get("id"))


def _form(content: bytes) -> Table:
    schema = json.loads(content)
    settings = {name: _shown(value) for name, value in _flat(schema) if not name.startswith("components")}
    rows: dict[str, tuple[str, Cells]] = {"": ("", settings)}
    for component in _components(schema):
        key = str(component.get("key") or component.get("path") or component.get("id"))
        plain = {name: _shown(value) for name, value in _flat({k: v for k, v in component.items() if k != "components"})}
        rows[key] = (str(component.get("label") or component.get("text", "")), plain)
    return Table(str(schema.get("id", "")), (), rows)


def _components(part: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for component in part.get("components", []):
        yield component
        yield from _components(component)


def _flat(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _flat(item, f"{name}.{key}" if name else str(key))
    else:
        yield name, value


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _csv(file: str, content: bytes) -> Table:
    shape = reference.SHAPES.get(PurePath(file).name)
    reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    names = tuple(reader.fieldnames or ())
    key = shape.key if shape else names[:1]
    rows: dict[str, tuple[str, Cells]] = {}
    for row in reader:
        known_by = " ".join(row.get(name) or "" for name in key)
        later = f"{known_by} {row.get(validity.BEGIN) or ''}".strip()  # rows of a key that hold in turn are told apart by their first day
        rows[later if known_by in rows else known_by] = ("", {name: text or "" for name, text in row.items() if name})
    return Table(shape.title if shape else "", names, rows)


def _text(element: Any) -> str:
    return "".join(element.itertext()).strip() if element is not None else ""


def _local(element: Any) -> str:
    return str(etree.QName(element).localname) if isinstance(element.tag, str) else ""

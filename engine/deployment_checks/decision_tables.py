"""Decision tables as they are written: columns, rows, hit policy. Judges nothing, evaluates nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from engine.bpmn.source import line_of

_Element = etree._Element


@dataclass(frozen=True)
class Column:
    """One input: what it is called, its declared type, and the text of the values it may have (empty: any)."""

    label: str
    type: str | None
    allowed: str


@dataclass(frozen=True)
class Row:
    """One rule with the texts of its cells."""

    id: str
    line: int | None
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """One decision table. ``priorities``: by output column the texts in order of their priority."""

    decision: str
    name: str
    line: int | None
    hit_policy: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    has_default: bool
    priorities: tuple[tuple[str, ...], ...]


def tables_in(content: bytes) -> Iterator[Table]:
    """The tables of a DMN file that was read without fault."""
    root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True))
    for decision in root.iter("{*}decision"):
        for table in decision.findall("{*}decisionTable"):
            yield _table(decision, table)


def _table(decision: _Element, table: _Element) -> Table:
    outputs = table.findall("{*}output")
    return Table(
        decision=decision.get("id", ""),
        name=decision.get("name", ""),
        line=line_of(table),
        hit_policy=table.get("hitPolicy", "UNIQUE"),
        columns=tuple(_column(column) for column in table.findall("{*}input")),
        rows=tuple(_row(rule, number) for number, rule in enumerate(table.findall("{*}rule"), 1)),
        has_default=bool(outputs) and all(_text(output, "defaultOutputEntry") for output in outputs),
        priorities=tuple(_ordered(_text(output, "outputValues")) for output in outputs),
    )


def _column(column: _Element) -> Column:
    expression = column.find("{*}inputExpression")
    written = _text(column, "inputExpression")
    kind = expression.get("typeRef") if expression is not None else None
    return Column(column.get("label") or written or str(column.get("id", "")), kind, _text(column, "inputValues"))


def _row(rule: _Element, number: int) -> Row:
    cells = {kind: tuple(_text_of(entry) for entry in rule.findall(f"{{*}}{kind}Entry")) for kind in ("input", "output")}
    return Row(rule.get("id") or str(number), line_of(rule), cells["input"], cells["output"])


def _ordered(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _text(element: _Element, name: str) -> str:
    return _text_of(element.find(f"{{*}}{name}"))


def _text_of(element: _Element | None) -> str:
    text = element.find("{*}text") if element is not None else None
    return (text.text or "").strip() if text is not None else ""

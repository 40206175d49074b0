"""Decision tables of a DMN file: columns, rules, cells. Every cell is FEEL text; nothing nests."""

from __future__ import annotations

import re
from collections import Counter

from lxml import etree

from engine.feel.dmn_reading import Node, Reading, kid, kids, text_of, type_of
from engine.feel.dmn_source import line_of

_HIT_POLICIES = ("UNIQUE", "ANY", "PRIORITY", "FIRST", "RULE ORDER", "OUTPUT ORDER", "COLLECT")
_AGGREGATIONS = ("SUM", "MIN", "MAX", "COUNT")

_TEXTS = re.compile(r'"[^"\\]*"(\s*,\s*"[^"\\]*")*')
_NUMBERS = re.compile(r"-?\d+(\.\d+)?(\s*,\s*-?\d+(\.\d+)?)*")


def read_table(reading: Reading, element: etree._Element, place: str) -> Node:
    policy, aggregation = _policy(reading, element)
    inputs = [_table_input(reading, column, number) for number, column in enumerate(kids(element, "input"), 1)]
    outputs = [_table_output(reading, column, number) for number, column in enumerate(kids(element, "output"), 1)]
    if not outputs:
        reading.find(element, "dmn.rule_entries/no_output")
    if policy in ("PRIORITY", "OUTPUT ORDER") and outputs and not any((output["values"] or "").strip() for output in outputs):
        reading.find(element, "dmn.no_priority", policy=policy)
    for name, count in Counter(output["name"] or output["label"] for output in outputs).items():
        if count > 1:
            reading.find(element, "dmn.duplicate_output", count=count, name=name or "")
    rules = [_rule(reading, rule, number, inputs, outputs) for number, rule in enumerate(kids(element, "rule"), 1)]
    columns = {"inputs": inputs, "outputs": outputs, "rules": rules}
    return {"kind": "table", "name": place, "hitPolicy": policy, "aggregation": aggregation, **columns}


def _policy(reading: Reading, element: etree._Element) -> tuple[str, str | None]:
    policy, aggregation = element.get("hitPolicy") or "UNIQUE", element.get("aggregation")
    if policy not in _HIT_POLICIES:
        reading.find(element, "dmn.hit_policy", policy=policy, known=", ".join(_HIT_POLICIES))
    if aggregation and (aggregation not in _AGGREGATIONS or policy != "COLLECT"):
        reading.find(element, "dmn.aggregation", aggregation=aggregation, policy=policy)
    return policy, aggregation


def _table_input(reading: Reading, element: etree._Element, number: int) -> Node:
    expression = kid(element, "inputExpression")
    label = element.get("label") or (text_of(expression) or "").strip()
    text = reading.feel("e", expression, reading.place("input", number=number, label=label))
    if not (text or "").strip():
        reading.find(element, "dmn.no_input", number=number, label=label)
    values = reading.feel("u", kid(element, "inputValues"), reading.place("input values", number=number, label=label))
    return {"text": text, "label": label, "type": type_of(expression), "values": values}


def _table_output(reading: Reading, element: etree._Element, number: int) -> Node:
    name = element.get("name") or element.get("label") or ""
    reading.names.add(name)
    return {
        "name": element.get("name"), "label": element.get("label"), "type": type_of(element),
        "values": reading.feel("u", kid(element, "outputValues"), reading.place("output values", number=number, label=name)),
        "default": reading.feel("e", kid(element, "defaultOutputEntry"), reading.place("default", number=number, label=name)),
    }  # fmt: skip


def _rule(reading: Reading, element: etree._Element, number: int, inputs: list[Node], outputs: list[Node]) -> Node:
    identity = element.get("id") or f"rule_{number}"
    decision, reading.owner = reading.owner, (identity, reading.owner[1])
    entries, results = kids(element, "inputEntry"), kids(element, "outputEntry")
    for found, expected, side in ((entries, inputs, "inputs"), (results, outputs, "outputs")):
        if len(found) != len(expected):
            reading.find(element, f"dmn.rule_entries/{side}", rule=identity, row=number, found=len(found), expected=len(expected))
    note = text_of(kid(element, "annotationEntry")) or _plain_text(kid(element, "description"))
    at = {"rule": identity, "row": number}
    for cell, column in zip(entries, inputs, strict=False):
        _require_comparable(reading, element, text_of(cell) or "", column, reading.place("rule", **at))
    rule = {
        "id": identity, "line": line_of(element), "description": (note or "").strip(),
        "inputs": [reading.feel("u", cell, _cell(reading, "input cell", inputs, n, at)) for n, cell in enumerate(entries, 1)],
        "outputs": [reading.feel("e", cell, _cell(reading, "output cell", outputs, n, at)) for n, cell in enumerate(results, 1)],
    }  # fmt: skip
    reading.owner = decision
    return rule


def _require_comparable(reading: Reading, rule: etree._Element, cell: str, column: Node, place: str) -> None:
    """A column of numbers never equals a text, nor a column of texts a number: such a cell is never hit."""
    other = {"string": _NUMBERS, "number": _TEXTS, "integer": _TEXTS, "long": _TEXTS, "double": _TEXTS}.get(column["type"])
    if other and other.fullmatch(cell.strip()):
        key = "dmn.cell_type/text" if other is _NUMBERS else "dmn.cell_type/number"
        reading.find(rule, key, place=place, cell=cell.strip(), label=column["label"])


def _cell(reading: Reading, key: str, columns: list[Node], number: int, at: Node) -> str:
    return reading.place(key, number=number, label=_label(columns, number), **at)


def _label(columns: list[Node], number: int) -> str:
    return (columns[number - 1].get("label") or columns[number - 1].get("name") or "") if number <= len(columns) else ""


def _plain_text(element: etree._Element | None) -> str | None:
    return None if element is None else element.text

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
        reading.find(element, "dmn.rule_entries", "决策表没有输出列。", "请至少加一列输出。")
    for name, count in Counter(output["name"] or output["label"] for output in outputs).items():
        if count > 1:
            reading.find(element, "dmn.duplicate_output", f"有 {count} 列输出都叫“{name or ''}”。", "请给每列输出不同的名称。")
    rules = [_rule(reading, rule, number, inputs, outputs) for number, rule in enumerate(kids(element, "rule"), 1)]
    columns = {"inputs": inputs, "outputs": outputs, "rules": rules}
    return {"kind": "table", "name": place, "hitPolicy": policy, "aggregation": aggregation, **columns}


def _policy(reading: Reading, element: etree._Element) -> tuple[str, str | None]:
    policy, aggregation = element.get("hitPolicy") or "UNIQUE", element.get("aggregation")
    if policy not in _HIT_POLICIES:
        reading.find(element, "dmn.hit_policy", f"不认识命中策略“{policy}”。", f"请改为其中之一：{'、'.join(_HIT_POLICIES)}。")
    if aggregation and (aggregation not in _AGGREGATIONS or policy != "COLLECT"):
        message = f"汇总方式“{aggregation}”不能用于命中策略 {policy}。"
        reading.find(element, "dmn.aggregation", message, "汇总（SUM、MIN、MAX、COUNT）只用于 COLLECT。")
    return policy, aggregation


def _table_input(reading: Reading, element: etree._Element, number: int) -> Node:
    expression = kid(element, "inputExpression")
    label = element.get("label") or (text_of(expression) or "").strip()
    text = reading.feel("e", expression, f"第 {number} 列输入“{label}”的表达式")
    if not (text or "").strip():
        reading.find(element, "dmn.no_input", f"第 {number} 列输入“{label}”没有表达式。", "请写明这一列取哪个变量。")
    values = reading.feel("u", kid(element, "inputValues"), f"第 {number} 列输入“{label}”的允许值")
    return {"text": text, "label": label, "type": type_of(expression), "values": values}


def _table_output(reading: Reading, element: etree._Element, number: int) -> Node:
    name = element.get("name") or element.get("label") or ""
    reading.names.add(name)
    return {
        "name": element.get("name"), "label": element.get("label"), "type": type_of(element),
        "values": reading.feel("u", kid(element, "outputValues"), f"第 {number} 列输出“{name}”的输出值"),
        "default": reading.feel("e", kid(element, "defaultOutputEntry"), f"第 {number} 列输出“{name}”的默认值"),
    }  # fmt: skip


def _rule(reading: Reading, element: etree._Element, number: int, inputs: list[Node], outputs: list[Node]) -> Node:
    identity = element.get("id") or f"rule_{number}"
    decision, reading.owner = reading.owner, (identity, reading.owner[1])
    entries, results = kids(element, "inputEntry"), kids(element, "outputEntry")
    for found, expected, word in ((entries, inputs, "输入"), (results, outputs, "输出")):
        if len(found) != len(expected):
            message = f"规则 {identity}（第 {number} 行）有 {len(found)} 格{word}，应为 {len(expected)} 格。"
            reading.find(element, "dmn.rule_entries", message, "请补齐或删去多余的格。")
    note = text_of(kid(element, "annotationEntry")) or _plain_text(kid(element, "description"))
    at = f"规则 {identity}（第 {number} 行）"
    for cell, column in zip(entries, inputs, strict=False):
        _require_comparable(reading, element, text_of(cell) or "", column, at)
    rule = {
        "id": identity, "line": line_of(element), "description": (note or "").strip(),
        "inputs": [reading.feel("u", cell, f"{at}第 {n} 列输入“{_label(inputs, n)}”") for n, cell in enumerate(entries, 1)],
        "outputs": [reading.feel("e", cell, f"{at}第 {n} 列输出“{_label(outputs, n)}”") for n, cell in enumerate(results, 1)],
    }  # fmt: skip
    reading.owner = decision
    return rule


def _require_comparable(reading: Reading, rule: etree._Element, cell: str, column: Node, place: str) -> None:
    """A column of numbers never equals a text, nor a column of texts a number: such a cell is never hit."""
    other = {"string": _NUMBERS, "number": _TEXTS, "integer": _TEXTS, "long": _TEXTS, "double": _TEXTS}.get(column["type"])
    if other and other.fullmatch(cell.strip()):
        is_text = other is _NUMBERS
        message = f"{place}的“{cell.strip()}”不会命中：输入“{column['label']}”是{'文本' if is_text else '数字'}。"
        remedy = '文本要用英文双引号括起，例如 "5"。' if is_text else "数字不用引号，例如 5。"
        reading.find(rule, "dmn.cell_type", message, remedy)


def _label(columns: list[Node], number: int) -> str:
    return (columns[number - 1].get("label") or columns[number - 1].get("name") or "") if number <= len(columns) else ""


def _plain_text(element: etree._Element | None) -> str | None:
    return None if element is None else element.text

"""Turns DMN elements into the plain model that the realm decides with. Notes every FEEL text and every fault it meets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from lxml import etree

from engine.errors import Finding
from engine.feel.dmn_source import line_of, local_name

Node = dict[str, Any]

_LOGIC = (
    "literalExpression", "decisionTable", "context", "invocation", "relation", "list", "functionDefinition",
    "conditional", "filter", "for", "some", "every",
)  # fmt: skip
_HIT_POLICIES = ("UNIQUE", "ANY", "PRIORITY", "FIRST", "RULE ORDER", "OUTPUT ORDER", "COLLECT")
_AGGREGATIONS = ("SUM", "MIN", "MAX", "COUNT")


@dataclass(frozen=True)
class Cell:
    """One FEEL text: kind ``e`` (expression) or ``u`` (unary tests), and where it stands."""

    kind: Literal["e", "u"]
    text: str
    element_id: str | None
    element_name: str | None
    line: int | None
    place: str


@dataclass
class Reading:
    """What one pass over a file has gathered."""

    file: str
    nodes: dict[str, Node] = field(default_factory=dict)
    types: dict[str, Node] = field(default_factory=dict)
    cells: list[Cell] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    owner: tuple[str | None, str | None] = (None, None)

    def find(self, element: etree._Element, code: str, message: str, remedy: str) -> None:
        """Note a fault at ``element``; an element without an id is named by the decision around it."""
        identity = element.get("id") or self.owner[0]
        self.findings.append(Finding(self.file, line_of(element), identity, element.get("name") or self.owner[1], code, message, remedy))

    def feel(self, kind: Literal["e", "u"], element: etree._Element | None, place: str) -> str | None:
        """The FEEL text in ``element``, noted for the syntax check."""
        text = text_of(element)
        if element is not None and text and text.strip() and text.strip() != "-":
            self.cells.append(Cell(kind, text.strip(), *self.owner, line_of(element), place))
            self._require_feel(element)
        return text

    def _require_feel(self, element: etree._Element) -> None:
        language = element.get("expressionLanguage") or ""
        if language and "feel" not in language.lower():
            self.find(element, "dmn.language", f"表达式语言是“{language}”，这里只支持 FEEL。", "请把表达式语言改为 FEEL，并改写表达式。")


def read_model(root: etree._Element, file: str) -> Reading:
    """Every node and type of the model; faults are in ``findings``."""
    reading = Reading(file)
    for element in _elements(root):
        match local_name(element):
            case "import":
                reading.find(element, "dmn.import", "文件引用了别的 DMN 文件，这里不支持。", "请把需要的决策复制到这个文件。")
            case "itemDefinition":
                reading.types[element.get("name") or ""] = _item(reading, element)
            case "inputData":
                _add(reading, element, {"kind": "input"})
            case "decision":
                _add(reading, element, _decision(reading, element))
            case "businessKnowledgeModel":
                _add(reading, element, _knowledge(reading, element))
            case "decisionService":
                _add(reading, element, _service(element))
    return reading


def text_of(element: etree._Element | None) -> str | None:
    """The content of the element's ``text`` child; None without one."""
    child = None if element is None else _kid(element, "text")
    return None if child is None else "".join(str(part) for part in child.itertext())


def type_of(element: etree._Element | None) -> str | None:
    """The type an element refers to, without the prefix of FEEL's own types."""
    if element is None:
        return None
    child = _kid(element, "typeRef")
    name = element.get("typeRef") or (child.text if child is not None else None) or ""
    name = name.strip()
    if name.startswith("{"):
        name = name.partition("}")[2]
    prefix, colon, rest = name.partition(":")
    return (rest if colon and prefix in ("feel", "kie", "triso") else name) or None


def _elements(parent: etree._Element) -> list[etree._Element]:
    return [child for child in parent if isinstance(child.tag, str)]


def _kids(parent: etree._Element, *names: str) -> list[etree._Element]:
    return [child for child in _elements(parent) if local_name(child) in names]


def _kid(parent: etree._Element | None, *names: str) -> etree._Element | None:
    found = _kids(parent, *names) if parent is not None else []
    return found[0] if found else None


def _add(reading: Reading, element: etree._Element, node: Node) -> None:
    identity = element.get("id") or element.get("name") or ""
    variable = _kid(element, "variable")
    name = variable.get("name") if variable is not None and variable.get("name") else element.get("name")
    reading.names.add(name or "")
    reading.nodes[identity] = {
        **node, "id": identity, "name": element.get("name") or identity, "variable": name or identity,
        "type": type_of(variable), "line": line_of(element),
    }  # fmt: skip


def _references(element: etree._Element, requirement: str, required: str) -> list[str]:
    found = [child for outer in _kids(element, requirement) for child in _kids(outer, required)]
    return [_href(child) for child in found]


def _href(element: etree._Element) -> str:
    return (element.get("href") or "").rpartition("#")[2]


def _requirements(element: etree._Element) -> Node:
    return {
        "inputs": _references(element, "informationRequirement", "requiredInput"),
        "decisions": _references(element, "informationRequirement", "requiredDecision"),
        "knowledge": _references(element, "knowledgeRequirement", "requiredKnowledge"),
    }


def _decision(reading: Reading, element: etree._Element) -> Node:
    reading.owner = (element.get("id"), element.get("name"))
    logic = _kid(element, *_LOGIC)
    if logic is None:
        reading.find(element, "dmn.no_logic", "决策没有内容（没有决策表，也没有表达式）。", "请为它画一张决策表，或删去这个决策。")
    return {"kind": "decision", **_requirements(element), "expression": _expression(reading, logic, element.get("name") or "")}


def _knowledge(reading: Reading, element: etree._Element) -> Node:
    reading.owner = (element.get("id"), element.get("name"))
    logic = _kid(element, "encapsulatedLogic")
    function = None if logic is None else _function(reading, logic, element.get("name") or "")
    return {"kind": "knowledge", **_requirements(element), "function": function}


def _service(element: etree._Element) -> Node:
    lists = {"outputDecisions": "outputDecision", "inputDecisions": "inputDecision", "inputData": "inputData"}
    return {"kind": "service", **{key: [_href(child) for child in _kids(element, name)] for key, name in lists.items()}}


def _item(reading: Reading, element: etree._Element) -> Node:
    name = element.get("name") or ""
    reading.names.add(name)
    return {
        "name": name, "type": type_of(element), "isCollection": element.get("isCollection") == "true",
        "allowed": reading.feel("u", _kid(element, "allowedValues"), f"类型“{name}”的允许值"),
        "constraint": reading.feel("u", _kid(element, "typeConstraint"), f"类型“{name}”的约束"),
        "isFunction": _kid(element, "functionItem") is not None,
        "components": [_item(reading, child) for child in _kids(element, "itemComponent")],
    }  # fmt: skip


def _expression(reading: Reading, element: etree._Element | None, place: str) -> Node | None:
    if element is None:
        return None
    return {**_KINDS[local_name(element)](reading, element, place), "type": type_of(element)}


def _inner(reading: Reading, parent: etree._Element | None, place: str) -> Node | None:
    return _expression(reading, _kid(parent, *_LOGIC), place)


def _literal(reading: Reading, element: etree._Element, place: str) -> Node:
    return {"kind": "literal", "text": reading.feel("e", element, f"“{place}”的表达式")}


def _context(reading: Reading, element: etree._Element, place: str) -> Node:
    entries = []
    for entry in _kids(element, "contextEntry"):
        variable = _kid(entry, "variable")
        name = None if variable is None else variable.get("name")
        reading.names.add(name or "")
        entries.append({"name": name, "type": type_of(variable), "expression": _inner(reading, entry, f"{place}.{name or '结果'}")})
    return {"kind": "context", "entries": entries}


def _function(reading: Reading, element: etree._Element, place: str) -> Node:
    if (element.get("kind") or "FEEL") != "FEEL":
        reading.find(element, "dmn.language", "函数不是用 FEEL 写的。", "请用 FEEL 改写这个函数。")
    parameters = [{"name": child.get("name") or "", "type": type_of(child)} for child in _kids(element, "formalParameter")]
    reading.names.update(parameter["name"] or "" for parameter in parameters)
    return {"kind": "function", "parameters": parameters, "body": _inner(reading, element, place), "type": type_of(element)}


def _invocation(reading: Reading, element: etree._Element, place: str) -> Node:
    bindings = []
    for binding in _kids(element, "binding"):
        parameter = _kid(binding, "parameter")
        name = "" if parameter is None else parameter.get("name") or ""
        bindings.append({"name": name, "type": type_of(parameter), "expression": _inner(reading, binding, f"{place}（参数 {name}）")})
    return {"kind": "invocation", "target": _inner(reading, element, place), "bindings": bindings}


def _relation(reading: Reading, element: etree._Element, place: str) -> Node:
    columns = [column.get("name") or "" for column in _kids(element, "column")]
    reading.names.update(columns)
    rows = [[_expression(reading, cell, place) for cell in _kids(row, *_LOGIC)] for row in _kids(element, "row")]
    for number, row in enumerate(rows, 1):
        if len(row) != len(columns):
            message = f"关系表第 {number} 行有 {len(row)} 格，应为 {len(columns)} 格。"
            reading.find(element, "dmn.rule_entries", message, "请补齐或删去多余的格。")
    return {"kind": "relation", "columns": columns, "rows": rows}


def _list(reading: Reading, element: etree._Element, place: str) -> Node:
    return {"kind": "list", "items": [_expression(reading, item, place) for item in _kids(element, *_LOGIC)]}


def _conditional(reading: Reading, element: etree._Element, place: str) -> Node:
    return {"kind": "conditional", **{part: _inner(reading, _kid(element, part), place) for part in ("if", "then", "else")}}


def _filter(reading: Reading, element: etree._Element, place: str) -> Node:
    source, match = (_inner(reading, _kid(element, part), place) for part in ("in", "match"))
    return {"kind": "filter", "source": source, "match": match}


def _iteration(reading: Reading, element: etree._Element, place: str) -> Node:
    variable = element.get("iteratorVariable") or ""
    reading.names.add(variable)
    body = _inner(reading, _kid(element, "return", "satisfies"), place)
    return {"kind": local_name(element), "variable": variable, "source": _inner(reading, _kid(element, "in"), place), "body": body}


def _table(reading: Reading, element: etree._Element, place: str) -> Node:
    policy, aggregation = _policy(reading, element)
    inputs = [_table_input(reading, column, number) for number, column in enumerate(_kids(element, "input"), 1)]
    outputs = [_table_output(reading, column, number) for number, column in enumerate(_kids(element, "output"), 1)]
    if not outputs:
        reading.find(element, "dmn.rule_entries", "决策表没有输出列。", "请至少加一列输出。")
    rules = [_rule(reading, rule, number, inputs, outputs) for number, rule in enumerate(_kids(element, "rule"), 1)]
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
    expression = _kid(element, "inputExpression")
    label = element.get("label") or (text_of(expression) or "").strip()
    text = reading.feel("e", expression, f"第 {number} 列输入“{label}”的表达式")
    if not (text or "").strip():
        reading.find(element, "dmn.no_input", f"第 {number} 列输入“{label}”没有表达式。", "请写明这一列取哪个变量。")
    values = reading.feel("u", _kid(element, "inputValues"), f"第 {number} 列输入“{label}”的允许值")
    return {"text": text, "label": label, "type": type_of(expression), "values": values}


def _table_output(reading: Reading, element: etree._Element, number: int) -> Node:
    name = element.get("name") or element.get("label") or ""
    reading.names.add(name)
    return {
        "name": element.get("name"), "label": element.get("label"), "type": type_of(element),
        "values": reading.feel("u", _kid(element, "outputValues"), f"第 {number} 列输出“{name}”的输出值"),
        "default": reading.feel("e", _kid(element, "defaultOutputEntry"), f"第 {number} 列输出“{name}”的默认值"),
    }  # fmt: skip


def _rule(reading: Reading, element: etree._Element, number: int, inputs: list[Node], outputs: list[Node]) -> Node:
    identity = element.get("id") or f"rule_{number}"
    decision, reading.owner = reading.owner, (identity, reading.owner[1])
    entries, results = _kids(element, "inputEntry"), _kids(element, "outputEntry")
    for found, expected, word in ((entries, inputs, "输入"), (results, outputs, "输出")):
        if len(found) != len(expected):
            message = f"规则 {identity}（第 {number} 行）有 {len(found)} 格{word}，应为 {len(expected)} 格。"
            reading.find(element, "dmn.rule_entries", message, "请补齐或删去多余的格。")
    note = text_of(_kid(element, "annotationEntry")) or _plain_text(_kid(element, "description"))
    at = f"规则 {identity}（第 {number} 行）"
    rule = {
        "id": identity, "line": line_of(element), "description": (note or "").strip(),
        "inputs": [reading.feel("u", cell, f"{at}第 {n} 列输入“{_label(inputs, n)}”") for n, cell in enumerate(entries, 1)],
        "outputs": [reading.feel("e", cell, f"{at}第 {n} 列输出“{_label(outputs, n)}”") for n, cell in enumerate(results, 1)],
    }  # fmt: skip
    reading.owner = decision
    return rule


def _label(columns: list[Node], number: int) -> str:
    return (columns[number - 1].get("label") or columns[number - 1].get("name") or "") if number <= len(columns) else ""


def _plain_text(element: etree._Element | None) -> str | None:
    return None if element is None else element.text


_KINDS: dict[str, Callable[[Reading, etree._Element, str], Node]] = {
    "literalExpression": _literal, "decisionTable": _table, "context": _context, "invocation": _invocation, "relation": _relation,
    "list": _list, "functionDefinition": _function, "conditional": _conditional, "filter": _filter,
    "for": _iteration, "some": _iteration, "every": _iteration,
}  # fmt: skip

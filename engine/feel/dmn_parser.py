"""Turns DMN elements into the plain model that the realm decides with. Notes every FEEL text and every fault it meets."""

from __future__ import annotations

from collections.abc import Callable

from lxml import etree

from engine.feel.dmn_reading import Node, Reading, elements, kid, kids, type_of
from engine.feel.dmn_source import line_of, local_name
from engine.feel.dmn_tables import read_table
from engine.feel.sentences import Language

_LOGIC = (
    "literalExpression", "decisionTable", "context", "invocation", "relation", "list", "functionDefinition",
    "conditional", "filter", "for", "some", "every",
)  # fmt: skip


def read_model(root: etree._Element, file: str, language: Language = "zh") -> Reading:
    """Every node and type of the model; faults are in ``findings``."""
    reading = Reading(file, language)
    for element in elements(root):
        match local_name(element):
            case "import":
                reading.find(element, "dmn.import")
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


def _add(reading: Reading, element: etree._Element, node: Node) -> None:
    identity = element.get("id") or element.get("name") or ""
    variable = kid(element, "variable")
    name = variable.get("name") if variable is not None and variable.get("name") else element.get("name")
    reading.names.add(name or "")
    reading.nodes[identity] = {
        **node, "id": identity, "name": element.get("name") or identity, "variable": name or identity,
        "type": type_of(variable), "line": line_of(element),
    }  # fmt: skip


def _references(element: etree._Element, requirement: str, required: str) -> list[str]:
    found = [child for outer in kids(element, requirement) for child in kids(outer, required)]
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
    logic = kid(element, *_LOGIC)
    if logic is None:
        reading.find(element, "dmn.no_logic")
    return {"kind": "decision", **_requirements(element), "expression": _expression(reading, logic, element.get("name") or "")}


def _knowledge(reading: Reading, element: etree._Element) -> Node:
    reading.owner = (element.get("id"), element.get("name"))
    logic = kid(element, "encapsulatedLogic")
    function = None if logic is None else _function(reading, logic, element.get("name") or "")
    return {"kind": "knowledge", **_requirements(element), "function": function}


def _service(element: etree._Element) -> Node:
    lists = {"outputDecisions": "outputDecision", "inputDecisions": "inputDecision", "inputData": "inputData"}
    return {"kind": "service", **{key: [_href(child) for child in kids(element, name)] for key, name in lists.items()}}


def _item(reading: Reading, element: etree._Element) -> Node:
    name = element.get("name") or ""
    reading.names.add(name)
    return {
        "name": name, "type": type_of(element), "isCollection": element.get("isCollection") == "true",
        "allowed": reading.feel("u", kid(element, "allowedValues"), reading.place("allowed", name=name)),
        "constraint": reading.feel("u", kid(element, "typeConstraint"), reading.place("constraint", name=name)),
        "isFunction": kid(element, "functionItem") is not None,
        "components": [_item(reading, child) for child in kids(element, "itemComponent")],
    }  # fmt: skip


def _expression(reading: Reading, element: etree._Element | None, place: str) -> Node | None:
    if element is None:
        return None
    return {**_KINDS[local_name(element)](reading, element, place), "type": type_of(element)}


def _inner(reading: Reading, parent: etree._Element | None, place: str) -> Node | None:
    return _expression(reading, kid(parent, *_LOGIC), place)


def _literal(reading: Reading, element: etree._Element, place: str) -> Node:
    return {"kind": "literal", "text": reading.feel("e", element, reading.place("expression", name=place))}


def _context(reading: Reading, element: etree._Element, place: str) -> Node:
    entries = []
    for entry in kids(element, "contextEntry"):
        variable = kid(entry, "variable")
        name = None if variable is None else variable.get("name")
        reading.names.add(name or "")
        inner = _inner(reading, entry, f"{place}.{name or reading.place('result')}")
        entries.append({"name": name, "type": type_of(variable), "expression": inner})
    return {"kind": "context", "entries": entries}


def _function(reading: Reading, element: etree._Element, place: str) -> Node:
    if (element.get("kind") or "FEEL") != "FEEL":
        reading.find(element, "dmn.language/function")
    parameters = [{"name": child.get("name") or "", "type": type_of(child)} for child in kids(element, "formalParameter")]
    reading.names.update(parameter["name"] or "" for parameter in parameters)
    return {"kind": "function", "parameters": parameters, "body": _inner(reading, element, place), "type": type_of(element)}


def _invocation(reading: Reading, element: etree._Element, place: str) -> Node:
    bindings = []
    for binding in kids(element, "binding"):
        parameter = kid(binding, "parameter")
        name = "" if parameter is None else parameter.get("name") or ""
        inner = _inner(reading, binding, reading.place("parameter", place=place, name=name))
        bindings.append({"name": name, "type": type_of(parameter), "expression": inner})
    return {"kind": "invocation", "target": _inner(reading, element, place), "bindings": bindings}


def _relation(reading: Reading, element: etree._Element, place: str) -> Node:
    columns = [column.get("name") or "" for column in kids(element, "column")]
    reading.names.update(columns)
    rows = [[_expression(reading, cell, place) for cell in kids(row, *_LOGIC)] for row in kids(element, "row")]
    for number, row in enumerate(rows, 1):
        if len(row) != len(columns):
            reading.find(element, "dmn.rule_entries/relation", row=number, found=len(row), expected=len(columns))
    return {"kind": "relation", "columns": columns, "rows": rows}


def _list(reading: Reading, element: etree._Element, place: str) -> Node:
    return {"kind": "list", "items": [_expression(reading, item, place) for item in kids(element, *_LOGIC)]}


def _conditional(reading: Reading, element: etree._Element, place: str) -> Node:
    return {"kind": "conditional", **{part: _inner(reading, kid(element, part), place) for part in ("if", "then", "else")}}


def _filter(reading: Reading, element: etree._Element, place: str) -> Node:
    source, match = (_inner(reading, kid(element, part), place) for part in ("in", "match"))
    return {"kind": "filter", "source": source, "match": match}


def _iteration(reading: Reading, element: etree._Element, place: str) -> Node:
    variable = element.get("iteratorVariable") or ""
    reading.names.add(variable)
    body = _inner(reading, kid(element, "return", "satisfies"), place)
    return {"kind": local_name(element), "variable": variable, "source": _inner(reading, kid(element, "in"), place), "body": body}


_KINDS: dict[str, Callable[[Reading, etree._Element, str], Node]] = {
    "literalExpression": _literal, "decisionTable": read_table, "context": _context, "invocation": _invocation, "relation": _relation,
    "list": _list, "functionDefinition": _function, "conditional": _conditional, "filter": _filter,
    "for": _iteration, "some": _iteration, "every": _iteration,
}  # fmt: skip

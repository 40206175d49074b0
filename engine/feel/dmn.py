"""Checks a DMN file and makes a DecisionModel of it. Reports every fault at once; evaluates nothing."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Literal

from lxml import etree

from engine.errors import Finding
from engine.feel.decisions import DecisionInfo, DecisionModel, RuleInfo
from engine.feel.dmn_parser import read_model
from engine.feel.dmn_reading import Node, Reading
from engine.feel.dmn_source import line_of, read_definitions
from engine.feel.file_texts import finding, refuse_all
from engine.feel.sentences import Language

#: Finds syntax problems: (kind, text, names in the model) → sentences.
Check = Callable[[Literal["e", "u"], str, frozenset[str]], list[str]]

_BUILT_IN = frozenset({
    "string", "number", "integer", "long", "double", "boolean", "date", "time", "dateTime", "dayTimeDuration", "yearMonthDuration",
    "Any", "any", "context", "list", "function", "date and time", "days and time duration", "years and months duration",
})  # fmt: skip
#: Each distinct FEEL text is parsed at deployment (about 2 ms); a table written by people has some hundreds.
MAX_TEXTS = 5_000

_REQUIRES = ("inputs", "decisions", "knowledge", "outputDecisions", "inputDecisions", "inputData")
_WORD = re.compile(r"[^\W\d]\w*")


def parse(source: bytes, file: str, limit: int, check: Check, language: Language = "zh") -> DecisionModel:
    """The model in ``source`` (at most ``limit`` bytes); InvalidDefinition with all findings when something needs mending."""
    root = read_definitions(source, file, limit, language)
    reading = read_model(root, file, language)
    findings = [*reading.findings, *_duplicates(root, reading), *_missing(reading), *_unknown_types(reading), *_cycles(reading)]
    findings += _syntax(reading, check)
    if not any(node["kind"] == "decision" for node in reading.nodes.values()):
        identity, name = root.get("id"), root.get("name")
        findings.append(finding(file, line_of(root), identity, name, "dmn.no_decision", language, {}))
    if findings:
        refuse_all(file, language, sorted(findings, key=lambda found: found.line or 0))
    return _model(root, reading)


def _model(root: etree._Element, reading: Reading) -> DecisionModel:
    types = {name: item for name, item in reading.types.items() if name}
    source = json.dumps({"nodes": reading.nodes, "types": types}, ensure_ascii=False, separators=(",", ":"))
    key = hashlib.sha256(source.encode()).hexdigest()
    words = frozenset(_WORD.findall(source))
    decisions = tuple(_info(node) for node in reading.nodes.values() if node["kind"] == "decision")
    return DecisionModel(root.get("namespace") or "", root.get("name") or "", decisions, source, key, words)


def _info(node: Node) -> DecisionInfo:
    logic = node["expression"] or {}
    if logic.get("kind") != "table":
        return DecisionInfo(node["id"], node["name"], (), (), None, node["line"], requires=tuple(node["decisions"]))
    inputs = tuple((column["label"], (column["text"] or "").strip()) for column in logic["inputs"])
    outputs = tuple(column["name"] or column["label"] or "" for column in logic["outputs"])
    rules = tuple(_rule(rule) for rule in logic["rules"])
    labels = tuple(column["label"] or column["name"] or "" for column in logic["outputs"])
    return DecisionInfo(
        node["id"], node["name"], inputs, rules, logic["hitPolicy"], node["line"], outputs, tuple(node["decisions"]), labels
    )


def _rule(rule: Node) -> RuleInfo:
    cells = [tuple((text or "").strip() for text in rule[side]) for side in ("inputs", "outputs")]
    return RuleInfo(rule["id"], rule["description"], cells[0], cells[1], rule["line"])


def _duplicates(root: etree._Element, reading: Reading) -> Iterator[Finding]:
    # Only ids of the model itself: the diagram part (DMNDI) repeats none but is of no meaning here.
    identified = [element for element in root.iter("{*}*") if element.get("id") and "DMNDI" not in str(element.tag)]
    for identity, count in Counter(element.get("id") for element in identified).items():
        if count > 1:
            second = [element for element in identified if element.get("id") == identity][1]
            facts = {"id": identity, "count": count}
            yield finding(reading.file, line_of(second), identity, second.get("name"), "dmn.duplicate_id", reading.language, facts)


def _missing(reading: Reading) -> Iterator[Finding]:
    for node in reading.nodes.values():
        for kind in _REQUIRES:
            for identity in node.get(kind, ()):
                if identity not in reading.nodes:
                    yield _at(reading, node, "dmn.missing_requirement", name=node["name"], id=identity)


def _at(reading: Reading, node: Node, key: str, /, **facts: Any) -> Finding:
    return finding(reading.file, node["line"], node["id"], node["name"], key, reading.language, facts)


def _unknown_types(reading: Reading) -> Iterator[Finding]:
    known = _BUILT_IN | reading.types.keys()
    for node in reading.nodes.values():
        for name in sorted(_types_in(node) - known):
            yield _at(reading, node, "dmn.unknown_type", name=node["name"], type=name)


def _types_in(value: Any) -> set[str]:
    if isinstance(value, list):
        return set().union(*(_types_in(part) for part in value))
    if not isinstance(value, dict):
        return set()
    own = {value["type"]} if isinstance(value.get("type"), str) else set()
    return own.union(*(_types_in(part) for part in value.values()))


def _cycles(reading: Reading) -> Iterator[Finding]:
    decisions = {identity: node.get("decisions", []) for identity, node in reading.nodes.items()}
    for identity in decisions:
        if _reaches(identity, identity, decisions):
            node = reading.nodes[identity]
            yield _at(reading, node, "dmn.cycle", name=node["name"])


def _reaches(start: str, goal: str, edges: dict[str, list[str]]) -> bool:
    seen: set[str] = set()
    waiting = list(edges.get(start, ()))
    while waiting:
        current = waiting.pop()
        if current == goal:
            return True
        if current not in seen:
            seen.add(current)
            waiting.extend(edges.get(current, ()))
    return False


def _syntax(reading: Reading, check: Check) -> Iterator[Finding]:
    names = frozenset(reading.names)
    distinct = {(cell.kind, cell.text) for cell in reading.cells}
    if len(distinct) > MAX_TEXTS:
        facts = {"count": len(distinct), "limit": MAX_TEXTS}
        yield finding(reading.file, None, None, None, "dmn.too_many", reading.language, facts)
        return
    yield from _broken_cells(reading, names, check)


def _broken_cells(reading: Reading, names: frozenset[str], check: Check) -> Iterator[Finding]:
    known: dict[tuple[str, str], list[str]] = {}
    for cell in reading.cells:
        if (cell.kind, cell.text) not in known:
            known[cell.kind, cell.text] = check(cell.kind, cell.text, names)
        for problem in known[cell.kind, cell.text]:
            facts = {"place": cell.place, "problem": problem}
            yield finding(reading.file, cell.line, cell.element_id, cell.element_name, "dmn.feel", reading.language, facts)

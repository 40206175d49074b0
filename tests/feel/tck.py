"""Runs cases of the DMN Technology Compatibility Kit. Knows nothing of which of them should pass.

A mistake is null in the kit, so its cases run with ``mistakes="null"``; what we refuse at deployment is null too.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from isodate import parse_duration
from lxml import etree

from engine.errors import ExpressionFailed, InvalidDefinition
from engine.feel import DecisionModel, Feel
from engine.feel.javascript import EngineName

KIT = Path(__file__).resolve().parents[3] / "shared" / "tck"
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"


@dataclass(frozen=True)
class Outcome:
    """One case: whether it passed, and what it gave instead when it did not."""

    case: str
    passed: bool
    found: str


def files(level: str) -> list[Path]:
    """The case files of ``level-2`` or ``level-3``; none where the kit is absent."""
    return sorted((KIT / level).glob("*/*-test-*.xml"))


def kit_feel(engine: EngineName = "quickjs") -> Feel:
    """Where the kit says nothing of a zone it means UTC."""
    return Feel(zone="UTC", mistakes="null", engine=engine)


def case_count(file: Path) -> int:
    return len(etree.parse(file).getroot().findall("{*}testCase"))


def outcomes(feel: Feel, file: Path) -> Iterator[Outcome]:
    """Every case of one file."""
    root = etree.parse(file).getroot()
    model, refused = _model(feel, file.parent / str(root.findtext("{*}modelName")))
    for case in root.iterfind("{*}testCase"):
        yield _outcome(feel, model, refused, case)


def _outcome(feel: Feel, model: DecisionModel | None, refused: set[str], case: etree._Element) -> Outcome:
    variables = {str(node.get("name")): _value_of(node) for node in case.iterfind("{*}inputNode")}
    wrong = []
    for result in case.iterfind("{*}resultNode"):
        name = str(case.get("invocableName") or result.get("name"))
        found = None if model is None or name in refused else _decided(feel, model, name, variables)
        expected = _value_of(result.find("{*}expected"))
        if case.get("invocableName") and isinstance(found, dict):  # a service with several output decisions gives them by name
            found = found.get(str(result.get("name")))
        if not _same(found, expected):
            wrong.append(f"{name} gave {found!r}, expected {expected!r}")
    return Outcome(str(case.get("id")), not wrong, "; ".join(wrong))


def _model(feel: Feel, path: Path) -> tuple[DecisionModel | None, set[str]]:
    """The model without the decisions that we refuse, and the names of those."""
    root, refused = etree.fromstring(path.read_bytes()), set()
    for _ in range(20):
        try:
            return feel.parse_decisions(etree.tostring(root), path.name), refused
        except InvalidDefinition as error:
            faulty = {finding.element_id for finding in error.findings} - {None}
            elements = [element for element in root if element.get("id") in faulty]
            if not elements:
                break
            for element in elements:
                refused.add(str(element.get("name")))
                root.remove(element)
    return None, refused


def _decided(feel: Feel, model: DecisionModel, name: str, variables: Mapping[str, Any]) -> Any:
    """The bare value as DMN defines it."""
    decision = next((single for single in model.decisions if single.name == name), None)
    identity = decision.id if decision else re.search(rf'"id":"([^"]*)","name":"{re.escape(name)}"', model.source)
    try:
        value = feel.decide(model, identity if isinstance(identity, str) else identity.group(1) if identity else name, variables).value
    except ExpressionFailed:
        return None
    return _bare(value) if decision and len(decision.outputs) == 1 else value


def _bare(value: Any) -> Any:
    if isinstance(value, list):
        return [_bare(row) for row in value]
    return next(iter(value.values())) if isinstance(value, dict) else value


def _value_of(node: etree._Element | None) -> Any:
    if node is None or node.get(NIL) == "true":
        return None
    components, items, value = node.findall("{*}component"), node.find("{*}list"), node.find("{*}value")
    if components:
        return {str(component.get("name")): _value_of(component) for component in components}
    if items is not None:
        return None if items.get(NIL) == "true" else [_value_of(item) for item in items.iterfind("{*}item")]
    if value is None or value.get(NIL) == "true":
        return None
    return _read(str(value.get(TYPE)).rpartition(":")[2], value.text or "")


def _read(kind: str, text: str) -> Any:
    match kind:
        case "decimal" | "double" | "integer":
            return float(text)
        case "boolean":
            return text == "true"
        case "date":
            return _temporal(date, text)
        case "time":
            return _temporal(time, text)
        case "dateTime":
            return _temporal(datetime, text)
        case "duration":
            return _duration(text)
    return text


def _temporal(kind: Any, text: str) -> Any:
    """What Python can hold of it, else the text."""
    plain, _, zone = text.partition("@")
    try:
        value = kind.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", plain))
    except ValueError:
        return text
    return value.replace(tzinfo=ZoneInfo(zone)) if zone else value


def _duration(text: str) -> Any:
    span = parse_duration(text)
    return span if isinstance(span, timedelta) else text


def _same(found: Any, expected: Any) -> bool:
    if isinstance(expected, bool) or isinstance(found, bool):
        return found is expected
    if isinstance(expected, float) and isinstance(found, int | float):
        return math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-8)
    if isinstance(expected, list):
        return isinstance(found, list) and len(found) == len(expected) and all(map(_same, found, expected))
    if isinstance(expected, dict):
        return isinstance(found, dict) and found.keys() == expected.keys() and all(_same(found[key], expected[key]) for key in expected)
    if isinstance(found, str) and _months(found) is not None:
        return expected == timedelta(0) if found == "P0M" else _months(found) == _months(str(expected))
    if isinstance(expected, datetime) and isinstance(found, datetime) and expected.tzinfo is None:
        return found.replace(tzinfo=None) == expected
    return type(found) is type(expected) and bool(found == expected)


def _months(text: str) -> int | None:
    match = re.fullmatch(r"(-?)P(?:(\d+)Y)?(?:(\d+)M)?", text)
    return None if match is None else int(match.group(1) + "1") * (12 * int(match.group(2) or 0) + int(match.group(3) or 0))

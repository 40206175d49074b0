"""Level 2 of the DMN Technology Compatibility Kit, where its folder lies beside the project (../shared/tck)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from engine.errors import ExpressionFailed
from engine.feel import DecisionModel, Feel

LEVEL_2 = Path(__file__).resolve().parents[3] / "shared" / "tck" / "level-2"
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
READERS = {
    "decimal": float, "double": float, "integer": float, "boolean": lambda text: text == "true", "string": str,
    "date": date.fromisoformat, "time": time.fromisoformat, "dateTime": datetime.fromisoformat,
}  # fmt: skip


@pytest.fixture(scope="module")
def feel() -> Feel:
    # Where the kit says nothing of a zone it means UTC.
    return Feel(zone="UTC")


def test_the_kit_is_there() -> None:
    if not LEVEL_2.is_dir():
        pytest.skip(f"the DMN compatibility kit is not at {LEVEL_2}; its cases were not run")
    assert any(cases_in(LEVEL_2))


def cases_in(folder: Path) -> Iterator[tuple[Path, etree._Element]]:
    for file in sorted(folder.glob("*/*-test-*.xml")):
        for case in etree.parse(file).getroot().iterfind("{*}testCase"):
            yield file, case


def cases() -> list[Any]:
    return [pytest.param(file, case, id=f"{file.parent.name}:{case.get('id')}") for file, case in cases_in(LEVEL_2)]


@pytest.mark.parametrize(("file", "case"), cases())
def test_a_decision_gives_what_the_kit_expects(feel: Feel, file: Path, case: etree._Element) -> None:
    model = model_beside(feel, file)
    variables = {node.get("name"): value_of(node) for node in case.iterfind("{*}inputNode")}
    for result in case.iterfind("{*}resultNode"):
        expected = result.find("{*}expected")
        assert same(decided(feel, model, str(result.get("name")), variables), value_of(expected))


def model_beside(feel: Feel, file: Path) -> DecisionModel:
    [source] = file.parent.glob("*.dmn")
    return feel.parse_decisions(source.read_bytes(), source.name)


def decided(feel: Feel, model: DecisionModel, name: str, variables: dict[Any, Any]) -> Any:
    """The bare value as DMN defines it; a mistake that we report is null there."""
    [decision] = [single for single in model.decisions if single.name == name]
    try:
        value = feel.decide(model, decision.id, variables).value
    except ExpressionFailed:
        return None
    return bare(value) if len(decision.outputs) == 1 else value


def bare(value: Any) -> Any:
    if isinstance(value, list):
        return [bare(row) for row in value]
    return next(iter(value.values())) if isinstance(value, dict) else value


def value_of(node: etree._Element | None) -> Any:
    if node is None:
        return None
    components, lists, value = node.findall("{*}component"), node.find("{*}list"), node.find("{*}value")
    if components:
        return {component.get("name"): value_of(component) for component in components}
    if lists is not None:
        return [value_of(item) for item in lists.iterfind("{*}item")]
    if value is None or value.get(NIL) == "true":
        return None
    return READERS.get(str(value.get(TYPE)).rpartition(":")[2], str)(value.text or "")


def same(found: Any, expected: Any) -> bool:
    if isinstance(expected, float) and isinstance(found, int | float):
        return abs(found - expected) < 1e-8
    if isinstance(expected, list):
        return isinstance(found, list) and len(found) == len(expected) and all(map(same, found, expected))
    if isinstance(expected, dict):
        return isinstance(found, dict) and found.keys() == expected.keys() and all(same(found[key], expected[key]) for key in expected)
    if isinstance(found, timedelta):
        return isinstance(expected, str)
    return bool(found == expected)

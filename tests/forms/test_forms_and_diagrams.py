"""Forms and diagrams agree: every task has its form, every answer a gateway waits for can be given."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from .conftest import ACTION_FORMS, FORMS, PROJECT, START_FORMS, fields

DIAGRAMS = sorted((PROJECT / "processes").glob("*.bpmn"))
CAMUNDA = "{http://camunda.org/schema/1.0/bpmn}"
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
EQUALS = re.compile(r'([a-z_][\w.]*) !?= "([^"]*)"')
AMONG = re.compile(r"([a-z_][\w.]*) in \(([^)]*)\)")
PUBLIC = {"citizen_confirm", "citizen_rating", "citizen_report"}


def form_keys(diagram: Path) -> dict[str, str]:
    """Element id → form key of every user task and start event."""
    elements = etree.parse(diagram).getroot().iter(f"{BPMN}userTask", f"{BPMN}startEvent")
    return {element.get("id"): key for element in elements if (key := element.get(f"{CAMUNDA}formKey"))}


def awaited(diagram: Path) -> Iterator[tuple[str, str]]:
    """(variable, literal) of every comparison in the conditions of ``diagram``."""
    for condition in etree.parse(diagram).getroot().iter(f"{BPMN}conditionExpression"):
        text = condition.text or ""
        yield from EQUALS.findall(text)
        for name, literals in AMONG.findall(text):
            yield from ((name, literal) for literal in re.findall(r'"([^"]*)"', literals))


@pytest.fixture(scope="module")
def options() -> dict[str, set[str]]:
    """Key of a choice → the values any form offers for it."""
    offered: dict[str, set[str]] = defaultdict(set)
    for form in FORMS:
        for field in fields(form):
            if field["type"] in ("radio", "select") and not field["properties"].get("source"):
                offered[field["key"]] |= {str(option["value"]) for option in field["values"]}
    return offered


@pytest.mark.parametrize("diagram", DIAGRAMS, ids=lambda file: file.name)
def test_every_user_task_names_a_form_that_exists(diagram: Path) -> None:
    tasks = [task.get("id") for task in etree.parse(diagram).getroot().iter(f"{BPMN}userTask")]
    keys = form_keys(diagram)
    assert [task for task in tasks if task not in keys] == []
    assert {key for key in keys.values() if key not in FORMS} == set()


def test_every_form_is_used_by_a_diagram_an_action_or_the_public_pages() -> None:
    used = {key for diagram in DIAGRAMS for key in form_keys(diagram).values()}
    assert set(FORMS) == used | START_FORMS | ACTION_FORMS | PUBLIC


@pytest.mark.parametrize("diagram", DIAGRAMS, ids=lambda file: file.name)
def test_every_answer_a_gateway_waits_for_is_an_option_of_the_form(diagram: Path, options: dict[str, set[str]]) -> None:
    assert [(name, value) for name, value in awaited(diagram) if name in options and value not in options[name]] == []


def test_the_gateways_read_the_choices_of_the_forms(options: dict[str, set[str]]) -> None:
    read = {name for diagram in DIAGRAMS for name, _ in awaited(diagram)}
    expected = {"review_decision", "call_back_result", "coordination_outcome", "office_decision", "minutes.disposition", "review_result"}
    assert expected - (read & set(options)) == set()

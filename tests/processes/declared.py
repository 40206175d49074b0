"""What the centre knows by name: groups, the results of operations, and the variables each process may read."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from engine.feel import Feel
from engine.vocabulary import CANDIDATE_GROUPS, OPERATIONS

from .drawn import BPMN, CAMUNDA, DIAGRAMS, PROJECT, read

GROUPS = set(CANDIDATE_GROUPS) | {f"D{number:02}" for number in range(1, 22)}
GROUPS |= {f"D{number:02}_leader" for number in range(1, 22)}

#: What an operation gives back.
RESULTS = {name: set(operation.outputs) for name, operation in OPERATIONS.items()}

#: What the command that registers a case gives to P00.
START = {"case_no", "channel", "received_at", "effective_at", "applicant_kind", "matter", "matter_name", "org_unit", "registered", "owner"}
START |= {"triage_facts", "grading_facts", "duplicate_of", "returned_from"}

#: What every process of a kind of case file gets, and every one that begins beside the process of a file.
OF_A_FILE = {"case_no", "kind", "parent", "title", "received_at", "org_unit", "owner", "facts"}
BESIDE_A_FILE = OF_A_FILE | {"matter", "matter_name", "level", "status", "due", "lead_department", "departments"}

#: What a message brings.
MESSAGES = {
    "case_confirmed": {"confirmation"},
    "case_rated": {"rating"},
    "card_issued": {"card", "code", "lamp", "against", "card_reason", "red_cards"},
}


def declared_variables(key: str, feel: Feel) -> set[str]:
    """Every variable that something in or before process ``key`` sets."""
    diagram = read(DIAGRAMS[key])
    names = set(START) if key == "P00_case_spine" else set(_handed_over(key)) | _known_of_its_file(key)
    for element in diagram.root.iter():
        names |= {element.get(name) for name in (CAMUNDA + "resultVariable", CAMUNDA + "elementVariable") if element.get(name)}
        names |= RESULTS.get(element.get(CAMUNDA + "topic", ""), set())
        if element.tag == CAMUNDA + "out":
            names.add(element.get("target"))
        if element.tag in (CAMUNDA + "outputParameter", CAMUNDA + "inputParameter"):
            names.add(element.get("name"))
        if element.tag == BPMN + "script":
            names |= _keys_of_context(element.text or "")
        if element.tag == BPMN + "loopDataOutputRef":
            names.add(element.text)
        if element.tag == BPMN + "messageEventDefinition" or (element.tag == BPMN + "receiveTask" and element.get("messageRef")):
            names |= _brought_by(element.get("messageRef").removeprefix("message_"))
        if element.tag == BPMN + "signalEventDefinition":
            names |= _carried_by(element.get("signalRef"))
        if element.tag in (BPMN + "userTask", BPMN + "startEvent") and element.get(CAMUNDA + "formKey"):
            names |= set(_form_variables(element.get(CAMUNDA + "formKey")))
    return names


def _known_of_its_file(key: str) -> set[str]:
    """A process that no other calls runs on a case file: its own, or the one it begins beside."""
    if key in {kind["process"] for kind in _rows("case_kinds")}:
        return OF_A_FILE
    begins = next(read(DIAGRAMS[key]).root.iter(BPMN + "startEvent"))
    brought = next(begins.iter(BPMN + "messageEventDefinition", BPMN + "signalEventDefinition"), None)
    return set() if brought is None else BESIDE_A_FILE


def _brought_by(message: str) -> set[str]:
    """What the form of the action that sends the message asks for, and what its throw event hands over."""
    forms = [action["form"] for action in _rows("case_actions") if action["message"] == message and action["form"]]
    return MESSAGES.get(message, set()).union(*(set(_form_variables(form)) for form in forms), _thrown_with(message))


@cache
def _thrown_with(message: str) -> frozenset[str]:
    """What the events that throw the message in other diagrams put into it."""
    events = [event for file in DIAGRAMS.values() for event in read(file).elements("intermediateThrowEvent", "endEvent")]
    throwing = [
        one for one in events if any(d.get("messageRef") == f"message_{message}" for d in one.iter(BPMN + "messageEventDefinition"))
    ]
    return frozenset(given.get("name") for event in throwing for given in event.iter(CAMUNDA + "inputParameter"))


@cache
def _carried_by(signal: str) -> frozenset[str]:
    """What the events that throw the signal hand over."""
    definitions = [one for file in DIAGRAMS.values() for one in read(file).root.iter(BPMN + "signalEventDefinition")]
    thrown = [one for one in definitions if one.get("signalRef") == signal]
    return frozenset(given.get("target") for one in thrown for given in one.iter(CAMUNDA + "in"))


def _rows(reference: str) -> list[dict[str, str]]:
    with (PROJECT / "processes" / "reference" / f"{reference}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _handed_over(key: str) -> Iterator[str]:
    for file in DIAGRAMS.values():
        for call in read(file).elements("callActivity"):
            if call.get("calledElement") == key:
                yield from (given.get("target") for given in call.iter(CAMUNDA + "in"))


def _keys_of_context(script: str) -> set[str]:
    """The outer keys of a context written one key a line."""
    lines = [line for line in script.splitlines() if line.startswith("  ") and not line.startswith("   ")] or [script.strip("{}")]
    return {line.split(":")[0].strip() for line in lines if ":" in line}


def _form_variables(form: str) -> Iterator[str]:
    schema = json.loads((PROJECT / "forms" / f"{form}.form").read_text(encoding="utf-8"))
    todo: list[dict[str, Any]] = [schema]
    while todo:
        component = todo.pop()
        todo += component.get("components", [])
        if "key" in component:
            yield component["key"].split(".")[0]

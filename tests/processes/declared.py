"""What the centre knows by name: groups, the results of operations, and the variables each process may read."""

from __future__ import annotations

import json
from collections.abc import Iterator
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

#: What a message brings.
MESSAGES = {"case_confirmed": {"confirmation"}, "case_rated": {"rating"}}


def declared_variables(key: str, feel: Feel) -> set[str]:
    """Every variable that something in or before process ``key`` sets."""
    diagram = read(DIAGRAMS[key])
    names = set(START) if key == "P00_case_spine" else set(_handed_over(key))
    for element in diagram.root.iter():
        names |= {element.get(name) for name in (CAMUNDA + "resultVariable", CAMUNDA + "elementVariable") if element.get(name)}
        names |= RESULTS.get(element.get(CAMUNDA + "topic", ""), set())
        if element.tag == CAMUNDA + "out":
            names.add(element.get("target"))
        if element.tag in (CAMUNDA + "outputParameter", CAMUNDA + "inputParameter"):
            names.add(element.get("name"))
        if element.tag == BPMN + "script":
            names |= _keys_of_context(element.text or "")
        if element.tag == BPMN + "messageEventDefinition":
            names |= MESSAGES[element.get("messageRef").removeprefix("message_")]
        if element.tag == BPMN + "userTask":
            names |= set(_form_variables(element.get(CAMUNDA + "formKey")))
    return names


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

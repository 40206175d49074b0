"""What the diagrams say can be executed: they parse, and every group, operation, expression and variable is known."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.bpmn.parse import parse
from engine.feel import Feel
from engine.vocabulary import OPERATIONS

from .declared import GROUPS, declared_variables
from .drawn import BPMN, CAMUNDA, DIAGRAMS, PROJECT, Diagram


def operations_called(diagram: Diagram) -> Iterator[tuple[str, str, set[str]]]:
    """(element id, topic, names of the inputs) of every service task."""
    for task in diagram.elements("serviceTask"):
        yield task.get("id"), task.get(CAMUNDA + "topic"), {given.get("name") for given in task.iter(CAMUNDA + "inputParameter")}


def test_the_engine_parses_every_diagram_without_findings(key: str) -> None:
    (definition,) = parse(DIAGRAMS[key].read_bytes(), DIAGRAMS[key].name)
    assert definition.key == key


def test_literal_candidate_groups_are_groups_of_the_centre(key: str) -> None:
    (definition,) = parse(DIAGRAMS[key].read_bytes(), DIAGRAMS[key].name)
    assert [(group.element_id, group.group) for group in definition.groups if group.group not in GROUPS] == []


def test_every_service_task_calls_an_operation_with_the_inputs_it_takes(diagram: Diagram) -> None:
    wrong = []
    for element, topic, given in operations_called(diagram):
        taken = OPERATIONS[topic].inputs
        if not {one.name for one in taken if one.required} <= given <= {one.name for one in taken}:
            wrong.append((element, topic, given))
    assert wrong == []


def test_every_called_process_is_in_this_folder(diagram: Diagram) -> None:
    assert {call.get("calledElement") for call in diagram.elements("callActivity")} <= set(DIAGRAMS)


def test_every_decision_has_its_table(diagram: Diagram) -> None:
    tables = {file.name.split("_")[0] for file in (PROJECT / "processes").glob("*.dmn")}
    assert {rule.get(CAMUNDA + "decisionRef") for rule in diagram.elements("businessRuleTask")} <= tables


def test_every_form_key_has_its_form(diagram: Diagram) -> None:
    forms = {file.stem for file in (PROJECT / "forms").glob("*.form")}
    asked = {task.get(CAMUNDA + "formKey") for task in diagram.elements("userTask", "startEvent")} - {None}
    assert asked - forms == set()


def test_every_expression_is_correct_feel(key: str, feel: Feel) -> None:
    (definition,) = parse(DIAGRAMS[key].read_bytes(), DIAGRAMS[key].name)
    problems = {(found.element_id, found.text): feel.check(found.text) for found in definition.expressions}
    assert {place: problem for place, problem in problems.items() if problem} == {}


def test_every_expression_reads_variables_that_somebody_sets(key: str, diagram: Diagram, feel: Feel) -> None:
    (definition,) = parse(DIAGRAMS[key].read_bytes(), DIAGRAMS[key].name)
    called = {call.get("id"): call.get("calledElement") for call in diagram.elements("callActivity")}
    unknown = set()
    for found in definition.expressions:
        read_in = called[found.element_id] if found.purpose.startswith("out ") and found.element_id in called else key
        unknown |= {(found.element_id, name) for name in feel.names(found.text) - declared_variables(read_in, feel)}
    assert unknown == set()


def test_callers_read_back_only_what_the_called_process_knows(diagram: Diagram, feel: Feel) -> None:
    unknown = set()
    for call in diagram.elements("callActivity"):
        known = declared_variables(call.get("calledElement"), feel)
        read = {out.get("source") for out in call.iter(CAMUNDA + "out")} - {None}
        unknown |= {(call.get("id"), name) for name in read - known}
    assert unknown == set()


@pytest.mark.parametrize("called", sorted(set(DIAGRAMS) - {"P00_case_spine"}))
def test_all_callers_hand_over_the_same_variables(called: str) -> None:
    handed = {frozenset(targets) for key in DIAGRAMS for targets in _handed_over(key, called)}
    assert len(handed) <= 1  # nobody calls what begins on a file of its own


def _handed_over(key: str, called: str) -> Iterator[set[str]]:
    from .drawn import read

    for call in read(DIAGRAMS[key]).elements("callActivity"):
        if call.get("calledElement") == called:
            yield {given.get("target") for given in call.iter(CAMUNDA + "in")}


def test_a_timer_on_a_legal_limit_is_in_working_time_or_a_due_moment(diagram: Diagram) -> None:
    texts = [(event.getparent().get("id"), "".join(event.itertext()).strip()) for event in diagram.root.iter(BPMN + "timerEventDefinition")]
    assert [(element, text) for element, text in texts if "PT" in text or "P7D" in text] == []

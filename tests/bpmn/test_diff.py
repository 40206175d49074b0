"""Two diagrams compared by meaning: what was added, removed, changed from what to what, and what only lies elsewhere on the drawing."""

from __future__ import annotations

import pytest

from engine.bpmn.diff import Change, diff_processes
from engine.errors import InvalidDefinition
from tests.bpmn.diagrams import (
    boundary,
    chain,
    end,
    extensions,
    file_of,
    flow,
    message,
    parameters,
    process,
    script,
    start,
    straight,
    timer,
    user,
    xor,
)
from tests.conftest import PROJECT


def line(*parts: str, ids: str) -> bytes:
    return file_of(message("m", "go"), straight(*parts, ids=ids.split()))


def with_flows(*flows: str) -> bytes:
    return file_of(process(start(), user("a"), xor("x", default="d"), end(), *flows))


def changes(old: bytes, new: bytes, element: str) -> tuple[Change, ...]:
    return diff_processes(old, new).changed[element]


def drawing(source: bytes, x: int) -> bytes:
    shape = f'<bpmndi:BPMNShape bpmnElement="a"><dc:Bounds x="{x}" y="1" width="100" height="80"/></bpmndi:BPMNShape>'
    spaces = 'xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"'
    plane = f'<bpmndi:BPMNDiagram {spaces} id="dia"><bpmndi:BPMNPlane bpmnElement="P">{shape}</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>'
    return source.replace(b"</bpmn:definitions>", plane.encode() + b"</bpmn:definitions>")


def test_a_diagram_compared_with_itself_has_no_difference():
    for path in sorted((PROJECT / "processes").glob("*.bpmn")):
        found = diff_processes(path.read_bytes(), path.read_bytes())
        assert found.is_same_in_meaning and found.moved == ()


def test_added_and_removed_elements_are_named():
    old = with_flows(chain("start", "a", "end"), flow("a", "x", id="f"), flow("x", "end", id="d"))
    new = file_of(process(start(), user("b"), end(), chain("start", "b", "end")))
    found = diff_processes(old, new)
    assert {part.id for part in found.removed} >= {"a", "x", "f", "d"}
    assert ("b", "userTask") in {(part.id, part.type) for part in found.added}


def test_attributes_are_listed_from_old_to_new():
    old = line(user("a", candidateGroups="window", dueDate="P7D"), ids="a")
    new = line(user("a", candidateGroups="legal", formKey="f").replace("<bpmn:userTask", '<bpmn:userTask name="法审"'), ids="a")
    assert changes(old, new, "a") == (
        Change("camunda:candidateGroups", "window", "legal"),
        Change("camunda:dueDate", "P7D", None),
        Change("camunda:formKey", None, "f"),
        Change("name", None, "法审"),
    )


def test_a_limit_changed_from_seven_to_five_days_is_one_change_of_its_event():
    def limit(days: int) -> bytes:
        flows = chain("start", "a", "end") + flow("late", "end", id="f")
        return file_of(process(start(), user("a"), boundary("late", "a", timer("timeDuration", f"P{days}D")), end(), flows))

    found = {key: value for key, value in diff_processes(limit(7), limit(5)).changed.items() if key == "late"}
    assert found == {"late": (Change("timerEventDefinition.timeDuration", "P7D", "P5D"),)}


def test_conditions_defaults_and_ends_of_flows_are_compared():
    before = [chain("start", "a"), flow("a", "x", id="f"), flow("x", "end", "n > 1", id="g"), flow("x", "a", id="d")]
    after = [chain("start", "a"), flow("a", "x", id="f"), flow("x", "end", "n > 2", id="g"), flow("x", "start", id="d")]
    found = diff_processes(with_flows(*before), with_flows(*after)).changed
    assert found["g"] == (Change("conditionExpression", "n > 1", "n > 2"),)
    assert found["d"] == (Change("targetRef", "a", "start"),)


def test_parameters_and_properties_are_compared_one_by_one():
    old = line(user("a", parameters({"x": "1", "y": "2"})), ids="a")
    new = line(user("a", parameters({"y": "3", "z": "4"})), ids="a")
    names = "extension.inputOutput.inputParameter[{}]"
    assert changes(old, new, "a") == (
        Change(names.format("x"), "1", None),
        Change(names.format("y"), "2", "3"),
        Change(names.format("z"), None, "4"),
    )

    def listed(value: str) -> bytes:
        properties = f'<camunda:properties><camunda:property name="k" value="{value}"/></camunda:properties>'
        return line(user("a", extensions(properties)), ids="a")

    assert changes(listed("v"), listed("w"), "a") == (Change("extension.properties.property[k].value", "v", "w"),)


def test_scripts_messages_and_types_are_compared():
    first, second = (line(script("s", text), ids="s") for text in ("{x: 1}", "{x: 2}"))
    assert changes(first, second, "s") == (Change("script", "{x: 1}", "{x: 2}"),)
    one, other = (file_of(message("m", name), straight(user("t"), ids=["t"])) for name in "ab")
    assert diff_processes(one, other).changed["m"] == (Change("name", "a", "b"),)
    retyped = diff_processes(line(user("t"), ids="t"), line(script("t", "{}"), ids="t")).changed["t"]
    assert Change("type", "userTask", "scriptTask") in retyped


def test_what_only_lies_elsewhere_is_moved_and_not_changed():
    source = line(user("a"), ids="a")
    found = diff_processes(drawing(source, 10), drawing(source, 300))
    assert (found.moved, found.is_same_in_meaning) == (("a",), True)
    assert diff_processes(drawing(source, 10), drawing(source, 10)).moved == ()


def test_a_file_that_is_no_diagram_is_refused():
    with pytest.raises(InvalidDefinition):
        diff_processes(b"<x/>", line(user("a"), ids="a"))

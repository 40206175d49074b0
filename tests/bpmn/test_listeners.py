"""Execution and task listeners: which operation runs when, with what, and what happens when one fails."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from engine.bpmn.parse import parse
from engine.bpmn.waits import Activity
from engine.errors import BpmnError, Conflict
from tests.bpmn.conftest import Begin, HostDouble
from tests.bpmn.diagrams import (
    boundary,
    cardinality,
    catch,
    chain,
    definition,
    element,
    end,
    error,
    extensions,
    file_of,
    flow,
    listener,
    listening,
    many,
    message,
    process,
    start,
    straight,
    sub,
    until,
    user,
    xor,
)

NOTE = {"delegateExpression": "${note}"}


@pytest.fixture
def notes(host: HostDouble) -> list[str]:
    """What the operation “note” was told, with the element that told it."""
    told: list[str] = []

    def note(inputs: Mapping[str, Any], activity: Activity) -> Mapping[str, Any]:
        told.append(f"{activity.element_id}:{inputs['text']}")
        return {"last": inputs["text"]}

    host.operations["note"] = note
    return told


def told(kind: str, event: str, text: str | None = None) -> str:
    """A listener that notes the event, or an expression."""
    value = f'stringValue="{event}"' if text is None else f'expression="{text}"'
    return listener(kind, event, f'<camunda:field name="text" {value}/>', **NOTE)


def around(*events: str) -> str:
    kinds = {"start": "executionListener", "end": "executionListener"}
    return extensions(*(told(kinds.get(event, "taskListener"), event) for event in events))


def test_the_listeners_of_a_task_run_when_it_begins_and_when_it_is_done(begin: Begin, notes: list[str]):
    run = begin(file_of(straight(user("a", around("end", "complete", "create", "start", "delete")), ids=["a"])))
    assert notes == ["a:start", "a:create"]
    run.complete("a")
    assert notes == ["a:start", "a:create", "a:complete", "a:end"]
    assert run.variables == {"last": "end"}


def test_a_task_that_is_interrupted_says_good_bye(begin: Begin, notes: list[str]):
    border = boundary("b", "a", definition("message", "m"))
    parts = [start(), user("a", around("complete", "delete", "end")), border, end(), chain("start", "a", "end"), chain("b", "end")]
    run = begin(file_of(message("m"), process(*parts)))
    run.deliver("b")
    assert notes == ["a:delete", "a:end"]
    assert run.completed


def test_what_a_listener_needs_is_given_by_its_fields(begin: Begin, notes: list[str]):
    inside = "<camunda:field name='text'><camunda:expression>${level + 1}</camunda:expression></camunda:field>"
    literal = "<camunda:field name='text'><camunda:string>level</camunda:string></camunda:field>"
    first = listener("executionListener", "start", inside, **NOTE)
    second = listener("executionListener", "start", literal, **NOTE)
    run = begin(
        file_of(straight(user("a", extensions(told("executionListener", "start", "=level * 2"), first, second)), ids=["a"])), level=3
    )
    assert notes == ["a:6", "a:4", "a:level"]
    assert run.tasks == ["a"]


def test_a_script_listener_sets_variables(begin: Begin):
    text = '<camunda:script scriptFormat="feel">{double: 2 * level}</camunda:script>'
    run = begin(file_of(straight(user("a", listening("executionListener", "start", text)), ids=["a"])), level=3)
    assert run.data_at("a")["double"] == 6


def test_a_flow_tells_that_it_is_taken(begin: Begin, notes: list[str]):
    taken = [extensions(told("executionListener", "take", f'="{name}"'.replace('"', "&quot;"))) for name in ("yes", "no")]
    parts = [start(), xor("g"), user("a"), user("b"), end(), chain("start", "g"), chain("a", "end"), chain("b", "end")]
    flows = [flow("g", "a", "n = 1", content=taken[0]), flow("g", "b", "n = 2", content=taken[1])]
    run = begin(file_of(process(*parts, *flows)), n=2)
    assert (notes, run.tasks) == (["g:no"], ["b"])


def test_a_gateway_whose_flow_could_not_be_told_chooses_again(begin: Begin, host: HostDouble):
    host.operations["note"] = _failing(host)
    taken = extensions(told("executionListener", "take"))
    parts = [start(), xor("g"), user("a"), user("b"), end(), chain("start", "g"), chain("a", "end"), chain("b", "end")]
    run = begin(file_of(process(*parts, flow("g", "a", "n = 1", content=taken), flow("g", "b", "n = 2"))), n=1)
    assert list(run.failures) == ["g"]
    host.operations["note"] = lambda inputs, activity: {}
    run.retry()
    assert (run.tasks, run.failures) == (["a"], {})


def _failing(host: HostDouble) -> Any:
    def fail(inputs: Mapping[str, Any], activity: Activity) -> Mapping[str, Any]:
        raise RuntimeError("the printer is out of paper")

    return fail


def test_every_kind_of_element_has_listeners(begin: Begin, notes: list[str]):
    inner = sub("s", around("start", "end"), start("i"), element("manualTask", "m", around("start", "end")), end("o"), chain("i", "m", "o"))
    parts = [start("start", around("start", "end")), element("exclusiveGateway", "g", around("start", "end")), inner]
    last = end("end", around("start", "end"))
    begin(file_of(process(*parts, last, chain("start", "g", "s", "end"))))
    places = ["start", "start", "g", "g", "s", "m", "m", "s", "end", "end"]
    assert [note.split(":")[0] for note in notes] == places


def test_a_boundary_event_is_told_when_it_occurs(begin: Begin, notes: list[str]):
    border = boundary("b", "a", around("start", "end"), definition("message", "m"), interrupting=False)
    parts = [start(), user("a"), border, user("c"), end(), chain("start", "a", "end"), chain("b", "c", "end")]
    run = begin(file_of(message("m"), process(*parts)))
    assert notes == []
    run.deliver("b")
    assert notes == ["b:start", "b:end"]
    run.complete("a", "c")
    assert notes == ["b:start", "b:end"]


def test_an_event_behind_a_gateway_is_told_when_it_has_won(begin: Begin, notes: list[str]):
    events = [catch(f"on_{name}", around("start", "end"), definition("message", name)) for name in ("m", "n")]
    parts = [start(), element("eventBasedGateway", "g"), *events, end(), chain("start", "g", "on_m", "end"), chain("g", "on_n", "end")]
    run = begin(file_of(message("m"), message("n"), process(*parts)))
    assert notes == []
    run.deliver("on_n")
    assert (notes, run.completed) == (["on_n:start", "on_n:end"], True)


def test_each_instance_has_its_own_listeners_and_those_not_needed_say_good_bye(begin: Begin, notes: list[str]):
    marker = many(cardinality("3"), until("nrOfCompletedInstances = 1"))
    run = begin(file_of(straight(user("a", marker, around("create", "complete", "delete")), ids=["a"])))
    run.complete("a")
    assert notes == ["a:create"] * 3 + ["a:complete"] + ["a:delete"] * 2
    assert run.completed


def test_a_listener_that_failed_is_tried_again_and_those_before_it_are_not(begin: Begin, host: HostDouble, notes: list[str]):
    wrong = listener("executionListener", "end", delegateExpression="${wrong}")
    host.operations["wrong"] = _failing(host)
    begun = user("a", extensions(told("executionListener", "start"), wrong), assignee="=who")
    run = begin(file_of(straight(begun, ids=["a"])), who=7)
    assert (list(run.failures), notes) == (["a"], ["a:start"])
    run.set_variables(who="li")
    run.retry()
    assert (run.tasks, notes) == (["a"], ["a:start"])
    run.complete("a")
    assert "printer" in run.failures["a"]
    host.operations["wrong"] = lambda inputs, activity: {}
    run.retry()
    assert (run.completed, notes) == (True, ["a:start"])


def test_a_listener_that_fails_when_its_element_is_cancelled_undoes_the_command(begin: Begin, host: HostDouble):
    host.operations["note"] = _failing(host)
    border = boundary("b", "a", definition("message", "m"))
    parts = [start(), user("a", around("delete")), border, end(), chain("start", "a", "end"), chain("b", "end")]
    run = begin(file_of(message("m"), process(*parts)))
    with pytest.raises(Conflict, match="printer"):
        run.deliver("b")


def test_an_error_of_a_listener_goes_to_the_boundary_event(begin: Begin, host: HostDouble):
    def refuse(inputs: Mapping[str, Any], activity: Activity) -> Mapping[str, Any]:
        raise BpmnError("E1", "no")

    host.operations["note"] = refuse
    border = boundary("b", "a", definition("error", "e"))
    parts = [start(), user("a", around("start")), border, user("c"), end(), chain("start", "a", "end"), chain("b", "c", "end")]
    run = begin(file_of(error("e", "E1"), process(*parts)))
    assert run.tasks == ["c"]


def test_what_listens_to_the_start_of_a_process_runs_before_the_listeners_of_its_start_event(begin: Begin, notes: list[str]):
    own = extensions(told("executionListener", "start", "own"), told("executionListener", "end"))
    parts = [extensions(told("executionListener", "start", "whole")), start("i", own), user("a"), end(), chain("i", "a", "end")]
    run = begin(file_of(process(*parts)))
    assert (run.tasks, notes) == (["a"], ["i:whole", "i:own", "i:end"])


def test_it_runs_for_every_way_to_start_and_not_for_levels_inside(begin: Begin, notes: list[str]):
    inner = sub("s", start("j"), user("a"), end("o"), chain("j", "a", "o"))
    listening = extensions(told("executionListener", "start", "whole"))
    by_message = start("m", definition("message", "msg"))
    parts = [listening, start("i"), by_message, inner, end(), chain("i", "s", "end"), chain("m", "s")]
    file = file_of(message("msg"), process(*parts))
    assert begin(file).tasks == begin(file, at="m").tasks == ["a"]
    assert notes == ["i:whole", "m:whole"]


def test_a_process_whose_start_listener_fails_is_an_incident_at_its_start_event(begin: Begin, host: HostDouble):
    host.operations["note"] = _failing(host)
    parts = [extensions(told("executionListener", "start")), start("i"), user("a"), end(), chain("i", "a", "end")]
    run = begin(file_of(process(*parts)))
    assert "printer" in run.failures["i"]


def test_what_listeners_call_is_known_at_deployment():
    taken = extensions(told("executionListener", "take", "=amount"))
    parts = [start(), user("a", around("create")), end(), chain("start", "a"), flow("a", "end", content=taken, id="f")]
    (found,) = parse(file_of(process(*parts)), "x.bpmn")
    assert [(ref.topic, ref.element_id) for ref in found.operations] == [("note", "a"), ("note", "f")]
    assert [(ref.text, ref.element_id) for ref in found.expressions] == [("amount", "f")]


def test_who_starts_a_process_is_kept_in_the_initiator_variable(begin: Begin):
    run = begin(file_of(process(start(camunda__initiator="starter"), user("a", assignee="${starter}"), end(), chain("start", "a", "end"))))
    (wait,) = run.waits.user_tasks.values()
    assert wait.assignee == "示例·林晓"

"""Asynchronous continuation behind an element (``asyncAfter``), and what ``local`` means for a call."""

from __future__ import annotations

from tests.bpmn.conftest import Begin, HostDouble
from tests.bpmn.diagrams import (
    boundary,
    call,
    cardinality,
    catch,
    chain,
    element,
    end,
    file_of,
    flow,
    inclusive,
    looped,
    many,
    mapping,
    parameters,
    process,
    script,
    service,
    start,
    straight,
    timer,
    user,
)

AFTER = {"asyncAfter": "true"}


def test_what_an_element_did_is_kept_before_the_next_begins(begin: Begin, host: HostDouble):
    calls: list[int] = []
    host.operations["op"] = lambda inputs, activity: calls.append(1) or {"x": 1}
    run = begin(file_of(straight(service("o", "op", camunda__asyncAfter="true"), user("t"), ids=["o", "t"])))
    (wait,) = run.waits.continuations.values()
    assert (wait.element_id, calls, run.tasks, run.variables) == ("o", [1], [], {"x": 1})
    run.resume()
    assert (run.tasks, calls) == (["t"], [1])
    assert run.path("serviceTask") == [("o", "completed")]


def test_both_continuations_of_one_element_are_waited_for(begin: Begin, host: HostDouble):
    host.operations["op"] = lambda inputs, activity: {"x": 1}
    run = begin(file_of(straight(service("o", "op", camunda__asyncAfter="true", camunda__asyncBefore="true"), user("t"), ids=["o", "t"])))
    run.resume()
    assert (len(run.waits.continuations), run.variables) == (1, {"x": 1})
    run.resume()
    assert run.tasks == ["t"]


def test_what_waits_at_the_border_ends_when_the_work_is_done(begin: Begin):
    parts = [start(), user("a", **AFTER), boundary("late", "a", timer("timeDuration", "P1D")), end(), end("e2")]
    run = begin(file_of(process(*parts, chain("start", "a", "end"), chain("late", "e2"))))
    run.complete("a", x=1)
    assert (run.timers, len(run.waits.continuations)) == ([], 1)
    run.resume()
    assert run.completed


def test_a_multi_instance_and_a_loop_go_on_asynchronously_only_once(begin: Begin):
    run = begin(file_of(straight(user("a", many(cardinality("2")), **AFTER), user("b", looped(loopMaximum="2"), **AFTER), ids=["a", "b"])))
    run.complete("a", "a")
    run.resume()
    run.complete("b", "b")
    assert len(run.waits.continuations) == 1
    run.resume()
    assert run.completed


def test_events_may_go_on_asynchronously(begin: Begin):
    late = boundary("late", "a", timer("timeDuration", "P1D")).replace("attachedToRef", 'camunda:asyncAfter="true" attachedToRef')
    waiting = catch("w", timer("timeDuration", "PT1H")).replace("id=", 'camunda:asyncAfter="true" id=', 1)
    last = element("endEvent", "e", camunda__asyncAfter="true")
    begun = start(camunda__asyncAfter="true")
    run = begin(file_of(process(begun, user("a"), late, waiting, last, end(), chain("start", "a", "end"), chain("late", "w", "e"))))
    run.resume()
    run.fire("late")
    run.resume()
    run.fire("w")
    run.resume()
    assert [wait.element_id for wait in run.waits.continuations.values()] == ["e"]
    run.resume()
    assert (run.completed, run.ends) == (True, ("e",))


def test_an_inclusive_join_waits_for_a_token_that_goes_on_asynchronously(begin: Begin):
    parts = [start(), inclusive("f"), user("a", **AFTER), user("b"), inclusive("j"), user("t"), end()]
    flows = [flow("f", "a", "true"), flow("f", "b", "true"), chain("start", "f"), chain("a", "j", "t", "end"), chain("b", "j")]
    run = begin(file_of(process(*parts, *flows)))
    run.complete("a", "b")
    assert run.tasks == []
    run.resume()
    assert run.tasks == ["t"]


def test_all_local_variables_are_the_input_parameters_of_the_call(begin: Begin):
    inside = mapping("in", variables="all", local="true") + mapping("in", source="secret", target="one", local="true")
    hand = parameters({"a": "=x + 1"}).replace("</bpmn:extensionElements>", inside + "</bpmn:extensionElements>")
    called = file_of(process(start("cs"), script("s", "{}"), user("u"), end("ce"), chain("cs", "s", "u", "ce"), key="Called"))
    run = begin(file_of(straight(call("c", "Called", hand), ids=["c"])), called, x=1, secret=2)
    assert run.data_at("u") == {"a": 2, "one": None}

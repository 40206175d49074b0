"""Event sub-processes: only when triggered, beside or instead of everything else in their scope."""

from __future__ import annotations

import pytest

from engine.bpmn.execution import Execution
from engine.bpmn.parse import parse
from engine.errors import BpmnError, InvalidInput
from tests.bpmn.conftest import Begin, HostDouble
from tests.bpmn.diagrams import (
    boundary,
    call,
    cardinality,
    chain,
    correlation,
    definition,
    element,
    end,
    error,
    escalation,
    event_sub,
    extensions,
    file_of,
    flow,
    many,
    mapping,
    message,
    parallel,
    process,
    script,
    service,
    signal,
    start,
    straight,
    sub,
    throw,
    timer,
    user,
    xor,
)

ROOTS = [message("m"), signal("s"), error("err", "E1"), escalation("esc", "C1")]
TRIGGERS = {
    "message": definition("message", "m"),
    "signal": definition("signal", "s"),
    "timer": timer("timeDuration", "PT1H"),
    "error": definition("error", "err", camunda__errorCodeVariable="why"),
    "escalation": definition("escalation", "esc", camunda__escalationCodeVariable="why"),
}


def handler(kind: str, interrupting: bool = True, id: str = "x") -> str:
    """An event sub-process with one task."""
    return event_sub(id, TRIGGERS[kind], user(f"{id}_task"), interrupting=interrupting)


def throwing(kind: str) -> str:
    """The element “bad”, which throws inside the scope."""
    if kind == "error":
        return service("bad", "refuse")
    return throw("bad", definition("escalation", "esc"))


def scoped(scope: str, *parts: str, ids: list[str]) -> list[bytes]:
    """A file whose scope (process, embedded, called, each of two instances) holds the parts, with a task “t” behind it."""
    inside = [*parts, start("i_s"), end("i_e"), chain("i_s", *ids, "i_e")]
    if scope == "process":
        return [file_of(*ROOTS, process(*inside))]
    if scope == "called":
        hand = extensions(mapping("in", variables="all"), mapping("out", variables="all"))
        outer = file_of(straight(call("scope", "Called", hand), user("t"), ids=["scope", "t"]))
        return [outer, file_of(*ROOTS, process(*inside, key="Called"))]
    loop = [many(cardinality("2"))] if scope == "instances" else []
    return [file_of(*ROOTS, straight(sub("scope", *loop, *inside), user("t"), ids=["scope", "t"]))]


SCOPES = ["process", "embedded", "called"]


def trigger(run, kind: str, host: HostDouble, **variables) -> None:
    if kind == "timer":
        run.fire("x_s")
    elif kind in ("message", "signal"):
        run.deliver("x_s", **variables)
    else:
        run.complete("a", **variables)


def parts_of(kind: str, interrupting: bool) -> tuple[list[str], list[str]]:
    """The scope's elements: two tasks side by side; after the first, something is thrown if the kind asks for it."""
    thrown = [throwing(kind)] if kind in ("error", "escalation") else []
    parts = [handler(kind, interrupting), parallel("f"), user("a"), user("b"), user("c"), parallel("j"), *thrown]
    return [*parts, chain("f", "b", "j"), chain("a", *(["bad"] if thrown else []), "c", "j")], ["f", "a"]


def drawn(scope: str, kind: str, interrupting: bool) -> list[bytes]:
    parts, _ = parts_of(kind, interrupting)
    inside = [*parts, start("i_s"), end("i_e"), chain("i_s", "f", "a"), chain("j", "i_e")]
    if scope == "process":
        return [file_of(*ROOTS, process(*inside))]
    if scope == "called":
        hand = extensions(mapping("in", variables="all"), mapping("out", variables="all"))
        outer = file_of(straight(call("scope", "Called", hand), user("t"), ids=["scope", "t"]))
        return [outer, file_of(*ROOTS, process(*inside, key="Called"))]
    return [file_of(*ROOTS, straight(sub("scope", *inside), user("t"), ids=["scope", "t"]))]


def refusing(host: HostDouble) -> None:
    def refuse(inputs, activity):
        raise BpmnError("E1", "refused")

    host.operations["refuse"] = refuse


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("kind", list(TRIGGERS))
def test_an_interrupting_event_sub_process_ends_all_others_of_its_scope(begin: Begin, host: HostDouble, scope: str, kind: str):
    refusing(host)
    run = begin(*drawn(scope, kind, interrupting=True), x=1)
    assert run.tasks == ["a", "b"]
    assert "x" not in {name for _, name in run.execution.active_elements()}
    trigger(run, kind, host, y=2)
    assert run.tasks == ["x_task"]
    expected = {"x": 1, **({"y": 2} if kind != "timer" else {}), **({"why": "E1"} if kind == "error" else {})}
    assert run.data_at("x_task") == expected | ({"why": "C1"} if kind == "escalation" else {})
    assert (run.timers, run.subscriptions) == ([], [])
    assert ("b", "cancelled") in run.path("userTask")
    run.complete("x_task", z=3)
    if scope == "process":
        assert (run.completed, run.ends, run.variables["z"]) == (True, ("x_e",), 3)
    else:
        assert run.tasks == ["t"]
        assert run.data_at("t")["z"] == 3
        assert ("scope", "completed") in run.path()


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("kind", [kind for kind in TRIGGERS if kind != "error"])
def test_a_non_interrupting_event_sub_process_runs_beside_its_scope(begin: Begin, host: HostDouble, scope: str, kind: str):
    run = begin(*drawn(scope, kind, interrupting=False), x=1)
    trigger(run, kind, host)
    assert run.tasks == sorted([*(["c"] if kind == "escalation" else ["a"]), "b", "x_task"])
    run.complete("x_task", z=3)
    assert run.data_at("b")["z"] == 3
    if kind != "escalation":
        run.complete("a")
    run.complete("b", "c")
    assert run.completed if scope == "process" else run.data_at("t")["z"] == 3
    assert (run.timers, run.subscriptions) == ([], [])


@pytest.mark.parametrize("scope", SCOPES)
def test_the_scope_ends_only_when_its_running_event_sub_process_has_ended(begin: Begin, host: HostDouble, scope: str):
    run = begin(*drawn(scope, "message", interrupting=False))
    run.deliver("x_s")
    run.complete("a", "b", "c", last=True)
    assert run.tasks == ["x_task"]
    run.complete("x_task")
    assert run.completed if scope == "process" else run.data_at("t")["last"]


@pytest.mark.parametrize("kind", ["message", "signal"])
def test_a_non_interrupting_event_sub_process_may_be_started_again_and_again(begin: Begin, host: HostDouble, kind: str):
    run = begin(*drawn("process", kind, interrupting=False))
    for number in range(3):
        run.deliver("x_s", number=number)
    assert run.tasks == ["a", "b", "x_task", "x_task", "x_task"]
    assert [run.data_at("x_task", place)["number"] for place in range(3)] == [0, 1, 2]
    run.complete("x_task", "x_task", "x_task")
    sizes = []
    for _ in range(30):
        run.deliver("x_s", number=0)
        run.complete("x_task")
        sizes.append(run.sizes[-1])
    assert max(sizes) - min(sizes) < 20
    run.complete("a", "b", "c")
    assert run.completed


def test_a_repeating_timer_starts_a_non_interrupting_event_sub_process_each_time(begin: Begin, host: HostDouble):
    remind = event_sub("x", timer("timeCycle", "R2/PT1H"), script("x_script", "{n: n + 1}"), interrupting=False)
    run = begin(file_of(straight(user("a"), remind, ids=["a"])), n=0)
    (wait,) = run.waits.timers.values()
    assert (wait.element_id, wait.repeats) == ("x_s", True)
    host.advance(hours=1)
    run.fire("x_s")
    assert run.data_at("a") == {"n": 1}
    host.advance(hours=1)
    run.fire("x_s")
    assert run.data_at("a") == {"n": 2}
    assert run.timers == []


def test_a_timer_start_does_not_keep_the_instance_open(begin: Begin):
    run = begin(file_of(straight(user("a"), handler("timer"), ids=["a"])))
    assert run.timers == ["x_s"]
    run.complete("a")
    assert run.completed
    assert run.timers == []
    assert run.path("subProcess") == []


def test_each_instance_of_a_multi_instance_has_its_own_event_sub_process(begin: Begin):
    run = begin(*scoped("instances", handler("message"), user("a"), ids=["a"]))
    assert run.subscriptions == ["x_s", "x_s"]
    run.deliver("x_s", who="first")
    assert run.tasks == ["a", "x_task"]
    assert run.data_at("x_task") == {"loopCounter": 0, "who": "first"}
    run.complete("x_task")
    assert run.tasks == ["a"]
    run.complete("a")
    assert run.tasks == ["t"]


def test_what_it_waits_for_is_evaluated_when_its_scope_begins(begin: Begin):
    body = event_sub("x", definition("message", "m"), user("x_task"), extra=correlation("=case_no"))
    run = begin(*scoped("embedded", body, user("a"), ids=["a"]), case_no="7")
    run.set_variables(case_no="8")
    (wait,) = run.waits.subscriptions.values()
    assert (wait.element_id, wait.kind, wait.name, wait.correlation_key) == ("x_s", "message", "m", "7")


def test_what_cannot_be_awaited_is_a_failure_beside_the_scope_and_can_be_retried(begin: Begin):
    body = event_sub("x", definition("message", "m"), user("x_task"), extra=correlation("=case_no"))
    run = begin(*scoped("process", body, user("a"), ids=["a"]))
    assert run.tasks == ["a"]
    assert list(run.failures) == ["x_s"]
    run.set_variables(case_no=1)
    run.retry()
    assert (run.failures, run.subscriptions) == ({}, ["x_s"])


def test_an_error_goes_to_the_event_sub_process_of_its_level_before_the_boundary_outside(begin: Begin, host: HostDouble):
    refusing(host)
    body = sub("scope", handler("error"), start("ss"), service("bad", "refuse"), end("se"), chain("ss", "bad", "se"))
    caught = boundary("caught", "scope", definition("error", "err"))
    parts = [start(), body, caught, user("t"), end(), chain("start", "scope", "end"), chain("caught", "t", "end")]
    assert begin(file_of(*ROOTS, process(*parts))).tasks == ["x_task"]


def test_what_an_event_sub_process_throws_goes_further_out(begin: Begin, host: HostDouble):
    refusing(host)
    again = event_sub("x", TRIGGERS["error"], service("worse", "refuse"))
    body = sub("scope", again, start("ss"), service("bad", "refuse"), end("se"), chain("ss", "bad", "se"))
    caught = boundary("caught", "scope", definition("error", "err"))
    parts = [start(), body, caught, user("t"), end(), chain("start", "scope", "end"), chain("caught", "t", "end")]
    assert begin(file_of(*ROOTS, process(*parts))).tasks == ["t"]


def test_what_an_event_sub_process_throws_at_the_top_is_a_failure(begin: Begin, host: HostDouble):
    refusing(host)
    again = event_sub("x", TRIGGERS["error"], service("worse", "refuse"))
    run = begin(file_of(*ROOTS, process(again, start(), service("bad", "refuse"), end(), chain("start", "bad", "end"))))
    assert list(run.failures) == ["worse"]


def test_an_error_end_event_inside_a_called_process_reaches_the_event_sub_process_of_the_caller(begin: Begin):
    outer = file_of(*ROOTS, straight(call("c", "Called"), handler("error"), ids=["c"]))
    inner = file_of(*ROOTS, process(start("cs"), user("u"), end("ce", definition("error", "err")), chain("cs", "u", "ce"), key="Called"))
    run = begin(outer, inner)
    run.complete("u")
    assert run.tasks == ["x_task"]


def test_an_interrupting_event_sub_process_ends_also_the_ones_that_run_beside(begin: Begin):
    parts = [handler("message", interrupting=False), handler("signal", id="y"), user("a")]
    run = begin(*scoped("process", *parts, ids=["a"]))
    run.deliver("x_s")
    run.deliver("y_s")
    assert run.tasks == ["y_task"]
    assert run.subscriptions == []


def test_branches_keep_apart_what_they_set_while_an_event_sub_process_runs_beside_them(begin: Begin):
    run = begin(*drawn("process", "message", interrupting=False), y=0)
    run.complete("a", y=1)
    run.deliver("x_s")
    assert run.data_at("x_task") == {"y": 1}
    assert run.data_at("b") == {"y": 0}
    assert run.variables == {"y": 1}
    run.complete("c", y=2)
    assert run.variables == {"y": 2}
    run.complete("x_task", z=1)
    run.complete("b")
    assert run.completed
    assert run.variables == {"y": 2, "z": 1}
    assert run.conflicts() == []


def test_an_event_sub_process_may_hold_another(begin: Begin):
    inner = event_sub("y", TRIGGERS["signal"], user("y_task"))
    body = event_sub("x", TRIGGERS["message"], user("x_task"), extra_parts=inner)
    run = begin(*scoped("process", body, user("a"), ids=["a"]))
    assert run.subscriptions == ["x_s"]
    run.deliver("x_s")
    assert run.subscriptions == ["y_s"]
    run.deliver("y_s")
    assert run.tasks == ["y_task"]
    run.complete("y_task")
    assert run.completed


def test_a_terminate_end_inside_ends_only_the_event_sub_process(begin: Begin):
    body = element(
        "subProcess",
        "x",
        start("x_s", TRIGGERS["message"], isInterrupting="false"),
        parallel("xf"),
        user("x_task"),
        end("x_end"),
        end("x_stop", definition("terminate")),
        chain("x_s", "xf", "x_task", "x_end"),
        flow("xf", "x_stop"),
        triggeredByEvent="true",
    )
    run = begin(*scoped("process", body, user("a"), ids=["a"]))
    run.deliver("x_s")
    assert run.tasks == ["a"]


def test_a_join_that_can_never_open_is_a_failure_although_an_event_is_awaited_beside_it(begin: Begin):
    parts = [start(), xor("g"), user("a"), parallel("j"), handler("message"), end()]
    flows = [chain("start", "g"), flow("g", "a", "true"), flow("g", "j", "false"), chain("a", "j", "end")]
    run = begin(file_of(*ROOTS, process(*parts, *flows)))
    run.complete("a")
    assert list(run.failures) == ["j"]
    run.deliver("x_s")
    assert (run.tasks, run.failures) == (["x_task"], {})


def test_an_instance_cannot_be_started_at_an_event_sub_process(host: HostDouble):
    (found,) = parse(file_of(*ROOTS, straight(user("a"), handler("message"), ids=["a"])), "x.bpmn")
    assert dict(found.message_starts) == {}
    with pytest.raises(InvalidInput):
        Execution.start(1, found, host, {}, at="x_s")


def test_cancelling_the_instance_ends_what_waits_beside_it(begin: Begin):
    run = begin(*scoped("embedded", handler("message"), user("a"), ids=["a"]))
    run.cancel()
    assert run.completed
    assert run.subscriptions == []

"""Errors and escalations: who catches them, and what happens when nobody does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from engine.bpmn.waits import Activity
from engine.errors import BpmnError
from tests.bpmn.conftest import Begin, HostDouble
from tests.bpmn.diagrams import (
    boundary,
    call,
    chain,
    definition,
    end,
    error,
    escalation,
    file_of,
    process,
    script,
    service,
    start,
    straight,
    sub,
    throw,
    user,
)

DAY = timedelta(days=1)


def refuse(code: str) -> Any:
    def operation(inputs: Mapping[str, Any], activity: Activity) -> Mapping[str, Any]:
        raise BpmnError(code, f"because of {code}")

    return operation


def guarded(*errors: str, variables: bool = False) -> bytes:
    """A service task with one boundary event per error root (“any” has no root)."""
    names = {"camunda__errorCodeVariable": "code", "camunda__errorMessageVariable": "text"} if variables else {}
    events = [boundary(f"on_{name}", "o", definition("error", None if name == "any" else name, **names)) for name in errors]
    ways = [user(f"t_{name}") + chain(f"on_{name}", f"t_{name}", "end") for name in errors]
    roots = [error(name, name) for name in errors if name != "any"]
    return file_of(*roots, process(start(), service("o", "op"), *events, *ways, user("fine"), end(), chain("start", "o", "fine", "end")))


@pytest.mark.parametrize(("code", "task"), [("E1", "t_E1"), ("E2", "t_E2"), ("E3", "t_any")])
def test_an_error_goes_to_the_boundary_event_with_its_code_before_a_catch_all(begin: Begin, host: HostDouble, code: str, task: str):
    host.operations["op"] = refuse(code)
    assert begin(guarded("any", "E1", "E2")).tasks == [task]


def test_an_error_can_leave_its_code_and_text_in_variables(begin: Begin, host: HostDouble):
    host.operations["op"] = refuse("E1")
    assert begin(guarded("E1", variables=True)).data_at("t_E1") == {"code": "E1", "text": "because of E1"}


def test_an_error_climbs_out_of_sub_processes_and_called_processes(begin: Begin, host: HostDouble):
    host.operations["op"] = refuse("E1")
    inside = sub("s", start("ss"), call("c", "Called"), end("se"), chain("ss", "c", "se"))
    parts = [
        start(),
        inside,
        boundary("caught", "s", definition("error", "e")),
        user("t"),
        end(),
        chain("start", "s", "end"),
        chain("caught", "t", "end"),
    ]
    called = file_of(process(start("cs"), service("o", "op"), end("ce"), chain("cs", "o", "ce"), key="Called"))
    run = begin(file_of(error("e", "E1"), process(*parts)), called)
    assert run.tasks == ["t"]


def test_an_error_end_event_is_caught_around_its_sub_process_and_only_there(begin: Begin):
    """A boundary event with the same code on a parallel task stays quiet."""
    inside = sub("s", start("ss"), script("set", "{x: 2}"), end("se", definition("error", "e")), chain("ss", "set", "se"))
    beside = user("b") + boundary("not_me", "b", definition("error", "e")) + user("wrong") + chain("not_me", "wrong", "end2")
    parts = [start(), inside, beside, boundary("caught", "s", definition("error", "e")), user("t"), end(), end("end2")]
    run = begin(
        file_of(error("e", "E1"), process(*parts, chain("start", "s", "end"), chain("start", "b", "end2"), chain("caught", "t", "end"))),
        x=1,
    )
    assert run.tasks == ["b", "t"]
    assert run.data_at("t") == {"x": 2}


def test_an_error_end_event_that_nobody_catches_is_a_failure_and_not_a_success(begin: Begin):
    run = begin(file_of(error("e", "E1"), process(start(), end("boom", definition("error", "e")), chain("start", "boom"))))
    assert not run.completed
    assert "E1" in run.failures["boom"]


def escalating(interrupting: bool, last: bool) -> bytes:
    event = (
        end("esc", definition("escalation", "x"))
        if last
        else throw("esc", definition("escalation", "x")) + user("b") + end("se") + chain("esc", "b", "se")
    )
    inside = sub("s", start("ss"), event, chain("ss", "esc"))
    caught = boundary("caught", "s", definition("escalation", "x"), interrupting=interrupting)
    parts = [
        start(),
        inside,
        caught,
        user("t"),
        user("after"),
        end(),
        end("end2"),
        chain("start", "s", "after", "end"),
        chain("caught", "t", "end2"),
    ]
    return file_of(escalation("x", "X1"), process(*parts))


@pytest.mark.parametrize(
    ("interrupting", "last", "tasks"),
    [(True, False, ["t"]), (False, False, ["b", "t"]), (True, True, ["t"]), (False, True, ["after", "t"])],
)
def test_an_escalation_reaches_the_boundary_event_around_it(begin: Begin, interrupting: bool, last: bool, tasks: list[str]):
    assert begin(escalating(interrupting, last)).tasks == tasks


def test_an_escalation_that_nobody_catches_changes_nothing(begin: Begin):
    run = begin(file_of(escalation("x", "X1"), straight(throw("esc", definition("escalation", "x")), user("t"), ids=["esc", "t"])))
    assert run.tasks == ["t"]
    assert run.failures == {}


def test_a_none_throw_event_passes_through(begin: Begin):
    assert begin(file_of(straight(throw("milestone"), user("t"), ids=["milestone", "t"]))).tasks == ["t"]

"""Timers, messages, signals, errors, escalations: in the flow, at boundaries, behind event-based gateways, at ends."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from engine.bpmn.parse import parse
from engine.bpmn.waits import Activity
from engine.errors import BpmnError
from tests.bpmn.conftest import NOON, Begin, HostDouble
from tests.bpmn.diagrams import (
    boundary,
    call,
    catch,
    chain,
    correlation,
    definition,
    element,
    end,
    error,
    escalation,
    extensions,
    file_of,
    mapping,
    message,
    parameters,
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
)

DAY = timedelta(days=1)


# --- timers -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "text", "after"),
    [
        ("timeDuration", "PT1H", timedelta(hours=1)),
        ("timeDuration", '=duration("PT1H")', timedelta(hours=1)),
        ("timeDuration", "=limit", timedelta(days=2)),
        ("timeDate", "2026-03-05T12:00:00+00:00", timedelta(days=3)),
        ("timeDate", '=date and time("2026-03-05T12:00:00Z")', timedelta(days=3)),
        ("timeCycle", "R3/PT2H", timedelta(hours=2)),
    ],
)
def test_a_timer_waits_for_its_moment_and_fires_when_told(begin: Begin, kind: str, text: str, after: timedelta):
    run = begin(file_of(straight(catch("w", timer(kind, text)), user("t"), ids=["w", "t"])), limit="P2D")
    (wait,) = run.waits.timers.values()
    assert (wait.element_id, wait.due_at, wait.repeats) == ("w", NOON + after, False)
    run.fire("w")
    assert run.tasks == ["t"]
    assert run.timers == []


def with_timer(text: str, kind: str, interrupting: bool) -> bytes:
    parts = [
        start(),
        user("a"),
        boundary("late", "a", timer(kind, text), interrupting=interrupting),
        user("escalated"),
        user("t"),
        end(),
        end("end2"),
    ]
    return file_of(process(*parts, chain("start", "a", "t", "end"), chain("late", "escalated", "end2")))


def test_an_interrupting_timer_ends_the_task_and_goes_its_own_way(begin: Begin):
    run = begin(with_timer("P1D", "timeDuration", interrupting=True), x=1)
    assert run.tasks == ["a"]
    run.fire("late")
    assert run.tasks == ["escalated"]
    assert run.data_at("escalated") == {"x": 1}
    assert ("a", "cancelled") in run.path()
    assert ("late", "completed") in run.path()


def test_completing_the_task_withdraws_its_timer(begin: Begin):
    run = begin(with_timer("P1D", "timeDuration", interrupting=True))
    assert run.timers == ["late"]
    run.complete("a")
    assert run.timers == []
    assert run.tasks == ["t"]


def test_a_non_interrupting_timer_starts_a_branch_beside_the_task_once(begin: Begin):
    run = begin(with_timer("P1D", "timeDuration", interrupting=False), x=1)
    run.fire("late")
    assert run.tasks == ["a", "escalated"]
    assert run.timers == []
    run.complete("escalated", x=2)
    assert run.data_at("a") == {"x": 2}
    run.complete("a", "t")
    assert run.completed
    assert run.ends == ("end2", "end")


def test_the_task_may_end_before_the_branch_of_its_reminder(begin: Begin):
    run = begin(with_timer("P1D", "timeDuration", interrupting=False), x=1, y=1)
    run.fire("late")
    run.complete("a", x=2)
    assert run.tasks == ["escalated", "t"]
    run.complete("t")
    assert run.data_at("escalated") == {"x": 2, "y": 1}
    run.complete("escalated", y=3)
    assert run.completed
    assert run.variables == {"x": 2, "y": 3}


def test_a_repeating_reminder_fires_as_often_as_it_says(begin: Begin, host: HostDouble):
    run = begin(with_timer("R3/P1D", "timeCycle", interrupting=False))
    for number in (1, 2, 3):
        (wait,) = run.waits.timers.values()
        assert wait.due_at == NOON + number * DAY
        assert wait.repeats == (number < 3)
        host.moment = wait.due_at
        run.fire("late")
    assert run.timers == []
    assert run.tasks == ["a", "escalated", "escalated", "escalated"]


def test_a_reminder_without_limit_goes_on_and_missed_cycles_are_skipped(begin: Begin, host: HostDouble):
    run = begin(with_timer("R/PT1H", "timeCycle", interrupting=False))
    host.moment = NOON + timedelta(hours=600, minutes=30)
    run.fire("late")
    (wait,) = run.waits.timers.values()
    assert wait.due_at == NOON + timedelta(hours=601)
    assert run.tasks == ["a", "escalated"]


def test_a_timer_counts_from_the_arrival_at_its_element(begin: Begin, host: HostDouble):
    run = begin(file_of(straight(user("a"), catch("w", timer("timeDuration", "PT1H")), ids=["a", "w"])))
    host.advance(days=1)
    run.complete("a")
    assert next(iter(run.waits.timers.values())).due_at == NOON + DAY + timedelta(hours=1)


def test_a_reminder_whose_next_moment_fails_starts_its_branch_and_becomes_a_failure(
    begin: Begin, host: HostDouble, monkeypatch: pytest.MonkeyPatch
):
    run = begin(with_timer("R/PT1H", "timeCycle", interrupting=False))

    def broken(value: Any, start: Any) -> Any:
        raise RuntimeError("calendar is missing")

    with monkeypatch.context() as patch:
        patch.setattr(host, "due_at", broken)
        run.fire("late")
    assert run.tasks == ["a", "escalated"]
    assert run.failures == {"late": "RuntimeError: calendar is missing"}
    run.retry()
    assert run.timers == ["late"]


def test_a_timer_on_a_sub_process_ends_everything_inside_and_keeps_what_was_set(begin: Begin):
    inside = sub("s", start("ss"), user("a"), user("b"), end("se"), chain("ss", "a", "b", "se"))
    parts = [
        start(),
        inside,
        boundary("late", "s", timer("timeDuration", "P1D")),
        user("t"),
        end(),
        chain("start", "s", "end"),
        chain("late", "t", "end"),
    ]
    run = begin(file_of(process(*parts)), x=1)
    run.complete("a", x=2)
    run.fire("late")
    assert run.tasks == ["t"]
    assert run.data_at("t") == {"x": 2}


def test_a_reminder_on_a_sub_process_sees_what_was_set_inside_and_gives_back_its_own_changes(begin: Begin):
    inside = sub("s", start("ss"), user("a"), user("b"), end("se"), chain("ss", "a", "b", "se"))
    late = boundary("late", "s", timer("timeDuration", "P1D"), interrupting=False)
    parts = [start(), inside, late, user("r"), user("t"), end(), end("end2"), chain("start", "s", "t", "end"), chain("late", "r", "end2")]
    run = begin(file_of(process(*parts)), x=1, y=1)
    run.complete("a", x=2)
    run.fire("late")
    assert run.data_at("r") == {"x": 2, "y": 1}
    run.complete("r", y=5)
    assert run.data_at("b") == {"x": 2, "y": 5}
    run.complete("b", x=3)
    assert run.data_at("t") == {"x": 3, "y": 5}


def test_a_timer_that_cannot_be_computed_stops_its_task_until_retry(begin: Begin):
    run = begin(with_timer("=limit", "timeDuration", interrupting=True))
    assert list(run.failures) == ["a"]
    run.set_variables(limit="PT1H")
    run.retry()
    assert (run.tasks, run.timers) == (["a"], ["late"])


# --- messages and signals ---------------------------------------------------------------------------------------------


def test_a_message_is_awaited_by_name_and_correlation_key(begin: Begin):
    event = catch("w", correlation("=case_no"), definition("message", "m"))
    run = begin(file_of(message("m", "reply"), straight(event, user("t"), ids=["w", "t"])), case_no=42)
    (wait,) = run.waits.subscriptions.values()
    assert (wait.element_id, wait.kind, wait.name, wait.correlation_key) == ("w", "message", "reply", "42")
    run.deliver("w", answer="yes")
    assert run.data_at("t") == {"case_no": 42, "answer": "yes"}


def test_the_name_of_a_message_may_be_an_expression_and_is_fixed_on_arrival(begin: Begin):
    run = begin(file_of(message("m", '="reply-" + kind'), straight(catch("w", definition("message", "m")), ids=["w"])), kind="a")
    run.set_variables(kind="b")
    assert next(iter(run.waits.subscriptions.values())).name == "reply-a"


def test_an_empty_correlation_key_is_a_failure(begin: Begin):
    event = catch("w", correlation("=key"), definition("message", "m"))
    assert "correlation key" in begin(file_of(message("m"), straight(event, ids=["w"])), key=None).failures["w"]


def test_a_receive_task_waits_for_its_message_and_may_be_completed_by_hand(begin: Begin):
    source = file_of(message("m"), straight(element("receiveTask", "w", messageRef="m"), user("t"), ids=["w", "t"]))
    run = begin(source)
    assert run.subscriptions == ["w"]
    run.execution.complete(next(iter(run.waits.subscriptions)), {"x": 1})
    assert run.data_at("t") == {"x": 1}


def test_a_non_interrupting_message_can_arrive_again_and_again(begin: Begin):
    more = boundary("more", "a", definition("message", "m"), interrupting=False)
    parts = [start(), user("a"), more, user("read"), end(), end("end2"), chain("start", "a", "end"), chain("more", "read", "end2")]
    run = begin(file_of(message("m"), process(*parts)))
    run.deliver("more", material=1)
    run.deliver("more", material=2)
    assert run.tasks == ["a", "read", "read"]
    assert [run.data_at("read", number) for number in (0, 1)] == [{"material": 1}, {"material": 2}]
    run.complete("read", "read")
    assert run.subscriptions == ["more"]
    run.complete("a")
    assert run.completed


def test_messages_and_signals_that_are_thrown_leave_the_instance(begin: Begin):
    told = throw(
        "tell",
        parameters({"text": '="about " + no'}).replace("</bpmn:extensionElements>", "")
        + correlation("=no").replace("<bpmn:extensionElements>", ""),
        definition("message", "m"),
    )
    called = throw(
        "call",
        definition("signal", "s").replace(
            "/>", ">" + extensions(mapping("in", source="no", target="case")) + "</bpmn:signalEventDefinition>"
        ),
    )
    parts = [start(), told, called, end("last", definition("signal", "s")), chain("start", "tell", "call", "last")]
    run = begin(file_of(message("m", "news"), signal("s", "alarm"), process(*parts)), no="7")
    assert run.completed
    news, alarm, last = run.thrown()
    assert (news.kind, news.name, news.correlation_key, news.variables) == ("message", "news", "7", {"text": "about 7"})
    assert (alarm.kind, alarm.name, alarm.correlation_key, alarm.variables) == ("signal", "alarm", None, {"case": "7"})
    assert (last.kind, last.name, last.variables) == ("signal", "alarm", {})


def test_a_send_task_throws_its_message_or_calls_its_operation(begin: Begin, host: HostDouble):
    host.operations["sms"] = lambda inputs, activity: {"sent": True}
    by_message = element("sendTask", "s1", messageRef="m")
    by_operation = element("sendTask", "s2", camunda__type="external", camunda__topic="sms")
    run = begin(file_of(message("m"), straight(by_message, by_operation, ids=["s1", "s2"])))
    assert [thrown.name for thrown in run.thrown()] == ["m"]
    assert run.variables == {"sent": True}


def test_a_message_end_event_may_call_an_operation(begin: Begin, host: HostDouble):
    host.operations["close"] = lambda inputs, activity: {"closed": True}
    event = end("e", definition("message", camunda__type="external", camunda__topic="close"))
    run = begin(file_of(process(start(), event, chain("start", "e"))))
    assert (run.completed, run.variables, run.ends) == (True, {"closed": True}, ("e",))


def test_a_signal_is_awaited_and_delivered_to_one_token(begin: Begin):
    run = begin(file_of(signal("s", "alarm"), straight(catch("w", definition("signal", "s")), user("t"), ids=["w", "t"])))
    (wait,) = run.waits.subscriptions.values()
    assert (wait.kind, wait.name, wait.correlation_key) == ("signal", "alarm", None)
    run.deliver("w")
    assert run.tasks == ["t"]


def test_a_process_can_start_by_message_where_the_diagram_says(begin: Begin):
    begun = start("by_message", definition("message", "m"))
    source = file_of(
        message("m", "hello"),
        process(start(), begun, user("a"), user("b"), end(), chain("start", "a", "end"), chain("by_message", "b", "end")),
    )
    assert dict(parse(source, "x.bpmn")[0].message_starts) == {"hello": "by_message"}
    assert begin(source, at="by_message").tasks == ["b"]


# --- event-based gateway ----------------------------------------------------------------------------------------------


def racing() -> bytes:
    parts = [
        start(),
        element("eventBasedGateway", "g"),
        catch("w1", timer("timeDuration", "PT1H")),
        catch("w2", timer("timeDuration", "PT2H")),
        catch("w3", correlation("=no"), definition("message", "m")),
        element("receiveTask", "w4", messageRef="n"),
        *(user(f"t{number}") for number in (1, 2, 3, 4)),
        end(),
        chain("start", "g"),
        *(chain("g", f"w{number}", f"t{number}", "end") for number in (1, 2, 3, 4)),
    ]
    return file_of(message("m"), message("n"), process(*parts))


@pytest.mark.parametrize(("event", "task"), [("w1", "t1"), ("w2", "t2")])
def test_the_first_of_several_timers_wins_at_an_event_based_gateway(begin: Begin, event: str, task: str):
    run = begin(racing(), no=1)
    assert (run.timers, run.subscriptions) == (["w1", "w2"], ["w3", "w4"])
    assert run.execution.active_elements() == [("P", "g")]
    run.fire(event)
    assert (run.tasks, run.timers, run.subscriptions) == ([task], [], [])
    assert ("g", "completed") in run.path()
    assert (event, "completed") in run.path()


@pytest.mark.parametrize(("event", "task"), [("w3", "t3"), ("w4", "t4")])
def test_a_message_wins_at_an_event_based_gateway(begin: Begin, event: str, task: str):
    run = begin(racing(), no=1)
    run.deliver(event, x=1)
    assert (run.tasks, run.timers) == ([task], [])
    assert run.data_at(task) == {"no": 1, "x": 1}


# --- errors and escalations -------------------------------------------------------------------------------------------


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

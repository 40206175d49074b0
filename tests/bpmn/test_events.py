"""Messages and signals, caught and thrown; event-based gateways."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.bpmn.parse import parse
from tests.bpmn.conftest import Begin, HostDouble
from tests.bpmn.diagrams import (
    boundary,
    catch,
    chain,
    correlation,
    definition,
    element,
    end,
    extensions,
    file_of,
    mapping,
    message,
    parameters,
    process,
    signal,
    start,
    straight,
    throw,
    timer,
    user,
)

DAY = timedelta(days=1)


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
    assert "关联键" in begin(file_of(message("m"), straight(event, ids=["w"])), key=None).failures["w"]


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

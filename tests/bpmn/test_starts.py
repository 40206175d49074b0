"""How a process can be started: by nobody in particular, by message, by signal, by timer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.bpmn.execution import Execution
from engine.bpmn.model import ProcessDefinition, TimerStart
from engine.bpmn.parse import parse
from engine.bpmn.schedule import Occasion, first_occasion, next_occasion
from engine.errors import ExpressionFailed, InvalidInput
from tests.bpmn.conftest import NOON, Begin, HostDouble
from tests.bpmn.diagrams import call, chain, definition, end, file_of, message, process, signal, start, straight, timer, user

HOUR = timedelta(hours=1)


def many_starts() -> bytes:
    starts = [
        start(),
        start("by_message", definition("message", "m")),
        start("by_signal", definition("signal", "s")),
        start("by_date", timer("timeDate", '=date and time("2026-03-02T13:00:00Z")')),
        start("by_cycle", timer("timeCycle", "R3/PT1H")),
    ]
    flows = [chain(name, f"after_{name}", "end") for name in ("start", "by_message", "by_signal", "by_date", "by_cycle")]
    tasks = [user(f"after_{name}") for name in ("start", "by_message", "by_signal", "by_date", "by_cycle")]
    return file_of(message("m", "hello"), signal("s", "alarm"), process(*starts, *tasks, end(), *flows))


def defined() -> ProcessDefinition:
    return parse(many_starts(), "starts.bpmn")[0]


def test_a_definition_lists_its_message_signal_and_timer_starts():
    found = defined()
    lines = {key: value.line for key, value in found.elements.items()}
    assert dict(found.message_starts) == {"hello": "by_message"}
    assert dict(found.signal_starts) == {"alarm": "by_signal"}
    assert found.timer_starts == (
        TimerStart("by_date", "date", 'date and time("2026-03-02T13:00:00Z")', True, lines["by_date"]),
        TimerStart("by_cycle", "cycle", "R3/PT1H", False, lines["by_cycle"]),
    )


@pytest.mark.parametrize("name", ["by_message", "by_signal", "by_date", "by_cycle"])
def test_an_instance_starts_where_its_event_is_drawn(begin: Begin, name: str):
    run = begin(many_starts(), at=name, x=1)
    assert run.tasks == [f"after_{name}"]
    assert run.data_at(f"after_{name}") == {"x": 1}
    assert (run.timers, run.subscriptions) == ([], [])
    assert [element for element, _ in run.path()] == [name]


def test_an_instance_without_a_place_starts_at_the_none_start_event(begin: Begin):
    assert begin(many_starts()).tasks == ["after_start"]


def test_a_date_occurs_once(host: HostDouble):
    occasion = first_occasion(defined().timer_starts[0], host)
    assert occasion == Occasion(NOON + HOUR, 1, None)
    assert next_occasion(occasion, host) is None


def test_a_cycle_occurs_as_often_as_it_says_and_skips_what_was_missed(host: HostDouble):
    occasion = first_occasion(defined().timer_starts[1], host)
    assert occasion == Occasion(NOON + HOUR, 3, "PT1H")
    host.advance(hours=1)
    second = next_occasion(occasion, host)
    assert second == Occasion(NOON + 2 * HOUR, 2, "PT1H")
    host.advance(hours=6)
    assert second is not None
    third = next_occasion(second, host)
    assert third == Occasion(NOON + 8 * HOUR, 1, "PT1H")
    assert third is not None
    assert next_occasion(third, host) is None


@pytest.mark.parametrize(("kind", "text"), [("date", "nowhere"), ("cycle", '"daily"'), ("cycle", "1"), ("date", "null")])
def test_a_timer_start_that_names_no_moment_is_an_error(host: HostDouble, kind: str, text: str):
    with pytest.raises(ExpressionFailed):
        first_occasion(TimerStart("t", kind, text, True, 1), host)  # type: ignore[arg-type]


def test_a_process_that_only_an_event_starts_needs_its_place(host: HostDouble):
    (found,) = parse(file_of(process(start("s", timer("timeCycle", "R/P1D")), end(), chain("s", "end"))), "x.bpmn")
    assert found.timer_starts[0].element_id == "s"
    with pytest.raises(InvalidInput):
        Execution.start(1, found, host, {})


def test_a_process_that_only_an_event_starts_cannot_be_called(begin: Begin):
    timed = file_of(process(start("s", timer("timeCycle", "R/P1D")), end("e"), chain("s", "e"), key="Called"))
    assert "事件" in begin(file_of(straight(call("c", "Called"), ids=["c"])), timed).failures["c"]

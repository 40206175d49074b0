"""Each reason why a token cannot go on, shown by a diagram: the failure names it, and nothing else of the instance is harmed."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest

from engine.bpmn.execution import Execution
from engine.bpmn.failures import TEXTS
from engine.bpmn.parse import parse
from engine.errors import Conflict, InvalidInput, NotFound
from tests.bpmn.conftest import NOON, Begin, HostDouble
from tests.bpmn.diagrams import (
    call,
    cardinality,
    catch,
    chain,
    conditional,
    correlation,
    definition,
    element,
    end,
    error,
    file_of,
    flow,
    looped,
    many,
    message,
    parallel,
    process,
    script,
    service,
    start,
    straight,
    timer,
    until,
    user,
    xor,
)


def one(part: str, *roots: str) -> bytes:
    return file_of(*roots, straight(part, ids=["x"]))


def rule(**attributes: str) -> str:
    return element("businessRuleTask", "x", **{f"camunda__{name}": value for name, value in attributes.items()})


def branching(condition: str) -> bytes:
    parts = [start(), xor("x"), end(), chain("start", "x"), flow("x", "end", condition)]
    return file_of(process(*parts))


BOUNDLESS = process(
    *(start(), xor("again"), script("x", "{}"), xor("turn", default="back"), end()),
    *(chain("start", "again", "x", "turn"), flow("turn", "end", "1 = 2"), flow("turn", "again", id="back")),
)
LONELY = process(
    *(start(), xor("g", default="d"), user("b"), parallel("x"), end()),
    *(chain("start", "g"), flow("g", "x", "1 = 1"), flow("g", "b", id="d"), chain("b", "x", "end")),
)
BY_MESSAGE = process(start("s2", definition("message", "m")), end("e2"), chain("s2", "e2"), key="ByMessage")

FAILING: list[tuple[str, bytes]] = [
    ("condition", branching("n + 1")),
    ("no-flow", branching("n = 2")),
    ("deadlock", file_of(LONELY)),
    ("endless", file_of(BOUNDLESS)),
    ("uncaught-error", file_of(error("e", "E1"), process(start(), end("x", definition("error", "e")), chain("start", "x")))),
    ("called-key", one(call("x", "=n"))),
    ("called-start", file_of(message("m"), straight(call("x", "ByMessage"), ids=["x"]), BY_MESSAGE)),
    ("too-deep", one(call("x", "P"))),
    ("event-name", one(catch("x", definition("message", "m")), message("m", "=n"))),
    ("correlation-key", one(catch("x", correlation("=[n]"), definition("message", "m")), message("m"))),
    ("cycle", one(catch("x", timer("timeCycle", "=n")))),
    ("cron-over", one(catch("x", timer("timeCycle", "0 0 9 * * ? 2025")))),
    ("cycle", one(catch("x", timer("timeCycle", '="R0/PT1H"')))),
    ("moment", one(catch("x", timer("timeDuration", "naive")))),
    ("moment", one(user("x", dueDate="naive"))),
    ("completion", one(script("x", "{}").replace("</bpmn:scriptTask>", many(until("n"), cardinality("1")) + "</bpmn:scriptTask>"))),
    ("conditional", one(catch("x", conditional("n")))),
    ("loop", one(user("x", looped("n", testBefore="true")))),
    ("cardinality", one(user("x", many(cardinality("n + 0.5"))))),
    ("cardinality", one(user("x", many(cardinality("0 - n"))))),
    ("collection", one(user("x", many(collection="n", elementVariable="i")))),
    ("too-many", one(user("x", many(cardinality("10001"))))),
    ("variable", one(user("x", many(collection="nowhere", elementVariable="i")))),
    ("script", one(script("x", "n"))),
    ("decision", one(rule(decisionRef="number"))),
    ("text", one(rule(decisionRef="=n"))),
    ("text", one(user("x", assignee="=n"))),
    ("text", one(user("x", formKey="=null"))),
    ("operation", one(service("x", "wrong"))),
    ("names", one(user("x", candidateGroups="=[n]"))),
    ("priority", one(user("x", priority='="high"'))),
]


class CarelessHost(HostDouble):
    """Answers some questions wrongly."""

    def due_at(self, value: Any, start: datetime) -> datetime:
        return NOON.replace(tzinfo=None) if value == "naive" else super().due_at(value, start)


@pytest.mark.parametrize(("code", "source"), FAILING, ids=[f"{code} {number}" for number, (code, _) in enumerate(FAILING)])
def test_what_cannot_go_on_says_why(code: str, source: bytes, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("engine.bpmn.process.MAX_STEPS", 300)
    host = CarelessHost(decisions={"number": lambda variables: 7}, operations={"wrong": lambda inputs, activity: [1]})  # type: ignore[dict-item,return-value]
    host.definitions = dict(enumerate(parse(source, "failing.bpmn"), start=1))
    execution = Execution.start(1, host.definitions[1], host, {"n": 1})
    (failure,) = execution.waits().failures.values()
    pattern = re.sub(r"\\\{\w+\\\}", ".*", re.escape(TEXTS[code][1].replace("{{", "{").replace("}}", "}")))
    assert re.fullmatch(pattern.replace(r"\{x:\ 1\}", r"\{x: 1\}"), failure.detail, re.DOTALL), failure.detail
    assert Execution.load(execution.dump(), host).waits() == execution.waits()
    if code != "endless":
        execution.retry(failure.token)
        assert [again.detail for again in execution.waits().failures.values()] == [failure.detail]


def test_every_text_of_the_table_is_proven_by_a_failure():
    assert set(TEXTS) == {code for code, _ in FAILING}


def test_a_long_value_is_shortened_in_the_text_of_a_failure(begin: Begin):
    run = begin(one(script("x", "text")), text="y" * 1000)
    assert len(run.failures["x"]) < 200


def test_a_whole_number_with_decimals_counts_as_whole(begin: Begin):
    assert begin(one(user("x", many(cardinality("4 / 2"))))).tasks == ["x", "x"]


def test_a_start_event_that_does_not_exist_is_refused(begin: Begin):
    with pytest.raises(InvalidInput):
        begin(one(user("x")), at="x")


def test_a_process_that_starts_only_by_message_cannot_be_started_without_one(begin: Begin):
    with pytest.raises(InvalidInput):
        begin(file_of(message("m"), process(start("s", definition("message", "m")), end(), chain("s", "end"))))


def test_the_variables_of_a_token_that_is_gone_are_not_found(begin: Begin):
    run = begin(one(user("x")))
    with pytest.raises(NotFound):
        run.execution.variables_of(99)


def test_variables_of_a_finished_instance_can_still_be_corrected(begin: Begin):
    run = begin(one(user("x")))
    run.complete("x", a=1)
    run.set_variables(b=2)
    assert run.variables == {"a": 1, "b": 2}


def test_a_state_that_does_not_fit_its_definition_is_a_conflict(begin: Begin, host: HostDouble):
    state = begin(one(user("x"))).execution.dump()
    host.definitions[1] = parse(file_of(straight(user("other"), ids=["other"])), "other.bpmn")[0]
    with pytest.raises(Conflict, match="x"):
        Execution.load(state, host)
    with pytest.raises(Conflict, match="format"):
        Execution.load(b'{"format": 99}', host)


def test_a_reminder_counted_in_calendar_months_skips_to_the_next_moment_after_now(
    begin: Begin, host: HostDouble, monkeypatch: pytest.MonkeyPatch
):
    """The interval gets shorter over time, so that a computed jump would land in the past."""

    def shrinking(value: Any, start: datetime) -> datetime:
        return start + (timedelta(days=10) if start == NOON else timedelta(hours=1))

    monkeypatch.setattr(host, "due_at", shrinking)
    late = (
        '<bpmn:boundaryEvent id="late" attachedToRef="x" cancelActivity="false">' + timer("timeCycle", "R/PT1H") + "</bpmn:boundaryEvent>"
    )
    run = begin(file_of(process(start(), user("x"), late, end(), chain("start", "x", "end"), chain("late", "end"))))
    host.moment = NOON + timedelta(days=25, minutes=30)
    run.fire("late")
    assert next(iter(run.waits.timers.values())).due_at > host.moment

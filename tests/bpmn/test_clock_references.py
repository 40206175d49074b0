"""Timers and due dates that name a clock of the case: they follow it, rest with it, and keep its name."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.bpmn.parse import parse
from engine.errors import InvalidDefinition
from tests.bpmn.conftest import NOON, Begin, HostDouble
from tests.bpmn.diagrams import (
    boundary,
    catch,
    chain,
    end,
    event_sub,
    file_of,
    flow,
    process,
    start,
    straight,
    timer,
    user,
)
from tests.bpmn.migrating import moved

DAY = timedelta(days=1)
CLOCKS: dict[str, Any] = {
    "clock:finish": NOON + 5 * DAY,
    "clock:finish-1个工作日": NOON + 4 * DAY,
    "clock:finish+1个工作日": NOON + 6 * DAY,
}


@pytest.fixture(autouse=True)
def running_clocks(host: HostDouble) -> None:
    host.clocks = dict(CLOCKS)


@pytest.mark.parametrize("kind", ["timeDate", "timeDuration"])
@pytest.mark.parametrize("text", ["clock:finish", '="clock:finish"', '="clock:" + kind'])
def test_a_timer_that_names_a_clock_waits_for_the_moment_of_the_clock_and_follows_it(begin: Begin, kind: str, text: str):
    run = begin(file_of(straight(catch("w", timer(kind, text)), user("t"), ids=["w", "t"])), kind="finish")
    assert [wait.due_at for wait in run.waits.timers.values()] == [NOON + 5 * DAY]
    run.host.clocks = {"clock:finish": NOON + 7 * DAY}
    assert run.execution.follow_clocks()
    assert [wait.due_at for wait in run.waits.timers.values()] == [NOON + 7 * DAY]
    assert not run.execution.follow_clocks()
    run.fire("w")
    assert run.tasks == ["t"]


def test_a_timer_has_no_moment_while_its_clock_rests_and_gets_one_when_it_goes_on(begin: Begin, host: HostDouble):
    host.clocks = {}
    run = begin(file_of(straight(catch("w", timer("timeDate", "clock:finish")), ids=["w"])))
    assert [wait.due_at for wait in run.waits.timers.values()] == [None]
    run.host.clocks = CLOCKS
    run.execution.follow_clocks()
    assert [wait.due_at for wait in run.waits.timers.values()] == [NOON + 5 * DAY]


def test_due_and_follow_up_dates_of_a_task_follow_clocks(begin: Begin):
    task = user("a", dueDate='="clock:finish-1个工作日"', followUpDate="clock:finish")
    run = begin(file_of(straight(task, ids=["a"])))
    (wait,) = run.waits.user_tasks.values()
    assert (wait.due_at, wait.follow_up_at) == (NOON + 4 * DAY, NOON + 5 * DAY)
    run.host.clocks = {}
    assert run.execution.follow_clocks()
    (wait,) = run.waits.user_tasks.values()
    assert (wait.due_at, wait.follow_up_at) == (None, None)


def test_nothing_is_asked_where_no_clock_is_followed(begin: Begin):
    run = begin(file_of(straight(user("a", dueDate="PT1H"), boundary("b", "a", timer("timeDuration", "PT2H")), end("e"),
                                 flow("b", "e"), ids=["a"])))  # fmt: skip
    assert not run.execution.follow_clocks()
    assert run.host.asked_clocks == []


def test_a_list_of_moments_of_a_clock_occurs_once_at_each_and_skips_those_that_were_missed(begin: Begin):
    text = '="clock:finish-1个工作日, clock:finish, clock:finish+1个工作日"'
    drawn = process(
        start(), user("a"), end(), chain("start", "a", "end"), event_sub("x", timer("timeCycle", text), user("b"), interrupting=False)
    )
    run = begin(file_of(drawn))
    (wait,) = run.waits.timers.values()
    assert (wait.due_at, wait.repeats) == (NOON + 4 * DAY, True)
    run.host.advance(days=4)
    run.fire("x_s")
    assert [wait.due_at for wait in run.waits.timers.values()] == [NOON + 5 * DAY]
    run.host.advance(days=30)
    run.fire("x_s")
    assert [(wait.due_at, wait.repeats) for wait in run.waits.timers.values()] == [(NOON + 6 * DAY, False)]
    run.fire("x_s")
    assert (run.timers, run.tasks) == ([], ["a", "b", "b", "b"])


def test_missed_moments_are_skipped_up_to_the_first_that_lies_ahead(begin: Begin):
    text = "clock:finish-1个工作日, clock:finish, clock:finish+1个工作日"
    drawn = straight(user("a"), boundary("b", "a", timer("timeCycle", text), interrupting=False), user("c"), end("e"),
                     chain("b", "c", "e"), ids=["a"])  # fmt: skip
    run = begin(file_of(drawn))
    run.host.advance(days=5)
    run.fire("b")
    assert [wait.due_at for wait in run.waits.timers.values()] == [NOON + 6 * DAY]


def test_a_moment_set_by_hand_follows_no_clock_any_more(begin: Begin):
    run = begin(file_of(straight(user("a", dueDate="clock:finish"), ids=["a"])))
    run.execution.reschedule(run.task("a"), NOON + DAY)
    assert not run.execution.follow_clocks()
    assert run.waits.user_tasks[run.task("a")].due_at == NOON + DAY


@pytest.mark.parametrize(("timers", "due"), [("keep", 5), ("recompute", 6)])
def test_a_migrated_task_keeps_the_clock_it_follows_or_takes_that_of_the_new_version(begin: Begin, timers: Any, due: int):
    def drawn(text: str) -> bytes:
        return file_of(straight(user("a", dueDate=text), boundary("b", "a", timer("timeDate", text)), end("e"), flow("b", "e"), ids=["a"]))

    run = begin(drawn("clock:finish"))
    moved(run, drawn("clock:finish+1个工作日"), timers=timers)
    run.host.clocks = CLOCKS
    run.execution.follow_clocks()
    (task,), (late,) = run.waits.user_tasks.values(), run.waits.timers.values()
    assert (task.due_at, late.due_at) == (NOON + due * DAY, NOON + due * DAY)


def test_a_migrated_task_may_follow_no_clock_any_more(begin: Begin):
    run = begin(file_of(straight(user("a", dueDate="clock:finish"), ids=["a"])))
    moved(run, file_of(straight(user("a", dueDate="PT2H"), ids=["a"])), timers="recompute")
    assert not run.execution.follow_clocks()
    assert run.waits.user_tasks[run.task("a")].due_at == NOON + timedelta(hours=2)


def test_a_list_of_clocks_in_place_of_a_cycle_is_no_finding_and_other_words_are():
    def drawn(text: str) -> bytes:
        return file_of(straight(catch("w", timer("timeCycle", text)), ids=["w"]))

    assert parse(drawn("clock:finish, clock:finish+1个工作日"), "P.bpmn")
    with pytest.raises(InvalidDefinition) as refused:
        parse(drawn("finish, finish+1个工作日"), "P.bpmn")
    assert [finding.code for finding in refused.value.findings] == ["timer-cycle"]

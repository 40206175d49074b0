"""Timers: in the flow and at boundaries, once and repeating."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.bpmn.execution import Execution
from engine.errors import InvalidInput, NotFound
from tests.bpmn.conftest import NOON, Begin, HostDouble
from tests.bpmn.diagrams import (
    boundary,
    catch,
    chain,
    end,
    file_of,
    process,
    start,
    straight,
    sub,
    timer,
    user,
)

DAY = timedelta(days=1)


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


def test_a_running_timer_and_an_open_task_can_be_given_another_moment(begin: Begin):
    run = begin(with_timer("R3/P1D", "timeCycle", interrupting=False))
    (timer_token,) = run.waits.timers
    run.execution.reschedule(timer_token, NOON + 5 * DAY)
    run.execution.reschedule(run.task("a"), NOON + 6 * DAY)
    again = Execution.load(run.execution.dump(), run.host).waits()
    assert again.timers[timer_token].due_at == NOON + 5 * DAY
    assert [task.due_at for task in again.user_tasks.values()] == [NOON + 6 * DAY]
    with pytest.raises(NotFound):
        run.execution.reschedule(99, NOON)
    with pytest.raises(InvalidInput):
        run.execution.reschedule(timer_token, NOON.replace(tzinfo=None))

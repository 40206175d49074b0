"""Cron cycles: the writing of Camunda 7, on the centre's wall clock, wherever a timer may stand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine.bpmn.cron import NoCron, is_cron, next_after
from engine.bpmn.parse import parse
from engine.bpmn.schedule import first_occasion, next_occasion
from tests.bpmn.conftest import NOON, Begin, HostDouble
from tests.bpmn.diagrams import boundary, catch, chain, end, event_sub, file_of, process, start, straight, timer, user

#: A Monday, 20:00 in Shanghai.
WORKDAYS = "0 0 9 ? * MON-FRI"


def moments(text: str, count: int, after: datetime = NOON) -> list[str]:
    """The next moments, as the centre's clock shows them."""
    found = []
    for _ in range(count):
        following = next_after(text, after)
        assert following is not None
        after = following
        found.append((after + timedelta(hours=8)).strftime("%m-%d %H:%M:%S"))
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (WORKDAYS, ["03-03 09:00:00", "03-04 09:00:00", "03-05 09:00:00", "03-06 09:00:00", "03-09 09:00:00"]),
        ("0 0 9 ? * 2-6", ["03-03 09:00:00", "03-04 09:00:00", "03-05 09:00:00", "03-06 09:00:00", "03-09 09:00:00"]),
        ("0 0/20 * * * ?", ["03-02 20:20:00", "03-02 20:40:00", "03-02 21:00:00"]),
        ("*/30 * * * * ?", ["03-02 20:00:30", "03-02 20:01:00"]),
        ("0 0 8,18 * * ?", ["03-03 08:00:00", "03-03 18:00:00", "03-04 08:00:00"]),
        ("0 0 0 1 * ?", ["04-01 00:00:00", "05-01 00:00:00"]),
        ("0 0 0 L * ?", ["03-31 00:00:00", "04-30 00:00:00"]),
        ("0 0 0 LW * ?", ["03-31 00:00:00", "04-30 00:00:00", "05-29 00:00:00"]),
        ("0 0 12 ? * 6L", ["03-27 12:00:00", "04-24 12:00:00"]),
        ("0 0 12 ? * 6#3", ["03-20 12:00:00", "04-17 12:00:00"]),
        ("0 0 12 ? * L", ["03-07 12:00:00", "03-14 12:00:00"]),
        ("0 0 12 ? * sun", ["03-08 12:00:00"]),
        ("0 0 12 ? * 1,7", ["03-07 12:00:00", "03-08 12:00:00"]),
        ("0 0 12 1 jan ? 2028-2030/2", ["01-01 12:00:00", "01-01 12:00:00"]),
        ("0 15 10 ? * *", ["03-03 10:15:00", "03-04 10:15:00"]),
    ],
)
def test_a_cron_expression_names_moments_on_the_centres_clock(text: str, expected: list[str]):
    assert moments(text, len(expected)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "0 9 * * *",
        "0 0 9 1 * MON",
        "0 0 25 * * ?",
        "0 0 9 ? * 8",
        "0 0 9 ? * 0",
        "60 0 9 * * ?",
        "? 0 9 * * ?",
        "0 0 9 32 * ?",
        "0 0 9 ? * MON 26",
        "0 0 9 ? * MON#6",
        "often",
        "",
        "0 0 9 * * ? 2026 1",
        "0 0 9 15W * ?",
        "0 0 9 30 2 ?",
    ],
)
def test_what_is_no_cron_expression_is_told_from_one(text: str):
    assert not is_cron(text)
    with pytest.raises(NoCron):
        next_after(text, NOON)


def test_an_expression_whose_years_are_over_names_no_moment():
    assert next_after("0 0 9 * * ? 2025", NOON) is None


@pytest.mark.parametrize("text", [WORKDAYS, f'="{WORKDAYS}"', "=reminders"])
def test_a_reminder_beside_a_task_comes_at_each_moment(begin: Begin, text: str):
    beside = boundary("late", "a", timer("timeCycle", text), interrupting=False)
    parts = [start(), user("a"), beside, user("b"), end(), chain("start", "a", "end"), chain("late", "b", "end")]
    run = begin(file_of(process(*parts)), reminders=WORKDAYS)
    for day in (3, 4):
        (wait,) = run.waits.timers.values()
        assert (wait.due_at, wait.repeats) == (datetime(2026, 3, day, 1, tzinfo=UTC), True)
        run.host.moment = wait.due_at
        run.fire("late")
    assert run.tasks == ["a", "b", "b"]


def test_missed_moments_are_skipped(begin: Begin):
    beside = boundary("late", "a", timer("timeCycle", WORKDAYS), interrupting=False)
    run = begin(file_of(process(start(), user("a"), beside, user("b"), end(), chain("start", "a", "end"), chain("late", "b", "end"))))
    run.host.moment = NOON + timedelta(days=20)
    run.fire("late")
    assert [wait.due_at for wait in run.waits.timers.values()] == [datetime(2026, 3, 23, 1, tzinfo=UTC)]


def test_the_last_moment_of_the_years_is_the_last(begin: Begin):
    beside = boundary("late", "a", timer("timeCycle", "0 0 9 3,4 3 ? 2026"), interrupting=False)
    run = begin(file_of(process(start(), user("a"), beside, user("b"), end(), chain("start", "a", "end"), chain("late", "b", "end"))))
    for _ in range(2):
        run.host.moment = next(iter(run.waits.timers.values())).due_at
        run.fire("late")
    assert (run.tasks, run.timers, run.failures) == (["a", "b", "b"], [], {})


def test_a_catch_event_waits_for_the_first_moment_only(begin: Begin):
    run = begin(file_of(straight(catch("w", timer("timeCycle", WORKDAYS)), user("t"), ids=["w", "t"])))
    run.fire("w")
    assert (run.tasks, run.timers) == (["t"], [])


def test_an_event_sub_process_begins_at_each_moment(begin: Begin):
    beside = event_sub("e", timer("timeCycle", WORKDAYS), user("b"), interrupting=False)
    run = begin(file_of(process(start(), user("a"), beside, end(), chain("start", "a", "end"))))
    run.fire("e_s")
    run.fire("e_s")
    assert run.tasks == ["a", "b", "b"]


def test_a_process_starts_at_each_moment(host: HostDouble):
    source = file_of(process(start("s", timer("timeCycle", WORKDAYS)), end(), chain("s", "end")))
    (definition,) = parse(source, "x.bpmn")
    (timed,) = definition.timer_starts
    first = first_occasion(timed, host)
    host.moment = first.due_at
    second = next_occasion(first, host)
    assert second is not None
    assert (first.due_at.day, second.due_at.day, second.left) == (3, 4, None)


def test_an_expression_that_is_over_is_a_failure_to_be_mended(begin: Begin):
    run = begin(file_of(straight(catch("w", timer("timeCycle", "=when")), ids=["w"])), when="0 0 9 * * ? 2025")
    assert "再没有时间" in run.failures["w"]
    run.set_variables(when=WORKDAYS)
    run.retry()
    assert run.timers == ["w"]

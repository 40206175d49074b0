"""The clocks of a case rest, go on, are extended and read; each change is a row with its reason and who made it."""

from __future__ import annotations

from datetime import date

import pytest

from engine.clock import as_local
from engine.db.case_tables import CaseClock, SubOrder
from engine.errors import Conflict, InvalidInput
from engine.services import clocks, due_dates
from engine.services.clock_references import ClockReference, moments
from engine.services.working_time import WorkCalendar

from .conftest import CALENDAR, CLERK, MONDAY, World

DUE = as_local("2026-11-26T17:00")


@pytest.fixture
def running(world: World) -> World:
    """The case has to be finished in three working days."""
    world.call("clock-start", kind="finish", limit="3个工作日")
    return world


def at(world: World, *references: str) -> list[object]:
    return list(moments(world.session, CALENDAR, world.case.no, references).values())


def test_a_pause_keeps_what_is_left_and_the_clock_goes_on_with_it(running: World) -> None:
    running.now = as_local("2026-11-24T10:00:30")
    running.call("clocks-pause", reason="待补正")
    assert at(running, "clock:finish", "clock:finish@80%") == [None, None]
    running.now = as_local("2026-12-07T14:00:30")
    assert running.call("clocks-resume") == {"due": {"finish": "2026-12-10T12:00:00+08:00"}}
    rows = [(row.reason, row.paused_at, row.remaining, row.actor) for row in running.rows(CaseClock)]
    assert [row[0] for row in rows] == [None, "暂停:待补正", "恢复计时"]
    assert rows[1][1:] == (as_local("2026-11-24T10:00:30"), (6 + 7 + 7) * 3600 - 30, CLERK.id)
    assert running.events()[-2:] == ["clock:pause", "clock:resume"]


def test_a_clock_that_has_run_out_goes_on_during_a_pause(running: World) -> None:
    running.now = as_local("2026-11-30T10:00")
    running.call("clocks-pause", reason="待补正")
    running.call("clocks-resume")
    assert [row.due_at for row in running.rows(CaseClock)] == [DUE]


def test_limits_of_the_applicant_go_on_during_a_pause(running: World) -> None:
    running.call("clock-start", kind="confirm", limit="3个工作日")
    running.call("clocks-pause", reason="待补正")
    assert (running.clock("finish").paused_at, running.clock("confirm").paused_at) == (MONDAY, None)


def test_pausing_twice_and_resuming_twice_change_nothing(running: World) -> None:
    for operation in ("clocks-pause", "clocks-pause"):
        running.call(operation, reason="待补正")
    running.call("clocks-resume")
    assert running.call("clocks-resume")["due"] == {}
    assert len(running.rows(CaseClock)) == 3


def test_an_extension_puts_the_due_time_off_and_adds_up(running: World) -> None:
    extended = running.call("clock-extend", kind="finish", limit="2个工作日", reason="需现场踏勘")
    assert extended == {"due_at": "2026-11-30T17:00:00+08:00", "was": "2026-11-26T17:00:00+08:00"}
    running.call("clock-extend", kind="finish", limit="1个工作日")
    clock = running.clock("finish")
    assert (clock.limit_text, clock.due_at) == ("3个工作日+3个工作日", as_local("2026-12-01T17:00"))
    assert [row.reason for row in running.rows(CaseClock)] == [None, "延期:需现场踏勘", "延期"]


def test_a_clock_extended_while_it_rests_has_more_left(running: World) -> None:
    running.call("clocks-pause", reason="待补正")
    left = running.clock("finish").remaining
    running.call("clock-extend", kind="finish", limit="2个工作日")
    assert running.clock("finish").remaining == left + 14 * 3600


@pytest.mark.parametrize(("day", "due"), [("2026-11-25", "2026-11-25T17:00"), ("2026-12-08", "2026-12-08T17:00")])
def test_a_decision_puts_the_due_time_on_its_day_earlier_or_later(running: World, day: str, due: str) -> None:
    moved = running.call("clock-move", kind="finish", until=day, reason="会议纪要确定期限")
    assert moved == {"due_at": f"{due}:00+08:00", "was": "2026-11-26T17:00:00+08:00"}
    assert [(row.reason, row.due_at) for row in running.rows(CaseClock)] == [(None, DUE), ("会议纪要确定期限", as_local(due))]
    assert at(running, "clock:finish") == [as_local(due)]
    assert running.events()[-1] == "clock:move"


def test_a_decision_for_the_same_moment_changes_nothing(running: World) -> None:
    running.call("clock-move", kind="finish", until="2026-11-26")
    assert len(running.rows(CaseClock)) == 1


def test_a_decision_while_the_clock_rests_leaves_it_what_is_left_until_then(running: World) -> None:
    running.call("clocks-pause", reason="待补正")
    running.call("clock-move", kind="finish", until="2026-11-24")
    assert running.call("clocks-resume") == {"due": {"finish": "2026-11-24T17:00:00+08:00"}}


def test_only_a_running_clock_can_be_extended(world: World) -> None:
    with pytest.raises(Conflict, match="to run but it does not"):
        world.call("clock-extend", kind="finish", limit="2个工作日")


@pytest.mark.parametrize(
    ("now", "state", "days", "ratio"),
    [("2026-11-23T10:20", "running", 0, 1.0), ("2026-11-26T17:00", "running", 0, 0.0), ("2026-11-26T12:48", "running", 0, 0.1512),
     ("2026-11-27T09:00", "running", 1, 0.0), ("2026-12-03T09:00", "running", 5, 0.0)],
)  # fmt: skip
def test_a_clock_is_read_as_working_days_over_and_share_left(running: World, now: str, state: str, days: int, ratio: float) -> None:
    running.now = as_local(now)
    read = running.call("clock-read", kind="finish")
    assert (read["state"], read["overdue_days"], read["due_at"]) == (state, days, "2026-11-26T17:00:00+08:00")
    assert read["remaining_ratio"] == pytest.approx(ratio, abs=0.02)


def test_a_clock_that_rests_has_stopped_or_is_not_there_says_so(running: World) -> None:
    running.call("clocks-pause", reason="待补正")
    running.now = as_local("2026-12-21T10:00")
    assert running.call("clock-read", kind="finish")["state"] == "resting"
    assert running.call("clock-read", kind="finish")["overdue_days"] == 0
    running.call("clocks-resume")
    running.call("clock-stop", kind="finish")
    assert running.call("clock-read", kind="finish")["state"] == "stopped"
    assert running.call("clock-read", kind="conclude") == {
        "due_at": None, "overdue_days": 0, "remaining_ratio": None, "state": "none", "lead_department": None, "level": None,
    }  # fmt: skip


def test_reading_a_clock_says_which_department_leads_by_now(running: World) -> None:
    running.call("clock-start", kind="finish", limit="3个工作日")
    running.call("departments-set-lead", departments=[{"code": "D02"}], lead_department="D02")
    assert running.call("clock-read", kind="finish")["lead_department"] == "D02"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("clock:finish", "2026-11-26T17:00"),
        ("clock:finish-1个工作日", "2026-11-25T17:00"),
        ("clock:finish + 2个工作日", "2026-11-30T17:00"),
        ("clock:finish-2工作小时", "2026-11-26T15:00"),
        ("clock:finish-24小时", "2026-11-25T17:00"),
        ("clock:finish+2个自然日", "2026-11-30T17:00"),
        ("clock:finish@100%", "2026-11-26T17:00"),
    ],
)
def test_a_reference_means_a_moment_before_at_or_after_the_due_time(running: World, text: str, moment: str) -> None:
    assert at(running, text) == [as_local(moment)]


def test_a_share_counts_the_working_time_of_the_limit(running: World) -> None:
    """Three working days from Monday 10:20 are 26 h 40 min; a fifth of them is 5 h 20 min before Thursday 17:00."""
    assert at(running, "clock:finish@80%") == [as_local("2026-11-26T10:40")]


@pytest.mark.parametrize("text", ["clock:", "clock:finish+", "clock:finish+3工作", "clock:finish@101%", "clock:finish#", "finish"])
def test_a_reference_that_cannot_be_read_names_those_that_can(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"clock:finish|N个工作日"):
        ClockReference.parse(text)


def test_each_sub_order_has_its_own_clocks_and_shows_their_due_times(running: World) -> None:
    departments = running.call("departments-route", matter="M01")["departments"]
    first, second = running.call("sub-orders-dispatch", departments=departments, ask="请提出意见", sign_limit="4工作小时")["sub_orders"]
    running.call("sub-order-sign", sub_order=first, deemed=False)
    references = [f"clock:{kind}#{order['id']}" for order in (first, second) for kind in ("sign", "opinion")]
    assert at(running, *references) == [None, *(as_local(text) for text in ("2026-11-25T17:00", "2026-11-23T15:20", "2026-11-25T17:00"))]
    running.now = as_local("2026-11-23T14:20")
    running.call("clocks-pause", reason="待补正")
    running.now = as_local("2026-11-24T09:00")
    running.call("clocks-resume")
    assert running.session.get_one(SubOrder, second["id"]).opinion_due_at == as_local("2026-11-26T11:40")


def test_a_clock_about_something_is_stopped_for_that_alone(world: World) -> None:
    for subject in ("a", "b"):
        world.call("clock-start", kind="opinion", limit="1个工作日", subject=subject)
    world.call("clock-stop", kind="opinion", subject="a")
    assert at(world, "clock:opinion#a", "clock:opinion#b") == [None, as_local("2026-11-24T17:00")]


def test_a_notice_moves_what_was_paused_and_extended_by_its_own_history(world: World) -> None:
    before = WorkCalendar(provisional={date(2027, 1, 1): False}, confirmed_to=date(2026, 12, 31))
    notice = WorkCalendar(confirmed={date(2027, 1, 1): False, date(2027, 1, 4): False}, confirmed_to=date(2027, 12, 31))
    world.now = as_local("2026-12-28T09:00")
    clocks.start(world.context(calendar=before), "finish", "3个工作日")
    world.now = as_local("2026-12-29T09:00")
    clocks.pause(world.context(calendar=before), "待补正")
    world.now = as_local("2026-12-30T09:00")
    clocks.resume(world.context(calendar=before))
    clocks.extend(world.context(calendar=before), "finish", "2个工作日")
    assert world.clock("finish").due_at == as_local("2027-01-06T17:00")
    (moved,) = due_dates.recompute(world.session, notice, as_local("2026-12-30T10:00"), CLERK)
    assert (moved.kind, moved.new_at) == ("finish", as_local("2027-01-07T17:00"))
    assert due_dates.recompute(world.session, notice, as_local("2026-12-30T11:00"), CLERK) == ()

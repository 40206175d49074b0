"""A holiday notice is imported: what was provisional is computed again."""

from __future__ import annotations

from datetime import date

import pytest

from engine.clock import as_local
from engine.db.case_tables import CaseClock
from engine.services import clocks, due_dates
from engine.services.due_dates import MovedDue
from engine.services.working_time import WorkCalendar

from .conftest import CLERK, World

BEFORE = WorkCalendar(provisional={date(2027, 1, 1): False}, confirmed_to=date(2026, 12, 31))
#: The notice also closes Monday 4 January.
NOTICE = WorkCalendar(confirmed={date(2027, 1, 1): False, date(2027, 1, 4): False}, confirmed_to=date(2027, 12, 31))
#: The notice brings what was expected.
AS_EXPECTED = WorkCalendar(confirmed={date(2027, 1, 1): False}, confirmed_to=date(2027, 12, 31))
LATER = as_local("2026-12-30T10:00")


@pytest.fixture
def expecting(world: World) -> World:
    """A case graded 简单 on 29 December, due on an expected day; nothing else."""
    world.now = as_local("2026-12-29T09:30")
    clocks.start(world.context(calendar=BEFORE), "finish", "5个工作日")
    world.session.flush()
    return world


def recompute(world: World, calendar: WorkCalendar) -> tuple[MovedDue, ...]:
    return due_dates.recompute(world.session, calendar, LATER, CLERK)


def test_a_due_time_moves_with_the_notice_and_the_old_one_stays_on_record(expecting: World) -> None:
    moved = recompute(expecting, NOTICE)
    old, new = as_local("2027-01-06T17:00"), as_local("2027-01-07T17:00")
    assert moved == (MovedDue(expecting.case.no, "finish", old, new, is_provisional=False),)
    rows = expecting.rows(CaseClock)
    assert [(row.due_at, row.replaced_at, row.is_provisional) for row in rows] == [(old, LATER, True), (new, None, False)]
    assert "clock:move" in expecting.events()


def test_a_due_time_that_stays_is_only_confirmed(expecting: World) -> None:
    assert recompute(expecting, AS_EXPECTED) == ()
    assert [(row.due_at, row.is_provisional) for row in expecting.rows(CaseClock)] == [(as_local("2027-01-06T17:00"), False)]


def test_without_a_notice_nothing_changes(expecting: World) -> None:
    before = expecting.events()
    assert recompute(expecting, BEFORE) == ()
    assert expecting.events() == before


def test_a_stopped_clock_stays_as_it_was(expecting: World) -> None:
    expecting.call("clock-stop", kind="finish")
    assert recompute(expecting, NOTICE) == ()


def test_importing_twice_moves_a_due_time_once(expecting: World) -> None:
    recompute(expecting, NOTICE)
    assert recompute(expecting, NOTICE) == ()
    assert len(expecting.rows(CaseClock)) == 2


def test_a_regraded_clock_is_counted_again_from_its_regrade(expecting: World) -> None:
    expecting.now = as_local("2026-12-31T10:00")
    limits = {"finish": "7个工作日"}
    clocks.start_graded(expecting.context(calendar=BEFORE), limits, "复杂", as_local("2026-12-29T09:30"))
    expecting.session.flush()
    assert expecting.clock("finish").due_at == as_local("2027-01-12T17:00")
    assert [move.new_at for move in recompute(expecting, NOTICE)] == [as_local("2027-01-13T17:00")]


def test_a_day_that_was_decided_on_stays_and_an_extension_counts_from_it(expecting: World) -> None:
    clocks.move(expecting.context(calendar=BEFORE), "finish", as_local("2027-01-05T17:00"), reason="会议纪要确定期限")
    expecting.session.flush()
    assert recompute(expecting, NOTICE) == ()
    clocks.extend(expecting.context(calendar=BEFORE), "finish", "1个工作日")
    expecting.session.flush()
    assert recompute(expecting, NOTICE) == ()
    assert expecting.clock("finish").due_at == as_local("2027-01-06T17:00")


def test_a_second_notice_after_the_first_counts_from_the_same_start(expecting: World) -> None:
    halfway = WorkCalendar(provisional={date(2027, 1, 1): False, date(2027, 1, 4): False}, confirmed_to=date(2026, 12, 31))
    assert [move.is_provisional for move in recompute(expecting, halfway)] == [True]
    assert [move.new_at for move in recompute(expecting, AS_EXPECTED)] == [as_local("2027-01-06T17:00")]


def test_a_regrade_after_the_answer_keeps_what_was_promised(expecting: World) -> None:
    expecting.call("clock-stop", kind="finish")
    clocks.start_graded(expecting.context(calendar=BEFORE), {"finish": "7个工作日"}, "复杂", as_local("2026-12-29T09:30"))
    expecting.session.flush()
    assert recompute(expecting, NOTICE) == ()

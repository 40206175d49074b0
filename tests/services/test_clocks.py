"""The clocks of a case: start, stop, move by a regrade."""

from __future__ import annotations

import pytest

from engine.clock import as_local
from engine.db.case_tables import CaseClock
from engine.errors import InvalidInput
from engine.services import clocks

from .conftest import MONDAY, World

COMPLEX = {"respond": "1工作小时", "sign": "1个工作日", "start": "24小时(自然)", "conclude": "3个工作日", "finish": "7个工作日"}
MAJOR = {"respond": "1工作小时", "sign": "1个工作日", "start": "1个工作日", "conclude": "5个工作日", "finish": "15个工作日"}
SIMPLE = {"respond": "1工作小时", "sign": "4工作小时", "start": "当日", "conclude": "1个工作日", "finish": "3个工作日"}


def grade(world: World, limits: dict[str, str], level: str) -> dict[str, str]:
    due: dict[str, str] = world.call("grade-clocks-start", limits=limits, level=level, effective_at=clocks.iso(MONDAY))["due"]
    return due


def test_a_clock_runs_from_now_or_from_the_stated_moment(world: World) -> None:
    assert world.call("clock-start", kind="respond", limit="1工作小时") == {"due_at": "2026-11-23T11:20:00+08:00"}
    stated = world.call("clock-start", kind="respond", limit="1工作小时", **{"from": "2026-11-24T16:40:00+08:00"})
    assert stated == {"due_at": "2026-11-25T09:40:00+08:00"}


def test_a_moved_clock_is_a_new_row_and_the_old_one_stays_on_record(world: World) -> None:
    world.call("clock-start", kind="finish", limit="3个工作日")
    world.call("clock-start", kind="finish", limit="7个工作日")
    rows = world.rows(CaseClock)
    assert [(row.limit_text, row.replaced_at) for row in rows] == [("3个工作日", MONDAY), ("7个工作日", None)]


def test_stopping_a_clock_twice_changes_nothing(world: World) -> None:
    world.call("clock-start", kind="respond", limit="1工作小时")
    world.call("clock-stop", kind="respond")
    world.now = as_local("2026-11-24T10:00")
    world.call("clock-stop", kind="respond")
    assert world.clock("respond").stopped_at == MONDAY
    assert world.events().count("clock:stop") == 1


def test_closing_a_case_leaves_running_what_is_watched_beside_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clocks, "OUTLASTING", frozenset({"contact"}))
    for kind in ("finish", "contact"):
        world.call("clock-start", kind=kind, limit="5个工作日")
    clocks.stop_with_case(world.context())
    assert world.clock("finish").stopped_at is not None
    assert world.clock("contact").stopped_at is None


def test_a_due_time_on_unconfirmed_days_is_marked(world: World) -> None:
    world.now = as_local("2035-12-29T10:00")
    world.call("clock-start", kind="finish", limit="3个工作日")
    assert world.clock("finish").is_provisional


def test_an_unknown_clock_or_limit_is_refused(world: World) -> None:
    with pytest.raises(InvalidInput, match="respond, sign"):
        world.call("clock-start", kind="lunch", limit="1工作小时")
    with pytest.raises(InvalidInput, match="respond, sign"):
        world.call("clock-stop", kind="lunch")
    with pytest.raises(InvalidInput, match="N个工作日"):
        world.call("clock-start", kind="finish", limit="P7D")


def test_a_grade_sets_every_due_time_from_the_effective_moment(world: World) -> None:
    world.variables["due"] = {"respond": "2026-11-23T11:20:00+08:00"}
    world.now = as_local("2026-11-23T11:00")
    assert grade(world, COMPLEX, "复杂") == {
        "respond": "2026-11-23T11:20:00+08:00",
        "sign": "2026-11-24T17:00:00+08:00",
        "start": "2026-11-24T10:20:00+08:00",
        "conclude": "2026-11-26T17:00:00+08:00",
        "finish": "2026-12-02T17:00:00+08:00",
    }
    assert world.clock("finish").started_at == MONDAY


def test_an_upgrade_keeps_the_start_and_counts_the_new_limit_from_now(world: World) -> None:
    grade(world, COMPLEX, "复杂")
    world.now = as_local("2026-11-26T15:00")
    assert grade(world, MAJOR, "重大")["finish"] == "2026-12-17T17:00:00+08:00"
    clock = world.clock("finish")
    assert (clock.started_at, clock.reason) == (MONDAY, "重新定级:重大")
    assert [row.replaced_at for row in world.rows(CaseClock) if row.kind == "finish"] == [world.now, None]


def test_a_downgrade_never_brings_a_due_time_forward(world: World) -> None:
    grade(world, MAJOR, "重大")
    world.now = as_local("2026-11-24T10:00")
    assert grade(world, SIMPLE, "简单")["finish"] == "2026-12-14T17:00:00+08:00"


def test_a_regrade_after_the_answer_does_not_start_overdue(world: World) -> None:
    grade(world, SIMPLE, "简单")
    world.call("clock-stop", kind="finish")
    world.now = as_local("2026-12-07T10:00")
    assert grade(world, COMPLEX, "复杂")["finish"] == "2026-12-16T17:00:00+08:00"
    assert world.clock("finish").started_at == MONDAY


def test_a_due_time_is_computed_without_a_clock(world: World) -> None:
    assert world.call("due-at", limit="4工作小时") == {"due_at": "2026-11-23T15:20:00+08:00"}
    assert world.call("due-at", limit="PT1H", **{"from": "2026-11-24"}) == {"due_at": "2026-11-24T18:00:00+08:00"}
    assert world.rows(CaseClock) == []

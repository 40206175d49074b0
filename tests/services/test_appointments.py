"""Half hours at a counter: how full they are, when to remind, who stayed away."""

from __future__ import annotations

from typing import Any

import pytest

from engine.clock import as_local
from engine.db.case_tables import Case
from engine.errors import InvalidInput

from .conftest import World

SLOT = "2026-11-25T10:10:00+08:00"


def check(world: World, **appointment: Any) -> dict[str, Any]:
    return world.call("appointment-check", appointment={"slot": SLOT, "counter": "综合窗口", **appointment})


def another(world: World, status: str = "已预约") -> Case:
    case = world.new_case(kind="appointment", facts={"appointment": {"slot": "2026-11-25T10:00:00+08:00", "counter": "综合窗口"}})
    case.status = status
    return case


def test_a_slot_is_the_half_hour_in_which_it_lies(world: World) -> None:
    facts = check(world)["slot_facts"]
    assert (facts["weekday"], facts["time"], facts["day"]) == ("周三", "10:00", "2026-11-25")
    assert (facts["is_working_day"], facts["is_past"], facts["taken"]) == (True, False, 0)


def test_only_appointments_that_stand_take_a_place(world: World) -> None:
    another(world)
    another(world, "已取消")
    assert check(world)["slot_facts"]["taken"] == 1
    assert check(world, counter="专家坐班")["slot_facts"]["taken"] == 0


def test_who_stayed_away_is_remembered_for_ninety_days(world: World) -> None:
    for at in ("2026-11-02T10:00", "2026-10-02T10:00", "2026-06-02T10:00"):
        world.new_case(as_local(at), kind="appointment").status = "爽约"
    assert check(world)["slot_facts"]["no_shows"] == 2


def test_reminders_come_the_evening_before_and_an_hour_before(world: World) -> None:
    assert check(world)["reminders"] == {
        "day_before": "2026-11-24T16:00:00+08:00",
        "hour_before": "2026-11-25T09:00:00+08:00",
        "no_show": "2026-11-25T10:15:00+08:00",
    }


def test_a_reminder_that_would_be_late_never_comes(world: World) -> None:
    reminders = check(world, slot="2026-11-23T14:00:00+08:00")["reminders"]
    assert reminders["day_before"] > reminders["no_show"]


def test_it_may_be_changed_until_two_hours_before(world: World) -> None:
    assert check(world)["may_change"] is True
    assert check(world, slot="2026-11-23T12:00:00+08:00")["may_change"] is False


def test_what_is_on_file_is_checked_when_nothing_else_is_given(world: World) -> None:
    check(world)
    assert world.call("appointment-check", appointment=None)["slot_facts"]["time"] == "10:00"


def test_without_a_slot_the_field_is_named(world: World) -> None:
    with pytest.raises(InvalidInput) as refused:
        world.call("appointment-check", appointment={"counter": "综合窗口"})
    assert "appointment.slot" in refused.value.fields


def test_old_people_are_called_before_others(world: World) -> None:
    assert world.call("appointment-ticket", special="老年人") == {"ticket": "A001"}
    assert world.call("appointment-ticket", special=None) == {"ticket": "B001"}

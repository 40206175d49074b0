"""Booking from the public page: free half hours to choose from, refused when gone, moved, and kept in one's own calendar."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from icalendar import Calendar

from engine.assembly import Engine
from engine.commands import public_service
from engine.errors import InvalidInput

from .conftest import Answer, Person

Persons = Callable[[str], Person]
PAGE = "/service/new/appointment"
SLOT = "2026-11-25T10:00:00+08:00"
WISH = {
    "applicant.kind": "自然人",
    "applicant.name": "张示例",
    "applicant.phone": "13800001234",
    "appointment.counter": "工程师坐班",
    "appointment.slot": SLOT,
    "appointment.special": "无",
}


def book(citizen: Person, **fields: str) -> Answer:
    token = citizen.get(PAGE).value("submission")
    return citizen.post(PAGE, {"submission": token, **WISH, **fields})


def offered(page: Answer) -> list[str]:
    return [value for value in page.find("//select[@name='appointment.slot']//option/@value") if value]


def test_the_page_offers_the_free_half_hours_of_a_counter_by_day(stranger: Person) -> None:
    page = stranger.get(PAGE)
    slots = offered(page)
    assert slots[0] == "2026-11-23T10:30:00+08:00"  # it is 10:20 on a Monday
    assert "2026-11-23T12:00:00+08:00" not in slots and "2026-11-28T10:00:00+08:00" not in slots  # lunch, Saturday
    assert page.find("//optgroup/@label")[:2] == ["11月23日周一", "11月24日周二"]


def test_another_counter_has_other_half_hours(stranger: Person) -> None:
    page = stranger.post(f"{PAGE}/entered", {**WISH, "appointment.counter": "律师坐班"})
    assert {slot[:10] for slot in offered(page)} == {"2026-11-24", "2026-11-26", "2026-12-01", "2026-12-03"}  # Tuesdays and Thursdays


def test_the_field_fetches_its_choices_when_the_counter_changes(stranger: Person) -> None:
    field = stranger.get(PAGE).find("//div[@data-field='appointment.slot']")[0]
    assert field.get("hx-post") == f"{PAGE}/entered" and "appointment.counter" in field.get("hx-trigger")


def test_a_full_half_hour_is_offered_no_more_and_refused_with_the_next_ones(stranger: Person) -> None:
    assert book(stranger).status == 303
    assert SLOT not in offered(stranger.post(f"{PAGE}/entered", WISH))
    answer = book(stranger)
    assert answer.status == 422
    assert "名额已满" in answer.words and "11月25日周三 10:30、11月25日周三 11:00" in answer.words


def test_two_who_saw_the_last_place_do_not_both_get_it(engine: Engine) -> None:
    def pick(token: str) -> Any:
        submission: dict[str, Any] = {"applicant": {"kind": "自然人", "name": "示例", "phone": "13800001234"}}
        submission["appointment"] = {"counter": "工程师坐班", "slot": SLOT, "special": "无"}
        return public_service.open_public_file(engine, "appointment", submission, token.ljust(24, "x"))

    pick("first")
    with pytest.raises(InvalidInput) as refused:
        pick("second")
    assert "名额已满" in refused.value.fields["appointment.slot"][0]


@pytest.mark.parametrize("slot", ["2026-11-23T09:00:00+08:00", "2026-11-25T20:00:00+08:00", "2026-11-28T10:00:00+08:00", "morgen"])
def test_a_half_hour_past_outside_the_hours_or_none_at_all_is_refused(stranger: Person, slot: str) -> None:
    answer = book(stranger, **{"appointment.slot": slot})
    assert answer.status == 422 and answer.find("//div[@data-field='appointment.slot']//p[@class='error']")


def test_the_refusal_is_said_in_english_to_who_reads_english(stranger: Person) -> None:
    book(stranger)
    stranger.post("/language", {"language": "en"})
    assert "Wed 25 Nov, 10:30–11:00" in book(stranger).words


def test_what_was_booked_can_be_put_into_ones_own_calendar(stranger: Person) -> None:
    link = book(stranger).location.split("?")[0]
    page = stranger.get(link)
    assert "预约已确认" in page.words and "政务服务中心二楼专家室" in page.words
    answer = stranger.get(page.find("//a[contains(@href, '.ics')]/@href")[0])
    assert answer.headers["Content-Type"].startswith("text/calendar")
    event = Calendar.from_ical(answer.source).walk("VEVENT")[0]
    assert event.decoded("dtstart").isoformat() == "2026-11-25T02:00:00+00:00"
    assert event.decoded("dtend").isoformat() == "2026-11-25T02:30:00+00:00"
    assert "工程师坐班" in event["summary"] and "张示例" not in answer.source


def test_a_cancelled_appointment_is_no_calendar_entry_any_more(stranger: Person) -> None:
    link = book(stranger).location.split("?")[0]
    answer = stranger.post(f"{link}/actions/appointment_change", {"change.kind": "取消", "confirmed": "true"})
    assert answer.status == 303
    assert stranger.get(f"{link}/appointment.ics").status == 404


def test_an_appointment_is_moved_to_a_half_hour_that_is_free_at_the_same_counter(stranger: Person) -> None:
    link = book(stranger).location.split("?")[0]
    page = stranger.get(f"{link}/actions/appointment_change")
    slots = page.find("//select[@name='change.slot']//option/@value")[1:]
    assert {slot[:10] for slot in slots} == {"2026-11-25", "2026-12-02"}
    moved = stranger.post(f"{link}/actions/appointment_change", {"change.kind": "改期", "change.slot": slots[1], "confirmed": "true"})
    assert moved.status == 303


def test_who_moves_to_a_full_half_hour_keeps_what_he_has(stranger: Person) -> None:
    book(stranger, **{"appointment.slot": "2026-11-25T11:00:00+08:00"})
    link = book(stranger).location.split("?")[0]
    change = {"change.kind": "改期", "change.slot": "2026-11-25T11:00:00+08:00", "confirmed": "true"}
    answer = stranger.post(f"{link}/actions/appointment_change", change)
    assert answer.status == 422 and "最近可约的时段：11月25日周三 11:30" in answer.words
    assert "预约已确认" in stranger.get(link).words


def test_the_counter_books_for_somebody_from_the_same_list(person: Persons) -> None:
    assert "2026-11-25T10:00:00+08:00" in offered(person("window-a").get("/files/new/appointment"))

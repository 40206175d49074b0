"""Working time: the vectors of the domain, the forms of a limit, and the laws that hold for every moment."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.clock import LOCAL_ZONE, as_local
from engine.errors import InvalidInput
from engine.services.working_time import Due, Limit, Unit, WorkCalendar, limit_or_moment, published_to, resume_due

FACTS = json.loads((Path(__file__).parent.parent / "data" / "working_time.json").read_text(encoding="utf-8"))
CALENDAR = WorkCalendar(
    provisional={date.fromisoformat(day): False for day in FACTS["provisional_2027"]},
    confirmed_to=date.fromisoformat(FACTS["confirmed_to"]),
)
MONDAY = as_local("2026-11-23T10:20")

NAIVE_TEN = as_local("2026-12-01T10:00").replace(tzinfo=None)

FIRST, LAST = (as_local(f"{day}T00:00").replace(tzinfo=None) for day in ("2024-01-01", "2029-12-31"))  # Hypothesis takes naive bounds
moments = st.datetimes(FIRST, LAST, timezones=st.just(LOCAL_ZONE))
working_times = st.timedeltas(timedelta(minutes=1), timedelta(hours=400))


def due(start: str, limit: str) -> Due:
    return CALENDAR.due(as_local(start), Limit.parse(limit))


@pytest.mark.parametrize(("start", "limit", "expected"), FACTS["due"])
def test_each_limit_ends_when_the_domain_says(start: str, limit: str, expected: str) -> None:
    assert due(start, limit).at == as_local(expected)


@pytest.mark.parametrize(("received", "effective", "respond_by", "finish", "finish_by"), FACTS["cases"])
def test_each_given_case_has_its_stated_moments(
    received: str, effective: str, respond_by: str | None, finish: str | None, finish_by: str | None
) -> None:
    assert CALENDAR.effective(as_local(received)) == as_local(effective)
    if respond_by:
        assert due(received, "1工作小时").at == as_local(respond_by)
    if finish:
        assert due(received, finish) == Due(as_local(str(finish_by)), is_provisional=False)


def test_the_published_year_2026_is_exactly_the_state_councils_notice() -> None:
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(365)]
    off = set(map(date.fromisoformat, FACTS["off_2026"]))
    make_up = set(map(date.fromisoformat, FACTS["work_weekend_2026"]))
    assert [CALENDAR.is_working_day(day) for day in days] == [day in make_up or (day.weekday() < 5 and day not in off) for day in days]
    assert sum(map(CALENDAR.is_working_day, days)) == 248


@pytest.mark.parametrize(
    ("text", "count", "unit"),
    [
        ("1工作小时", 1, Unit.WORKING_HOURS),
        ("4个工作小时", 4, Unit.WORKING_HOURS),
        ("3个工作日", 3, Unit.WORKING_DAYS),
        ("3工作日", 3, Unit.WORKING_DAYS),
        ("24小时(自然)", 24, Unit.HOURS),
        ("24小时\uff08自然\uff09", 24, Unit.HOURS),
        ("24小时", 24, Unit.HOURS),
        ("7个自然日", 7, Unit.DAYS),
        ("7个自然天", 7, Unit.DAYS),
        ("7天", 7, Unit.DAYS),
        ("当日", 0, Unit.SAME_DAY),
        (" 3 个工作日 ", 3, Unit.WORKING_DAYS),
    ],
)
def test_a_limit_is_read_in_every_accepted_form(text: str, count: int, unit: Unit) -> None:
    assert Limit.parse(text) == Limit.parse(str(Limit.parse(text)))
    assert (Limit.parse(text).count, Limit.parse(text).unit) == (count, unit)


@pytest.mark.parametrize("text", ["", "P7D", "三个工作日", "3", "3个工作日内", "-1个工作日", "0.5个工作日", "1e3天", "9999999个工作日"])
def test_another_form_of_limit_is_refused_with_the_accepted_forms(text: str) -> None:
    with pytest.raises(InvalidInput, match=re.escape("N工作小时, N个工作小时")):
        Limit.parse(text)


@pytest.mark.parametrize(
    ("moment", "effective"),
    [
        ("2026-11-23T08:59", "2026-11-23T09:00"),
        ("2026-11-23T12:00", "2026-11-23T13:00"),
        ("2026-11-23T12:30", "2026-11-23T13:00"),
        ("2026-11-23T16:59", "2026-11-23T16:59"),
        ("2026-11-23T17:00", "2026-11-24T09:00"),
        ("2026-11-27T17:30", "2026-11-30T09:00"),
        ("2026-02-14T10:00", "2026-02-14T10:00"),
        ("2026-02-15T10:00", "2026-02-24T09:00"),
    ],
)
def test_a_moment_outside_opening_hours_takes_effect_at_the_next_opening(moment: str, effective: str) -> None:
    assert CALENDAR.effective(as_local(moment)) == as_local(effective)


def test_the_same_moment_in_utc_has_the_same_due_time() -> None:
    assert CALENDAR.due(MONDAY.astimezone(UTC), Limit.parse("3个工作日")) == CALENDAR.due(MONDAY, Limit.parse("3个工作日"))


def test_due_times_are_shown_with_the_centres_offset() -> None:
    assert due("2026-11-23T10:20", "3个工作日").at.isoformat() == "2026-11-26T17:00:00+08:00"


def test_the_same_day_ends_when_the_window_closes() -> None:
    assert due("2026-11-23T10:20", "当日").at == as_local("2026-11-23T17:00")
    assert due("2026-11-23T18:00", "当日").at == as_local("2026-11-24T17:00")


def test_natural_days_that_end_on_a_holiday_end_on_the_next_working_day() -> None:
    assert due("2026-11-23T10:20", "7个自然日").at == as_local("2026-11-30T17:00")
    assert due("2026-11-22T10:20", "7天").at == as_local("2026-11-30T17:00")
    assert due("2026-09-26T10:00", "7天").at == as_local("2026-10-08T17:00")


def test_half_a_working_hour_crosses_lunch() -> None:
    assert due("2026-11-23T11:45", "0.5工作小时").at == as_local("2026-11-23T13:15")


def test_half_a_day_across_lunch_is_counted_in_working_time() -> None:
    assert CALENDAR.working_minutes_between(as_local("2026-11-23T11:00"), as_local("2026-11-23T14:00")) == 120
    assert CALENDAR.working_minutes_between(as_local("2026-11-27T16:30"), as_local("2026-11-30T09:30")) == 60
    assert CALENDAR.add(as_local("2026-11-23T09:00"), timedelta(hours=3)) == as_local("2026-11-23T12:00")
    assert CALENDAR.add(as_local("2026-11-23T13:00"), timedelta(hours=7)) == as_local("2026-11-24T12:00")


def test_working_days_between_counts_make_up_days_and_not_the_first_day() -> None:
    assert CALENDAR.working_days_between(as_local("2026-02-13T16:00"), as_local("2026-02-25T17:00")) == 3
    assert CALENDAR.working_days_between(as_local("2026-11-26T17:00"), as_local("2026-11-27T09:00")) == 1
    assert CALENDAR.working_days_between(as_local("2026-11-27T09:00"), as_local("2026-11-26T17:00")) == -1


def test_closing_time_a_working_day_earlier_skips_the_weekend() -> None:
    assert CALENDAR.days_before(as_local("2026-11-30T17:00"), 1) == as_local("2026-11-27T17:00")


def test_a_due_time_beyond_the_published_year_is_marked_provisional() -> None:
    assert due("2026-12-29T09:30", "2个工作日") == Due(as_local("2026-12-31T17:00"), is_provisional=False)
    assert due("2026-12-29T09:30", "3个工作日") == Due(as_local("2027-01-04T17:00"), is_provisional=True)
    assert not due("2026-12-31T16:00", "24小时(自然)").is_provisional


def test_a_year_without_any_notice_still_closes_on_the_fixed_holidays() -> None:
    assert not CALENDAR.is_working_day(date(2028, 5, 1))
    assert CALENDAR.is_working_day(date(2028, 5, 3))


def test_an_imported_notice_moves_and_confirms_the_due_time() -> None:
    imported = WorkCalendar(confirmed={date(2027, 1, 1): False, date(2027, 1, 4): False}, confirmed_to=date(2027, 12, 31))
    assert imported.due(as_local("2026-12-29T09:30"), Limit.parse("3个工作日")) == Due(as_local("2027-01-05T17:00"), is_provisional=False)


def test_a_year_counts_as_announced_once_its_notice_is_imported_whole() -> None:
    notice = [(date(2027, 1, 1), "法定", True), (date(2027, 10, 1), "法定", True), (date(2027, 10, 9), "调休上班", True)]
    assert WorkCalendar.from_days(notice).confirmed_to >= date(2027, 12, 31)
    assert WorkCalendar.from_days(notice).is_working_day(date(2027, 10, 9))


def test_a_year_with_an_expected_day_left_is_still_provisional() -> None:
    next_year = published_to().year + 1
    days = [(date(next_year, 1, 1), "法定", True), (date(next_year, 10, 1), "法定", True), (date(next_year, 5, 3), "休息", False)]
    assert WorkCalendar.from_days(days).confirmed_to == published_to()
    assert not WorkCalendar.from_days(days).is_working_day(date(next_year, 5, 3))


def test_an_imported_closing_day_wins_over_the_published_calendar() -> None:
    typhoon = WorkCalendar(confirmed={date(2026, 11, 24): False}, confirmed_to=date(2026, 12, 31))
    assert typhoon.due(MONDAY, Limit.parse("1个工作日")).at == as_local("2026-11-25T17:00")


def test_a_limit_that_leaves_the_calendar_is_refused() -> None:
    with pytest.raises(InvalidInput, match="Expected working days between"):
        CALENDAR.due(MONDAY, Limit.parse("999999个工作日"))
    with pytest.raises(InvalidInput, match="Expected working days between"):
        CALENDAR.due(MONDAY, Limit.parse("999999天"))
    with pytest.raises(InvalidInput, match="Expected working days between"):
        CALENDAR.effective(as_local("1999-01-01T10:00"))


def test_negative_working_time_is_refused() -> None:
    with pytest.raises(InvalidInput, match="zero or more"):
        CALENDAR.add(MONDAY, timedelta(minutes=-1))


def test_a_pause_freezes_what_was_left() -> None:
    resumed = resume_due(CALENDAR, as_local("2026-11-26T17:00"), as_local("2026-11-24T11:00"), as_local("2026-11-30T16:00"))
    # 1 h + 4 h on Tuesday and two whole days were left.
    assert resumed == Due(as_local("2026-12-03T14:00"), is_provisional=False)


def test_a_pause_over_the_weekend_costs_nothing() -> None:
    due_at = as_local("2026-12-02T17:00")
    assert resume_due(CALENDAR, due_at, as_local("2026-11-27T17:00"), as_local("2026-11-30T09:00")).at == due_at


def test_a_pause_cannot_rescue_a_limit_that_had_passed() -> None:
    due_at = as_local("2026-11-23T17:00")
    assert resume_due(CALENDAR, due_at, as_local("2026-11-24T10:00"), as_local("2026-11-26T10:00")).at == due_at


def test_a_pause_that_ends_before_it_began_is_refused() -> None:
    with pytest.raises(InvalidInput, match="pause"):
        resume_due(CALENDAR, MONDAY, as_local("2026-11-24T10:00"), as_local("2026-11-23T10:00"))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (as_local("2026-12-01T10:00"), "2026-12-01T10:00"),
        (NAIVE_TEN, "2026-12-01T10:00"),
        (date(2026, 12, 1), "2026-12-01T17:00"),
        (timedelta(hours=2), "2026-11-23T12:20"),
        ("2026-12-01T10:00", "2026-12-01T10:00"),
        ("2026-12-01T02:00:00Z", "2026-12-01T10:00"),
        ("2026-12-01T10:00:00+08:00", "2026-12-01T10:00"),
        ("2026-12-01T10:00:00@Asia/Shanghai", "2026-12-01T10:00"),
        ("2026-12-01", "2026-12-01T17:00"),
        ("PT1H", "2026-11-23T11:20"),
        ("P1D", "2026-11-24T10:20"),
        ("P1M", "2026-12-23T10:20"),
        ("1工作小时", "2026-11-23T11:20"),
        (" 3个工作日 ", "2026-11-26T17:00"),
    ],
)
def test_a_due_date_may_be_a_moment_a_duration_or_a_limit(value: object, expected: str) -> None:
    assert limit_or_moment(CALENDAR, value, MONDAY) == as_local(expected)


@pytest.mark.parametrize(
    "value", [None, 7, True, "tomorrow", "2026-13-01", "2026-12-01T99:00", "P", "PT", "P1DT", "PX", "P9999999999D", "2026-12-01T10@Mars/X"]
)
def test_anything_else_as_a_due_date_is_refused_and_says_what_is_accepted(value: object) -> None:
    with pytest.raises(InvalidInput, match="Expected"):
        limit_or_moment(CALENDAR, value, MONDAY)


@pytest.mark.parametrize("value", ["9999-12-31T23:59:59Z", timedelta.max, "P9999Y", as_local("9999-12-31T23:00").replace(tzinfo=UTC)])
def test_a_moment_beyond_the_calendar_is_refused(value: object) -> None:
    with pytest.raises(InvalidInput, match="Expected"):
        limit_or_moment(CALENDAR, value, MONDAY)


@given(moments, moments, st.integers(0, 40))
def test_a_later_start_never_ends_earlier(one: datetime, two: datetime, days: int) -> None:
    limit = Limit.parse(f"{days}个工作日")
    earlier, later = sorted((one, two))
    assert CALENDAR.due(earlier, limit).at <= CALENDAR.due(later, limit).at


@given(moments, working_times, working_times)
def test_working_time_adds_up(start: datetime, first: timedelta, second: timedelta) -> None:
    assert CALENDAR.add(CALENDAR.add(start, first), second) == CALENDAR.add(start, first + second)
    assert CALENDAR.working_time_between(start, CALENDAR.add(start, first)) == first


@given(moments, moments, moments)
def test_working_time_between_three_moments_is_the_sum_of_its_parts(one: datetime, two: datetime, three: datetime) -> None:
    parts = CALENDAR.working_time_between(one, two) + CALENDAR.working_time_between(two, three)
    assert parts == CALENDAR.working_time_between(one, three)


@given(moments, working_times, st.data())
def test_pausing_and_resuming_keeps_the_remainder(start: datetime, length: timedelta, data: st.DataObject) -> None:
    due_at = CALENDAR.add(start, length)
    paused_at = start + data.draw(st.timedeltas(timedelta(), due_at - start))
    resumed_at = paused_at + data.draw(st.timedeltas(timedelta(), timedelta(days=60)))
    left = CALENDAR.remaining(due_at, paused_at)
    resumed = resume_due(CALENDAR, due_at, paused_at, resumed_at)
    assert left == timedelta() or CALENDAR.remaining(resumed.at, resumed_at) == left


@given(moments, st.integers(1, 60))
def test_a_due_time_in_working_days_is_closing_time_of_the_nth_working_day(start: datetime, days: int) -> None:
    due_at = CALENDAR.due(start, Limit.parse(f"{days}个工作日")).at
    assert due_at.timetz().replace(tzinfo=None) == time(17)
    assert CALENDAR.is_working_day(due_at.date())
    assert CALENDAR.working_days_between(CALENDAR.effective(start), due_at) == days


@settings(max_examples=30)
@given(st.text(max_size=12))
def test_no_text_breaks_the_reading_of_a_due_date(text: str) -> None:
    try:
        limit_or_moment(CALENDAR, text, MONDAY)
    except InvalidInput as error:
        assert str(error).startswith("Expected")

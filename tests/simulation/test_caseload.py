"""What comes in: on working days during opening hours, now and then at night, more after holidays, and as many as asked."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date

from engine.clock import local
from engine.services.working_time import WorkCalendar
from engine.simulation.caseload import Arrival, arrivals

FIRST, LAST = date(2026, 9, 1), date(2026, 11, 30)


def _arrivals(seed: int = 1) -> list[Arrival]:
    return arrivals(random.Random(seed), WorkCalendar(), FIRST, LAST, 2_000)


def test_as_many_come_as_asked_for_in_the_order_of_time_and_alike_for_the_same_seed() -> None:
    found = _arrivals()
    assert len(found) == 2_000 and found == sorted(found, key=lambda one: one.at)
    assert found == _arrivals() and found != _arrivals(2)
    assert FIRST <= local(found[0].at).date() and local(found[-1].at).date() <= LAST


def test_counters_are_visited_only_while_they_are_open_on_working_days() -> None:
    calendar = WorkCalendar()
    at_counter = [one for one in _arrivals() if not one.is_online]
    assert all(9 <= local(one.at).hour < 17 for one in at_counter)
    outside = sum(not calendar.is_working_day(local(one.at).date()) for one in at_counter)
    assert outside == 0


def test_the_days_after_the_national_holiday_are_the_busiest() -> None:
    days = Counter(local(one.at).date() for one in _arrivals())
    assert days[date(2026, 10, 8)] > days[date(2026, 9, 30)]
    assert any(not one.is_online or local(one.at).hour >= 19 for one in _arrivals())

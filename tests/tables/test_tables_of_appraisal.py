"""Scores of windows and of people (DT47, DT48, DT49) and what looks odd in their figures (DT44)."""

from __future__ import annotations

import pytest

from .conftest import Decide
from .probes_of_appraisal import OF_PEOPLE, OF_WINDOWS, assessed


@pytest.mark.parametrize(
    ("kind", "closed", "state"),
    [("窗口", 0, "件数不足"), ("窗口", 29, "件数不足"), ("窗口", 30, "计分"), ("个人", 9, "件数不足"), ("个人", 10, "计分")],
)
def test_nobody_is_scored_by_a_few_cases(decide: Decide, kind: str, closed: int, state: str) -> None:
    assert decide("DT47", assessed(kind, closed)).value["state"] == state


def test_a_window_that_does_everything_in_time_has_a_hundred_points(decide: Decide) -> None:
    assert decide("DT48", {"window_facts": dict.fromkeys(OF_WINDOWS, 1)}).value == 100


def test_a_person_loses_points_by_upheld_complaints_and_second_bad_ratings(decide: Decide) -> None:
    full = dict.fromkeys(OF_PEOPLE, 1) | {"complaints_upheld": 0, "second_bad": 0}
    assert decide("DT49", {"personal_facts": full}).value == 100
    assert decide("DT49", {"personal_facts": full | {"complaints_upheld": 2, "second_bad": 1}}).value == 87


def test_long_pauses_are_flagged_from_one_case_in_twenty(decide: Decide) -> None:
    facts = {"active_rating_rate": 1, "reopened": 0, "closed": 100, "extended": 0}
    assert decide("DT44", {"gaming_facts": facts | {"long_pauses": 5}}).value == []
    assert decide("DT44", {"gaming_facts": facts | {"long_pauses": 6}}).value == [{"flag": "暂停过久偏多"}]

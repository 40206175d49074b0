"""What the tables of suggestions, improvement, circulars and the case library decide."""

from __future__ import annotations

import pytest

from .conftest import Decide
from .probes_of_feedback import closed, reported, scored, suggested, triggered


def test_a_suggestion_the_window_can_follow_itself_goes_to_nobody_else(decide: Decide) -> None:
    value = decide("DT14", suggested(own_process=True, level="国家", law_change=True, similar_90d=9)).value
    assert (value["code"], value["handler"], value["clock"]) == ("internal", "coordinator", "15个工作日")


@pytest.mark.parametrize(("count", "code"), [(4, "department"), (5, "meeting")])
def test_five_suggestions_alike_become_a_topic_of_the_meeting(decide: Decide, count: int, code: str) -> None:
    assert decide("DT14", suggested(similar_90d=count)).value["code"] == code


def test_all_triggers_of_a_month_are_listed(decide: Decide) -> None:
    outcome = decide("DT15", triggered(tag_share=0.62, red_cards=2, satisfaction=0.8))
    assert outcome.hits == ("P1", "P2", "P4")
    assert [hit["metric"] for hit in outcome.value] == ["tag_share", "red_cards", "satisfaction"]


def test_a_quiet_month_triggers_nothing(decide: Decide) -> None:
    assert decide("DT15", triggered()).hits == ()


def test_a_department_without_fault_has_a_hundred_points(decide: Decide) -> None:
    rates = ("sign_rate", "on_time_rate", "solve_rate", "satisfaction", "routing_accuracy", "attendance_rate", "share_rate", "onsite_rate")
    full = scored(**dict.fromkeys(rates, 1))
    assert decide("DT16", full).value == 100
    full["score_facts"] |= {"yellow_cards": 2, "red_cards": 1, "second_bad": 1}
    assert decide("DT16", full).value == 88


@pytest.mark.parametrize(("score", "standing"), [(100, "优秀"), (89.9, "良好"), (79.9, "合格"), (-5, "不合格")])
def test_the_standing_of_a_score(decide: Decide, score: float, standing: str) -> None:
    assert decide("DT22", {"score": score}).value["standing"] == standing


def test_red_items_are_listed_each_and_what_was_not_measured_is_none(decide: Decide) -> None:
    assert decide("DT23", reported()).hits == ()
    assert decide("DT23", reported(sign_rate=0.5, red_cards=2)).hits == ("I1", "I5")


@pytest.mark.parametrize(
    ("facts", "selected"), [({}, False), ({"level": "重大"}, True), ({"rating": 5}, True), ({"rating": 5, "already_drafted": True}, False)]
)
def test_which_closed_cases_become_articles(decide: Decide, facts: dict[str, object], selected: bool) -> None:
    assert decide("DT21", closed(**facts)).value["selected"] is selected

"""The sample cases get the triage and grade rows their file states."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conftest import shared_data

from .conftest import Decide

#: The words of the case file → the members of the facts.
TRIAGE = {
    "紧急": "emergency",
    "性质": "nature",
    "已有在办": "has_open_case",
    "曾办结无新事实": "closed_no_new_fact",
    "负面清单": "negative_code",
    "本区管辖": "in_jurisdiction",
    "已走常规渠道": "tried_regular",
    "有政策空间": "has_policy_room",
    "涉及部门数": "department_count",
    "原因": "cause",
}
GRADING = {
    "涉及政府层级数": "government_levels",
    "联席会未达成一致": "no_consensus",
    "已协调次数": "coordination_count",
    "群体性或安全舆情": "mass_or_safety",
    "涉及部门数": "department_count",
    "跨区域": "cross_region",
    "历史遗留": "legacy",
    "原因": "cause",
}
RATING = {"评价": "level", "重开次数": "reopen_count", "核实结论": "verdict", "法定依据": "legal_basis", "情形": "situation"}
CARD = {
    "签发对象环节超时": "sign_overdue",
    "延期次数": "extensions",
    "二次评价仍差": "second_bad_rating",
    "拒不参会次数": "absences",
    "超期工作日": "overdue_days",
    "剩余比例": "remaining_ratio",
}


def renamed(facts: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    return {names[word]: value for word, value in facts.items()}


@pytest.fixture(scope="module")
def cases() -> list[dict[str, Any]]:
    file = shared_data("cases.json")
    if file is None:
        pytest.skip("the file of sample cases is not on this machine")
    return json.loads(file.read_text(encoding="utf-8"))


def test_every_sample_case_gets_its_triage_row_and_conclusion(decide: Decide, cases: list[dict[str, Any]]) -> None:
    for case in cases:
        outcome = decide("DT01", {"triage_facts": renamed(case["triage_input"], TRIAGE)})
        assert (case["id"], outcome.hits[0], outcome.value["conclusion"]) == (
            case["id"],
            case["expect"]["triage"],
            case["expect"]["conclusion"],
        )


def test_every_accepted_sample_case_gets_its_grade_row_and_level(decide: Decide, cases: list[dict[str, Any]]) -> None:
    for case in (case for case in cases if case["grade_input"]):
        outcome = decide("DT02", {"grading_facts": renamed(case["grade_input"], GRADING)})
        assert (case["id"], outcome.hits[0], outcome.value["level"]) == (case["id"], case["expect"]["grade"], case["expect"]["level"])


def test_only_accepted_sample_cases_have_a_grade(decide: Decide, cases: list[dict[str, Any]]) -> None:
    for case in cases:
        outcome = decide("DT01", {"triage_facts": renamed(case["triage_input"], TRIAGE)}).value["outcome"]
        assert (case["id"], outcome == "accept") == (case["id"], case["grade_input"] is not None)


def test_a_joint_meeting_without_consensus_raises_the_sample_case(decide: Decide, cases: list[dict[str, Any]]) -> None:
    for case in (case for case in cases if "regrade" in case["extra"]):
        change, row = case["extra"]["regrade"]
        facts = renamed(case["grade_input"] | change, GRADING)
        assert decide("DT02", {"grading_facts": facts}).hits == (row,)


def test_the_bad_ratings_of_the_sample_cases_get_their_rows(decide: Decide, cases: list[dict[str, Any]]) -> None:
    for case in (case for case in cases if "bad" in case["extra"]):
        facts, row = case["extra"]["bad"]
        given = renamed(facts, RATING)
        variables = {"rating": {"level": given.pop("level")}, "reopen_count": given.pop("reopen_count"), "verification": given}
        assert decide("DT07", variables).hits == (row,)


def test_the_cards_of_the_sample_cases_get_their_rows(decide: Decide, cases: list[dict[str, Any]]) -> None:
    for case in (case for case in cases if "card" in case["extra"]):
        facts, row = case["extra"]["card"]
        assert decide("DT08", {"card_facts": renamed(facts, CARD)}).hits == (row,)

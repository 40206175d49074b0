"""Figures of windows and of the people in charge of cases, which the appraisal scores."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.db.case_tables import Case, CaseClock, CaseEntry, Rating
from engine.db.tables import OrgUnit
from engine.services.periods import Period

from .conftest import MONDAY, WINDOW, World, add_account


def of(world: World, who: str, month: str = "2026-11") -> dict[str, Any]:
    found = world.call("staff-statistics", month=month)
    rows = {row.get("account") or row["unit"]: row for row in [*found["windows"], *found["people"]]}
    return rows[who]


def close(case: Case, result: str = "直接解决", days: int = 4) -> Case:
    case.status, case.result, case.closed_at = "已归档", result, case.received_at + timedelta(days=days)
    return case


def clock(case: Case, kind: str, **times: Any) -> CaseClock:
    hours = {name: case.received_at + timedelta(hours=count) for name, count in times.items()}
    return CaseClock(case_no=case.no, kind=kind, limit_text="1工作日", started_at=case.received_at, **hours)


def test_a_person_answers_for_the_cases_he_is_in_charge_of(world: World) -> None:
    close(world.case)
    close(world.new_case(owner_id="clerk-b"), "解释说明(未解决)")
    assert (of(world, "clerk-a")["closed"], of(world, "clerk-a")["solve_rate"]) == (1, 1)
    assert (of(world, "clerk-b")["closed"], of(world, "clerk-b")["solve_rate"]) == (1, 0)
    assert (of(world, WINDOW)["closed"], of(world, WINDOW)["solve_rate"]) == (2, 0.5)


def test_a_person_is_told_by_account_and_name_and_by_nothing_else_of_his_own(world: World) -> None:
    row = of(world, "clerk-a")
    assert {name: value for name, value in row.items() if isinstance(value, str)} == {"account": "clerk-a", "name": "示例·clerk-a"}


def test_a_case_of_nobody_is_nobodys(world: World) -> None:
    world.case.owner_id = None
    found = world.call("staff-statistics", month="2026-11")
    assert (found["people"], [row["unit"] for row in found["windows"]]) == ([], [WINDOW])


def test_windows_below_this_one_have_rows_of_their_own_and_others_have_none(world: World) -> None:
    world.session.add_all(
        [OrgUnit(id="w-2", name="二号窗口", region="440103", parent_id=WINDOW), OrgUnit(id="far", name="别处", region="1")]
    )
    world.session.flush()
    add_account(world.session, "clerk-c", "window", org_unit="w-2")
    world.new_case(org_unit="w-2", owner_id="clerk-c")
    world.new_case(org_unit="far", owner_id="clerk-c")
    found = world.call("staff-statistics", month="2026-11")
    assert [(row["unit"], row["accepted"], row["name"]) for row in found["windows"]] == [(WINDOW, 0, "示例窗口"), ("w-2", 0, "二号窗口")]
    assert [row["account"] for row in found["people"]] == ["clerk-a", "clerk-c"]


def test_first_responses_finishing_and_rectifying_in_time_are_measured_apart(world: World) -> None:
    case, late = close(world.case), close(world.new_case())
    world.session.add_all(
        [
            clock(case, "respond", due_at=2, stopped_at=1), clock(late, "respond", due_at=2, stopped_at=3),
            clock(case, "finish", due_at=200), clock(late, "finish", due_at=1),
            clock(late, "rectify", due_at=30, stopped_at=20),
        ]
    )  # fmt: skip
    row = of(world, "clerk-a")
    assert (row["respond_rate"], row["on_time_rate"], row["rectified_rate"]) == (0.5, 0.5, 1)


def test_only_ratings_that_citizens_gave_count(world: World) -> None:
    close(world.case)
    close(world.new_case())
    for level, second in ((5, False), (1, True), (0, False)):
        world.session.add(Rating(case_no=world.case.no, level=level, is_counted=level > 0, is_second=second, rated_at=MONDAY))
    row = of(world, "clerk-a")
    assert (row["ratings"], row["satisfaction"], row["second_bad"], row["active_rating_rate"]) == (2, 0.5, 1, 0.5)


def test_only_complaints_that_were_upheld_count_against_a_person(world: World) -> None:
    for finding in ("属实", "部分属实", "不属实", ""):
        complaint = close(world.new_case(), "已答复")
        complaint.kind, complaint.facts = "complaint", {"finding": finding, "against_person": "clerk-a", "against": ["window"]}
    row = of(world, "clerk-a")
    assert (row["complaints_upheld"], row["score_facts"]["complaints_upheld"]) == (2, 2)


def test_a_window_answers_for_replies_to_complaints_and_for_suggestions(world: World) -> None:
    complaint = close(world.new_case(), "已答复")
    complaint.kind, complaint.facts = "complaint", {"finding": "属实"}
    suggestion = world.new_case()
    suggestion.kind = "suggestion"
    for adopted in ("采纳", "不采纳"):
        world.session.add(CaseEntry(case_no=suggestion.no, kind="建议答复", facts={"adopted": adopted}, recorded_at=MONDAY, actor="d01"))
    row = of(world, WINDOW)
    assert (row["reply_rate"], row["adoption_rate"]) == (0, 0.5)


def test_what_was_sent_back_for_materials_lowers_the_share_that_was_not(world: World) -> None:
    world.case.level = "简单"
    world.new_case(level="简单")
    world.session.add(CaseEntry(case_no=world.case.no, kind="一次性告知", facts={}, recorded_at=MONDAY, actor="clerk-a"))
    row = of(world, WINDOW)
    assert (row["return_rate"], row["score_facts"]["kept_rate"]) == (0.5, 0.5)


def test_a_case_that_rested_for_most_of_its_life_is_told_apart(world: World) -> None:
    close(world.case)  # 96 hours
    long, short = world.case, close(world.new_case())
    world.session.add_all(
        [
            clock(case, "finish", due_at=90, paused_at=10, replaced_at=until)
            for case, until in ((long, 30), (long, 60), (short, 40), (short, 40))
        ]
    )
    assert of(world, "clerk-a")["long_pauses"] == 1


def test_what_did_not_happen_counts_in_full(world: World) -> None:
    facts = of(world, "clerk-a")["score_facts"]
    assert (facts["satisfaction"], facts["rectified_rate"], facts["second_bad"], facts["complaints_upheld"]) == (1, 1, 0, 0)


def test_nothing_came_in_means_nobody_to_score(world: World) -> None:
    assert world.call("staff-statistics", month="2025-03") == {"windows": [], "people": []}


@pytest.mark.parametrize("month", ["2026-11", "2026-Q4", "2026"])
def test_the_same_period_is_meant_as_by_the_other_figures(world: World, month: str) -> None:
    close(world.case)
    assert Period.parse(month).begins_at <= MONDAY
    assert of(world, "clerk-a", month)["closed"] == 1

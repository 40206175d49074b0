"""Figures of a period: the centre, departments, topics, complaints, suggestions, one metric."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.clock import as_local
from engine.db.case_tables import Card, Case, CaseClock, CaseEntry, Meeting, Rating, ShareQuery, SubOrder
from engine.errors import InvalidInput
from engine.services.indicators import METRICS, figures
from engine.services.periods import Period

from .conftest import CALENDAR, MONDAY, WINDOW, World

NOVEMBER = Period.parse("2026-11")


def found(world: World, period: Period = NOVEMBER) -> dict[str, Any]:
    world.session.flush()
    return figures(world.session, CALENDAR, WINDOW, period)


def close(case: Case, result: str, days: int = 3) -> None:
    case.status, case.result, case.closed_at = "已归档", result, case.received_at + timedelta(days=days)


def order(world: World, department: str, signed: int | None = 1, replied: int | None = 5) -> SubOrder:
    """Sent on Monday, to be signed within two hours and answered within ten; signed and replied after so many hours."""
    hours = {name: MONDAY + timedelta(hours=count) if count is not None else None for name, count in (("s", signed), ("r", replied))}
    row = SubOrder(
        case_no=world.case.no,
        department=department,
        role="协办",
        sent_at=MONDAY,
        sign_due_at=MONDAY + timedelta(hours=2),
        signed_at=hours["s"],
        opinion_due_at=MONDAY + timedelta(hours=10),
        replied_at=hours["r"],
    )
    world.session.add(row)
    return row


def clock(case: Case, kind: str, due_after: int, stopped_after: int | None, replaced: bool = False) -> CaseClock:
    began = case.received_at
    return CaseClock(
        case_no=case.no,
        kind=kind,
        limit_text="1工作小时",
        started_at=began,
        due_at=began + timedelta(hours=due_after),
        stopped_at=began + timedelta(hours=stopped_after) if stopped_after is not None else None,
        replaced_at=began if replaced else None,
    )


def department(world: World, code: str) -> dict[str, Any]:
    return next(row for row in found(world)["departments"] if row["code"] == code)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [("2026-11", "2026-11-01", "2026-11-30"), ("2026-12", "2026-12-01", "2026-12-31"), ("2026-Q4", "2026-10-01", "2026-12-31"),
     ("2026", "2026-01-01", "2026-12-31")],
)  # fmt: skip
def test_a_period_is_a_month_a_quarter_or_a_year(text: str, first: str, last: str) -> None:
    assert Period.parse(text).described() == {"month": text, "from": first, "to": last}


@pytest.mark.parametrize("text", ["", "2026-13", "2026-Q5", "2026-1", "November"])
def test_anything_else_is_no_period(text: str) -> None:
    with pytest.raises(InvalidInput, match="2026-11"):
        Period.parse(text)


def test_the_month_before_january_is_december_of_the_year_before() -> None:
    assert Period.before(as_local("2027-01-04T09:00")).name == "2026-12"


def test_a_month_without_cases_has_counts_of_zero_and_no_rates(world: World) -> None:
    empty = found(world, Period.parse("2025-03"))
    assert empty["departments"] == empty["topics"] == []
    centre = empty["centre"]
    assert (centre["registered"], centre["on_time_rate"], centre["satisfaction"], centre["complex_days"]) == (0, None, None, None)


def test_a_case_counts_in_the_month_it_came_in_by_the_centres_own_clock(world: World) -> None:
    world.new_case(as_local("2026-12-01T00:10"))
    assert found(world)["centre"]["registered"] == 1
    assert found(world, Period.parse("2026-12"))["centre"]["registered"] == 1


def test_solved_are_only_the_results_that_solve(world: World) -> None:
    close(world.case, "直接解决")
    finished = world.new_case()
    close(finished, "解释说明(未解决)")
    finished.status = "已办结"  # not in the archive yet
    centre = found(world)["centre"]
    assert (centre["closed"], centre["solved"], centre["unsolved"], centre["solve_rate"]) == (2, 1, 1, 0.5)


def test_on_time_is_measured_by_the_due_time_that_holds_now(world: World) -> None:
    world.session.add_all(
        [clock(world.case, "finish", 1, None, replaced=True), clock(world.case, "finish", 100, None), clock(world.case, "respond", 1, 2)]
    )
    close(world.case, "直接解决")
    centre = found(world)["centre"]
    assert (centre["on_time_rate"], centre["respond_rate"]) == (1, 0)


def test_only_extensions_that_were_granted_are_told(world: World) -> None:
    refused = world.new_case()
    for case, decision in ((world.case, "准予"), (refused, "驳回")):
        close(case, "直接解决")
        world.session.add(CaseEntry(case_no=case.no, kind="延期", facts={"decision": decision}, recorded_at=MONDAY, actor="clerk-a"))
    assert found(world)["centre"]["extended"] == 1


def test_working_days_of_complex_cases_leave_out_weekends(world: World) -> None:
    world.case.level = "复杂"
    close(world.case, "协调解决", days=7)  # Monday to Monday
    assert found(world)["centre"]["complex_days"] == 5


def test_default_ratings_are_no_satisfaction(world: World) -> None:
    for level in (0, 5, 4, 1):
        rating = Rating(case_no=world.case.no, level=level, is_counted=level > 0, rated_at=MONDAY)
        world.session.add(rating)
    centre = found(world)["centre"]
    assert (centre["ratings"], centre["satisfaction"], centre["bad_ratings"], centre["average_rating"]) == (3, 0.6667, 1, 3.33)


def test_a_topic_has_its_share_of_the_month(world: World) -> None:
    world.new_case(cause="推诿拖延")
    world.new_case(cause="推诿拖延")
    assert [(topic["tag"], topic["count"], topic["share"]) for topic in found(world)["topics"]] == [
        ("推诿拖延", 2, 0.6667),
        ("其他", 1, 0.3333),
    ]


def test_a_department_is_late_when_it_signs_or_answers_late(world: World) -> None:
    order(world, "D01")
    order(world, "D01", signed=3, replied=11)
    order(world, "D02", signed=None, replied=None)
    assert [department(world, "D01")[name] for name in ("orders", "sign_rate", "on_time_rate")] == [2, 0.5, 0.5]
    assert [department(world, "D02")[name] for name in ("orders", "sign_rate", "on_time_rate")] == [1, 0, 0]


def test_a_deemed_signature_is_not_in_time(world: World) -> None:
    order(world, "D01").is_deemed_signed = True
    assert department(world, "D01")["sign_rate"] == 0


def test_a_department_answers_for_the_cases_it_led(world: World) -> None:
    world.case.lead_department = "D01"
    close(world.case, "协调解决")
    world.session.add(Rating(case_no=world.case.no, level=1, is_second=True, is_counted=True, rated_at=MONDAY))
    world.session.add(Card(case_no=world.case.no, lamp="红牌", code="red", against="D01", reason="超期", issued_at=MONDAY))
    row = department(world, "D01")
    assert (row["solve_rate"], row["satisfaction"], row["second_bad"], row["red_cards"]) == (1, 0, 1, 1)


def test_returns_extensions_and_days_on_site_come_from_the_ledger(world: World) -> None:
    world.case.lead_department = "D01"
    order(world, "D01")
    order(world, "D01", replied=None).cancelled_at = MONDAY
    entries: list[tuple[str, dict[str, Any]]] = [
        ("退单", {"department": "D01", "has_basis": False, "in_sign_window": True}),
        ("延期", {"decision": "准予"}),
        ("延期", {"decision": "驳回"}),
        *[("现场办公", {"department": "D01", "leader": "分管"})] * 8,
        *[("现场办公", {"department": "D01", "leader": "主要"})] * 1,
    ]
    for kind, facts in entries:
        world.session.add(CaseEntry(case_no=world.case.no, kind=kind, facts=facts, recorded_at=MONDAY, actor="clerk-a"))
    row = department(world, "D01")
    assert (row["returns"], row["extensions"], row["routing_accuracy"], row["onsite_days"]) == (1, 1, 0, 9)
    assert row["onsite_rate"] == 0.5  # the head came once of twice


def test_a_department_that_stayed_away_from_a_meeting_was_invited(world: World) -> None:
    order(world, "D01")
    record = {"absent": ["D02"]}
    world.session.add(Meeting(case_no=world.case.no, kind="联席会议", record=record, absent_count=1, recorded_at=MONDAY))
    assert department(world, "D01")["attendance_rate"] == 1
    assert (department(world, "D02")["attendance_rate"], department(world, "D02")["absences"]) == (0, 1)


def test_what_a_department_was_never_asked_for_counts_in_full_for_its_score(world: World) -> None:
    world.session.add(
        ShareQuery(case_no=world.case.no, department="D03", item="户籍", purpose="核对", state="不可得", asked_at=MONDAY, asked_by="c")
    )
    facts = department(world, "D03")["score_facts"]
    assert (facts["share_rate"], facts["sign_rate"], facts["red_cards"]) == (0, 1, 0)


def complaint(world: World, **facts: Any) -> Case:
    case = world.new_case(text="窗口人员态度不好,让我自己看墙上的指南。")
    case.kind, case.facts = "complaint", facts
    return case


def test_complaints_count_what_was_answered_and_who_was_satisfied(world: World) -> None:
    one, two = complaint(world, finding="属实", satisfied="满意"), complaint(world, finding="不属实", satisfied="不满意")
    for case, hours in ((one, 20), (two, 30)):
        world.session.add(clock(case, "complaint_contact", 24, hours))
        world.session.add(clock(case, "complaint_close", 72, hours))
        close(case, "已答复")
    world.session.add(CaseEntry(case_no=one.no, kind="反馈", facts={}, recorded_at=MONDAY, actor="officer"))
    row = found(world)["complaints"]
    assert (row["complaint_count"], row["complaint_contact_rate"], row["complaint_on_time_rate"]) == (2, 0.5, 1)
    assert (row["complaint_reply_rate"], row["complaint_satisfaction"]) == (0.5, 0.5)
    assert found(world)["centre"]["registered"] == 1, "a complaint is no case"


def test_suggestions_adopted_in_part_are_adopted(world: World) -> None:
    case = world.new_case()
    case.kind = "suggestion"
    for adopted in ("采纳", "部分采纳", "不采纳", "上报"):
        facts = {"adopted": adopted}
        world.session.add(CaseEntry(case_no=case.no, kind="建议答复", facts=facts, recorded_at=MONDAY, actor="d01"))
    assert found(world)["suggestions"]["adoption_rate"] == 0.5


def test_the_library_tells_how_many_articles_are_about_the_same(world: World) -> None:
    for cause in ("其他", "其他", "推诿拖延"):
        case = world.new_case()
        case.kind, case.status, case.facts = "knowledge", "已发布", {"article": {"cause": cause}}
    assert found(world)["library"] == {"articles": 3, "new_articles": 3, "most_alike": 2}


def test_innovations_are_fixed_projects_that_were_registered_so(world: World) -> None:
    for status, innovation in (("已固化", True), ("已固化", False), ("已终止", True)):
        case = world.new_case()
        case.kind, case.status, case.facts, case.closed_at = "improvement", status, {"innovation": innovation}, MONDAY
    row = found(world)["improvement"]
    assert (row["projects_begun"], row["projects_ended"], row["projects_fixed"], row["innovations"]) == (3, 3, 2, 1)


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_can_be_read(world: World, name: str) -> None:
    read = world.call("metric-read", metric=name)
    assert read["value"] is None or read["value"] >= 0
    assert read["more_is_better"] == METRICS[name][3]


def test_a_metric_is_read_of_a_department_or_a_tag(world: World) -> None:
    order(world, "D01", signed=3)
    world.now = MONDAY + timedelta(days=2)
    assert world.call("metric-read", metric="on_time_rate", scope="D01")["value"] == 1
    assert world.call("metric-read", metric="tag_share", scope="其他")["value"] == 1
    assert world.call("metric-read", metric="tag_share", scope="没有的标签")["value"] == 0
    assert world.call("metric-read", metric="on_time_rate", scope="D02")["value"] is None


def test_an_unknown_metric_is_refused_with_those_there_are(world: World) -> None:
    with pytest.raises(InvalidInput, match="on_time_rate"):
        world.call("metric-read", metric="happiness")


def test_statistics_are_of_the_month_before_unless_said_otherwise(world: World) -> None:
    world.now = as_local("2026-12-01T09:00")
    order(world, "D01")
    order(world, "D02")
    assert world.call("statistics")["figures"]["month"] == "2026-11"
    of_one = world.call("statistics", month="2026-Q4", scope="D02")["figures"]
    assert [row["code"] for row in of_one["departments"]] == ["D02"]

"""Complaints, suggestions and the case library: what is found alike, what is taken out, what is drafted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.db.case_tables import Case, Matter, Rating, SubOrder
from engine.db.tables import Definition, Deployment, ProcessInstance, Resource, UserTask
from engine.errors import NotFound
from engine.services import complaints, knowledge
from engine.services.similarity import closeness

from .conftest import APPLICANT, MONDAY, World

LIFT = "老旧小区加装电梯,住建、消防、城管来回说要先办对方的,希望并联审批。"


def file(world: World, kind: str, text: str, days: int = 0, **columns: Any) -> Case:
    case = world.new_case(MONDAY - timedelta(days=days), text=text)
    case.kind = kind
    for name, value in columns.items():
        setattr(case, name, value)
    return case


def written(world: World, case: Case, element: str, **submitted: Any) -> UserTask:
    """A task of the case that somebody completed with this."""
    session = world.session
    if session.get(ProcessInstance, 1) is None:
        session.add_all([Resource(sha256="0", content=b""), Deployment(id=1, name="d", created_at=MONDAY, created_by="x")])
        session.flush()
        session.add(Definition(id=1, kind="process", key="P", version=1, file="p", sha256="0", deployment_id=1, created_at=MONDAY))
        session.flush()
        session.add(ProcessInstance(id=1, definition_id=1, business_key=case.no, state=b"", started_at=MONDAY))
        session.flush()
    task = UserTask(id=f"1-{case.no}", instance_id=1, token=1, element_id=element, name="答复", process_key="P", business_key=case.no)
    task.org_unit, task.created_at, task.ended_at, task.outcome, task.submitted = case.org_unit, MONDAY, MONDAY, "completed", submitted
    session.add(task)
    session.flush()
    return task


@pytest.mark.parametrize(
    ("other", "alike"),
    [("老旧小区想加装电梯,希望住建、消防、城管并联审批。", True), ("无犯罪记录证明系统老是报错。", False), ("", False)],
)
def test_texts_are_alike_by_the_words_they_share(other: str, alike: bool) -> None:
    assert (closeness(LIFT, other) >= 0.3) is alike


def test_suggestions_alike_of_ninety_days_are_counted(world: World) -> None:
    world.case = file(world, "suggestion", LIFT)
    close, old, other = (
        file(world, "suggestion", "加装电梯请住建、消防、城管并联审批,不要来回跑。", 30),
        file(world, "suggestion", LIFT, 91),
        file(world, "suggestion", "开证明太难了,能不能网上自动出电子证明?", 3, matter_code=None),
    )
    found = world.call("suggestion-similar")
    assert (found["similar_count"], [row["no"] for row in found["similar"]]) == (1, [close.no])
    assert old.no != other.no


def answered(world: World, days: int, **facts: Any) -> Case:
    case = file(world, "complaint", "窗口人员态度冷漠,头都不抬。", days, facts=facts, closed_at=MONDAY - timedelta(days=days - 1))
    written(world, case, "write_complaint_reply", reply={"text": "经查属实,已当面道歉并调整岗位。"})
    return case


def test_the_earlier_reply_to_the_same_person_about_the_same_is_found(world: World) -> None:
    earlier = answered(world, 20, against="D01", finding="属实")
    answered(world, 10, against="D02", finding="属实")
    world.case = file(world, "complaint", "窗口人员还是头都不抬。", facts={"against": "D01"})
    found = world.call("complaint-earlier")["earlier"]
    assert (found["no"], found["finding"], found["reply"]) == (earlier.no, "属实", "经查属实,已当面道歉并调整岗位。")


def test_a_complaint_of_somebody_without_numbers_is_nobody_elses(world: World) -> None:
    answered(world, 20, against="D01")
    world.case = file(world, "complaint", "窗口人员还是头都不抬。", facts={"against": "D01"}, applicant_id=None)
    assert world.call("complaint-earlier")["earlier"] is None


def test_what_another_authority_has_is_taken_out_of_file_and_tasks(world: World) -> None:
    world.case = file(world, "complaint", "窗口人员收了中介的红包才给办。", facts={"against": "D01", "demand": "严查红包"})
    task = written(world, world.case, "contact_complainant", contact={"demand": "严查红包"})
    world.call("case-withhold")
    assert (world.case.text, world.case.facts, task.submitted) == (complaints.WITHHELD, {"against": "D01"}, {})
    assert "case:withhold" in world.events()


def test_a_complaint_is_against_departments_and_a_person() -> None:
    assert complaints.against({"against": ["D01", "D02"], "against_person": "clerk-a"}) == {"D01", "D02", "clerk-a"}
    assert complaints.against({"against": "D01", "against_person": None}) == {"D01"}


def test_those_kept_apart_are_read_from_whatever_was_said() -> None:
    facts = {"complaint": {"against": "window", "account": None}, "against": ["window"], "against_person": "clerk-a"}
    assert complaints.against(facts) == {"window", "clerk-a"}


@pytest.mark.parametrize(
    ("text", "clean"),
    [("本月受理128件,按时办结率97%。", True), ("请联系13800001234。", False), ("440103188501010017", False), (None, True)],
)
def test_a_public_text_is_clean_without_numbers_of_persons(world: World, text: str | None, clean: bool) -> None:
    assert world.call("personal-check", text=text)["is_clean"] is clean


def solved(world: World) -> Case:
    """A complex case led by D01, answered, rated 5."""
    case = world.case
    case.level, case.lead_department, case.triage_row, case.result = "复杂", "D01", "T11", "协调解决"
    case.text = "示例·何女士(电话13800001234)要办企业开办,两个窗口重复收材料。"
    case.status, case.closed_at = "已归档", MONDAY + timedelta(days=7)
    world.session.add(
        SubOrder(
            case_no=case.no, department="D01", role="牵头", sent_at=MONDAY, sign_due_at=MONDAY, opinion_due_at=MONDAY,
            opinion="同意", basis="条例第3条", replied_at=MONDAY,
        )
    )  # fmt: skip
    world.session.add(Rating(case_no=case.no, level=5, rated_at=MONDAY))
    written(world, case, "draft_reply", reply={"text": "已请示例·何女士到一个窗口交一套材料。"})
    world.session.flush()
    return case


def test_the_library_asks_level_rating_and_what_is_new(world: World) -> None:
    solved(world)
    assert world.call("knowledge-candidate")["library_facts"] == {
        "level": "复杂", "rating": 5, "new_row": True, "new_tag": True, "already_drafted": False,
    }  # fmt: skip


def test_a_row_that_an_earlier_case_hit_is_not_new(world: World) -> None:
    file(world, "case", "别的企业也要交两遍材料。", 10, triage_row="T11", closed_at=MONDAY - timedelta(days=5))
    solved(world)
    facts = world.call("knowledge-candidate")["library_facts"]
    assert (facts["new_row"], facts["new_tag"]) == (False, False)


def test_a_draft_tells_the_case_without_its_people(world: World) -> None:
    case = solved(world)
    world.case = file(world, "knowledge", "案例草稿,由工单办结生成。", parent_no=case.no)
    given = world.call("knowledge-draft")
    article = given["article"]
    assert (article["title"], article["days"], article["basis"]) == ("企业开办:其他", 5, "条例第3条")
    assert "牵头" in article["path"] and "一个窗口" in article["result"]
    assert (given["article_owner"], given["article_department"]) == ("clerk-a", "D01")
    for secret in (APPLICANT["name"], APPLICANT["phone"], case.no):
        assert secret not in str(article)
    assert "申请人" in article["problem"]


def test_a_draft_of_no_case_is_refused(world: World) -> None:
    world.case = file(world, "knowledge", "案例草稿,由工单办结生成。")
    with pytest.raises(NotFound, match="come from a case"):
        world.call("knowledge-draft")


def article(world: World, problem: str, status: str = "已发布", matter: str | None = "M01") -> Case:
    facts = {"matter": matter, "article": {"title": "案例", "problem": problem, "cause": "其他"}}
    return file(world, "knowledge", "案例草稿,由工单办结生成。", 1, facts=facts, status=status)


def test_articles_about_the_same_matter_come_first(world: World) -> None:
    world.session.add(Matter(code="M09", name="加装电梯", promise_days=1))
    world.session.flush()
    elsewhere, same = article(world, LIFT, matter="M01"), article(world, "住建和消防对加装电梯说法不一。", matter="M09")
    article(world, LIFT, status="审核中")
    found = knowledge.similar(world.session, world.case.org_unit, "M09", LIFT)
    assert [row.no for row in found] == [same.no, elsewhere.no]
    assert knowledge.similar(world.session, world.case.org_unit, None, "办理护照要多久") == []


def test_articles_alike_are_counted_without_the_article_itself(world: World) -> None:
    for _ in range(3):
        world.case = article(world, LIFT)
    assert world.call("knowledge-similar")["similar_articles"] == 2

"""What reaches the citizen: replies, notices, ratings and the rectification after a bad one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.db.case_tables import Notice, Rating, SubOrder
from engine.db.tables import Definition, Deployment, ProcessInstance, Resource, UserTask
from engine.errors import Conflict, InvalidInput, NotFound
from engine.services.notices import shown

from .conftest import MONDAY, World

GOOD_REPLY = "经市场监管、税务两部门并联办理,您的营业执照已于11月27日核发,社保登记同步完成,可到综合窗口3号领取。"


def bodies(world: World) -> list[str]:
    return [row.body for row in world.rows(Notice)]


def rate(world: World, level: Any, second: bool = False) -> None:
    world.call("rating-record", level=level, tags=["态度好"], text="谢谢", second=second)


# ---- replies ---------------------------------------------------------------


def test_a_reply_that_says_what_was_done_may_go_out(world: World) -> None:
    assert world.call("reply-check", text=GOOD_REPLY) == {"reply_ok": True, "reply_problems": ""}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (None, "为空"),
        (" 。\n", "为空"),
        ("已经办好了", "不足10个字"),
        ("我们将加强教育,改进服务态度。", "加强教育"),
        ("您的问题已转相关部门,请自行咨询。", "自行咨询"),
        ("该问题请走法律途径解决,谢谢理解。", "走法律途径"),
        ("开办企业要交两遍材料,窗口互相等对方先办。", "完全相同"),
        ("营业执照已经核发可到三号窗口领取营业执照已经核发可到三号窗口领取", "重复"),
    ],
)
def test_an_empty_copied_or_evasive_reply_goes_back(world: World, text: str | None, problem: str) -> None:
    result = world.call("reply-check", text=text)
    assert not result["reply_ok"] and problem in result["reply_problems"]


def test_an_evasive_phrase_beside_a_real_answer_does_no_harm(world: World) -> None:
    assert world.call("reply-check", text=GOOD_REPLY + "我们也将加强管理。")["reply_ok"]


def test_a_short_reply_with_a_result_may_end_politely(world: World) -> None:
    assert world.call("reply-check", text="您的无犯罪记录证明已于12月2日开具,请到综合窗口领取,请知悉。")["reply_ok"]


def test_a_copied_objection_of_a_department_is_no_reply(world: World) -> None:
    order = SubOrder(case_no=world.case.no, department="D02", role="协办", sent_at=MONDAY, sign_due_at=MONDAY, opinion_due_at=MONDAY)
    order.opinion, order.reply = "不同意", "不符合税务登记迁移的条件,不予办理。"
    world.session.add(order)
    world.session.flush()
    assert "照抄" in world.call("reply-check", text="不符合税务登记迁移的条件 不予办理")["reply_problems"]


# ---- notices ---------------------------------------------------------------


def test_a_notice_is_filled_with_what_the_case_knows(world: World) -> None:
    world.call("notice-send", template="MSG-01", to="applicant")
    assert bodies(world) == [
        f"您反映的“企业开办”已登记,工单{world.case.no},首接责任人示例·clerk-a12345。查询:/p/{world.case.public_token}。"
    ]
    row = world.rows(Notice)[0]
    assert (row.case_no, row.audience, row.state, row.channel) == (world.case.no, "applicant", "queued", "outbox")
    assert world.jobs == [("notices", {}, None)]


def test_the_grade_the_lead_and_the_due_day_are_known_once_they_are_decided(world: World) -> None:
    departments = world.call("departments-route", matter="M01")["departments"]
    world.call("departments-set-lead", departments=departments, lead_department="D01")
    world.call("case-record-grade", grade={"level": "复杂", "rule": "G5"})
    world.call("clock-start", kind="finish", limit="7个工作日")
    world.variables["departments"] = departments
    world.call("notice-send", template="MSG-08", to="applicant")
    assert bodies(world) == ["您的工单已定为复杂,由市场监督管理局牵头、1个部门配合,预计2026年12月2日前办结。"]


def test_given_values_win_and_codes_and_moments_are_put_in_words(world: World) -> None:
    world.call(
        "notice-send", template="MSG-23", to="department:D02", values={"时间": "2026-12-01T14:30", "议题": "加装电梯", "部门": "D02"}
    )
    assert bodies(world) == ["定于2026年12月1日14:30召开协调会,议题加装电梯,请税务局参加。"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("2026-12-01T06:30:00Z", "2026年12月1日14:30"),
        ("2026-12-01T14:30:00+08:00", "2026年12月1日14:30"),
        ("2026-12-01", "2026年12月1日"),
        ("2026-12-99T25:61", "2026-12-99T25:61"),
        (3.0, "3"),
        (2, "2"),
        ("尽快", "尽快"),
        (MONDAY, "2026年11月23日10:20"),
        (MONDAY.date(), "2026年11月23日"),
    ],
)
def test_a_value_is_shown_as_a_citizen_reads_it(value: object, text: str) -> None:
    assert shown(value) == text


def test_a_notice_to_the_owner_goes_to_the_present_owner(world: World) -> None:
    world.call("case-owner-backup", reason="首次响应超时")
    world.call("notice-send", template="MSG-01", to="owner")
    assert world.rows(Notice)[0].audience == "user:clerk-b"


@pytest.mark.parametrize("to", ["group:coordinator", "department:D02", "applicant"])
def test_a_notice_may_go_to_a_group_a_department_or_the_applicant(world: World, to: str) -> None:
    world.call("notice-send", template="MSG-01", to=to)
    assert world.rows(Notice)[0].audience == to


@pytest.mark.parametrize("to", ["", "everybody", "group:", "group:nobody", "department:D99", "clerk-a"])
def test_a_notice_to_nobody_known_is_refused(world: World, to: str) -> None:
    with pytest.raises(InvalidInput, match="receiver"):
        world.call("notice-send", template="MSG-01", to=to)
    assert bodies(world) == [] and world.jobs == []


def test_a_notice_to_the_owner_of_a_case_nobody_owns_goes_to_the_window(world: World) -> None:
    world.case.owner_id = None
    world.call("notice-send", template="MSG-01", to="owner")
    assert world.rows(Notice)[0].audience == "group:window"


def test_an_unknown_template_is_not_found(world: World) -> None:
    with pytest.raises(NotFound, match="MSG-99"):
        world.call("notice-send", template="MSG-99", to="applicant")


def test_a_missing_value_is_named(world: World) -> None:
    with pytest.raises(InvalidInput, match="摘要 of MSG-17"):
        world.call("notice-send", template="MSG-17", to="applicant", values={"摘要": None})


def test_a_value_the_template_has_no_place_for_is_named(world: World) -> None:
    with pytest.raises(InvalidInput, match="but got 拒绝理由"):
        world.call("notice-send", template="MSG-17", to="applicant", values={"摘要": "已补办", "拒绝理由": "收入超标"})


def test_personal_details_typed_into_a_value_are_masked(world: World) -> None:
    typed = "示例·何女士(440103188501010017,13800001234,芳村示例路1号)的材料已补齐;另一人13912345678"
    world.call("notice-send", template="MSG-17", to="applicant", values={"摘要": typed})
    body = bodies(world)[0]
    assert "示例·*女士" in body
    assert [detail for detail in ("何女士", "440103188501010017", "13800001234", "芳村示例路1号", "13912345678") if detail in body] == []


def test_applicants_of_merged_cases_hear_of_the_main_case_too(world: World) -> None:
    main, child = world.case, world.new_case(MONDAY + timedelta(hours=1))
    world.case = child
    world.call("case-merge", into=main.no)
    world.case = main
    world.call("notice-send", template="MSG-01", to="applicant")
    world.call("notice-send", template="MSG-01", to="group:coordinator")
    rows = world.rows(Notice)
    assert [(row.case_no, row.audience) for row in rows] == [
        (main.no, "applicant"),
        (child.no, "applicant"),
        (main.no, "group:coordinator"),
    ]
    assert child.public_token in rows[1].body and main.public_token not in rows[1].body


# ---- ratings ---------------------------------------------------------------


def test_a_rating_is_kept_and_counted(world: World) -> None:
    rate(world, 5.0)
    row = world.rows(Rating)[0]
    assert (row.level, row.tags, row.text, row.is_second, row.is_counted) == (5, ["态度好"], "谢谢", False, True)


def test_the_default_after_silence_is_kept_but_not_counted(world: World) -> None:
    world.call("rating-record", level=0, tags=None, text=None, second=False)
    assert not world.rows(Rating)[0].is_counted


@pytest.mark.parametrize("level", [6, -1, 2.5, "5", True, None])
def test_a_rating_outside_the_five_levels_is_refused(world: World, level: object) -> None:
    with pytest.raises(InvalidInput, match="Expected"):
        rate(world, level)


def test_a_case_is_rated_once(world: World) -> None:
    rate(world, 2)
    with pytest.raises(Conflict, match="rated before"):
        rate(world, 5)


def test_each_reopening_allows_one_second_rating_and_both_stay(world: World) -> None:
    rate(world, 1)
    rate(world, 2, second=True)
    with pytest.raises(Conflict, match="second rating"):
        rate(world, 3, second=True)
    world.case.reopen_count = 2
    rate(world, 3, second=True)
    assert [row.level for row in world.rows(Rating)] == [1, 2, 3]


# ---- who rectifies ---------------------------------------------------------


def test_a_bad_rating_goes_to_an_officer_who_took_no_part(world: World) -> None:
    world.case.first_owner_id = "officer-1"
    assert world.call("rectification-assign") == {"rectifier": "officer-2"}


def test_an_officer_who_did_a_task_of_the_case_took_part(world: World) -> None:
    _completed_task(world, "officer-2", "P07_departments")
    assert world.call("rectification-assign") == {"rectifier": "officer-1"}


def test_an_officer_may_rectify_the_same_case_again(world: World) -> None:
    world.case.first_owner_id = "officer-2"
    _completed_task(world, "officer-1", "P17_rectification")
    assert world.call("rectification-assign") == {"rectifier": "officer-1"}


def test_without_an_uninvolved_officer_nobody_is_assigned(world: World) -> None:
    world.case.owner_id, world.case.first_owner_id = "officer-1", "officer-2"
    with pytest.raises(NotFound, match="took no part"):
        world.call("rectification-assign")


def _completed_task(world: World, account: str, process_key: str) -> None:
    session = world.session
    session.add(Resource(sha256="0", content=b""))
    session.add(Deployment(id=1, name="test", created_at=MONDAY, created_by="test"))
    session.flush()
    session.add(Definition(id=1, kind="process", key=process_key, version=1, file="x.bpmn", sha256="0", deployment_id=1, created_at=MONDAY))
    session.flush()
    session.add(ProcessInstance(id=1, definition_id=1, business_key=world.case.no, state=b"", started_at=MONDAY))
    session.flush()
    task = UserTask(id="1-1", instance_id=1, token=1, element_id="step", name="步骤", process_key=process_key, business_key=world.case.no)
    task.org_unit, task.created_at, task.completed_by = world.case.org_unit, MONDAY, account
    session.add(task)
    session.flush()

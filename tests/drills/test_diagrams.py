"""Drills about steps: one more, one less, two at once, somebody who confirms, an event that may come at any time; and back again."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from engine.actors import SYSTEM
from engine.commands.deployments import install
from engine.commands.messages import correlate_message
from tests.drills import drawings, steps
from tests.drills.drawings import edge, flow, shape, user_task
from tests.drills.office import REFUSAL, REPLY, SOLVED, Office

pytestmark = pytest.mark.browser

SPINE, TRIAGE, STUDY, ANSWER = (f"processes/{name}.bpmn" for name in ("P00_case_spine", "P03_triage", "P09_leading_group", "P16_answer"))
SCENARIOS = ("simple_case_solved", "departments_one_keeps_silent")

LEGAL_FORM = drawings.form(
    "legal_review", "法制审核", "Legal review",
    drawings.choice("legal_opinion", "审核意见", "Opinion", ("合法", "Lawful"), ("建议修改", "Should be changed")),
    drawings.writing("legal_note", "说明", "Note"),
)  # fmt: skip
LEGAL = {"legal_opinion": "合法", "legal_note": "依据充分。"}
CONFIRM_FORM = drawings.form(
    "confirm_refusal", "复核不予受理告知书", "Confirm the refusal",
    drawings.choice("refusal_check", "复核意见", "Check", ("同意", "Agree"), ("退回", "Send back")),
    drawings.writing("refusal_check_note", "理由", "Reason"),
)  # fmt: skip
CONFIRMED = {"refusal_check": "同意", "refusal_check_note": "依据和条款核对无误。"}


def with_legal_review(xml: str) -> str:
    """The reply is looked at by the justice bureau before it goes out."""
    xml = drawings.led(xml, "flow_is_reply_ok_confirm_reply", "legal_review", (990, 205), (990, 300))
    xml = drawings.entered(xml, "confirm_reply", "flow_reviewed")
    task = user_task("legal_review", "法制审核", "legal_review", "D18", "flow_is_reply_ok_confirm_reply", "flow_reviewed")
    picture = shape("legal_review", (940, 300, 100, 80)) + edge("flow_reviewed", (1040, 340), (1110, 340))
    return drawings.drawn(xml, task + flow("flow_reviewed", "legal_review", "confirm_reply"), picture)


def with_confirmation(xml: str) -> str:
    """A refusal goes out only when the head of the window agrees; otherwise it comes back."""
    xml = drawings.led(xml, "flow_refusal_notice_notify_refused", "confirm_refusal", (990, 940), (990, 990))
    xml = drawings.entered(xml, "notify_refused", "flow_agreed")
    xml = drawings.entered(xml, "refusal_notice", "flow_sent_back")
    task = user_task(
        "confirm_refusal", "复核不予受理", "confirm_refusal", "window_head", "flow_refusal_notice_notify_refused", "flow_checked"
    )
    gateway = (
        '<bpmn:exclusiveGateway id="is_refusal_agreed" name="同意吗?" default="flow_sent_back"><bpmn:incoming>flow_checked</bpmn:incoming>'
        "<bpmn:outgoing>flow_agreed</bpmn:outgoing><bpmn:outgoing>flow_sent_back</bpmn:outgoing></bpmn:exclusiveGateway>"
    )
    flows = (
        flow("flow_checked", "confirm_refusal", "is_refusal_agreed")
        + flow("flow_agreed", "is_refusal_agreed", "notify_refused", 'refusal_check = "同意"', "同意")
        + flow("flow_sent_back", "is_refusal_agreed", "refusal_notice", words="退回")
    )
    picture = (
        shape("confirm_refusal", (940, 990, 100, 80))
        + shape("is_refusal_agreed", (1085, 1005, 50, 50), ' isMarkerVisible="true"')
        + edge("flow_checked", (1040, 1030), (1085, 1030))
        + edge("flow_agreed", (1110, 1005), (1110, 960), (1160, 960), (1160, 940))
        + edge("flow_sent_back", (1110, 1055), (1110, 1090), (890, 1090), (890, 920), (940, 920))
    )
    return drawings.drawn(xml, task + gateway + flows, picture)


def with_two_checks(xml: str) -> str:
    """The justice bureau first, then the head of the window: one after the other."""
    xml = drawings.led(xml, "flow_refusal_notice_notify_refused", "legal_review", (990, 940), (990, 990))
    xml = drawings.entered(xml, "notify_refused", "flow_confirmed")
    tasks = user_task("legal_review", "法制审核", "legal_review", "D18", "flow_refusal_notice_notify_refused", "flow_reviewed") + user_task(
        "confirm_refusal", "复核不予受理", "confirm_refusal", "window_head", "flow_reviewed", "flow_confirmed"
    )
    flows = flow("flow_reviewed", "legal_review", "confirm_refusal") + flow("flow_confirmed", "confirm_refusal", "notify_refused")
    picture = (
        shape("legal_review", (940, 990, 100, 80))
        + shape("confirm_refusal", (1110, 990, 100, 80))
        + edge("flow_reviewed", (1040, 1030), (1110, 1030))
        + edge("flow_confirmed", (1160, 990), (1160, 940))
    )
    return drawings.drawn(xml, tasks + flows, picture)


def with_both_at_once(xml: str) -> str:
    """From ``with_two_checks``: a fork before, a join behind."""
    xml = drawings.led(xml, "flow_refusal_notice_notify_refused", "both_check", (990, 940), (990, 965), (870, 965), (870, 1005))
    xml = drawings.removed(xml, "flow_reviewed", "flow_confirmed")
    for task, way_in, way_out in (
        ("legal_review", "flow_to_legal", "flow_from_legal"),
        ("confirm_refusal", "flow_to_head", "flow_from_head"),
    ):
        xml = drawings.entered(xml, task, way_in)
        xml = drawings.left(xml, task, way_out)
    xml = drawings.entered(xml, "notify_refused", "flow_both")
    xml = re.sub(r'(bpmnElement="confirm_refusal"><dc:Bounds x=)"1110" y="990"', r'\1"940" y="1110"', xml)
    gateways = (
        '<bpmn:parallelGateway id="both_check"><bpmn:incoming>flow_refusal_notice_notify_refused</bpmn:incoming>'
        "<bpmn:outgoing>flow_to_legal</bpmn:outgoing><bpmn:outgoing>flow_to_head</bpmn:outgoing></bpmn:parallelGateway>"
        '<bpmn:parallelGateway id="both_checked"><bpmn:incoming>flow_from_legal</bpmn:incoming>'
        "<bpmn:incoming>flow_from_head</bpmn:incoming><bpmn:outgoing>flow_both</bpmn:outgoing></bpmn:parallelGateway>"
    )
    flows = (
        flow("flow_to_legal", "both_check", "legal_review")
        + flow("flow_to_head", "both_check", "confirm_refusal")
        + flow("flow_from_legal", "legal_review", "both_checked")
        + flow("flow_from_head", "confirm_refusal", "both_checked")
        + flow("flow_both", "both_checked", "notify_refused")
    )
    picture = (
        shape("both_check", (845, 1005, 50, 50))
        + shape("both_checked", (1085, 1005, 50, 50))
        + edge("flow_to_legal", (895, 1030), (940, 1030))
        + edge("flow_to_head", (870, 1055), (870, 1150), (940, 1150))
        + edge("flow_from_legal", (1040, 1030), (1085, 1030))
        + edge("flow_from_head", (1040, 1150), (1110, 1150), (1110, 1055))
        + edge("flow_both", (1110, 1005), (1110, 960), (1160, 960), (1160, 940))
    )
    return drawings.drawn(xml, gateways + flows, picture)


def without_office_review(xml: str) -> str:
    """The request goes straight to the leaders."""
    xml = drawings.removed(
        xml, "office_review", "is_request_ready", "flow_office_review_is_request_ready", "flow_is_request_ready_draft_request"
    )
    xml = drawings.removed(xml, "flow_is_request_ready_leader_decision")
    xml = drawings.led(xml, "flow_draft_request_office_review", "leader_decision", (650, 360), (650, 780), (1110, 780))
    return drawings.entered(xml, "leader_decision", "flow_draft_request_office_review")


def with_withdrawal(xml: str) -> str:
    """At any time the applicant may withdraw: everything open ends, the case is archived."""
    inside = (
        '<bpmn:startEvent id="applicant_withdraws" name="申请人撤回"><bpmn:extensionElements><camunda:properties>'
        '<camunda:property name="correlationKey" value="=case_no" /></camunda:properties></bpmn:extensionElements>'
        "<bpmn:outgoing>flow_withdrawn</bpmn:outgoing>"
        '<bpmn:messageEventDefinition id="withdraws_message" messageRef="message_case_withdrawn" /></bpmn:startEvent>'
        '<bpmn:serviceTask id="archive_withdrawn" name="按撤回归档" camunda:type="external" camunda:topic="case-close">'
        "<bpmn:extensionElements>"
        '<camunda:inputOutput><camunda:inputParameter name="result">申请人撤回</camunda:inputParameter></camunda:inputOutput>'
        "</bpmn:extensionElements><bpmn:incoming>flow_withdrawn</bpmn:incoming><bpmn:outgoing>flow_archived</bpmn:outgoing></bpmn:serviceTask>"
        '<bpmn:endEvent id="case_withdrawn" name="已撤回"><bpmn:incoming>flow_archived</bpmn:incoming></bpmn:endEvent>'
    )
    flows = flow("flow_withdrawn", "applicant_withdraws", "archive_withdrawn") + flow(
        "flow_archived", "archive_withdrawn", "case_withdrawn"
    )
    process = f'<bpmn:subProcess id="withdrawal" name="申请人撤回" triggeredByEvent="true">{inside}{flows}</bpmn:subProcess>'
    picture = (
        shape("withdrawal", (300, 640, 480, 160), ' isExpanded="true"')
        + shape("applicant_withdraws", (350, 702, 36, 36))
        + shape("archive_withdrawn", (450, 680, 100, 80))
        + shape("case_withdrawn", (640, 702, 36, 36))
        + edge("flow_withdrawn", (386, 720), (450, 720))
        + edge("flow_archived", (550, 720), (640, 720))
    )
    xml = drawings.replaced(xml, "</bpmn:process>", '</bpmn:process><bpmn:message id="message_case_withdrawn" name="case_withdrawn" />')
    return drawings.drawn(xml, process, picture)


def test_drill_03_a_legal_review_is_inserted(office: Office) -> None:
    drafting, answering = office.case("simple"), office.case("simple")
    for number in (drafting, answering):
        office.do(number, "direct_coordination", SOLVED)
    office.do(answering, "draft_reply", REPLY)
    change = steps.begin(office, "答复前增加法制审核", "上级检查要求")
    change.upload(ANSWER, with_legal_review(office.deployed(ANSWER).decode()).encode())
    change.upload("forms/legal_review.form", LEGAL_FORM)
    step = '[[when]]\ncomplete = "legal_review"\nanswers = { legal_opinion = "合法", legal_note = "依据充分。" }\n'
    for name in SCENARIOS:
        file = f"processes/scenarios/{name}.toml"
        change.upload(file, drawings.played_before(office.deployed(file), "confirm_reply", step))
    old = office.newest("process", "P16_answer").version
    steps.activate(office, change.submit(), "法制审核")
    report = steps.migrate(office, "P16_answer", old, old + 1, "起草中的也要审核")
    assert steps.results(report) == {"已迁移": 2, "无须迁移": 0, "不能迁移": 0, "等待": 0}
    assert (office.stands(drafting), office.stands(answering)) == (["draft_reply"], ["confirm_reply"])
    office.do(drafting, "draft_reply", REPLY)
    assert office.stands(drafting) == ["legal_review"]
    page = steps.take(office, "d18", drafting)
    page.get_by_label("合法", exact=True).check()
    page.get_by_label("说明").fill("依据充分。")
    page.get_by_role("button", name="办结并提交").click()
    page.wait_for_load_state()
    office.work()
    assert office.stands(drafting) == ["confirm_reply"]


def test_drill_04_a_step_is_removed_where_three_cases_stand(office: Office) -> None:
    standing = [office.case("major") for _ in range(3)]
    drafting = office.case("major")
    words = "涉及多个部门,已经协调仍无结果,建议明确牵头部门。"
    request = {"request": {"facts": words, "positions": words, "options": words, "risk": words}}
    for number in standing:
        office.do(number, "draft_request", request)
    assert [office.stands(number) for number in standing] == [["office_review"]] * 3
    change = steps.begin(office, "取消领导小组办公室审核", "减少环节")
    change.upload(STUDY, without_office_review(office.deployed(STUDY).decode()).encode())
    old = office.newest("process", "P09_leading_group").version
    steps.activate(office, change.submit(), "减少环节")
    page = steps.plan(office, "P09_leading_group", old, old + 1)
    assert steps.try_out(page) == {"moves": 0, "keeps": 1, "refused": 3}
    page.get_by_role("link", name="回去改方案").click()
    steps.decide(page, {"office_review": "leader_decision"})
    assert steps.try_out(page) == {"moves": 3, "keeps": 1, "refused": 0}
    report = steps.execute(office, page, "审核环节取消，直接上会")
    assert steps.results(report)["已迁移"] == 4
    assert [office.stands(number) for number in standing] == [["leader_decision"]] * 3
    assert office.stands(drafting) == ["draft_request"]
    assert set(office.inbox("lg-leader")) >= set(standing)
    assert not set(office.inbox("lg-office")) & set(standing)


def test_drill_08_a_second_person_confirms_refusals(office: Office) -> None:
    writing, waiting = office.case("refused"), office.case("refused")
    office.do(waiting, "refusal_notice", REFUSAL)
    change = steps.begin(office, "不予受理须两人", "经办人不得单独说不")
    change.upload(TRIAGE, with_confirmation(office.deployed(TRIAGE).decode()).encode())
    change.upload("forms/confirm_refusal.form", CONFIRM_FORM)
    step = '[[when]]\ncomplete = "confirm_refusal"\nanswers = { refusal_check = "同意", refusal_check_note = "核对无误。" }\n'
    file = "processes/scenarios/refused_by_negative_list.toml"
    change.upload(file, confirmed_in(office.deployed(file), step))
    old = office.newest("process", "P03_triage").version
    steps.activate(office, change.submit(), "四眼")
    report = steps.migrate(office, "P03_triage", old, old + 1, "未发出的也要复核")
    assert steps.results(report)["不能迁移"] == 0
    office.do(writing, "refusal_notice", REFUSAL)
    assert office.stands(writing) == ["confirm_refusal"]
    assert "MSG-03" not in office.notices(writing)
    assert office.page_of(waiting).summary.status == "已告知"
    page = steps.take(office, "window-head", writing)
    page.get_by_label("同意", exact=True).check()
    page.get_by_label("理由").fill("依据和条款核对无误。")
    page.get_by_role("button", name="办结并提交").click()
    page.wait_for_load_state()
    office.work()
    assert (office.page_of(writing).summary.status, office.notices(writing).count("MSG-03")) == ("已告知", 1)


def test_drill_09_two_checks_at_once_instead_of_one_after_the_other(office: Office) -> None:
    one_after_the_other = with_two_checks((steps.PROJECT / TRIAGE).read_text("utf-8")).encode()
    forms = {"forms/legal_review.form": LEGAL_FORM, "forms/confirm_refusal.form": CONFIRM_FORM}
    install(office.engine, SYSTEM, {TRIAGE: one_after_the_other, **forms}, "两道审核")
    first, second = office.case("refused"), office.case("refused")
    for number in (first, second):
        office.do(number, "refusal_notice", REFUSAL)
    office.do(second, "legal_review", LEGAL)
    assert (office.stands(first), office.stands(second)) == (["legal_review"], ["confirm_refusal"])
    change = steps.begin(office, "两道审核同时进行", "节省一天")
    change.upload(TRIAGE, with_both_at_once(one_after_the_other.decode()).encode())
    file = "processes/scenarios/refused_by_negative_list.toml"
    both = '[[when]]\ncomplete = "confirm_refusal"\nanswers = { refusal_check = "同意", refusal_check_note = "核对无误。" }\n\n'
    both += '[[when]]\ncomplete = "legal_review"\nanswers = { legal_opinion = "合法", legal_note = "依据充分。" }\n'
    change.upload(file, confirmed_in((steps.PROJECT / file).read_bytes(), both))
    old = office.newest("process", "P03_triage").version
    steps.activate(office, change.submit(), "并行")
    page = steps.plan(office, "P03_triage", old, old + 1)
    steps.decide(page, {"legal_review": "both_check"})
    assert steps.try_out(page)["refused"] == 1  # the join would wait for a branch that nobody is in
    report = steps.execute(office, page, "还没审的同时审")
    assert steps.results(report)["不能迁移"] == 1
    assert office.stands(first) == ["confirm_refusal", "legal_review"]
    assert office.versions_in(first)["P03_triage"] == old + 1
    assert (office.stands(second), office.versions_in(second)["P03_triage"]) == (["confirm_refusal"], old)
    office.do(second, "confirm_refusal", CONFIRMED)
    office.do(first, "confirm_refusal", CONFIRMED)
    assert office.page_of(first).summary.status == "待研判"
    office.do(first, "legal_review", LEGAL)
    assert [office.page_of(number).summary.status for number in (first, second)] == ["已告知", "已告知"]


def test_drill_10_an_applicant_may_withdraw_at_any_time_in_cases_at_work_too(office: Office) -> None:
    kept, withdrawn, departments = office.case("simple"), office.case("simple"), office.case("complex")
    change = steps.begin(office, "申请人可以随时撤回", "群众要求")
    change.upload(SPINE, with_withdrawal(office.deployed(SPINE).decode()).encode())
    old = office.newest("process", "P00_case_spine").version
    steps.activate(office, change.submit(), "可撤回")
    report = steps.migrate(office, "P00_case_spine", old, old + 1, "在办的也可撤回")
    steps.see(report, "新等待的事件")
    for number in (withdrawn, departments):
        correlate_message(office.engine, SYSTEM, "case_withdrawn", number, {})
        office.work()
    assert [office.stands(number) for number in (withdrawn, departments, kept)] == [[], [], ["direct_coordination"]]
    summary = office.page_of(withdrawn).summary
    assert (summary.status, summary.result) == ("已归档", "申请人撤回")


def test_drill_18_a_migration_is_taken_back(office: Office) -> None:
    number, newer = office.case("simple"), ""
    old = office.newest("process", "P06_simple").version
    change = steps.begin(office, "直接协调改名", "试一试")
    file = "processes/P06_simple.bpmn"
    change.upload(file, office.deployed(file).replace('name="直接协调"'.encode(), 'name="当面协调"'.encode()))
    steps.activate(office, change.submit(), "改名")
    before = [(one.name, one.due_at) for one in office.tasks(number)]
    report = steps.migrate(office, "P06_simple", old, old + 1, "都改")
    newer = office.case("simple")
    assert [one.name for one in office.tasks(number)] == ["当面协调"]
    report.get_by_text(re.compile("把已迁移的")).click()
    report.get_by_label("理由").fill("改错了")
    report.get_by_label("我确认迁回").check()
    report.get_by_role("button", name="迁回").click()
    office.work()
    expect(report.locator("#progress")).to_contain_text("已完成", timeout=60_000)
    assert [(one.name, one.due_at) for one in office.tasks(number)] == before
    assert (office.versions_in(number)["P06_simple"], office.versions_in(newer)["P06_simple"]) == (old, old + 1)


def confirmed_in(scenario: bytes, step: str) -> bytes:
    """The refusal is told only after one more step."""
    text = scenario.decode()
    told = 'then = { status = "已告知", notices = ["MSG-03"], open = [] }\n'
    return drawings.replaced(text, told, f"\n{step}{told}").encode()

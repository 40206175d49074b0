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
#: A refusal is written; what comes next issues it.
WRITTEN = "flow_refusal_notice_issue_refusal"
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
    xml = drawings.led(xml, WRITTEN, "confirm_refusal", (990, 940), (990, 970), (650, 970), (650, 990))
    xml = drawings.entered(xml, "issue_refusal", "flow_agreed")
    xml = drawings.entered(xml, "refusal_notice", "flow_sent_back")
    task = user_task("confirm_refusal", "复核不予受理", "confirm_refusal", "window_head", WRITTEN, "flow_checked")
    gateway = (
        '<bpmn:exclusiveGateway id="is_refusal_agreed" name="同意吗?" default="flow_sent_back"><bpmn:incoming>flow_checked</bpmn:incoming>'
        "<bpmn:outgoing>flow_agreed</bpmn:outgoing><bpmn:outgoing>flow_sent_back</bpmn:outgoing></bpmn:exclusiveGateway>"
    )
    flows = (
        flow("flow_checked", "confirm_refusal", "is_refusal_agreed")
        + flow("flow_agreed", "is_refusal_agreed", "issue_refusal", 'refusal_check = "同意"', "同意")
        + flow("flow_sent_back", "is_refusal_agreed", "refusal_notice", words="退回")
    )
    picture = (
        shape("confirm_refusal", (600, 990, 100, 80))
        + shape("is_refusal_agreed", (735, 1005, 50, 50), ' isMarkerVisible="true"')
        + edge("flow_checked", (700, 1030), (735, 1030))
        + edge("flow_agreed", (760, 1055), (760, 1100), (1070, 1100), (1070, 960), (1140, 960), (1140, 940))
        + edge("flow_sent_back", (760, 1005), (760, 920), (940, 920))
    )
    return drawings.drawn(xml, task + gateway + flows, picture)


def with_two_checks(xml: str) -> str:
    """The justice bureau first, then the head of the window: one after the other."""
    xml = drawings.led(xml, WRITTEN, "legal_review", (990, 940), (990, 970), (480, 970), (480, 990))
    xml = drawings.entered(xml, "issue_refusal", "flow_confirmed")
    tasks = user_task("legal_review", "法制审核", "legal_review", "D18", WRITTEN, "flow_reviewed") + user_task(
        "confirm_refusal", "复核不予受理", "confirm_refusal", "window_head", "flow_reviewed", "flow_confirmed"
    )
    flows = flow("flow_reviewed", "legal_review", "confirm_refusal") + flow("flow_confirmed", "confirm_refusal", "issue_refusal")
    picture = (
        shape("legal_review", (430, 990, 100, 80))
        + shape("confirm_refusal", (600, 990, 100, 80))
        + edge("flow_reviewed", (530, 1030), (600, 1030))
        + edge("flow_confirmed", (700, 1030), (760, 1030), (760, 1100), (1070, 1100), (1070, 960), (1140, 960), (1140, 940))
    )
    return drawings.drawn(xml, tasks + flows, picture)


def with_both_at_once(xml: str) -> str:
    """From ``with_two_checks``: a fork before, a join behind."""
    xml = drawings.led(xml, WRITTEN, "both_check", (990, 940), (990, 970), (355, 970), (355, 1005))
    xml = drawings.removed(xml, "flow_reviewed", "flow_confirmed")
    for task, way_in, way_out in (
        ("legal_review", "flow_to_legal", "flow_from_legal"),
        ("confirm_refusal", "flow_to_head", "flow_from_head"),
    ):
        xml = drawings.entered(xml, task, way_in)
        xml = drawings.left(xml, task, way_out)
    xml = drawings.entered(xml, "issue_refusal", "flow_both")
    xml = re.sub(r'(bpmnElement="confirm_refusal"><dc:Bounds x=)"600" y="990"', r'\1"430" y="1110"', xml)
    gateways = (
        f'<bpmn:parallelGateway id="both_check"><bpmn:incoming>{WRITTEN}</bpmn:incoming>'
        "<bpmn:outgoing>flow_to_legal</bpmn:outgoing><bpmn:outgoing>flow_to_head</bpmn:outgoing></bpmn:parallelGateway>"
        '<bpmn:parallelGateway id="both_checked"><bpmn:incoming>flow_from_legal</bpmn:incoming>'
        "<bpmn:incoming>flow_from_head</bpmn:incoming><bpmn:outgoing>flow_both</bpmn:outgoing></bpmn:parallelGateway>"
    )
    flows = (
        flow("flow_to_legal", "both_check", "legal_review")
        + flow("flow_to_head", "both_check", "confirm_refusal")
        + flow("flow_from_legal", "legal_review", "both_checked")
        + flow("flow_from_head", "confirm_refusal", "both_checked")
        + flow("flow_both", "both_checked", "issue_refusal")
    )
    picture = (
        shape("both_check", (330, 1005, 50, 50))
        + shape("both_checked", (625, 1005, 50, 50))
        + edge("flow_to_legal", (380, 1030), (430, 1030))
        + edge("flow_to_head", (355, 1055), (355, 1150), (430, 1150))
        + edge("flow_from_legal", (530, 1030), (625, 1030))
        + edge("flow_from_head", (530, 1150), (650, 1150), (650, 1055))
        + edge("flow_both", (675, 1030), (760, 1030), (760, 1100), (1070, 1100), (1070, 960), (1140, 960), (1140, 940))
    )
    return drawings.drawn(xml, gateways + flows, picture)


def without_office_review(xml: str) -> str:
    """The request goes straight to the leaders, whose time begins with it."""
    xml = drawings.removed(
        xml, "office_review", "is_request_ready", "flow_office_review_is_request_ready", "flow_is_request_ready_draft_request"
    )
    xml = drawings.removed(xml, "flow_is_request_ready_set_study_due")
    xml = drawings.led(xml, "flow_draft_request_office_review", "set_study_due", (650, 360), (650, 480), (1110, 480))
    return drawings.entered(xml, "set_study_due", "flow_draft_request_office_review")


def with_recall(xml: str) -> str:
    """At any time the city may take a case: everything open in it ends, the case is archived."""
    inside = (
        '<bpmn:startEvent id="city_recalls" name="市里提走"><bpmn:extensionElements><camunda:properties>'
        '<camunda:property name="correlationKey" value="=case_no" /></camunda:properties></bpmn:extensionElements>'
        "<bpmn:outgoing>flow_recalled</bpmn:outgoing>"
        '<bpmn:messageEventDefinition id="recalls_message" messageRef="message_case_recalled" /></bpmn:startEvent>'
        '<bpmn:serviceTask id="archive_recalled" name="按提级归档" camunda:type="external" camunda:topic="case-close">'
        "<bpmn:extensionElements>"
        '<camunda:inputOutput><camunda:inputParameter name="result">市级提办</camunda:inputParameter></camunda:inputOutput>'
        "</bpmn:extensionElements><bpmn:incoming>flow_recalled</bpmn:incoming><bpmn:outgoing>flow_archived</bpmn:outgoing></bpmn:serviceTask>"
        '<bpmn:endEvent id="case_recalled_end" name="已提走"><bpmn:incoming>flow_archived</bpmn:incoming></bpmn:endEvent>'
    )
    flows = flow("flow_recalled", "city_recalls", "archive_recalled") + flow("flow_archived", "archive_recalled", "case_recalled_end")
    process = f'<bpmn:subProcess id="recall" name="市级提办" triggeredByEvent="true">{inside}{flows}</bpmn:subProcess>'
    picture = (
        shape("recall", (1430, 605, 480, 140), ' isExpanded="true"')
        + shape("city_recalls", (1490, 657, 36, 36))
        + shape("archive_recalled", (1590, 635, 100, 80))
        + shape("case_recalled_end", (1780, 657, 36, 36))
        + edge("flow_recalled", (1526, 675), (1590, 675))
        + edge("flow_archived", (1690, 675), (1780, 675))
    )
    beside = "<bpmn:flowNodeRef>termination</bpmn:flowNodeRef>"
    xml = drawings.replaced(xml, beside, f"{beside}<bpmn:flowNodeRef>recall</bpmn:flowNodeRef>")
    xml = drawings.replaced(xml, "</bpmn:process>", '</bpmn:process><bpmn:message id="message_case_recalled" name="case_recalled" />')
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
    steps.decide(page, {"office_review": "set_study_due"})
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


def test_drill_10_the_city_may_take_a_case_at_any_time_from_those_at_work_too(office: Office) -> None:
    kept, recalled, departments = office.case("simple"), office.case("simple"), office.case("complex")
    change = steps.begin(office, "市里可以随时提办", "市局要求")
    change.upload(SPINE, with_recall(office.deployed(SPINE).decode()).encode())
    old = office.newest("process", "P00_case_spine").version
    steps.activate(office, change.submit(), "可提办")
    report = steps.migrate(office, "P00_case_spine", old, old + 1, "在办的也可提办")
    steps.see(report, "新等待的事件")
    for number in (recalled, departments):
        correlate_message(office.engine, SYSTEM, "case_recalled", number, {})
        office.work()
    assert [office.stands(number) for number in (recalled, departments, kept)] == [[], [], ["direct_coordination"]]
    summary = office.page_of(recalled).summary
    assert (summary.status, summary.result) == ("已归档", "市级提办")


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

"""Drills about limits: for new cases, for those at work too, and seen beforehand on real history."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.drills import drawings, steps
from tests.drills.office import REPLY, SOLVED, Office

pytestmark = pytest.mark.browser

LIMITS, GRADING, ANSWER = "processes/DT03_time_limits.dmn", "processes/P05_graded_response.bpmn", "processes/P16_answer.bpmn"

#: At this moment the event sub-process counts the limit of every complex case anew, from when it was accepted, and tells the applicant.
FROM_NOON = (
    '<bpmn:subProcess id="shorter_limit" name="办结时限改为5个工作日" triggeredByEvent="true">'
    '<bpmn:startEvent id="from_noon" name="11月23日12时" isInterrupting="false"><bpmn:outgoing>flow_from_noon</bpmn:outgoing>'
    '<bpmn:timerEventDefinition id="from_noon_timer"><bpmn:timeDate xsi:type="bpmn:tFormalExpression">'
    "2026-11-23T12:00:00+08:00</bpmn:timeDate></bpmn:timerEventDefinition></bpmn:startEvent>"
    '<bpmn:exclusiveGateway id="is_complex" name="复杂件?" default="flow_not_complex"><bpmn:incoming>flow_from_noon</bpmn:incoming>'
    "<bpmn:outgoing>flow_complex</bpmn:outgoing><bpmn:outgoing>flow_not_complex</bpmn:outgoing></bpmn:exclusiveGateway>"
    '<bpmn:serviceTask id="restart_finish" name="重算办结时限" camunda:type="external" camunda:topic="clock-start"><bpmn:extensionElements>'
    '<camunda:inputOutput><camunda:inputParameter name="kind">finish</camunda:inputParameter>'
    '<camunda:inputParameter name="limit">5个工作日</camunda:inputParameter>'
    '<camunda:inputParameter name="from">=effective_at</camunda:inputParameter>'
    '<camunda:outputParameter name="due">=context put(due, "finish", due_at)</camunda:outputParameter></camunda:inputOutput>'
    "</bpmn:extensionElements><bpmn:incoming>flow_complex</bpmn:incoming><bpmn:outgoing>flow_restarted</bpmn:outgoing></bpmn:serviceTask>"
    '<bpmn:endEvent id="restarted" name="已重算"><bpmn:incoming>flow_restarted</bpmn:incoming></bpmn:endEvent>'
    '<bpmn:endEvent id="not_concerned" name="不涉及"><bpmn:incoming>flow_not_complex</bpmn:incoming></bpmn:endEvent>'
    + drawings.flow("flow_from_noon", "from_noon", "is_complex")
    + drawings.flow("flow_complex", "is_complex", "restart_finish", 'grade != null and grade.level = "复杂"', "是")
    + drawings.flow("flow_not_complex", "is_complex", "not_concerned", words="不是")
    + drawings.flow("flow_restarted", "restart_finish", "restarted")
    + "</bpmn:subProcess>"
)
FROM_NOON_DRAWN = (
    drawings.shape("shorter_limit", (300, 960, 640, 240), ' isExpanded="true"')
    + drawings.shape("from_noon", (340, 1022, 36, 36))
    + drawings.shape("is_complex", (440, 1015, 50, 50), ' isMarkerVisible="true"')
    + drawings.shape("restart_finish", (560, 1000, 100, 80))
    + drawings.shape("restarted", (760, 1022, 36, 36))
    + drawings.shape("not_concerned", (560, 1130, 36, 36))
    + drawings.edge("flow_from_noon", (376, 1040), (440, 1040))
    + drawings.edge("flow_complex", (490, 1040), (560, 1040))
    + drawings.edge("flow_not_complex", (465, 1065), (465, 1148), (560, 1148))
    + drawings.edge("flow_restarted", (660, 1040), (760, 1040))
)


def cell(page: Page, entry: str, text: str) -> None:
    """Type into a cell of a decision table."""
    page.locator(f"td[data-element-id='{entry}']").click()
    page.keyboard.press("Control+A")
    page.keyboard.type(text)
    page.keyboard.press("Escape")
    steps.saved(page)


def test_drill_01_seven_working_days_become_five_for_new_cases_only(office: Office) -> None:
    before, simple = office.case("complex"), office.case("simple")
    assert (office.finish_by(before), office.finish_by(simple)) == ("12-02 17:00", "11-26 17:00")
    change = steps.begin(office, "复杂件办结 7 天改 5 天", "区政府要求提速")
    cell(change.edit(LIMITS), "L2_o5", '"5个工作日"')
    steps.activate(office, change.submit(), "自本日起")
    after, simple_after = office.case("complex"), office.case("simple")
    assert office.finish_by(after) == "11-30 17:00"
    assert (office.finish_by(before), office.finish_by(simple), office.finish_by(simple_after)) == (
        "12-02 17:00",
        "11-26 17:00",
        "11-26 17:00",
    )


def test_drill_02_the_same_for_cases_at_work_too(office: Office) -> None:
    """The rule for what is at work is drawn: a non-interrupting event sub-process, which a migration arms in every case."""
    waiting, simple = office.case("complex"), office.case("simple")
    signed = office.case("complex")
    office.do(signed, "sign_in", {"sign_handler": "示例·承办", "sign_phone": "020-81000000"})
    stood = {number: office.stands(number) for number in (waiting, signed, simple)}
    due = {number: office.page_of(number).summary.finish_by for number in (waiting, signed, simple)}
    change = steps.begin(office, "在办的复杂件也改为 5 天", "与新工单一致")
    drawing = drawings.drawn(office.deployed(GRADING).decode(), FROM_NOON, FROM_NOON_DRAWN)
    change.upload(GRADING, drawing.encode())
    old = office.newest("process", "P05_graded_response").version
    steps.activate(office, change.submit(), "中午12时起")
    report = steps.migrate(office, "P05_graded_response", old, old + 1, "在办的也按 5 天")
    assert steps.results(report)["已迁移"] >= 3
    assert {number: office.page_of(number).summary.finish_by for number in due} == due
    office.wait_until("2026-11-23T12:00")
    assert (office.finish_by(waiting), office.finish_by(signed), office.finish_by(simple)) == ("11-30 17:00", "11-30 17:00", "11-26 17:00")
    assert {number: office.stands(number) for number in stood} == stood
    steps.see(office.on("window-head", f"cases/{waiting}"), "5个工作日")


def test_drill_02_b_a_limit_that_is_drawn_is_recomputed_for_those_who_wait(office: Office) -> None:
    rated, drafted = office.case("simple"), office.case("simple")
    for number in (rated, drafted):
        office.do(number, "direct_coordination", SOLVED)
    office.do(rated, "draft_reply", REPLY)
    office.do(rated, "confirm_reply", {"reply": {"answered_by": "电话", "answered_at": "2026-11-23T15:00"}})
    office.confirm(rated)
    assert office.timer(rated, "rating_overdue") == "11-30"
    change = steps.begin(office, "评价期由 7 天改为 3 天", "年底提速")
    page = change.edit(ANSWER)
    steps.pick(page, "rating_overdue")
    steps.set_prop(page, "timerEventDefinitionValue", '="3个自然日"')
    steps.saved(page)
    old = office.newest("process", "P16_answer").version
    steps.activate(office, change.submit(), "评价提速")
    plan = steps.plan(office, "P16_answer", old, old + 1)
    plan.get_by_label("按新版本重新计算").check()
    assert steps.try_out(plan)["refused"] == 0
    steps.execute(office, plan, "正在等评价的也按 3 天")
    assert office.timer(rated, "rating_overdue") == "11-26"
    assert office.stands(drafted) == ["draft_reply"]


def test_drill_13_a_row_is_changed_after_a_look_at_what_it_would_have_done(office: Office) -> None:
    graded = office.case("complex")
    change = steps.begin(office, "三个部门以上的由领导小组办", "看一看影响面")
    page = change.edit("processes/DT02_grade.dmn")
    cell(page, "G5_o1", '"重大"')
    page = change.page
    page.get_by_role("link", name=re.compile("试运行")).first.click()
    page.get_by_role("button", name="开始重放").click()
    expect(page.locator("main")).to_contain_text("没有改动任何工单", timeout=120_000)
    expect(page.locator("main")).to_contain_text(graded)
    assert office.page_of(graded).summary.level == "复杂"

"""Drills about forms, notices and reference data: fields, texts and tables of the office."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from engine.queries.reference import options
from tests.browser.studio import SAVED, state
from tests.drills import steps
from tests.drills.office import REFUSAL, SOLVED, Office

pytestmark = pytest.mark.browser

COORDINATION = "forms/direct_coordination.form"
NEGATIVE, NOTICES = "processes/reference/negative_list.csv", "processes/notices/messages.csv"


def row(page: Page, *cells: str) -> None:
    """A row at the end of a table, typed cell by cell."""
    page.get_by_role("button", name="加一行").click()
    for text in cells:
        page.keyboard.press("Enter")
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    page.locator("[data-tool=save]").click()
    state(page, SAVED)


def test_drill_05_a_field_is_required_only_under_a_condition(office: Office) -> None:
    at_work = office.case("simple")
    change = steps.begin(office, "需部门协办时写明联系人", "部门要求")
    page = change.edit(COORDINATION)
    page.locator(".fjs-palette-field[data-field-type='textfield']").focus()
    page.keyboard.press("Enter")
    page.locator(".fjs-element[data-field-type='textfield']").last.click()
    for name, text in (
        ("label", "部门联系人"),
        ("key", "helper_contact"),
        ("conditional-hide", 'coordination_outcome != "需一个部门协办"'),
    ):
        steps.set_prop(page, name, text)
    steps.prop(page, "required").check()
    steps.saved(page)
    steps.activate(office, change.submit(), "写明联系人")
    page = office.on("window-a", f"tasks/{office.tasks(at_work)[0].task_id}")
    page.get_by_label("协调经过").fill("电话联系部门窗口。")
    contact = page.get_by_label("部门联系人")
    page.get_by_label("已解决", exact=True).check()
    expect(contact).to_be_hidden()
    page.get_by_label("需一个部门协办", exact=True).check()
    expect(contact).to_be_visible()
    page.get_by_role("button", name="办结并提交").click()
    page.wait_for_load_state()
    assert office.stands(at_work) == ["direct_coordination"]
    page.get_by_label("已解决", exact=True).check()
    page.get_by_label("解决情况").fill("住建窗口已收件,开始审查。")
    page.get_by_role("button", name="办结并提交").click()
    page.wait_for_load_state()
    assert office.stands(at_work) == ["draft_reply"]


def test_drill_06_a_new_entry_of_the_negative_list_holds_from_a_date(office: Office) -> None:
    at_work = office.case("refused")
    change = steps.begin(office, "负面清单增加一条", "新的规范性文件")
    page = change.edit(NEGATIVE)
    row(
        page,
        "N21",
        "已列入联合惩戒名单",
        "On the joint sanctions list",
        "在名单有效期内",
        "出具告知书",
        "信用修复窗口",
        "失信企业申请补贴",
        "演示",
    )
    release = change.submit()
    steps.activate(office, release, "十二月起", at="2026-12-01T00:00")
    office.do(at_work, "refusal_notice", REFUSAL)
    assert "N21" not in _negative(office)
    office.wait_until("2026-11-30T23:59")
    office.work()
    assert "N21" not in _negative(office)
    office.wait_until("2026-12-01T09:00")
    office.work()
    assert "N21" in _negative(office)
    later = office.case("refused")
    page = office.on("window-a", f"tasks/{office.tasks(later)[0].task_id}")
    expect(page.locator("option[value='N21']")).to_be_attached()


def test_drill_07_a_new_department_with_its_route(office: Office) -> None:
    before = office.case("complex")
    stood = office.stands(before)
    change = steps.begin(office, "新增区数据局并协办餐饮一件事", "机构改革")
    page = change.edit("processes/reference/departments.csv")
    row(page, "D31", "SJ", "区数据局", "District Data Bureau", "false", "公共数据", "11440103DEMG00319H")
    page = change.edit("processes/reference/liaisons.csv")
    row(page, "D31", "A", "示例联络")
    row(page, "D31", "B", "示例备岗")
    row(change.edit("processes/reference/responsibilities.csv"), "M17", "D31", "协办", "三定方案(演示)", "false")
    steps.activate(office, change.submit(), "机构改革")
    after = office.case("complex")
    assert office.stands(before) == stood
    joined = {one.department for one in office.page_of(after).departments} - {one.department for one in office.page_of(before).departments}
    assert joined == {"D31"}


def test_drill_12_the_text_of_a_notice_is_changed(office: Office) -> None:
    before = office.case("simple")
    told = office.letter(before, "MSG-01")
    change = steps.begin(office, "登记短信说清时间", "群众看不懂")
    page = change.edit(NOTICES)
    text = page.locator("#letter-text")
    text.fill("【荔湾政务】您反映的“{事项}”已登记,工单{工单号}。{姓名}(电话{电话})今天就会联系您。进度:{短链}。")
    steps.saved(page)
    steps.activate(office, change.submit(), "说人话")
    after = office.case("simple")
    assert "今天就会联系您" in office.letter(after, "MSG-01")
    assert office.letter(before, "MSG-01") == told
    office.do(before, "direct_coordination", SOLVED)
    assert office.letter(before, "MSG-01") == told


def _negative(office: Office) -> set[str]:
    return {one.value for one in options(office.engine, "negative_list")}

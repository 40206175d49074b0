"""Registers, opening files and the public side in a real browser: on a phone, by keyboard, without script, with drafts that stay."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, Site
from tests.browser.test_pages import faults, sideways

pytestmark = pytest.mark.browser

STAFF_PAGES = ("registers", "registers/case", "registers/case?q=nothing", "files/new", "cases/new", "cases/{case}", "cases/{case}?new=1")
PUBLIC_PAGES = ("service", "service/new/case", "service/progress")
WORDS = "施工许可只差监理合同备案证明,跑了三趟都不收,请帮我们协调。"


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_registers_and_forms_have_no_fault_of_accessibility(site: Site, size: dict[str, int], first_case: Callable[[str], str]) -> None:
    page = site.log_in("window-a", size)
    for name in STAFF_PAGES:
        answer = page.goto(site.address + name.format(case=first_case("B1")))
        assert answer is not None and answer.status == 200, name
        assert (name, faults(page), max(0, sideways(page))) == (name, [], 0)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_public_pages_have_no_fault_of_accessibility(site: Site, size: dict[str, int]) -> None:
    page = site.visit(size)
    for name in PUBLIC_PAGES:
        answer = page.goto(site.address + name)
        assert answer is not None and answer.status == 200, name
        assert (name, faults(page), max(0, sideways(page))) == (name, [], 0)
        assert page.locator(".bjs-powered-by, .fjs-powered-by").count() == 0


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_menu_is_one_row_of_things_to_press(site: Site, size: dict[str, int]) -> None:
    page = site.log_in("admin", size)
    tops = page.evaluate("[...document.querySelectorAll('.bar-links > *')].map(one => Math.round(one.getBoundingClientRect().top))")
    assert len(set(tops)) == 1, tops
    page.get_by_text("更多", exact=True).first.click()
    assert sideways(page) <= 0
    expect(page.get_by_role("link", name="流程与规则")).to_be_visible()


def test_a_citizen_without_script_reports_a_matter(site: Site) -> None:
    page = site.visit(PHONE, java_script_enabled=False)
    page.goto(f"{site.address}service")
    page.get_by_role("link", name="我要反映").click()
    page.get_by_label("什么事没有办成?").fill(WORDS)
    page.get_by_label("姓名或单位名称").fill("示例·李女士")
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_role("alert")).to_contain_text("联系电话")
    expect(page.get_by_label("什么事没有办成?")).to_have_value(WORDS)
    page.get_by_label("联系电话").fill("13800004321")
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_text("请收好这个查询链接")).to_be_visible()
    number = page.locator("dd.number").first.inner_text()
    page.goto(f"{site.address}service/progress")
    page.get_by_label("编号", exact=True).fill(number)
    page.get_by_label("登记电话的后四位").fill("4321")
    page.get_by_role("button", name="查询").click()
    expect(page.get_by_text("待登记")).to_be_visible()


def test_a_citizen_reports_by_keyboard_alone(site: Site) -> None:
    page = site.visit(DESKTOP)
    page.goto(f"{site.address}service/new/case")
    for name, text in (("text", WORDS), ("applicant.name", "示例·王先生"), ("applicant.phone", "13800004322")):
        tab_to(page, name)
        page.keyboard.type(text)
    page.keyboard.press("Enter")  # in a text field: sends
    expect(page.get_by_text("请收好这个查询链接")).to_be_visible()


def test_a_draft_saves_itself_and_is_there_on_another_computer(site: Site) -> None:
    page = site.log_in("window-b")
    page.goto(f"{site.address}cases/new")
    page.get_by_label("标题").fill("写到一半的来件")
    expect(page.locator(".draft")).to_contain_text("草稿已于")
    elsewhere = site.log_in("window-b", PHONE)
    elsewhere.goto(f"{site.address}cases/new")
    expect(elsewhere.get_by_label("标题")).to_have_value("写到一半的来件")
    elsewhere.get_by_text("放弃草稿").click()
    elsewhere.get_by_role("button", name="确定放弃").click()
    expect(elsewhere.get_by_text("草稿已放弃")).to_be_visible()
    expect(elsewhere.get_by_label("标题")).to_have_value("")


def test_a_register_is_filtered_where_it_stands(site: Site, first_case: Callable[[str], str]) -> None:
    page = site.log_in("window-a")
    page.goto(f"{site.address}registers/case")
    page.get_by_label("编号、标题或来自的工单").fill(first_case("B2")[-4:])
    page.get_by_role("button", name="查找").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name="已办结").click()
    expect(page.get_by_text("没有符合条件的工单")).to_be_visible()


def tab_to(page: Page, name: str) -> None:
    for _ in range(40):
        if page.evaluate("name => document.activeElement.name === name", name):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Expected to reach {name} by keyboard but did not.")

"""Every page in a real browser: usable by keyboard, on a phone, without faults of accessibility, without leaving the machine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, Site

pytestmark = pytest.mark.browser

AXE = Path(__file__).resolve().parents[2] / "webapp" / "static" / "vendor" / "axe.min.js"
#: Pages of a clerk by name; {case} and {task} are filled in.
PAGES = ("", "cases", "cases/new", "cases/{case}", "tasks/{task}", "definitions", "notices", "incidents", "password")
ADMINISTRATION = ("people", "people/new", "people/leave", "calendar", "releases", "instances", "migrations")


def faults(page: Page) -> list[str]:
    """What axe finds: rule and place."""
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run({exclude: [['.djs-container']]})")  # the diagram belongs to its library
    return [f"{violation['id']}: {node['html'][:120]}" for violation in found["violations"] for node in violation["nodes"]]


def sideways(page: Page) -> int:
    """How many pixels a page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def is_sound(page: Page, name: str) -> None:
    assert (name, faults(page), max(0, sideways(page))) == (name, [], 0)


def open_all(page: Page, addresses: list[str]) -> None:
    """Each is there, without faults of accessibility, and fits its window."""
    for address in addresses:
        answer = page.goto(address)
        assert answer is not None and answer.status == 200, address
        is_sound(page, address)


def addresses(site: Site, page: Page, case_no: str) -> list[str]:
    page.goto(site.address)
    task = page.locator("a[href^='/tasks/']").first.get_attribute("href") or ""
    return [site.address + name.format(case=case_no, task=task.removeprefix("/tasks/")) for name in PAGES]


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_no_page_has_a_fault_of_accessibility_or_scrolls_sideways(
    site: Site, size: dict[str, int], first_case: Callable[[str], str]
) -> None:
    page = site.log_in("window-a", size)
    open_all(page, addresses(site, page, first_case("B1")))


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_no_page_of_the_administration_has_a_fault_or_scrolls_sideways(site: Site, size: dict[str, int]) -> None:
    page = site.log_in("admin", size)
    open_all(page, [site.address + name for name in ADMINISTRATION])


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_log_in_page_and_the_citizens_page_are_accessible(site: Site, size: dict[str, int], first_case: Callable[[str], str]) -> None:
    page = site.visit(size)
    assert faults(page) == []
    clerk = site.log_in("window-a")
    clerk.goto(f"{site.address}cases/{first_case('B1')}")
    page.goto(urljoin(site.address, clerk.locator("a[href*='/p/']").first.get_attribute("href") or ""))
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert faults(page) == []


def test_no_page_asks_anything_of_another_machine(site: Site, first_case: Callable[[str], str]) -> None:
    page = site.log_in("window-a")
    for address in addresses(site, page, first_case("B2")):
        page.goto(address, wait_until="networkidle")
    assert {url for url in site.requested if not url.startswith((site.address, "data:", "blob:"))} == set()
    assert site.problems == []


def test_the_diagram_shows_where_the_case_is(site: Site, first_case: Callable[[str], str]) -> None:
    page = site.log_in("window-a")
    page.goto(f"{site.address}cases/{first_case('B1')}")
    expect(page.locator(".stage[data-ready]").first).to_be_visible()
    expect(page.locator("[data-element-id='direct_coordination'].is-active")).to_have_count(1)
    expect(page.locator(".bjs-powered-by")).to_be_visible()


def test_a_clerk_works_with_the_keyboard_alone(site: Site) -> None:
    page = site.visit()
    page.keyboard.type("window-a") if page.evaluate("document.activeElement.id") == "login" else _type_into(page, "login", "window-a")
    _type_into(page, "password", "doudi-demo-2026")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="待办").wait_for()
    _tab_to(page, "a[href^='/tasks/']")
    page.keyboard.press("Enter")
    page.locator("#task-form").wait_for()
    _tab_to(page, "#task-form textarea")
    page.keyboard.type("已电话联系住建窗口,同意先收件。")
    assert "已电话联系" in page.locator("#task-form textarea").first.input_value()


def test_what_is_wrong_stands_beside_the_field_and_typed_text_is_kept(site: Site) -> None:
    page = site.log_in("window-a")
    page.get_by_role("link", name="直接协调").first.click()
    page.locator("#task-form textarea").first.fill("打过两次电话,对方让等。")
    page.get_by_role("button", name="办结并提交").click()
    expect(page.locator(".error").first).to_be_visible()
    expect(page.locator("#task-form textarea").first).to_have_value("打过两次电话,对方让等。")


def test_english_is_one_click_away_and_stays(site: Site) -> None:
    page = site.log_in("window-a")
    page.get_by_role("button", name="English").or_(page.get_by_role("link", name="English")).first.click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.goto(f"{site.address}cases")
    expect(page.locator("html")).to_have_attribute("lang", "en")


def _type_into(page: Page, field: str, text: str) -> None:
    _tab_to(page, f"#{field}")
    page.keyboard.type(text)


def _tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus stands on a match; a field nobody can reach fails here."""
    for _ in range(80):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Expected to reach {selector} by keyboard but did not.")

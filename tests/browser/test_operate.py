"""Running instances in a real browser: where tokens stand, heat, choosing on the drawing, a repair after its trial."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from engine.queries import operate
from engine.queries.accounts import account, actor_of
from tests.browser.conftest import DESKTOP, PHONE, Site
from tests.browser.test_pages import faults
from tests.webapp.running import deploy_both

pytestmark = pytest.mark.browser


@dataclass
class Begun:
    old: int
    ids: list[int]


@pytest.fixture(scope="module")
def begun(site: Site) -> Begun:
    admin = actor_of(site.engine, "admin", account(site.engine, "admin").session_stamp)
    assert admin is not None
    old, _new, ids = deploy_both(site.engine, admin, 3)
    return Begun(old, ids)


def opened(site: Site, address: str, size: dict[str, int] = DESKTOP) -> Page:
    page = site.log_in("admin", size)
    page.goto(site.address + address)
    expect(page.locator(".stage[data-ready]")).to_be_visible(timeout=30_000)
    return page


def drawn(page: Page, id_: str):
    return page.locator(f"[data-element-id='{id_}'] .djs-hit").first


def test_two_clicks_on_the_drawing_choose_a_move_that_is_tried_and_confirmed(site: Site, begun: Begun) -> None:
    page = opened(site, f"instances/{begun.ids[0]}")
    expect(page.locator("[data-element-id='call'].is-active")).to_have_count(1)
    drawn(page, "call").click()
    expect(page.locator("[data-live-status]")).to_contain_text("打电话")
    drawn(page, "visit").click()
    expect(page.locator("#move-target")).to_have_value("visit")
    page.locator("[data-picks]").get_by_role("button", name="先试").click()
    expect(page.get_by_role("heading", name="试过了，什么都没有改动")).to_be_visible()
    assert faults(page) == []
    page.get_by_label("理由").fill("已经打过")
    page.get_by_label("我已看过结果").check()
    page.get_by_role("button", name="执行").click()
    expect(page.locator("[data-element-id='visit'].is-active")).to_have_count(1, timeout=30_000)
    assert site.problems == []


def test_a_variable_is_edited_from_its_row(site: Site, begun: Begun) -> None:
    page = opened(site, f"instances/{begun.ids[1]}")
    page.get_by_role("link", name="修改 note").click()
    page.locator("#edit-value").fill("改过了")
    page.locator("#edit").get_by_role("button", name="先试").click()
    page.get_by_label("理由").fill("写错了")
    page.get_by_label("我已看过结果").check()
    page.get_by_role("button", name="执行").click()
    expect(page.locator("table.variables")).to_contain_text("改过了")


def test_the_drawing_of_a_version_shows_heat_and_a_click_filters_the_list(site: Site, begun: Begun) -> None:
    page = opened(site, f"definitions/{begun.old}/operate")
    for mode in ("热度", "用时", "数量"):
        page.get_by_role("button", name=mode).click()
        expect(page.get_by_role("button", name=mode)).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".live-badge.is-here").first).to_be_visible()
    drawn(page, "call").click()
    page.wait_for_url("**element=call**")
    expect(page.locator("#instances-title")).to_contain_text("打电话")
    page.get_by_label("不只勾选的").check()
    page.get_by_role("button", name="先试").click()
    expect(page.get_by_role("status")).to_contain_text("什么都没有改动")
    assert faults(page) == []


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_no_page_has_a_fault_of_accessibility_or_scrolls_sideways(site: Site, begun: Begun, size: dict[str, int]) -> None:
    admin = actor_of(site.engine, "admin", account(site.engine, "admin").session_stamp)
    assert admin is not None
    page = opened(site, f"instances/{begun.ids[2]}", size)
    spine = next(number for number in range(1, begun.ids[0]) if operate.instance(site.engine, admin, number).scopes)
    for address in ("instances", f"instances/{spine}", f"instances/{begun.ids[2]}", f"definitions/{begun.old}/operate", "incidents"):
        page.goto(site.address + address, wait_until="networkidle")
        assert faults(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, address

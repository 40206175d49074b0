"""A migration in a real browser: drawn between two diagrams, or by keyboard; tried, begun, watched without a reload."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from engine.commands import modification
from engine.queries import operate
from engine.queries.accounts import account, actor_of
from engine.queries.migrations import migrations
from tests.browser.conftest import DESKTOP, PHONE, Site
from tests.browser.test_pages import faults
from tests.webapp.running import deploy_both, work

pytestmark = pytest.mark.browser

#: More than one request tries.
COUNT = 205
DRAWN = "[data-side='{side}'] [data-element-id='{id}'] .djs-hit"


@dataclass
class Begun:
    old: int
    new: int
    ids: list[int]


@pytest.fixture(scope="module")
def begun(site: Site) -> Begun:
    """All at “call”, but one at “visit”."""
    admin = actor_of(site.engine, "admin", account(site.engine, "admin").session_stamp)
    assert admin is not None
    found = Begun(*deploy_both(site.engine, admin, COUNT))
    (token,) = operate.instance(site.engine, admin, found.ids[-1]).diagrams[0].active[0].tokens
    modification.move_token(site.engine, admin, found.ids[-1], token, "visit", "试验")
    return found


def plan(site: Site, begun: Begun, size: dict[str, int] = DESKTOP) -> Page:
    page = site.log_in("admin", size)
    page.goto(f"{site.address}migrations/new?source={begun.old}&target={begun.new}")
    expect(page.locator("[data-plan][data-ready]")).to_be_attached(timeout=30_000)
    return page


def element(page: Page, side: int, id_: str):
    return page.locator(DRAWN.format(side=side, id=id_)).first


def test_a_click_left_and_a_click_right_draw_a_line_and_fill_the_table(site: Site, begun: Begun) -> None:
    page = plan(site, begun)
    expect(page.locator("[data-side='1'] .standing")).to_have_text(["1", str(COUNT - 1)])
    expect(page.locator(".plan-lines .line-structure").first).to_be_attached()
    element(page, 1, "visit").click()
    expect(page.locator("[data-plan-status]")).to_contain_text("上门")
    element(page, 2, "call").click()
    expect(page.locator("[name='to.visit']")).to_have_value("call")
    expect(page.locator(".plan-lines .line-chosen").first).to_be_attached()
    element(page, 1, "visit").click()
    page.locator("[data-plan-none]").click()
    expect(page.locator("[name='to.visit']")).to_have_value("-")
    expect(page.locator("[data-side='1'] [data-element-id='visit'].map-dropped")).to_have_count(1)
    element(page, 1, "visit").click()
    page.locator("[data-plan-reset]").click()
    expect(page.locator("[name='to.visit']")).to_have_value("")


def test_no_page_of_a_migration_has_a_fault_of_accessibility_or_scrolls_sideways(site: Site, begun: Begun) -> None:
    for size in (DESKTOP, PHONE):
        page = plan(site, begun, size)
        plan_of, trial_of = (f"migrations/{step}?source={begun.old}&target={begun.new}" for step in ("new", "try"))
        for address in ("migrations", plan_of, f"migrations/new?source={begun.old}", f"{trial_of}&edit=visit>"):
            page.goto(site.address + address)
            assert faults(page) == [], address
            assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, address


def test_by_keyboard_from_the_plan_to_a_finished_migration_without_a_reload(site: Site, begun: Begun) -> None:
    page = plan(site, begun)
    page.locator("[name='to.visit']").focus()
    for _ in range(4):  # past the proposal, none, the start and the call
        page.keyboard.press("ArrowDown")
    expect(page.locator("[name='to.visit']")).to_have_value("review")
    page.get_by_role("button", name="试迁移").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-trial][data-complete]")).to_be_attached(timeout=60_000)
    expect(page.locator("[data-trial-status]")).to_contain_text(f"{COUNT} / {COUNT}")
    page.get_by_label("理由").focus()
    page.keyboard.type("统一到新版")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#progress")).to_contain_text("迁移中")
    page.evaluate("window.isTheSamePage = true")
    work(site.engine)
    expect(page.locator("#progress")).to_contain_text("已完成", timeout=60_000)
    expect(page.locator("#progress-words")).to_have_text(f"{COUNT} / {COUNT} 个")
    expect(page.get_by_role("heading", name="迁回")).to_be_visible()
    assert page.evaluate("window.isTheSamePage") and migrations(site.engine)[0].counts == {"moved": COUNT}
    assert faults(page) == []


def test_pause_and_resume_are_one_click_and_scripts_do_not_fail(site: Site, begun: Begun) -> None:
    page = plan(site, Begun(begun.new, begun.old, begun.ids))
    page.get_by_role("button", name="试迁移").click()
    page.get_by_label("理由").fill("再迁回去")
    page.get_by_label("我已看过试迁移的结果").check()
    page.get_by_role("button", name="开始迁移").click()
    page.get_by_role("button", name="暂停").click()
    expect(page.locator("#progress")).to_contain_text("已暂停")
    page.get_by_role("button", name="继续").click()
    expect(page.locator("#progress")).to_contain_text("迁移中")
    page.get_by_role("button", name="终止").click()
    expect(page.locator("#progress")).to_contain_text("已终止")
    assert site.problems == []

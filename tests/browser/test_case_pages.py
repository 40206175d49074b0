"""What belongs to one case in a real browser, at a desk and on a phone: its actions, whom to call, the citizen's page of it."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, Site
from tests.browser.test_pages import is_sound, open_all

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])]

ACTIONS = "main a[href*='/actions/']"


def addresses(page: Page, selector: str) -> list[str]:
    found = page.locator(selector).evaluate_all("links => [...new Set(links.map(link => link.href))]")
    return [urljoin(page.url, address) for address in found]


def test_every_action_on_a_case_has_a_sound_form(site: Site, size: dict[str, int], first_case: Callable[[str], str]) -> None:
    page = site.log_in("window-a", size)
    page.goto(f"{site.address}cases/{first_case('B1')}")
    offered = addresses(page, ACTIONS)
    assert len(offered) > 3
    open_all(page, offered)


def test_a_form_that_is_refused_is_as_sound(site: Site, size: dict[str, int], first_case: Callable[[str], str]) -> None:
    page = site.log_in("window-a", size)
    page.goto(f"{site.address}cases/{first_case('B1')}/actions/withdraw")
    page.locator("#action-form button[type='submit']").last.click()
    expect(page.locator(".error").first).to_be_visible()
    is_sound(page, "refused")


def test_whom_to_call_is_shown_on_a_sound_page(site: Site, size: dict[str, int], first_case: Callable[[str], str]) -> None:
    page = site.log_in("window-a", size)
    page.goto(f"{site.address}cases/{first_case('B1')}")
    page.get_by_role("button", name="显示姓名和电话").click()
    expect(page.get_by_role("heading", level=1, name="联系申请人")).to_be_visible()
    is_sound(page, "contact")


def test_the_citizens_page_and_its_forms_are_sound(site: Site, size: dict[str, int], first_case: Callable[[str], str]) -> None:
    clerk = site.log_in("window-a")
    clerk.goto(f"{site.address}cases/{first_case('B1')}")
    own = addresses(clerk, "main a[href*='/p/']")[0]
    page = site.visit(size)
    open_all(page, [own])
    offered = addresses(page, ACTIONS)
    assert offered
    open_all(page, [*offered, f"{own}/notices", f"{site.address}verify"])


def test_the_main_facts_of_a_case_are_in_view_or_one_press_away(site: Site, size: dict[str, int], first_case: Callable[[str], str]) -> None:
    page = site.log_in("window-a", size)
    page.goto(f"{site.address}cases/{first_case('B1')}")
    jump = page.get_by_role("navigation", name="本页内容").get_by_role("link", name="基本情况")
    expect(jump).to_have_count(1 if size == PHONE else 0)
    if size == PHONE:
        jump.click()
    expect(page.get_by_role("heading", name="申请人", exact=True)).to_be_in_viewport()

"""The register of documents in a real browser, at a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from engine.commands.documents import issue_document
from engine.queries.accounts import account, actor_of
from tests.browser.conftest import DESKTOP, PHONE, Site
from tests.browser.test_pages import is_sound

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])]


def issue(site: Site, case_no: str) -> None:
    clerk = actor_of(site.engine, "window-a", account(site.engine, "window-a").session_stamp)
    assert clerk is not None
    issue_document(site.engine, clerk, case_no, "acceptance_notice", {})


def test_the_register_of_documents_is_sound_empty_filled_and_filtered(
    site: Site, size: dict[str, int], first_case: Callable[[str], str]
) -> None:
    page = site.log_in("window-a", size)
    page.goto(f"{site.address}registers")
    page.get_by_role("link", name="文书台账").click()
    is_sound(page, "documents")
    issue(site, first_case("B1"))
    page.goto(f"{site.address}documents")
    is_sound(page, "documents filled")
    page.goto(f"{site.address}documents?q=nothing")
    expect(page.get_by_text("没有符合条件的文书")).to_be_visible()
    is_sound(page, "documents filtered")


def test_a_document_is_found_and_opened_by_keyboard_alone(site: Site, size: dict[str, int], first_case: Callable[[str], str]) -> None:
    issue(site, first_case("B1"))
    page = site.log_in("window-a", size)
    page.goto(f"{site.address}documents")
    page.locator("#q").focus()
    page.keyboard.type("荔政办受")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=**")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('main tbody a.row-link')"):
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="受理通知书")).to_be_visible()

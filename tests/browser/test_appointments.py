"""Booking a half hour on a phone in a real browser: the half hours follow the counter, what was booked can be taken along."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Site
from tests.browser.test_pages import faults, sideways

pytestmark = pytest.mark.browser


def test_the_half_hours_follow_the_counter_and_what_was_booked_can_be_taken_along(site: Site) -> None:
    page = site.visit(PHONE)
    page.goto(f"{site.address}service/new/appointment")
    days = page.locator("select[name='appointment.slot'] optgroup")
    general = days.count()
    page.locator("select[name='appointment.counter']").select_option("律师坐班")
    expect(days).not_to_have_count(general)
    assert (faults(page), max(0, sideways(page))) == ([], 0)
    page.locator("select[name='appointment.slot']").select_option(index=1)
    page.locator("select[name='applicant.kind']").select_option("自然人")
    page.locator("[name='applicant.name']").fill("示例·李女士")
    page.locator("[name='applicant.phone']").fill("13800004321")
    page.locator("select[name='appointment.special']").select_option("无")
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_text("预约已确认")).to_be_visible()
    assert (faults(page), max(0, sideways(page))) == ([], 0)
    with page.expect_download() as download:
        page.get_by_role("link", name="加入手机日历").click()
    assert download.value.suggested_filename.endswith(".ics")

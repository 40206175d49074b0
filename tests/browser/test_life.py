"""One case from the counter to the archive, clicked through in a real browser by clerk and citizen."""

from __future__ import annotations

from urllib.parse import urljoin

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Site

pytestmark = pytest.mark.browser


def test_a_simple_case_is_registered_settled_answered_rated_and_closed(site: Site) -> None:
    clerk = site.log_in("window-a")
    number, link = _register(site, clerk)
    clerk.get_by_role("link", name="直接协调").first.click()
    clerk.get_by_label("协调经过").fill("与住建窗口当面商定:先收件,备案证明五日内补交。")
    clerk.get_by_label("已解决", exact=True).check()
    clerk.get_by_label("解决情况").fill("住建窗口已收件,开始审查。")
    _submit(clerk)
    _draft_reply(clerk)
    _confirm_reply(clerk)
    citizen = site.visit(PHONE)
    citizen.goto(link)
    expect(citizen.get_by_role("heading", name="给您的答复")).to_be_visible()
    citizen.get_by_role("button", name="已解决").click()
    citizen.get_by_label("非常满意", exact=True).check()
    citizen.get_by_role("button", name="提交评价").click()
    expect(citizen.get_by_text("已办结")).to_be_visible()
    clerk.goto(f"{site.address}cases/{number}")
    expect(clerk.get_by_text("已办结").first).to_be_visible()
    expect(clerk.get_by_text("评价:非常满意").or_(clerk.get_by_text("非常满意")).first).to_be_visible()


def _register(site: Site, clerk: Page) -> tuple[str, str]:
    clerk.get_by_role("link", name="登记来件").first.click()
    clerk.get_by_label("事项", exact=True).select_option("M06")
    clerk.get_by_label("姓名或名称").fill("示例·建设公司")
    clerk.get_by_label("诉求内容").fill("施工许可只差监理合同备案证明,备案要五个工作日,请先收件。")
    clerk.get_by_label("在哪里办的").select_option("综合窗口")
    clerk.get_by_label("办不成的原因").select_option("材料不齐全")
    clerk.get_by_role("button", name="登记").click()
    clerk.wait_for_url("**/cases/BBC*")
    expect(clerk.get_by_role("heading", name="走过的渠道")).to_be_visible()
    number = clerk.url.rsplit("/", 1)[1].split("?")[0]
    return number, urljoin(site.address, clerk.locator("a[href*='/p/']").first.get_attribute("href") or "")


def _draft_reply(clerk: Page) -> None:
    expect(clerk.get_by_role("heading", name="起草答复")).to_be_visible()
    clerk.get_by_label("办理结果").select_option("直接解决")
    clerk.get_by_label("做了什么").fill("当天与住建窗口会商,按容缺受理收件。")
    clerk.get_by_label("答复内容").fill("您的施工许可申请已经受理,请在五个工作日内补交监理合同备案证明,审查同时进行。")
    _submit(clerk)


def _confirm_reply(clerk: Page) -> None:
    expect(clerk.get_by_role("heading", name="首接责任人答复")).to_be_visible()
    clerk.get_by_label("电话", exact=True).check()
    clerk.get_by_label("答复时间").fill("2026-11-23T11:00")
    _submit(clerk)


def _submit(clerk: Page) -> None:
    clerk.get_by_role("button", name="办结并提交").click()
    clerk.wait_for_load_state()

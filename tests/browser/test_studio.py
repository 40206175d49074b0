"""A draft in a real browser: it saves itself, and nothing typed is ever lost or overwritten."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from engine.commands import change_sets as commands
from engine.commands.accounts import end_sessions
from engine.queries import change_sets
from tests.browser import studio
from tests.browser.conftest import PASSWORD, Site
from tests.browser.studio import (
    DEPARTMENTS,
    FORM,
    GRADE,
    NOTICES,
    SAVED,
    SIMPLE,
    actor,
    begin,
    content,
    cut_off,
    is_ready,
    rename,
    state,
)
from tests.browser.test_pages import faults
from tests.conftest import PROJECT

pytestmark = pytest.mark.browser
analyst, nothing_leaves_the_machine = studio.analyst, studio.nothing_leaves_the_machine


def test_a_task_that_is_drawn_is_saved_by_itself_and_there_after_a_reload(site: Site, analyst: Page) -> None:
    draft = begin(site, analyst, SIMPLE)
    analyst.locator("[data-action='create.task']").click()
    analyst.mouse.click(700, 640)
    analyst.keyboard.type("电话回访")
    analyst.mouse.click(860, 245)
    analyst.locator("[data-tool=save]").click()
    state(analyst, SAVED)
    assert "电话回访" in content(site, draft)
    version = change_sets.draft(site.engine, draft).version
    analyst.reload()
    is_ready(analyst)
    expect(analyst.locator(".djs-shape text", has_text="电话回访")).to_be_visible()
    assert change_sets.draft(site.engine, draft).version == version > 1


@pytest.mark.parametrize("file", [SIMPLE, GRADE, FORM, NOTICES, DEPARTMENTS])
def test_opening_and_leaving_an_editor_changes_no_byte(site: Site, analyst: Page, file: str) -> None:
    draft = begin(site, analyst, file)
    analyst.locator("[data-tool=save]").click()
    for tab in analyst.locator("[data-views] button").all():
        tab.click()
    analyst.locator("[data-tool=save]").click()
    analyst.goto(f"{site.address}studio")
    view = change_sets.draft(site.engine, draft)
    assert (view.version, view.content) == (1, (PROJECT / file).read_bytes())


def test_a_change_that_is_taken_back_leaves_the_bytes_as_they_were(site: Site, analyst: Page) -> None:
    draft = begin(site, analyst, SIMPLE)
    rename(analyst, "改一下")
    analyst.locator("[data-tool=undo]").click()
    analyst.locator("[data-tool=save]").click()
    state(analyst, SAVED)
    assert change_sets.draft(site.engine, draft).content == (PROJECT / SIMPLE).read_bytes()


def test_undo_and_redo_move_through_the_changes(site: Site, analyst: Page) -> None:
    draft = begin(site, analyst, SIMPLE)
    rename(analyst, "换个名字")
    analyst.locator("[data-tool=undo]").click()
    expect(analyst.locator(".djs-shape text", has_text=re.compile("^直接协调$"))).to_be_visible()
    analyst.locator("[data-tool=redo]").click()
    state(analyst, "已保存（第 2 版）")
    assert "换个名字" in content(site, draft)


def test_two_people_see_three_sides_and_mine_becomes_a_new_version(site: Site, analyst: Page) -> None:
    draft = begin(site, analyst, SIMPLE)
    other = site.log_in("admin")
    other.goto(analyst.url)
    is_ready(other)
    rename(other, "他们的名字")
    state(other, "已保存（第 2 版）")
    rename(analyst, "我的名字")
    dialog = analyst.get_by_role("dialog")
    expect(dialog).to_be_visible(timeout=30_000)
    row = dialog.locator("tr.is-both")
    assert row.count() >= 1
    for words in ("直接协调", "我的名字", "他们的名字"):
        expect(dialog).to_contain_text(words)
    assert faults(analyst) == []
    dialog.get_by_role("button", name="用我的").click()
    state(analyst, "已保存（第 3 版）")
    assert "我的名字" in content(site, draft)
    assert "他们的名字" in change_sets.revision(site.engine, draft, 2).decode()


def test_theirs_can_be_taken_instead(site: Site, analyst: Page) -> None:
    draft = begin(site, analyst, SIMPLE)
    other = site.log_in("admin")
    other.goto(analyst.url)
    is_ready(other)
    rename(other, "他们的名字")
    state(other, "已保存（第 2 版）")
    rename(analyst, "我的名字")
    analyst.get_by_role("button", name="用对方的").click(timeout=30_000)
    expect(analyst.locator(".djs-shape text", has_text="他们的名字")).to_be_visible()
    state(analyst, "已保存（第 2 版）")
    assert change_sets.draft(site.engine, draft).version == 2


def test_a_log_in_that_ends_while_one_draws_costs_nothing(site: Site, analyst: Page) -> None:
    draft = begin(site, analyst, SIMPLE)
    end_sessions(site.engine, "analyst")
    rename(analyst, "登录过期之后画的")
    state(analyst, re.compile("登录已过期"))
    assert change_sets.draft(site.engine, draft).version == 1
    with analyst.expect_popup() as opened:
        analyst.get_by_role("link", name="在新标签页登录").click()
    opened.value.fill("#login", "analyst")
    opened.value.fill("#password", PASSWORD)
    opened.value.get_by_role("button", name="登录").click()
    opened.value.get_by_role("heading", name="设计室").wait_for()
    analyst.get_by_role("button", name="重试").click()
    state(analyst, "已保存（第 2 版）")
    assert "登录过期之后画的" in content(site, draft)


def test_another_account_in_the_other_tab_does_not_save_for_me(site: Site, analyst: Page) -> None:
    draft = begin(site, analyst, SIMPLE)
    end_sessions(site.engine, "analyst")
    rename(analyst, "只能由我保存")
    state(analyst, re.compile("登录已过期"))
    with analyst.expect_popup() as opened:
        analyst.get_by_role("link", name="在新标签页登录").click()
    opened.value.fill("#login", "admin")
    opened.value.fill("#password", PASSWORD)
    opened.value.get_by_role("button", name="登录").click()
    opened.value.get_by_role("heading", name="设计室").wait_for()
    analyst.get_by_role("button", name="重试").click()
    state(analyst, re.compile("另一个账号"))
    assert change_sets.draft(site.engine, draft).version == 1


def test_a_lost_connection_keeps_the_work_and_saves_it_when_it_is_back(site: Site, analyst: Page) -> None:
    draft = begin(site, analyst, SIMPLE)
    analyst.context.set_offline(True)
    rename(analyst, "断线时画的")
    state(analyst, re.compile("连接中断"))
    analyst.context.set_offline(False)
    state(analyst, "已保存（第 2 版）")
    assert "断线时画的" in content(site, draft)


def test_work_left_in_the_browser_is_offered_after_a_reload(site: Site, analyst: Page) -> None:
    draft = begin(site, analyst, SIMPLE)
    cut_off(analyst)
    rename(analyst, "关掉页面之前画的")
    state(analyst, re.compile("连接中断"))
    again = analyst.context.new_page()
    again.goto(analyst.url)
    is_ready(again)
    expect(again.locator("[data-notices]")).to_contain_text("未保存的改动")
    assert change_sets.draft(site.engine, draft).version == 1
    again.get_by_role("button", name="恢复改动").click()
    state(again, "已保存（第 2 版）")
    assert "关掉页面之前画的" in content(site, draft)


def test_work_left_behind_meets_a_newer_version_as_a_conflict(site: Site, analyst: Page) -> None:
    draft = begin(site, analyst, SIMPLE)
    cut_off(analyst)
    rename(analyst, "我离线时画的")
    state(analyst, re.compile("连接中断"))
    other = site.log_in("admin")
    other.goto(analyst.url)
    is_ready(other)
    rename(other, "他们在线画的")
    state(other, "已保存（第 2 版）")
    again = analyst.context.new_page()
    again.goto(analyst.url)
    is_ready(again)
    again.get_by_role("button", name="恢复改动").click()
    expect(again.get_by_role("dialog")).to_contain_text("他们在线画的", timeout=30_000)
    assert "他们在线画的" in content(site, draft)


def test_text_keeps_line_ends_that_nobody_touched(site: Site, analyst: Page) -> None:
    draft = begin(site, analyst, SIMPLE)
    windows = "\ufeff" + (PROJECT / SIMPLE).read_text("utf-8").replace("\n", "\r\n")
    other = site.log_in("admin")
    other.goto(f"{site.address}studio/drafts/{draft}?mode=text")
    is_ready(other)
    commands.save_draft(site.engine, actor(site, "admin"), draft, windows.encode(), 1)  # as an upload of a desktop tool
    other.reload()
    is_ready(other)
    other.locator(".cm-content").click()
    other.keyboard.press("Control+End")
    other.keyboard.type("<!-- 末尾 -->")
    state(other, "已保存（第 3 版）")
    assert content(site, draft).startswith(windows.rstrip("\r\n"))

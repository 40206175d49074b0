"""The studio in a real browser: what is drawn is saved by itself, and nothing typed is ever lost or overwritten."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from engine.actors import Actor
from engine.commands import change_sets as commands
from engine.commands.accounts import end_sessions
from engine.draft_files import blank
from engine.queries import change_sets
from engine.queries.accounts import account, actor_of
from tests.browser.conftest import DESKTOP, PASSWORD, PHONE, Site
from tests.browser.test_pages import faults
from tests.conftest import PROJECT

pytestmark = pytest.mark.browser

SIMPLE, GRADE, FORM = "processes/P06_simple.bpmn", "processes/DT02_grade.dmn", "forms/sign_in.form"
NOTICES, DEPARTMENTS = "processes/notices/messages.csv", "processes/reference/departments.csv"
#: What the editor of a page holds for its tests.
MODELER = "document.querySelector('[data-canvas]').modeler"
RENAME = """([id, name]) => {
  const modeler = document.querySelector('[data-canvas]').modeler;
  modeler.get('modeling').updateProperties(modeler.get('elementRegistry').get(id), { name });
}"""
SAVED = re.compile("已保存")


@pytest.fixture(autouse=True)
def nothing_leaves_the_machine(site: Site) -> Iterator[None]:
    yield
    outside = {url for url in site.requested if not url.startswith((site.address, "data:", "blob:"))}
    assert outside == set()


@pytest.fixture
def analyst(site: Site) -> Iterator[Page]:
    """Logged in; afterwards no script may have failed."""
    site.problems.clear()
    page = site.log_in("analyst")
    yield page
    assert [problem for problem in site.problems if "Failed to load resource" not in problem and "ERR_" not in problem] == []


def begin(site: Site, page: Page, file: str) -> int:
    """A change of its own with one file, open in its editor; gives the number of the draft."""
    page.goto(f"{site.address}studio?file={file}")
    page.get_by_label("标题", exact=True).fill(f"改 {file}")
    page.get_by_role("button", name="开始修改").click()
    is_ready(page)
    return int(page.url.rpartition("/")[2])


def is_ready(page: Page) -> None:
    expect(page.locator("[data-ready]")).to_be_attached(timeout=30_000)
    expect(page.locator("[data-findings-panel][data-checked]")).to_be_attached(timeout=30_000)


def state(page: Page, words: str | re.Pattern[str], seconds: int = 30) -> None:
    expect(page.locator(".studio-state")).to_have_text(words, timeout=seconds * 1000)


def rename(page: Page, name: str, element: str = "direct_coordination") -> None:
    page.evaluate(RENAME, [element, name])


def actor(site: Site, name: str) -> Actor:
    found = actor_of(site.engine, name, account(site.engine, name).session_stamp)
    assert found is not None
    return found


def cut_off(page: Page) -> None:
    """Nothing reaches the server any more, not even what a page sends while it is closed."""
    page.route("**/content", lambda route: route.abort() if route.request.method == "POST" else route.continue_())


def content(site: Site, draft: int) -> str:
    return change_sets.draft(site.engine, draft).content.decode()


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
    address = analyst.url
    cut_off(analyst)
    rename(analyst, "关掉页面之前画的")
    state(analyst, re.compile("连接中断"))
    analyst.goto("about:blank")
    analyst.unroute_all()
    analyst.goto(address)
    is_ready(analyst)
    expect(analyst.locator("[data-notices]")).to_contain_text("未保存的改动")
    assert change_sets.draft(site.engine, draft).version == 1
    analyst.get_by_role("button", name="恢复改动").click()
    state(analyst, "已保存（第 2 版）")
    assert "关掉页面之前画的" in content(site, draft)


def test_work_left_behind_meets_a_newer_version_as_a_conflict(site: Site, analyst: Page) -> None:
    draft = begin(site, analyst, SIMPLE)
    address = analyst.url
    cut_off(analyst)
    rename(analyst, "我离线时画的")
    state(analyst, re.compile("连接中断"))
    analyst.goto("about:blank")
    analyst.unroute_all()
    other = site.log_in("admin")
    other.goto(address)
    is_ready(other)
    rename(other, "他们在线画的")
    state(other, "已保存（第 2 版）")
    analyst.goto(address)
    is_ready(analyst)
    analyst.get_by_role("button", name="恢复改动").click()
    expect(analyst.get_by_role("dialog")).to_contain_text("他们在线画的", timeout=30_000)
    assert "他们在线画的" in content(site, draft)


def test_an_operation_is_put_on_a_task_by_its_template(site: Site, analyst: Page) -> None:
    draft = begin(site, analyst, SIMPLE)
    analyst.evaluate(f"{MODELER}.get('selection').select({MODELER}.get('elementRegistry').get('remind_owner'))")
    analyst.locator(".bio-properties-panel-select-template-button").click()
    analyst.locator(".djs-popup .entry", has_text="签发黄牌红牌").click()
    expect(analyst.locator("[data-properties]")).to_contain_text("亮灯结果 (lamp)")
    state(analyst, "已保存（第 2 版）")
    assert 'camunda:modelerTemplate="doudi.card-issue"' in content(site, draft)
    assert 'camunda:topic="card-issue"' in content(site, draft)


def test_a_finding_leads_to_its_element(site: Site, analyst: Page) -> None:
    draft = begin(site, analyst, SIMPLE)
    task = f"{MODELER}.get('elementRegistry').get('direct_coordination')"
    analyst.evaluate(f"{MODELER}.get('modeling').updateProperties({task}, {{'camunda:formRef': 'no_such_form'}})")
    state(analyst, "已保存（第 2 版）")
    finding = analyst.locator(".finding[data-code='missing-form']")
    expect(finding).to_be_visible(timeout=30_000)
    expect(analyst.locator(".finding-mark").first).to_be_visible()
    finding.get_by_role("button").click()
    assert analyst.evaluate(f"{MODELER}.get('selection').get().map(one => one.id)") == ["direct_coordination"]
    analyst.goto(f"{site.address}studio/change-sets/{change_sets.draft(site.engine, draft).change_set_id}")
    analyst.get_by_role("button", name="检查全部文件").click()
    analyst.locator(".finding[data-code='missing-form'] a").click()
    is_ready(analyst)
    analyst.wait_for_url(re.compile(r"/studio/drafts/\d+$"))
    assert analyst.evaluate(f"{MODELER}.get('selection').get().map(one => one.id)") == ["direct_coordination"]


def test_a_cell_of_a_decision_table_is_edited_and_saved(site: Site, analyst: Page) -> None:
    draft = begin(site, analyst, GRADE)
    analyst.locator("td.input-cell").first.click()
    analyst.keyboard.press("Control+A")
    analyst.keyboard.type(">= 3")
    analyst.keyboard.press("Escape")
    state(analyst, "已保存（第 2 版）")
    assert "<text>&gt;= 3</text>" in content(site, draft)
    analyst.reload()
    is_ready(analyst)
    expect(analyst.locator("td.input-cell").first).to_contain_text(">= 3")


def test_a_field_is_added_to_a_form_and_previewed(site: Site, analyst: Page) -> None:
    draft = begin(site, analyst, FORM)
    analyst.evaluate(
        """() => { const editor = document.querySelector('[data-canvas]').editor; const registry = editor.get('formFieldRegistry');
        const form = registry.getAll().find(one => one.type === 'default');
        editor.get('modeling').addFormField({ type: 'textfield', key: 'visit', label: '上门时间' }, form, form.components.length); }"""
    )
    state(analyst, "已保存（第 2 版）")
    assert "上门时间" in content(site, draft)
    before, after = (PROJECT / FORM).read_text("utf-8"), content(site, draft)
    assert after.startswith(before[: before.rindex("}\n  ]")])
    analyst.locator("[data-tool=preview]").click()
    expect(analyst.locator(".previewed").get_by_label("上门时间")).to_be_visible()
    assert faults(analyst) == []


def test_a_row_is_added_to_a_table_by_keyboard_and_the_others_keep_their_bytes(site: Site, analyst: Page) -> None:
    draft = begin(site, analyst, DEPARTMENTS)
    analyst.get_by_role("button", name="加一行").click()
    for text in ("D99", "CS", "区测试局", "Test, Bureau", "false"):
        analyst.keyboard.press("Enter")
        analyst.keyboard.type(text)
        analyst.keyboard.press("Tab")
    state(analyst, SAVED)
    expect(analyst.locator("[data-findings-panel]")).to_contain_text("departments.csv", timeout=30_000)
    before = (PROJECT / DEPARTMENTS).read_bytes().decode()
    analyst.locator("[data-tool=save]").click()
    state(analyst, re.compile("已保存（第 [23] 版）"))
    assert content(site, draft).startswith(before.rstrip("\n"))
    assert content(site, draft).rstrip("\n").endswith('D99,CS,区测试局,"Test, Bureau",false,,')
    expect(analyst.locator("td.is-wrong").first).to_be_visible()


def test_a_block_is_pasted_from_a_spreadsheet(site: Site, analyst: Page) -> None:
    draft = begin(site, analyst, "processes/reference/experts.csv")
    analyst.locator("td[data-row='1'][data-column='1']").click()
    analyst.evaluate(
        """() => { const data = new DataTransfer(); data.setData('text/plain', '甲律师\\t律师\\r\\n乙工程师\\t"注册,工程师"');
        document.activeElement.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })); }"""
    )
    expect(analyst.locator("td[data-row='2'][data-column='1']")).to_have_text("乙工程师")
    state(analyst, SAVED)
    assert '乙工程师,"注册,工程师"' in content(site, draft)
    analyst.keyboard.press("Control+z")
    expect(analyst.locator("td[data-row='2'][data-column='1']")).not_to_have_text("乙工程师")


def test_a_notice_is_written_with_its_placeholders_in_view(site: Site, analyst: Page) -> None:
    draft = begin(site, analyst, NOTICES)
    text = analyst.locator("#letter-text")
    text.fill("您的“{事项}”由{姓名}办理。")
    expect(analyst.locator(".preview")).to_have_text("您的“建筑工程施工许可”由林晓办理。")
    analyst.locator("[id='sample-姓名']").fill("陈晨")
    expect(analyst.locator(".preview")).to_have_text("您的“建筑工程施工许可”由陈晨办理。")
    state(analyst, "已保存（第 2 版）")
    assert "您的“{事项}”由{姓名}办理。" in content(site, draft)


def test_a_step_is_added_to_a_scenario_in_its_form(site: Site, analyst: Page) -> None:
    number = commands.create_change_set(site.engine, actor(site, "analyst"), "场景", "")
    file, text = blank("scenario", "visit_in_time", "按时上门")
    draft = commands.add_draft(site.engine, actor(site, "analyst"), number, file, text)
    analyst.goto(f"{site.address}studio/drafts/{draft}")
    is_ready(analyst)
    analyst.get_by_label("步骤种类").select_option("complete")
    analyst.get_by_role("button", name="加一步").click()
    analyst.keyboard.type("direct_coordination")
    analyst.locator("[data-tool=save]").click()
    state(analyst, SAVED)
    before = text.decode().index("[then]")
    assert content(site, draft).startswith(text.decode()[:before])
    assert '[[when]]\ncomplete = "direct_coordination"\n' in content(site, draft)
    assert _own_faults(analyst) == []


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


@pytest.mark.parametrize("file", [SIMPLE, GRADE, FORM])
def test_no_word_of_an_editor_is_left_untranslated(site: Site, analyst: Page, file: str) -> None:
    begin(site, analyst, file)
    if file == SIMPLE:
        for element in (
            "direct_coordination",
            "set_opinion_due",
            "one_department",
            "judge_finish",
            "what_outcome",
            "lane_owner",
            "simple_case",
        ):
            analyst.evaluate(f"{MODELER}.get('selection').select({MODELER}.get('elementRegistry').get('{element}') ?? null)")
            analyst.evaluate("document.querySelectorAll('.bio-properties-panel-group-header:not(.open)').forEach(one => one.click())")
    assert analyst.evaluate("document.querySelector('[data-canvas]').missingWords()") == []


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_no_page_of_the_studio_has_a_fault_of_accessibility_or_scrolls_sideways(site: Site, size: dict[str, int]) -> None:
    page = site.log_in("analyst", size)
    addresses = [f"{site.address}studio", f"{site.address}studio?file={GRADE}"]
    for file in (SIMPLE, GRADE, FORM, NOTICES, DEPARTMENTS):
        draft = begin(site, page, file)
        addresses += [f"{site.address}studio/drafts/{draft}{part}" for part in ("", "?mode=text", "/history", "/diff")]
    addresses.append(f"{site.address}studio/change-sets/{change_sets.draft(site.engine, draft).change_set_id}")
    found: dict[str, object] = {}
    for address in addresses:
        page.goto(address)
        if re.search(r"/drafts/\d+(\?mode=text)?$", address):
            is_ready(page)
        found[address] = _own_faults(page)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{address} scrolls sideways by {wide} px"
    assert {address: list_ for address, list_ in found.items() if list_} == {}


def test_the_mark_of_the_makers_stays_visible(site: Site, analyst: Page) -> None:
    for file in (SIMPLE, GRADE, FORM):
        begin(site, analyst, file)
        expect(analyst.locator(".bjs-powered-by, .powered-by, .fjs-powered-by").first).to_be_visible()


def _own_faults(page: Page) -> list[str]:
    """What axe finds on our part of a page; what libraries draw is theirs."""
    page.evaluate((Path(PROJECT) / "webapp/static/vendor/axe.min.js").read_text("utf-8"))
    theirs = [
        ".djs-container",
        ".bio-properties-panel",
        ".fjs-editor-container",
        ".dmn-decision-table-container",
        ".dmn-js-parent",
        ".cm-editor",
    ]
    found = page.evaluate("theirs => axe.run({exclude: theirs.map(one => [one])})", theirs)
    return [f"{violation['id']}: {node['html'][:120]}" for violation in found["violations"] for node in violation["nodes"]]

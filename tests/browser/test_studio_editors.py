"""Each editor of the studio in a real browser: what is changed in it reaches the draft, and findings lead back to their place."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from engine.commands import change_sets as commands
from engine.draft_files import blank
from engine.queries import change_sets
from tests.browser import studio
from tests.browser.conftest import DESKTOP, PHONE, Site
from tests.browser.studio import (
    DEPARTMENTS,
    FORM,
    GRADE,
    MODELER,
    NOTICES,
    SAVED,
    SIMPLE,
    actor,
    begin,
    content,
    is_ready,
    own_faults,
    state,
)
from tests.browser.test_pages import faults
from tests.conftest import PROJECT

pytestmark = pytest.mark.browser
analyst, nothing_leaves_the_machine = studio.analyst, studio.nothing_leaves_the_machine


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
    assert own_faults(analyst) == []


@pytest.mark.parametrize("file", [SIMPLE, GRADE, FORM])
def test_no_word_of_an_editor_is_left_untranslated(site: Site, analyst: Page, file: str) -> None:
    begin(site, analyst, file)
    if file == SIMPLE:
        for element in (
            "direct_coordination",
            "set_opinion_due",
            "one_department",
            "remind_owner",
            "what_outcome",
            "lane_owner",
            "simple_case",
        ):
            analyst.evaluate(f"{MODELER}.get('selection').select({MODELER}.get('elementRegistry').get('{element}') ?? null)")
            analyst.evaluate("document.querySelectorAll('.bio-properties-panel-group-header:not(.open)').forEach(one => one.click())")
    assert analyst.evaluate("document.querySelector('[data-canvas]').missingWords()") == []


@pytest.fixture(scope="module")
def addresses(site: Site) -> list[str]:
    """Every page of a change with a draft of each kind."""
    analyst = actor(site, "analyst")
    number = commands.create_change_set(site.engine, analyst, "各种文件", "")
    pages = ["studio", f"studio?file={GRADE}", f"studio/change-sets/{number}"]
    for file in (SIMPLE, GRADE, FORM, NOTICES, DEPARTMENTS):
        draft = commands.add_draft(site.engine, analyst, number, file, (PROJECT / file).read_bytes())
        pages += [f"studio/drafts/{draft}{part}" for part in ("", "?mode=text", "/history", "/diff")]
    return [site.address + page for page in pages]


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_no_page_of_the_studio_has_a_fault_of_accessibility_or_scrolls_sideways(
    site: Site, addresses: list[str], size: dict[str, int]
) -> None:
    page = site.log_in("analyst", size)
    found: dict[str, object] = {}
    for address in addresses:
        page.goto(address)
        if re.search(r"/drafts/\d+(\?mode=text)?$", address):
            is_ready(page)
        found[address] = own_faults(page)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{address} scrolls sideways by {wide} px"
    assert {address: list_ for address, list_ in found.items() if list_} == {}


def test_english_readers_get_english_editors(site: Site, analyst: Page) -> None:
    addresses = [f"{site.address}studio/drafts/{begin(site, analyst, file)}" for file in (SIMPLE, GRADE, FORM, NOTICES)]
    analyst.get_by_role("button", name="English").click()
    expect(analyst.locator("html")).to_have_attribute("lang", "en")
    for address in addresses:
        analyst.goto(address)
        is_ready(analyst)
        state(analyst, "Saved (version 1)")
        assert not re.search(r"[\u3400-\u9fff]", analyst.locator(".studio-tools").inner_text())
    analyst.get_by_role("button", name="中文").click()
    expect(analyst.locator("html")).to_have_attribute("lang", "zh-CN")


def test_the_mark_of_the_makers_stays_visible(site: Site, analyst: Page) -> None:
    for file in (SIMPLE, GRADE, FORM):
        begin(site, analyst, file)
        expect(analyst.locator(".bjs-powered-by, .powered-by, .fjs-powered-by").first).to_be_visible()

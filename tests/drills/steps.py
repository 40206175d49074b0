"""What people do on the pages of the studio, of releases and of migrations, step by step, as the drills need it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath

from playwright.sync_api import Locator, Page, expect

from tests.browser.studio import SAVED, is_ready, state
from tests.conftest import PROJECT
from tests.drills.office import Office

__all__ = ["PROJECT"]


@dataclass(frozen=True)
class Change:
    """A change set that an analyst has open."""

    office: Office
    number: int

    @property
    def page(self) -> Page:
        """The analyst's browser on the page of the change."""
        return self.office.at("analyst", f"studio/change-sets/{self.number}")

    def edit(self, file: str) -> Page:
        """The file in its editor, taken from what is deployed."""
        page = self.page
        page.get_by_label("文件", exact=True).select_option(file)
        page.get_by_role("button", name="添加").click()
        page.get_by_role("link", name=file, exact=True).click()
        is_ready(page)
        return page

    def upload(self, file: str, content: bytes) -> Page:
        """A file that was drawn with a tool of the desk."""
        page = self.page
        name = PurePath(file).name
        page.locator("#upload").set_input_files({"name": name, "mimeType": "application/octet-stream", "buffer": content})
        page.get_by_role("button", name="上传").click()
        expect(page.get_by_role("link", name=file, exact=True)).to_be_visible()
        return page

    def submit(self) -> int:
        """Checks and scenarios pass; gives the number of the release that waits for a second person."""
        page = self.page
        assert refused(page) == []
        see(page, "已提交，由管理员审批")
        found = re.search(r"成为第 (\d+) 次部署", page.locator("main").inner_text())
        assert found, "Expected the page to say which release the change became."
        return int(found[1])


def refused(page: Page) -> list[str]:
    """Submit on the page of a change; what the checks and scenarios object to."""
    page.get_by_role("button", name="检查并提交").click()
    page.wait_for_load_state()
    expect(page.locator("[data-work]")).to_have_count(0, timeout=120_000)  # the page of progress leads on by itself
    return page.locator("[data-findings-list] .finding-error").all_inner_texts()


def begin(office: Office, title: str, reason: str) -> Change:
    page = office.on("analyst", "studio")
    page.get_by_label("标题", exact=True).fill(title)
    page.get_by_label("为什么改").fill(reason)
    page.get_by_role("button", name="新建").click()
    page.wait_for_url("**/studio/change-sets/*")
    return Change(office, int(page.url.rpartition("/")[2]))


def saved(page: Page) -> None:
    """What was typed is on the server, and the checks have looked at it."""
    state(page, SAVED)
    expect(page.locator("[data-findings-panel][data-checked]")).to_be_attached(timeout=60_000)


def take(office: Office, who: str, case_no: str) -> Page:
    """Somebody opens the first task of a case that is in their inbox, and claims it."""
    page = office.on(who, f"tasks/{office.tasks(case_no)[0].task_id}")
    page.get_by_role("button", name="认领任务").click()
    return page


def pick(page: Page, element: str) -> None:
    """Choose an element of a diagram with the mouse."""
    page.locator(f".djs-element[data-element-id='{element}'] .djs-hit").first.click(force=True)


def prop(page: Page, name: str) -> Locator:
    """A field of the properties panel, its group unfolded."""
    field = page.locator(f"#bio-properties-panel-{name}")
    header = page.locator(".bio-properties-panel-group", has=field).locator(".bio-properties-panel-group-header").first
    if "open" not in (header.get_attribute("class") or "").split():
        header.click()
    return field


def set_prop(page: Page, name: str, text: str) -> None:
    """Type into it, whether it is a plain field or one for expressions."""
    field = prop(page, name)
    field.click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(text)
    field.blur()


def see(page: Page, words: str) -> None:
    """The page says so."""
    expect(page.locator("main")).to_contain_text(words)


def approve(office: Office, release: int, who: str = "admin") -> Page:
    page = office.on(who, f"releases/{release}")
    page.get_by_label("意见").fill("已核对。")
    page.get_by_role("button", name="批准", exact=True).click()
    see(page, "已批准")
    return page


def activate(office: Office, release: int, reason: str, *units: str, at: str = "") -> Page:
    """Approved and put in force, everywhere or for a pilot, now or at a date."""
    page = approve(office, release)
    if at:
        page.get_by_label("到这个时间").check()
        page.get_by_label("启用时间").fill(at)
    if units:
        page.get_by_label("只在选中的窗口或区划试点").check()
    for unit in units:
        page.locator(f"input[name=org_units][value='{unit}']").check()
    page.locator("#activate-reason").fill(reason)
    page.get_by_role("button", name="启用", exact=True).click()
    see(page, "已安排启用" if at else "已启用")
    return page


def plan(office: Office, key: str, old: int, new: int) -> Page:
    """An administrator goes from the versions of a process to the plan of a migration."""
    page = office.on("admin", f"definitions/process/{key}")
    page.get_by_role("link", name=f"迁移 第 {old} 版").click()
    wanted = page.locator("#target option", has_text=f"第 {new} 版").get_attribute("value")
    page.locator("#target").select_option(wanted)
    page.get_by_role("button", name="拟定方案").click()
    expect(page.locator("h1")).to_contain_text(f"第 {old} 版 → 第 {new} 版")
    return page


def decide(page: Page, choices: Mapping[str, str]) -> None:
    """Where elements go, chosen in the table of the plan; ``-`` means nowhere."""
    for source, target in choices.items():
        page.locator(f"select[name='to.{source}']").select_option(target)


def try_out(page: Page) -> dict[str, int]:
    """What would come of it: moves, keeps, refused."""
    page.get_by_role("button", name="试迁移").click()
    expect(page.locator("[data-trial-status]")).to_contain_text("什么都没有改动")
    return {code: int(page.locator(f"[data-count={code}]").inner_text()) for code in ("moves", "keeps", "refused")}


def execute(office: Office, page: Page, reason: str) -> Page:
    """Start it and wait for the report."""
    page.get_by_label("理由").fill(reason)
    page.get_by_label("我已看过试迁移的结果").check()
    page.get_by_role("button", name="开始迁移").click()
    page.wait_for_url(re.compile(r"/migrations/\d+$"))
    office.work()
    expect(page.locator("#progress")).to_contain_text("已完成", timeout=60_000)
    return page


def results(page: Page) -> dict[str, int]:
    """The counts on the page of a migration."""
    lines = page.locator("#progress .result-counts li").all()
    return {line.locator(".tag").inner_text(): int(line.locator("strong").inner_text()) for line in lines}


def migrate(office: Office, key: str, old: int, new: int, reason: str, choices: Mapping[str, str] | None = None) -> Page:
    """The whole way, for all cases at work in the old version."""
    page = plan(office, key, old, new)
    decide(page, choices or {})
    assert try_out(page)["refused"] == 0, page.locator("main").inner_text()
    return execute(office, page, reason)

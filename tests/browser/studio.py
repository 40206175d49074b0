"""What the tests of the studio share: an analyst's browser, steps in an editor, what a page tells about its state."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from engine.actors import Actor
from engine.queries import change_sets
from engine.queries.accounts import account, actor_of
from tests.browser.conftest import Site
from tests.conftest import PROJECT

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


def own_faults(page: Page) -> list[str]:
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

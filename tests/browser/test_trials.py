"""Trials in a real browser: the way on the diagram, progress, the chart; by keyboard, on a phone, without faults of accessibility."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from engine.actors import Actor
from engine.assembly import Engine
from engine.clock import MovableClock
from engine.commands.change_sets import add_draft, create_change_set
from engine.queries.accounts import account, actor_of
from engine.trials import scenarios
from engine.trials.centre import Centre
from engine.trials.playing import Player
from tests.browser.conftest import DESKTOP, PHONE, Site
from tests.browser.test_pages import faults
from tests.conftest import PROJECT, START, Template

pytestmark = pytest.mark.browser

LIMITS = "processes/DT03_time_limits.dmn"
SOLVED = PROJECT / "processes" / "scenarios" / "simple_case_solved.toml"
DUE = SOLVED.read_text("utf-8") + "due = { finish = 2026-11-26T17:00:00 }\n"
LONG = 240_000


def live_one_case(engine: Engine, template: Template) -> str:
    """One case that was solved and rated in the real installation; gives its number."""
    people: dict[str, Actor] = {}
    for one in template.accounts:
        found = actor_of(engine, one.id, account(engine, one.id).session_stamp)
        assert found is not None
        people[one.id] = found
    assert isinstance(engine.clock, MovableClock)
    player = Player(Centre(engine, engine.clock, people))
    scenarios.play(player, scenarios.read_scenario(SOLVED.name, SOLVED.read_bytes()))
    engine.clock.advance(days=1)
    return player.key


@pytest.fixture(scope="module")
def trials(site: Site, template: Template) -> Iterator[tuple[str, str]]:
    """The page of trials of a change with a shorter limit and a scenario that it breaks; and the number of an ended case."""
    number = live_one_case(site.engine, template)
    found = actor_of(site.engine, "analyst", account(site.engine, "analyst").session_stamp)
    assert found is not None
    change_set = create_change_set(site.engine, found, "限期缩短", "")
    shorter = (PROJECT / LIMITS).read_text("utf-8").replace('"3个工作日"', '"2个工作日"')
    add_draft(site.engine, found, change_set, LIMITS, shorter.encode())
    add_draft(site.engine, found, change_set, "processes/scenarios/due.toml", DUE.encode())
    yield f"{site.address}studio/change-sets/{change_set}/trials", number
    assert site.engine.clock.now() > START


def run(page: Page, button: str, heading: str) -> None:
    page.get_by_role("button", name=button).click()
    expect(page.get_by_role("heading", level=1, name=heading)).to_be_visible(timeout=LONG)


def is_sound(page: Page, folder: Path, name: str) -> None:
    """On a desk and on a phone."""
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)
        assert faults(page) == [], name
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{name} scrolls sideways by {wide} px at {size['width']}"
        page.screenshot(path=folder / f"{name}-{size['width']}.png", full_page=True)
    page.set_viewport_size(DESKTOP)


def test_the_way_of_a_case_is_drawn_with_its_failure(site: Site, trials: tuple[str, str], tmp_path: Path) -> None:
    page = site.log_in("analyst")
    page.goto(trials[0])
    is_sound(page, tmp_path, "trials")
    page.get_by_label("due", exact=True).focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="运行选中的").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="场景结果")).to_be_visible(timeout=LONG)
    is_sound(page, tmp_path, "scenarios")
    page.get_by_role("link", name="简单工单:一次办成").click()
    expect(page.get_by_text("期限应为 finish 2026-11-26 17:00:00")).to_be_visible()
    expect(page.locator(".trial-diagram[data-ready]")).to_have_count(1, timeout=LONG)
    page.locator("summary", has_text="P06_simple").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".trial-diagram[data-ready]")).to_have_count(2, timeout=LONG)
    assert page.locator(".djs-shape.is-done").count() > 5 and page.locator(".trial-badge").count() > 5
    is_sound(page, tmp_path, "outcome")
    page.go_back()
    page.get_by_role("link", name="覆盖情况").click()
    page.locator("summary", has_text="流程图").first.click()
    expect(page.locator(".trial-diagram[data-ready]")).to_have_count(1, timeout=LONG)
    is_sound(page, tmp_path, "coverage")


@pytest.mark.parametrize(("kind", "words"), [("decisions", "次会不同"), ("cases", "个会不同")])
def test_what_would_have_been_is_listed_and_exported(site: Site, trials: tuple[str, str], tmp_path: Path, kind: str, words: str) -> None:
    page = site.log_in("analyst")
    page.goto(trials[0])
    page.locator(f"#kind-{kind}").check()
    page.get_by_role("button", name="开始重放").click()
    expect(page.get_by_text(words)).to_be_visible(timeout=LONG)
    is_sound(page, tmp_path, kind)
    with page.expect_download() as download:
        page.get_by_role("link", name="导出 CSV").click()
    assert trials[1] in download.value.path().read_text("utf-8-sig")


def test_the_load_is_drawn_and_told_in_a_table(site: Site, trials: tuple[str, str], tmp_path: Path) -> None:
    page = site.log_in("analyst")
    page.goto(trials[0])
    page.locator("#percent").fill("1000")
    page.get_by_role("button", name="开始预测").click()
    expect(page.locator("[data-chart][data-ready] svg")).to_be_visible(timeout=LONG)
    expect(page.get_by_role("table").last).to_contain_text("窗口专员")
    page.locator("#chart-group").focus()
    page.keyboard.press("ArrowDown")
    is_sound(page, tmp_path, "load")


def test_long_work_can_be_cancelled(site: Site, trials: tuple[str, str], tmp_path: Path) -> None:
    page = site.log_in("analyst")
    page.goto(trials[0])
    page.get_by_role("button", name="运行选中的").click()
    is_sound(page, tmp_path, "running")
    page.get_by_role("button", name="取消").click()
    expect(page.get_by_text("已取消")).to_be_visible(timeout=LONG)


def test_a_real_case_becomes_a_scenario_of_the_change(site: Site, trials: tuple[str, str]) -> None:
    page = site.log_in("analyst")
    page.goto(trials[0])
    page.locator("#case_no").fill(trials[1])
    page.locator("#scenario-key").fill("real_case")
    page.get_by_role("button", name="整理", exact=True).click()
    expect(page.get_by_text("已整理成场景草稿")).to_be_visible(timeout=LONG)
    page.goto(trials[0])
    expect(page.get_by_label("real_case")).to_be_visible()

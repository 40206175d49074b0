"""A real Chromium, Chrome or Edge against the real site on a loopback port. Skipped, and said so, where there is no browser."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import make_server

from engine.actors import SYSTEM
from engine.assembly import Engine, build_engine
from engine.clock import MovableClock
from engine.commands import case_import
from tests.chromium import BROWSERS, SWITCHES, browser_found
from tests.conftest import START, Template, settings_in
from webapp import create_app

DESKTOP = {"width": 1280, "height": 860}
PHONE = {"width": 390, "height": 844}
CASES = Path(__file__).with_name("cases.json")
PASSWORD = "doudi-demo-2026"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    found = browser_found()
    if found is None:
        pytest.skip(f"no browser found (looked for {', '.join(BROWSERS)}); install Debian's chromium to run the browser tests")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=SWITCHES)
        yield browser
        browser.close()


@dataclass
class Site:
    """The running site: its address, its engine, and the addresses that pages asked for."""

    address: str
    engine: Engine
    chromium: Browser
    requested: list[str]
    problems: list[str]

    def visit(self, size: dict[str, int] = DESKTOP, **options: object) -> Page:
        """A fresh browser profile on the front page."""
        context: BrowserContext = self.chromium.new_context(viewport=size, locale="zh-CN", timezone_id="Asia/Shanghai", **options)
        page = context.new_page()
        page.on("request", lambda request: self.requested.append(request.url))
        page.on("console", lambda message: self.problems.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.goto(self.address)
        return page

    def log_in(self, account: str, size: dict[str, int] = DESKTOP) -> Page:
        page = self.visit(size)
        page.fill("#login", account)
        page.fill("#password", PASSWORD)
        page.get_by_role("button", name="登录").click()
        page.get_by_role("heading", name="待办").wait_for()
        return page


@pytest.fixture(scope="module")
def site(template: Template, chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site with a few cases in it; the tests of a file share it."""
    folder = tmp_path_factory.mktemp("site") / "data"
    shutil.copytree(template.folder, folder)
    engine = build_engine(settings_in(folder), MovableClock(START))
    case_import.import_cases(engine, SYSTEM, case_import.read_cases(CASES.read_bytes(), CASES.name))
    server = make_server("127.0.0.1", 0, create_app(engine), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    running = Site(f"http://127.0.0.1:{server.server_port}/", engine, chromium, [], [])
    yield running
    for context in chromium.contexts:
        context.close()
    server.shutdown()
    thread.join(timeout=10)
    server.server_close()
    engine.database.dispose()


@pytest.fixture
def first_case(site: Site) -> Callable[[str], str]:
    """The number of the case with this external number."""

    def find(external_no: str) -> str:
        records = case_import.read_cases(CASES.read_bytes(), CASES.name)
        return next(case.case_no for case in case_import.import_cases(site.engine, SYSTEM, records) if case.id == external_no)

    return find

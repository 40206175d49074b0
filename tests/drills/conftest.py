"""A running system for change drills: four eyes on, a browser for everybody, one server for the drills of a file."""

from __future__ import annotations

import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePath

import pytest
from playwright.sync_api import Browser
from werkzeug.serving import make_server

from engine.actors import SYSTEM
from engine.assembly import build_engine
from engine.clock import MovableClock
from engine.commands.demo import create_demo_accounts
from engine.commands.deployments import deploy, read_folders
from engine.commands.reference import load_reference
from engine.db.revisions import upgrade
from engine.settings import read_settings
from tests.browser import conftest as browsers
from tests.conftest import PROJECT, START, TEST_KEY, settings_in
from tests.drills.office import Office
from webapp import create_app

chromium = browsers.chromium

#: Every submission checks everything in force together and plays all its scenarios, minutes for the whole house. Here, where eighteen
#: changes are submitted, the procedures of a case and three scenarios are in force; the upkeep of rules, staff and figures is not.
PROCEDURES = ("P00_case_spine", "P15_supervision", "P32a_archive")
KINDS = "processes/reference/case_kinds.csv"
SCENARIOS = ("simple_case_solved", "refused_by_negative_list", "departments_one_keeps_silent")


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a centre before its first case."""
    folder = tmp_path_factory.mktemp("prepared") / "data"
    folder.mkdir()
    settings = settings_in(folder)
    engine = build_engine(settings, MovableClock(START))
    upgrade(engine.database)
    load_reference(engine, SYSTEM, settings.processes_folder / "reference")
    deploy(engine, SYSTEM, the_files(), "the project's files")
    create_demo_accounts(engine)
    engine.database.dispose()
    return folder


def the_files() -> dict[str, bytes]:
    """The procedures of a case and three scenarios; forms, tables and notices all but the list of other kinds."""
    files = read_folders(PROJECT / "processes", PROJECT / "forms")
    kept = procedures(files) | {f"processes/scenarios/{name}.toml" for name in SCENARIOS}
    others = {name for name in files if PurePath(name).suffix in (".bpmn", ".toml")} | {KINDS}
    return {name: content for name, content in files.items() if name in kept or name not in others}


def procedures(files: Mapping[str, bytes]) -> set[str]:
    """What every case goes through, and what is called from there."""
    found: set[str] = set()
    waiting = {f"processes/{key}.bpmn" for key in PROCEDURES}
    while waiting:
        name = waiting.pop()
        found.add(name)
        called = {f"processes/{key.decode()}.bpmn" for key in re.findall(rb'calledElement="(\w+)"', files[name])}
        waiting |= called - found
    return found


@pytest.fixture(scope="module")
def running(prepared: Path, chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("office") / "data"
    shutil.copytree(prepared, folder)
    clock = MovableClock(START)
    engine = build_engine(read_settings({"DOUDI_DATA": str(folder), "DOUDI_SECRET_KEY": TEST_KEY}), clock)
    server = make_server("127.0.0.1", 0, create_app(engine), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Office(f"http://127.0.0.1:{server.server_port}/", engine, clock, chromium)
    for context in chromium.contexts:
        context.close()
    server.shutdown()
    thread.join(timeout=10)
    server.server_close()
    engine.database.dispose()


@pytest.fixture
def office(running: Office, record_property: Callable[[str, object], None]) -> Iterator[Office]:
    """The office in one drill: afterwards no script may have failed; the report of the run holds seconds and clicks."""
    running.problems.clear()
    clicks, begun = running.clicks, time.perf_counter()
    yield running
    record_property("seconds", round(time.perf_counter() - begun, 1))
    record_property("clicks", running.clicks - clicks)
    assert running.problems == []

"""The scripted day, played once for all tests that look at it; and a morning before anything was done."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.assembly import build_engine
from engine.clock import MovableClock
from engine.commands.case_import import read_cases
from tests.conftest import START, Template, settings_in, shared_data
from webapp import create_app

from . import stories, stories_more
from .day import CaseFile, Day

CASES = shared_data("cases.json") or Path(__file__).parent / "cases.json"
STORIES = stories.STORIES | stories_more.STORIES
EVENING = "2027-01-15 17:00"


@pytest.fixture(scope="session")
def day(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    """Every given case from its arrival to its end, as its story has it."""
    folder = tmp_path_factory.mktemp("day") / "data"
    shutil.copytree(template.folder, folder)
    clock = MovableClock(START)
    engine = build_engine(settings_in(folder), clock)
    day = Day(engine, clock, create_app(engine), template.accounts)
    day.play(read_cases(CASES.read_bytes(), CASES.name), STORIES, EVENING)
    yield day
    engine.database.dispose()


@pytest.fixture
def case(day: Day) -> Callable[[str], CaseFile]:
    """``case("K04")``: the file of a case whose story was told to its end."""

    def find(name: str) -> CaseFile:
        found = day.files[name]
        assert found.failure is None, f"The story of {name} broke off.\n{found.failure}"
        return found

    return find

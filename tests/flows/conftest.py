"""The scripted day, played once for all tests that look at it; and a morning before anything was done."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine.assembly import build_engine
from engine.clock import MovableClock
from engine.commands.case_import import CaseRecord, read_cases
from tests.conftest import PROJECT, START, Template, settings_in
from webapp import create_app

from . import stories, stories_more
from .day import CaseFile, Day

CASES = PROJECT / "tests" / "data" / "cases.json"
STORIES = stories.STORIES | stories_more.STORIES
EVENING = "2027-01-15 17:00"


def the_records(*names: str) -> list[CaseRecord]:
    """Cases of the case file by name, all when none is named."""
    return [record for record in read_cases(CASES.read_bytes(), CASES.name) if not names or record.id in names]


@contextmanager
def the_day(template: Template, folder: Path) -> Iterator[Day]:
    """A day that has not begun: the centre with its people, definitions and reference data."""
    shutil.copytree(template.folder, folder)
    clock = MovableClock(START)
    engine = build_engine(settings_in(folder), clock)
    logged = _Logged()
    logging.getLogger().addHandler(logged)
    day = Day(engine, clock, create_app(engine), template.accounts)
    day.log = logged.lines
    yield day
    logging.getLogger().removeHandler(logged)
    engine.database.dispose()


class _Logged(logging.Handler):
    """Everything anybody logged."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture(scope="session")
def day(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    """Every given case from its arrival to its end, as its story has it."""
    with the_day(template, tmp_path_factory.mktemp("day") / "data") as day:
        day.play(the_records(), STORIES, EVENING)
        yield day


@pytest.fixture
def case(day: Day) -> Callable[[str], CaseFile]:
    """``case("K04")``: the file of a case whose story was told to its end."""

    def find(name: str) -> CaseFile:
        found = day.files[name]
        assert found.failure is None, f"The story of {name} broke off.\n{found.failure}"
        return found

    return find

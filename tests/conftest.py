"""What every room's tests share: a clock moved by hand, an engine on a fresh SQLite file, the people who act.

The database with tables, definitions, reference data and demo accounts is made once a session; each test gets a copy of the file.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from engine.clock import LOCAL_ZONE, MovableClock
from engine.settings import Settings, read_settings

PROJECT = Path(__file__).resolve().parent.parent

#: A Monday morning in working hours: what "now" is when a test begins.
START = datetime(2026, 11, 23, 10, 0, tzinfo=LOCAL_ZONE)

#: A fixed key, so that a copied database can be read.
TEST_KEY = "the key of the tests, long enough for all"


def shared_data(name: str = "") -> Path | None:
    """The domain's data folder beside the project, or a file in it; None on a machine that has only the project."""
    path = PROJECT.parent / "shared" / "domain" / "data" / name
    return path if path.exists() else None


def settings_in(folder: Path) -> Settings:
    """Settings of a test: everything in one folder, no environment."""
    return read_settings({"DOUDI_DATA": str(folder), "DOUDI_SECRET_KEY": TEST_KEY})


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(START)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path / "data")

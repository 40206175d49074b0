"""The short form of ``python -m tests.survival``: a few kills, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.assembly import Engine
from tests.db.conftest import postgres_server, postgres_url  # noqa: F401 - fixtures
from tests.survival.installation import install
from tests.survival.killing import Attack, attack


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def installed(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else ""
    engine = install(tmp_path / "data", url)
    yield engine
    engine.database.dispose()


def test_killed_web_and_worker_processes_lose_nothing_and_do_nothing_twice(installed: Engine) -> None:
    found = attack(installed, Attack(kills=6, seed=20261123, life=(0.05, 0.3)), print_nothing)
    assert found.is_clean, found
    assert found.killed == {"web": 3, "worker": 3}


def print_nothing(_line: str) -> None:
    """The long form reports its progress; a test does not."""

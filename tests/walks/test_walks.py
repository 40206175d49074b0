"""Whatever people answer, in whatever order and however late: each case has an owner, something that moves it on, and an end."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from tests.walks.walking import Walk, install, walk

Walking = Callable[[int, int], Walk]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("walks") / "data"
    install(folder)
    return folder


@pytest.fixture
def walked(prepared: Path, tmp_path: Path) -> Walking:
    """``walked(cases, seed)``: a walk on an installation of its own."""
    numbers = count()

    def play(cases: int, seed: int) -> Walk:
        folder = shutil.copytree(prepared, tmp_path / str(next(numbers)))
        return walk(folder, cases, seed)

    return play


@pytest.mark.parametrize("seed", [1, 2])
def test_random_walks_end_and_lose_nothing_on_the_way(walked: Walking, seed: int) -> None:
    found = walked(12, seed)
    assert found.faults == []
    assert found.files >= 12 and found.steps > 30


def test_the_same_seed_gives_the_same_walk(walked: Walking) -> None:
    first, second = walked(4, 5), walked(4, 5)
    assert first.statuses == second.statuses and first.visits == second.visits

"""Whatever people answer, in whatever order and however late: each case has an owner, something that moves it on, and an end."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.walks.walking import walk


@pytest.mark.parametrize("seed", [1, 2])
def test_random_walks_end_and_lose_nothing_on_the_way(tmp_path: Path, seed: int) -> None:
    found = walk(tmp_path / "data", 12, seed)
    assert found.faults == []
    assert found.files >= 12 and found.steps > 30


def test_the_same_seed_gives_the_same_walk(tmp_path: Path) -> None:
    first, second = (walk(tmp_path / name, 4, 5) for name in ("one", "two"))
    assert first.statuses == second.statuses and first.visits == second.visits

"""Each test of this room sees every diagram in turn."""

from __future__ import annotations

import pytest

from engine.feel import Feel

from .drawn import DIAGRAMS, Diagram, read


@pytest.fixture(scope="session", params=sorted(DIAGRAMS))
def key(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="session")
def diagram(key: str) -> Diagram:
    return read(DIAGRAMS[key])


@pytest.fixture(scope="session")
def feel() -> Feel:
    return Feel()

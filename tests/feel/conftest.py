"""One Feel for all tests of this room: making a realm costs more than most tests."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from engine.clock import LOCAL_ZONE
from engine.errors import ExpressionFailed
from engine.feel import Feel, Limits
from engine.feel.javascript import EngineName

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=LOCAL_ZONE)


@pytest.fixture(scope="session", params=["quickjs", "mini-racer"])
def engine_name(request: pytest.FixtureRequest) -> EngineName:
    """Each JavaScript engine in turn: the second passes the same tests."""
    if request.param == "mini-racer" and importlib.util.find_spec("py_mini_racer") is None:
        pytest.skip("mini-racer is not installed (the extra “fallback”); nothing was run on it")
    return request.param


@pytest.fixture(scope="session")
def feel(engine_name: EngineName) -> Feel:
    return Feel(engine=engine_name)


@pytest.fixture(scope="session")
def attacked(engine_name: EngineName) -> Feel:
    """A Feel to attack. mini-racer measures wall time, so it gets more of it."""
    return Feel(Limits(cpu_seconds=0.25 if engine_name == "quickjs" else 1.0), engine=engine_name)


@pytest.fixture
def failure(feel: Feel) -> Callable[..., ExpressionFailed]:
    """Evaluate something that must fail and give its error."""

    def fail(expression: str, variables: dict[str, Any] | None = None) -> ExpressionFailed:
        with pytest.raises(ExpressionFailed) as caught:
            feel.evaluate(expression, variables or {}, NOW)
        return caught.value

    return fail

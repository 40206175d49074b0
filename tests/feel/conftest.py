"""One Feel for all tests of this room: making a realm costs more than most tests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from engine.clock import LOCAL_ZONE
from engine.errors import ExpressionFailed
from engine.feel import Feel

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=LOCAL_ZONE)


@pytest.fixture(scope="session")
def feel() -> Feel:
    return Feel()


@pytest.fixture
def failure(feel: Feel) -> Callable[..., ExpressionFailed]:
    """Evaluate something that must fail and give its error."""

    def fail(expression: str, variables: dict[str, Any] | None = None) -> ExpressionFailed:
        with pytest.raises(ExpressionFailed) as caught:
            feel.evaluate(expression, variables or {}, NOW)
        return caught.value

    return fail

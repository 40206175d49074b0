"""Decision tables of the project, parsed once a session."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from engine.feel import DecisionModel, DecisionOutcome, Feel

PROCESSES = Path(__file__).resolve().parents[2] / "processes"

Decide = Callable[[str, Mapping[str, Any]], DecisionOutcome]


@pytest.fixture(scope="session")
def feel() -> Feel:
    return Feel()


@pytest.fixture(scope="session")
def tables(feel: Feel) -> dict[str, DecisionModel]:
    files = sorted(PROCESSES.glob("DT*.dmn"))
    return {file.name[:4]: feel.parse_decisions(file.read_bytes(), file.name) for file in files}


@pytest.fixture(scope="session")
def decide(feel: Feel, tables: dict[str, DecisionModel]) -> Decide:
    return lambda table, variables: feel.decide(tables[table], table, variables)

"""Sets of files checked without a database: one Feel, diagrams in a few lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from engine.case_opening import CASE_VARIABLES
from engine.deployment_checks import DefinitionSet, Surroundings, Variable, check_set, parse_files, variables_at
from engine.deployment_checks.advice_texts import SEVERITIES
from engine.errors import Finding
from engine.feel import Feel
from engine.services.case_files import BESIDE_VARIABLES
from engine.services.reference import files_in
from engine.vocabulary import CANDIDATE_GROUPS, OPERATIONS
from tests.conftest import PROJECT

OUTPUTS = {topic: frozenset(operation.outputs) for topic, operation in OPERATIONS.items()}
DEPARTMENTS = frozenset(f"D{number:02}{suffix}" for number in range(60) for suffix in ("", "_leader"))


@pytest.fixture(scope="session")
def feel() -> Feel:
    return Feel()


def surroundings(start: frozenset[str] = frozenset(), deployed: Mapping[str, bytes] | None = None) -> Surroundings:
    groups = frozenset(CANDIDATE_GROUPS) | DEPARTMENTS
    none: frozenset[str] = frozenset()
    return Surroundings(none, none, none, groups, frozenset(OPERATIONS), start=start, outputs=OUTPUTS, deployed=deployed or {})


def own_files() -> dict[str, bytes]:
    folders = (PROJECT / "processes", PROJECT / "forms")
    files = [path for folder in folders for path in sorted(folder.glob("*")) if path.suffix in (".bpmn", ".dmn", ".form")]
    return {str(Path(path.parent.name) / path.name): path.read_bytes() for path in files}


def own_surroundings() -> Surroundings:
    return replace(surroundings(CASE_VARIABLES), beside=BESIDE_VARIABLES, tables=files_in(PROJECT / "processes" / "reference"))


def found(feel: Feel, files: Mapping[str, bytes], start: frozenset[str] = frozenset()) -> list[Finding]:
    """What the checks say of variables; the files themselves must parse."""
    parsed, problems = parse_files(feel, files)
    assert problems == []
    return [
        one for one in check_set(feel, parsed, surroundings(start)) if one.code not in SEVERITIES and not one.code.startswith("missing-")
    ]


def seen(feel: Feel, files: Mapping[str, bytes], key: str, start: frozenset[str] = frozenset()) -> dict[str, dict[str, Variable]]:
    return variables_at(feel, DefinitionSet(files, start, OUTPUTS), key)

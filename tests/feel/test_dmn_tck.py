"""The DMN Technology Compatibility Kit, where its folder lies beside the project (../shared/tck); docs/dmn-tck.md lists what fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.feel import Feel
from engine.feel.javascript import EngineName
from tests.feel import tck, tck_list

FILES = [file for level in tck_list.LEVELS for file in tck.files(level)]
needs_kit = pytest.mark.skipif(not FILES, reason=f"the DMN compatibility kit is not at {tck.KIT}; its cases were not run")


@pytest.fixture(scope="module")
def kit_feel(engine_name: EngineName) -> Feel:
    return tck.kit_feel(engine_name)


@needs_kit
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parent.name)
def test_exactly_the_listed_cases_fail(kit_feel: Feel, file: Path) -> None:
    failing = {outcome.case: outcome.found for outcome in tck.outcomes(kit_feel, file) if not outcome.passed}
    known = tck_list.listed().get(file.parent.name, {}).keys()
    begun = {case: found for case, found in failing.items() if case not in known}
    assert not begun, "these cases begin to fail"
    assert not known - failing.keys(), "these cases begin to pass: run python -m tests.feel.tck_list"


@needs_kit
def test_level_2_passes_whole() -> None:
    folders = {file.parent.name for file in tck.files("level-2")}
    assert not folders & tck_list.listed().keys()


@needs_kit
def test_at_least_88_of_100_cases_of_level_3_pass() -> None:
    folders = {file.parent.name: tck.case_count(file) for file in tck.files("level-3")}
    failing = sum(len(cases) for folder, cases in tck_list.listed().items() if folder in folders)
    assert 1 - failing / sum(folders.values()) >= 0.88


@needs_kit
def test_the_figures_are_those_of_the_list() -> None:
    levels = {file.parent.name: level for level in tck_list.LEVELS for file in tck.files(level)}
    failing = dict.fromkeys(tck_list.LEVELS, 0)
    for folder, cases in tck_list.listed().items():
        failing[levels[folder]] += len(cases)
    assert tck_list.figures(failing) in tck_list.LIST.read_text("utf-8")


def test_every_failing_case_has_a_reason() -> None:
    assert not [folder for folder, cases in tck_list.listed().items() if tck_list.UNEXPLAINED in cases.values()]

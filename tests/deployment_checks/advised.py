"""What the checks that refuse nothing say of a small set, as (severity, code, element)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.bpmn.findings import Language
from engine.deployment_checks import check_set, parse_files
from engine.deployment_checks.advice_texts import SEVERITIES
from engine.errors import Finding
from engine.feel import Feel
from tests.deployment_checks.conftest import surroundings


def advised(feel: Feel, files: Mapping[str, bytes], language: Language = "zh", **around: Any) -> list[Finding]:
    """Only of what ``advice_texts`` lists; the files themselves must parse."""
    parsed, problems = parse_files(feel, files, language)
    assert problems == []
    found = check_set(feel, parsed, replace(surroundings(), **around), language)
    return [one for one in found if one.code in SEVERITIES]


def places(findings: list[Finding], *codes: str) -> list[tuple[str, str | None]]:
    """(code, element) of the findings with these codes."""
    return [(one.code, one.element_id) for one in findings if one.code in codes]

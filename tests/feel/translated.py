"""What must hold between the findings of one file in Chinese and in English."""

from __future__ import annotations

import re

from engine.errors import InvalidDefinition

CHINESE = re.compile(r"[\u4e00-\u9fff，。：（）]")


def require_translated(chinese: InvalidDefinition, english: InvalidDefinition) -> None:
    """The same findings at the same places, each said wholly in its language (the tests' files hold no Chinese names)."""
    assert [(found.code, found.line, found.element_id) for found in chinese.findings] == [
        (found.code, found.line, found.element_id) for found in english.findings
    ]
    for one, other in zip(chinese.findings, english.findings, strict=True):
        assert CHINESE.search(one.message + one.remedy), one
        assert not CHINESE.search(other.message + other.remedy), other
    assert not CHINESE.search(str(english))

"""docs/requirements.md answers every requirement of the two source texts, and what it points at is there."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tests.conftest import PROJECT

PAGE = PROJECT / "docs" / "requirements.md"
ROW = re.compile(r"^\| ([LW]\d+) \| (.+?) \| (有|部分|无|参考) \| (.+) \|$", re.M)
LINK = re.compile(r"\]\(([^)#]+)\)")
NUMBERS = [f"L{number:02}" for number in range(1, 60)] + [f"W{number:03}" for number in range(1, 171)]
ROWS = ROW.findall(PAGE.read_text("utf-8"))


def test_all_229_requirements_are_answered_once_in_their_order() -> None:
    assert [row[0] for row in ROWS] == NUMBERS


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_an_answer_points_at_what_exists_or_says_why_not(row: tuple[str, str, str, str]) -> None:
    number, asked, state, answer = row
    assert asked.strip()
    targets = LINK.findall(answer)
    assert [target for target in targets if not (PAGE.parent / target).exists()] == []
    elsewhere = [other for other in re.findall(r"见([LW]\d+)", answer) if other in NUMBERS and other != number]
    if state in ("有", "部分"):
        assert targets or elsewhere, f"{number} says “{state}” but not where."
    else:
        assert len(answer) >= 6, f"{number} says “{state}” without a reason."


def test_the_totals_at_the_top_are_those_of_the_table() -> None:
    counts = Counter(row[2] for row in ROWS)
    line = " · ".join(f"{state} {counts[state]}" for state in ("有", "部分", "无", "参考"))
    assert line in PAGE.read_text("utf-8")

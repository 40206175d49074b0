"""The README tells analysts which functions exist; here it is held to its word."""

from __future__ import annotations

import re
from pathlib import Path

from engine import feel as room
from engine.feel import Feel

README = Path(room.__file__).parent / "README.md"


def test_the_readme_lists_exactly_the_functions_that_work(feel: Feel) -> None:
    listed = re.findall(r"`([^`]+)`", README.read_text(encoding="utf-8").split("可用的函数")[1])
    assert sorted(listed) == sorted(feel._built_ins())


def test_the_examples_for_analysts_are_correct_feel(feel: Feel) -> None:
    guide = README.read_text(encoding="utf-8").split("## 分析员速查")[1].split("可用的函数")[0]
    examples = [text for text in re.findall(r"`([^`]+)`", guide) if re.search(r"[(=]", text) and "…" not in text and text != "!="]
    assert len(examples) > 12
    for example in examples:
        assert feel.check(example) == [], example

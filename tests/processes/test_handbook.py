"""The handbook names every diagram and every table."""

from __future__ import annotations

import re

from .drawn import DIAGRAMS, PROJECT

HANDBOOK = (PROJECT / "processes" / "README.md").read_text("utf-8")


def section(title: str) -> str:
    return HANDBOOK.partition(f"\n## {title}")[2].partition("\n## ")[0]


def test_every_diagram_has_its_line_in_the_handbook() -> None:
    listed = re.findall(r"`(\w+)`", "\n".join(line.split("|")[1] for line in HANDBOOK.partition("\n## ")[0].splitlines() if "| `" in line))
    assert sorted(listed) == sorted(DIAGRAMS)


def test_every_decision_table_is_named_in_the_handbook() -> None:
    tables = {file.name.split("_")[0] for file in (PROJECT / "processes").glob("*.dmn")}
    named = re.findall(r"DT\d\d", section("Decision tables").partition("The diagrams ask")[0])
    assert sorted(named) == sorted(tables)

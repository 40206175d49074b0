"""The forms of the project as JSON, with the options a page fills in from reference data."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.feel import Feel

PROJECT = Path(__file__).resolve().parents[2]
FORMS = {file.stem: file for file in sorted((PROJECT / "forms").glob("*.form"))}
SOURCES = {"departments": "code", "matters": "code", "negative_list": "code", "experts": "id", "accounts": "id", "appointment_slots": ""}

Json = dict[str, Any]


def rows(reference: str) -> list[dict[str, str]]:
    """The rows of a reference file."""
    with (PROJECT / "processes" / "reference" / f"{reference}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


#: The forms that open a case file, and those that people fill in for an action on one.
START_FORMS = {row["start_form"] for row in rows("case_kinds") if row["start_form"]}
ACTION_FORMS = {row["form"] for row in rows("case_actions") if row["form"]}


@pytest.fixture(scope="session")
def feel() -> Feel:
    return Feel()


def schema(form: str) -> Json:
    return json.loads(FORMS[form].read_text(encoding="utf-8"))


def components(parent: Json) -> Iterator[Json]:
    """Every component under ``parent``, groups before what they hold."""
    for component in parent.get("components", []):
        yield component
        yield from components(component)


def fields(form: str) -> list[Json]:
    return [component for component in components(schema(form)) if "key" in component]


def filled(form: str) -> bytes:
    """The form as a page validates it: options from reference data after those of the file."""
    document = schema(form)
    for component in components(document):
        if source := component["properties"].get("source"):
            component["values"] += [{"label": code, "value": code} for code in codes(source)]
    return json.dumps(document).encode()


def codes(source: str) -> list[str]:
    if source == "accounts":
        return ["window-a"]  # people are no reference data
    if source == "appointment_slots":
        return ["2026-11-25T10:00+08:00"]  # the table of slots says which are free
    return [row[SOURCES[source]] for row in rows(source)]

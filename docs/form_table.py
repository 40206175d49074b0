"""Writes the table of all forms in forms/README.md: where each is used, which keys it sets. ``./dev pictures`` runs it."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lxml import etree

PROJECT = Path(__file__).resolve().parent.parent
PAGE = PROJECT / "forms" / "README.md"
BEGIN, END = "<!-- table of forms -->", "<!-- end of the table of forms -->"
HEAD = "| form | 名称 | 用于 · used by | fields: key = values (* required when shown, ? shown under a condition, – only shown) |"

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
FORM_KEY = "{http://camunda.org/schema/1.0/bpmn}formKey"

Json = dict[str, Any]


def write() -> None:
    """The page with the table as the forms are now."""
    text = PAGE.read_text("utf-8")
    before, after = text[: text.index(BEGIN)], text[text.index(END) :]
    PAGE.write_text(before + "\n".join([BEGIN, HEAD, "|---|---|---|---|", *rows()]) + "\n" + after, "utf-8")


def rows() -> Iterator[str]:
    """One line a form, by its key."""
    users = used_by()
    for file in sorted((PROJECT / "forms").glob("*.form")):
        form = json.loads(file.read_text("utf-8"))
        used = " ".join(sorted(users.get(file.stem, ()))) or "site"
        fields = " · ".join(_fields(form, is_conditional=False)) or "–"
        yield f"| [`{file.stem}`]({file.name}) | {_cell(form['properties']['title'])} | {_cell(used)} | {fields} |"


def used_by() -> Mapping[str, set[str]]:
    """Which processes, kinds of case files and actions use a form."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for diagram in (PROJECT / "processes").glob("*.bpmn"):
        for element in etree.parse(diagram).iter(BPMN + "userTask", BPMN + "startEvent"):
            if form := element.get(FORM_KEY):
                found[form].add(diagram.stem.split("_")[0])
    for kind in _reference("case_kinds"):
        found[kind["start_form"]].add(f"件别“{kind['name']}”")
    for action in _reference("case_actions"):
        found[action["form"]].add(f"操作“{action['name']}”")
    return found


def _fields(parent: Json, *, is_conditional: bool) -> Iterator[str]:
    for part in parent.get("components", ()):
        hidden = is_conditional or "conditional" in part
        if "key" in part:
            yield _field(part, hidden)
        yield from _fields(part, is_conditional=hidden)


def _field(part: Json, is_hidden_at_times: bool) -> str:
    mark = "–" if part.get("readonly") or part.get("disabled") else "*" if part.get("validate", {}).get("required") else ""
    values = " / ".join(str(value["value"]) for value in part.get("values", ()))
    source = part.get("properties", {}).get("source", "")
    kind = {"checkbox": " (bool)", "number": " (n)", "datetime": " (date)"}.get(part["type"], "")
    text = f"`{part['key']}{mark}{'?' if is_hidden_at_times else ''}`{kind}"
    return text + (f" = {_cell(values)}" if values else "") + (f" ←{source}" if source else "")


def _cell(text: str) -> str:
    return text.replace("|", "/")


def _reference(name: str) -> list[dict[str, str]]:
    with (PROJECT / "processes" / "reference" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))

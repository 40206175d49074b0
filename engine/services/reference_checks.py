"""What is wrong between the analysts' data files, whose rows are right each by itself. Changes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import pairwise

from engine.services.csv_tables import CsvFile, CsvRow, Findings
from engine.services.reference_files import (
    DEPARTMENTS,
    LIAISONS,
    MATERIALS,
    MATTERS,
    RESPONSIBILITIES,
    SHARE_ITEMS,
    SHARED,
    Tables,
)
from engine.services.routing import HELPER, LEAD


def check_departments(tables: Tables, findings: Findings) -> None:
    known = codes(tables["departments.csv"])
    roles = defaultdict[str, set[str]](set)
    for row in tables["liaisons.csv"]:
        require_known(row, "department", known, LIAISONS, findings)
        roles[row["department"]].add(row["role"])
    for row in tables["departments.csv"]:
        if missing := {"A", "B"} - roles[row["code"]]:
            message = f"Expected liaisons A and B of {row['code']} but {' and '.join(sorted(missing))} is missing."
            findings.add(
                DEPARTMENTS.name,
                row.line,
                "code",
                "liaison",
                message,
                "Add the row to liaisons.csv.",
                row["code"],
                "、".join(sorted(missing)),
            )


def check_matters(tables: Tables, findings: Findings) -> None:
    departments = {row["code"]: row for row in tables["departments.csv"]}
    matters = codes(tables["matters.csv"])
    leads = defaultdict[str, list[CsvRow]](list)
    for row in tables["responsibilities.csv"]:
        require_known(row, "matter", matters, RESPONSIBILITIES, findings)
        require_known(row, "department", departments, RESPONSIBILITIES, findings)
        if row["role"] == LEAD:
            leads[row["matter"]].append(row)
        elif row["one_thing"]:
            message = "Expected one_thing only on the lead's row."
            findings.add(RESPONSIBILITIES.name, row.line, "one_thing", "one-thing", message, "Write false here.")
    for name in ("materials.csv", "responsibilities.csv", "negative_list.csv", "experts.csv"):
        for row in tables[name]:
            _check_validity(row, name, findings)
    for row in tables["share_items.csv"]:
        _check_share_item(row, departments, findings)
    for row in tables["matters.csv"]:
        if not leads[row["code"]] or _at_once(leads[row["code"]]):
            message = f"Expected exactly one {LEAD} row of {row['code']} in responsibilities.csv but found {len(leads[row['code']])}."
            remedy = f"Leave one {LEAD} row; the others are {HELPER}."
            findings.add(MATTERS.name, row.line, "code", "lead", message, remedy, row["code"], len(leads[row["code"]]))
    for row in tables["materials.csv"]:
        require_known(row, "matter", matters, MATERIALS, findings)
        _check_sharing(row, departments, findings)


def _check_validity(row: CsvRow, name: str, findings: Findings) -> None:
    begin, end = row["valid_from"], row["valid_to"]
    if begin and end and end < begin:
        message = f"Expected valid_to not before valid_from ({begin}) but got {end}."
        findings.add(name, row.line, "valid_to", "validity", message, "Correct one of the two days.", end, begin)


def _at_once(rows: Sequence[CsvRow]) -> bool:
    """Two of the rows hold on the same day."""
    spans = sorted((row["valid_from"] or date.min, row["valid_to"] or date.max) for row in rows)
    return any(later[0] <= earlier[1] for earlier, later in pairwise(spans))


def _check_share_item(row: CsvRow, departments: dict[str, CsvRow], findings: Findings) -> None:
    code, item = row["department"], row["item"]
    if code not in departments:
        require_known(row, "department", departments, SHARE_ITEMS, findings)
    elif item not in departments[code]["share_items"]:
        message = f"Expected an item that {code} shares ({'; '.join(departments[code]['share_items'])}) but got {item!r}."
        findings.add(SHARE_ITEMS.name, row.line, "item", "share-item", message, "Correct the item or add it to departments.csv.", item)


def _check_sharing(row: CsvRow, departments: dict[str, CsvRow], findings: Findings) -> None:
    code, item = row["share_department"], row["share_item"]
    if row["source"] != SHARED:
        if code or item:
            message = f"Expected no shared item where the source is {row['source']}."
            remedy = f"Empty the cell or write {SHARED} as the source."
            findings.add(MATERIALS.name, row.line, "share_item", "share-item", message, remedy, item)
        return
    if code not in departments:
        require_known(row, "share_department", departments, MATERIALS, findings)
    elif item not in departments[code]["share_items"]:
        message = f"Expected an item that {code} shares ({'; '.join(departments[code]['share_items'])}) but got {item!r}."
        findings.add(MATERIALS.name, row.line, "share_item", "share-item", message, "Correct the item or add it to departments.csv.", item)


def require_known(row: CsvRow, column: str, known: Iterable[str], shape: CsvFile, findings: Findings) -> None:
    if row[column] not in known:
        message = f"Expected a code that exists but {row[column]!r} is in no file."
        findings.add(shape.name, row.line, column, "unknown-code", message, f"Correct {column} or add the row it refers to.", row[column])


def codes(rows: Sequence[CsvRow]) -> set[str]:
    return {row["code"] for row in rows}

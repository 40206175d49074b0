"""What is wrong between the analysts' data files, whose rows are right each by itself. Changes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise

from engine.services.csv_tables import CsvFile, CsvRow, Findings
from engine.services.reference_files import (
    DEPARTMENTS,
    HELPER,
    LEAD,
    LIAISONS,
    MATERIALS,
    MATTERS,
    RESPONSIBILITIES,
    SHARE_ITEMS,
    SHARED,
    Tables,
)
from engine.services.validity import Span, meet, span, uncovered

#: The rows of each code.
Rows = defaultdict[str, list[CsvRow]]


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
    departments, matters = _by(tables["departments.csv"], "code"), _by(tables["matters.csv"], "code")
    leads: Rows = defaultdict(list)
    for row in tables["responsibilities.csv"]:
        require_known(row, "matter", matters, RESPONSIBILITIES, findings)
        require_known(row, "department", departments, RESPONSIBILITIES, findings)
        for matter in matters.get(row["matter"], ()):
            if wanted := meet(span(row.values), span(matter.values)):
                _check_covered(row, "department", wanted, departments, RESPONSIBILITIES, findings)
        if row["role"] == LEAD:
            leads[row["matter"]].append(row)
        elif row["one_thing"]:
            message = "Expected one_thing only on the lead's row."
            findings.add(RESPONSIBILITIES.name, row.line, "one_thing", "one-thing", message, "Write false here.")
    for row in tables["share_items.csv"]:
        _check_share_item(row, departments, findings)
    for row in tables["matters.csv"]:
        _check_successor(row, codes(tables["matters.csv"]), findings)
        if not leads[row["code"]] or _at_once(leads[row["code"]]):
            message = f"Expected exactly one {LEAD} row of {row['code']} in responsibilities.csv but found {len(leads[row['code']])}."
            remedy = f"Leave one {LEAD} row; the others are {HELPER}."
            findings.add(MATTERS.name, row.line, "code", "lead", message, remedy, row["code"], len(leads[row["code"]]))
        elif day := uncovered(span(row.values), [span(lead.values) for lead in leads[row["code"]]]):
            message = f"Expected a {LEAD} row of {row['code']} on every day of the matter but on {day} there is none."
            remedy = f"Let a {LEAD} row in responsibilities.csv hold on that day."
            findings.add(MATTERS.name, row.line, "code", "no-lead", message, remedy, row["code"], day)
    for row in tables["materials.csv"]:
        require_known(row, "matter", matters, MATERIALS, findings)
        _check_sharing(row, departments, findings)


def _check_successor(row: CsvRow, matters: set[str], findings: Findings) -> None:
    if not row["successor"]:
        return
    require_known(row, "successor", matters, MATTERS, findings)
    if row["successor"] == row["code"]:
        message = f"Expected another matter to follow {row['code']} but it is itself."
        remedy = "Name the matter that people apply for instead, or nothing."
        findings.add(MATTERS.name, row.line, "successor", "successor", message, remedy, row["code"])


def _check_covered(row: CsvRow, column: str, wanted: Span, departments: Rows, shape: CsvFile, findings: Findings) -> None:
    """The department is there on every day on which the row counts."""
    spans = [span(one.values) for one in departments.get(row[column], ())]
    day = uncovered(wanted, spans)
    if spans and day is not None:
        message = f"Expected {row[column]} to be there while this row holds but on {day} it is not."
        remedy = "End this row on the last day of the department, or name the department that takes over."
        findings.add(shape.name, row.line, column, "not-covered", message, remedy, row[column], day)


def _at_once(rows: Sequence[CsvRow]) -> bool:
    """Two of the rows hold on the same day."""
    return any(later[0] <= earlier[1] for earlier, later in pairwise(sorted(span(row.values) for row in rows)))


def _by(rows: Iterable[CsvRow], column: str) -> Rows:
    found: Rows = defaultdict(list)
    for row in rows:
        found[row[column]].append(row)
    return found


def _check_share_item(row: CsvRow, departments: Rows, findings: Findings) -> None:
    code, item = row["department"], row["item"]
    if code not in departments:
        require_known(row, "department", departments, SHARE_ITEMS, findings)
    elif item not in (items := [one for row in departments[code] for one in row["share_items"]]):
        message = f"Expected an item that {code} shares ({'; '.join(items)}) but got {item!r}."
        findings.add(SHARE_ITEMS.name, row.line, "item", "share-item", message, "Correct the item or add it to departments.csv.", item)


def _check_sharing(row: CsvRow, departments: Rows, findings: Findings) -> None:
    code, item = row["share_department"], row["share_item"]
    if row["source"] != SHARED:
        if code or item:
            message = f"Expected no shared item where the source is {row['source']}."
            remedy = f"Empty the cell or write {SHARED} as the source."
            findings.add(MATERIALS.name, row.line, "share_item", "share-item", message, remedy, item)
        return
    if code not in departments:
        require_known(row, "share_department", departments, MATERIALS, findings)
    elif item not in (items := [one for row in departments[code] for one in row["share_items"]]):
        message = f"Expected an item that {code} shares ({'; '.join(items)}) but got {item!r}."
        findings.add(MATERIALS.name, row.line, "share_item", "share-item", message, "Correct the item or add it to departments.csv.", item)


def require_known(row: CsvRow, column: str, known: Iterable[str], shape: CsvFile, findings: Findings) -> None:
    if row[column] not in known:
        message = f"Expected a code that exists but {row[column]!r} is in no file."
        findings.add(shape.name, row.line, column, "unknown-code", message, f"Correct {column} or add the row it refers to.", row[column])


def codes(rows: Sequence[CsvRow]) -> set[str]:
    return {row["code"] for row in rows}

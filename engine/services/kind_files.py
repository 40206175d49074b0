"""The files of kinds: of case files, actions, statuses and clocks. Shapes, and what must hold between them. Reads no database."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from engine.services.csv_tables import Column, CsvFile, CsvRow, Findings, at_most, boolean, listed, matching, one_of
from engine.services.posts import POSTS, leader_group

_KEY = matching(r"[a-z][a-z0-9_]{0,19}", "a key of small letters such as complaint")
_STATUS = at_most(20)

CASE_KINDS = CsvFile(
    "case_kinds.csv",
    (
        Column("kind", _KEY),
        Column("name", at_most(40)),
        Column("name_en", at_most(80)),
        Column("prefix", matching(r"[A-Z]{2,4}", "2 to 4 capitals such as TS")),
        Column("process", at_most(120)),
        Column("start_form", at_most(120), is_required=False),
        Column("openers", listed, is_required=False),
        Column("owner_group", at_most(80), is_required=False),
        Column("public", boolean),
        Column("applicant", one_of("required", "optional", "none")),
        Column("description", at_most(500), is_required=False),
        Column("description_en", at_most(500), is_required=False),
    ),
    ("kind",),
    "件别",
    is_optional=True,
)
CASE_ACTIONS = CsvFile(
    "case_actions.csv",
    (
        Column("action", matching(r"[a-z][a-z0-9_]{0,39}", "a key of small letters such as complaint")),
        Column("name", at_most(40)),
        Column("name_en", at_most(80)),
        Column("message", at_most(120)),
        Column("form", at_most(120), is_required=False),
        Column("groups", listed, is_required=False),
        Column("kinds", listed),
        Column("statuses", listed, is_required=False),
        Column("public", boolean),
        Column("confirm", boolean),
        Column("description", at_most(500), is_required=False),
        Column("description_en", at_most(500), is_required=False),
    ),
    ("action",),
    "件上操作",
    is_optional=True,
)
CASE_STATUSES = CsvFile(
    "case_statuses.csv",
    (Column("status", _STATUS), Column("name_en", at_most(80)), Column("closing", boolean)),
    ("status",),
    "案卷状态",
    is_optional=True,
)
CLOCK_KINDS = CsvFile(
    "clock_kinds.csv",
    (Column("kind", _KEY), Column("name", at_most(40)), Column("name_en", at_most(80)), Column("service", boolean)),
    ("kind",),
    "时钟种类",
    is_optional=True,
)
KIND_FILES = (CASE_KINDS, CASE_ACTIONS, CASE_STATUSES, CLOCK_KINDS)

#: Stands for every closing status in the statuses of an action; the open ones hold unless something is named.
CLOSED = "closed"

#: Words among the groups of an action: who owns the file; every department (of those, only who has a share in the file sees it).
OWNER, DEPARTMENTS = "owner", "departments"

#: The kind of a case (工单), and what the program itself sets.
CASE = "case"
SET_BY_PROGRAM = ("待登记", "待研判", "办理中", "已并案", "已重开", "已归档")


def check_kinds(tables: Mapping[str, Sequence[CsvRow]], findings: Findings) -> None:
    """Groups, kinds and statuses that other rows name exist; each prefix is of one kind, so is a process that kinds without a form have."""
    groups = _groups(tables["departments.csv"])
    kinds, actions = tables[CASE_KINDS.name], tables[CASE_ACTIONS.name]
    statuses = {row["status"] for row in tables[CASE_STATUSES.name]}
    if kinds:
        _check_one_owner(kinds, findings)
    for row in kinds:
        _require_each(CASE_KINDS, row, "openers", row["openers"], groups, findings)
        _require_each(CASE_KINDS, row, "owner_group", filter(None, [row["owner_group"]]), groups, findings)
        _check_form(row, findings)
    for row in actions:
        _require_each(CASE_ACTIONS, row, "groups", row["groups"], {*groups, OWNER, DEPARTMENTS}, findings)
        _require_each(CASE_ACTIONS, row, "kinds", row["kinds"], {kind["kind"] for kind in kinds}, findings)
        _require_each(CASE_ACTIONS, row, "statuses", row["statuses"], {*statuses, CLOSED}, findings)
        _check_somebody(row, findings)
    if statuses:
        _check_statuses(statuses, findings)


def _groups(departments: Sequence[CsvRow]) -> set[str]:
    codes = {row["code"] for row in departments}
    return {post.id for post in POSTS} | codes | {leader_group(code) for code in codes}


def _require_each(
    shape: CsvFile, row: CsvRow, column: str, named: Collection[str] | Iterator[str], known: Collection[str], findings: Findings
) -> None:
    for word in named:
        if word not in known:
            message = f"Expected a word that exists but {word!r} is none."
            findings.add(shape.name, row.line, column, "unknown-code", message, f"Correct {column} or add the row it refers to.", word)


def _check_one_owner(kinds: Sequence[CsvRow], findings: Findings) -> None:
    for column in ("prefix", "process"):
        seen: dict[str, int] = {}
        for row in kinds:
            if row[column] in seen and (column == "prefix" or not row["start_form"]):
                message = f"Expected each {column} once but {row[column]} also stands in line {seen[row[column]]}."
                remedy = "Give each kind its own."
                findings.add(CASE_KINDS.name, row.line, column, "duplicate", message, remedy, row[column], seen[row[column]])
            seen.setdefault(row[column], row.line)
    if CASE not in {row["kind"] for row in kinds}:
        message = f"Expected a row of kind {CASE} but there is none."
        findings.add(CASE_KINDS.name, None, "kind", "missing-row", message, f"Put the row of {CASE} back.", CASE)


def _check_form(row: CsvRow, findings: Findings) -> None:
    if (row["openers"] or row["public"]) and not row["start_form"]:
        message = "Expected a start form because people open files of this kind but there is none."
        findings.add(CASE_KINDS.name, row.line, "start_form", "start-form", message, "Name the form, or nobody as openers.", row["kind"])


def _check_somebody(row: CsvRow, findings: Findings) -> None:
    if not row["groups"] and not row["public"]:
        message = "Expected a group, or public, but nobody could do this."
        findings.add(CASE_ACTIONS.name, row.line, "groups", "nobody", message, "Name the groups that may.", row["action"])


def _check_statuses(statuses: set[str], findings: Findings) -> None:
    for status in SET_BY_PROGRAM:
        if status not in statuses:
            message = f"Expected status {status}, which the program itself sets, but there is none."
            findings.add(CASE_STATUSES.name, None, "status", "missing-row", message, f"Put the row of {status} back.", status)

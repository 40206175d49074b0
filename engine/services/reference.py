"""Reference data: reads the analysts' CSV files, checks them as a whole, and brings the tables in line. All of it, or nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from engine.db.base import Base
from engine.db.case_tables import (
    CalendarDay,
    Case,
    Department,
    Expert,
    Material,
    Matter,
    NegativeItem,
    NoticeTemplate,
    Responsibility,
    SubOrder,
)
from engine.db.tables import CandidateGroup, Membership
from engine.errors import InvalidDefinition
from engine.services import accounts
from engine.services.csv_tables import (
    Column,
    CsvFile,
    CsvRow,
    Findings,
    at_most,
    boolean,
    day,
    listed,
    matching,
    one_of,
    read_file,
    whole_number,
)
from engine.services.identity import is_credit_code
from engine.services.notices import FORBIDDEN, placeholders
from engine.services.routing import HELPER, LEAD

_DEPARTMENT = matching(r"D\d{2,4}", "a department code such as D01")
_MATTER = matching(r"M\d{2,4}", "a matter code such as M01")
_SHARED = "共享"


def _credit_code(text: str) -> str:
    if not is_credit_code(text):
        raise ValueError("a unified social credit code of 18 characters with its check character")
    return text


DEPARTMENTS = CsvFile(
    "departments.csv",
    (
        Column("code", _DEPARTMENT),
        Column("abbr", at_most(20), is_required=False),
        Column("name", at_most(80)),
        Column("name_en", is_required=False),
        Column("core12", boolean),
        Column("share_items", listed, is_required=False),
        Column("uscc", _credit_code),
    ),
    ("code",),
    "部门",
)
LIAISONS = CsvFile(
    "liaisons.csv",
    (Column("department", _DEPARTMENT), Column("role", one_of("A", "B")), Column("name", at_most(40))),
    ("department", "role"),
    "联络员",
)
MATTERS = CsvFile(
    "matters.csv",
    (
        Column("code", _MATTER),
        Column("name", at_most(120)),
        Column("name_en", is_required=False),
        Column("tags", listed, is_required=False),
        Column("promise_wd", whole_number),
    ),
    ("code",),
    "事项",
)
MATERIALS = CsvFile(
    "materials.csv",
    (
        Column("id"),
        Column("matter", _MATTER),
        Column("name", at_most(120)),
        Column("class", one_of("核心", "可容缺")),
        Column("source", one_of("申请人", _SHARED, "电子证照")),
        Column("share_department", _DEPARTMENT, is_required=False),
        Column("share_item", is_required=False),
        Column("commit_ok", boolean),
        Column("risk", boolean),
    ),
    ("id",),
    "申请材料",
)
RESPONSIBILITIES = CsvFile(
    "responsibilities.csv",
    (
        Column("matter", _MATTER),
        Column("department", _DEPARTMENT),
        Column("role", one_of(LEAD, HELPER)),
        Column("basis", at_most(30)),
        Column("one_thing", boolean),
    ),
    ("matter", "department"),
    "职责分工",
)
NEGATIVE_LIST = CsvFile(
    "negative_list.csv",
    (
        Column("code", matching(r"N\d{2,4}", "a code such as N01")),
        Column("name", at_most(80)),
        Column("name_en", is_required=False),
        Column("definition"),
        Column("notice"),
        Column("refer_to", is_required=False),
        Column("example", is_required=False),
        Column("source", at_most(120), is_required=False),
    ),
    ("code",),
    "负面清单",
)
EXPERTS = CsvFile(
    "experts.csv",
    (
        Column("id", matching(r"X\d{2,4}", "an id such as X01")),
        Column("name", at_most(40)),
        Column("type", at_most(40)),
        Column("type_en", is_required=False),
        Column("domains", at_most(120)),
        Column("mode", at_most(80)),
    ),
    ("id",),
    "专家",
)
CALENDAR = CsvFile(
    "calendar.csv",
    (
        Column("date", day),
        Column("type", one_of("工作", "休息", "法定", "调休上班")),
        Column("source", at_most(120)),
        Column("confirmed", boolean),
    ),
    ("date", "confirmed"),
    "工作日历",
)
MESSAGES = CsvFile(
    "messages.csv",
    (
        Column("id", matching(r"MSG-\d{2,4}", "an id such as MSG-01")),
        Column("event", at_most(80)),
        Column("text", at_most(1000)),
        Column("audience", at_most(80)),
        Column("critical", boolean),
    ),
    ("id",),
    "通知文本",
)
FILES = (DEPARTMENTS, LIAISONS, MATTERS, MATERIALS, RESPONSIBILITIES, NEGATIVE_LIST, EXPERTS, CALENDAR)

#: Every data file by its name.
SHAPES = {shape.name: shape for shape in (*FILES, MESSAGES)}

Tables = dict[str, list[CsvRow]]


def files_in(folder: Path) -> dict[str, bytes]:
    """The reference files of ``folder`` by name, and the notice texts in it or beside it; one that cannot be read is not among them."""
    paths = [*(folder / shape.name for shape in FILES), _messages_file(folder)]
    return {path.name: content for path in paths for content in [_content(path)] if content is not None}


def load(session: Session, files: Mapping[str, bytes]) -> dict[str, int]:
    """Load files by name; gives the number of rows by kind. Raises InvalidDefinition with all findings."""
    tables = read(files)
    accounts.ensure_posts(session)
    _write_departments(session, tables)
    accounts.ensure_leaders(session)
    _write_matters(session, tables)
    _replace(session, NegativeItem, NegativeItem.code, [_negative_item(row) for row in tables["negative_list.csv"]])
    _replace(session, Expert, Expert.id, [_expert(row) for row in tables["experts.csv"]])
    _replace(session, NoticeTemplate, NoticeTemplate.id, [_template(row) for row in tables["messages.csv"]])
    _write_calendar(session, tables["calendar.csv"])
    session.flush()
    return {name.removesuffix(".csv"): len(rows) for name, rows in tables.items()}


def read(files: Mapping[str, bytes], language: Literal["zh", "en"] = "en") -> Tables:
    """Read and check every file. Raises InvalidDefinition with all findings."""
    findings = Findings(language=language)
    tables = {shape.name: read_file(files.get(shape.name), shape, findings) for shape in SHAPES.values()}
    if not findings.items:
        # A row refused above would only be reported again as missing.
        _check_departments(tables, findings)
        _check_matters(tables, findings)
        _check_messages(tables, findings)
    if findings.items:
        raise InvalidDefinition(
            f"Expected reference data without faults but found {len(findings.items)}. Nothing was loaded.", findings.items
        )
    return tables


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _messages_file(folder: Path) -> Path:
    beside = folder / MESSAGES.name
    return beside if beside.exists() else folder.parent / "notices" / MESSAGES.name


def _check_departments(tables: Tables, findings: Findings) -> None:
    known = _codes(tables["departments.csv"])
    roles = defaultdict[str, set[str]](set)
    for row in tables["liaisons.csv"]:
        _require_known(row, "department", known, LIAISONS, findings)
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


def _check_matters(tables: Tables, findings: Findings) -> None:
    departments = {row["code"]: row for row in tables["departments.csv"]}
    matters = _codes(tables["matters.csv"])
    leads = defaultdict[str, list[CsvRow]](list)
    for row in tables["responsibilities.csv"]:
        _require_known(row, "matter", matters, RESPONSIBILITIES, findings)
        _require_known(row, "department", departments, RESPONSIBILITIES, findings)
        if row["role"] == LEAD:
            leads[row["matter"]].append(row)
        elif row["one_thing"]:
            message = "Expected one_thing only on the lead's row."
            findings.add(RESPONSIBILITIES.name, row.line, "one_thing", "one-thing", message, "Write false here.")
    for row in tables["matters.csv"]:
        if len(leads[row["code"]]) != 1:
            message = f"Expected exactly one {LEAD} row of {row['code']} in responsibilities.csv but found {len(leads[row['code']])}."
            remedy = f"Leave one {LEAD} row; the others are {HELPER}."
            findings.add(MATTERS.name, row.line, "code", "lead", message, remedy, row["code"], len(leads[row["code"]]))
    for row in tables["materials.csv"]:
        _require_known(row, "matter", matters, MATERIALS, findings)
        _check_sharing(row, departments, findings)


def _check_sharing(row: CsvRow, departments: dict[str, CsvRow], findings: Findings) -> None:
    code, item = row["share_department"], row["share_item"]
    if row["source"] != _SHARED:
        if code or item:
            message = f"Expected no shared item where the source is {row['source']}."
            remedy = f"Empty the cell or write {_SHARED} as the source."
            findings.add(MATERIALS.name, row.line, "share_item", "share-item", message, remedy, item)
        return
    if code not in departments:
        _require_known(row, "share_department", departments, MATERIALS, findings)
    elif item not in departments[code]["share_items"]:
        message = f"Expected an item that {code} shares ({'; '.join(departments[code]['share_items'])}) but got {item!r}."
        findings.add(MATERIALS.name, row.line, "share_item", "share-item", message, "Correct the item or add it to departments.csv.", item)


def _check_messages(tables: Tables, findings: Findings) -> None:
    for row in tables["messages.csv"]:
        words = placeholders(row["text"])
        if "" in words or row["text"].count("{") != row["text"].count("}"):
            message = "Expected every placeholder as {word} but one is empty or not closed."
            findings.add(MESSAGES.name, row.line, "text", "placeholder", message, "Name the placeholder between { and }.")
        for word in sorted(words & set(FORBIDDEN)):
            message = f"Expected no personal detail and no reason of refusal in a notice but it asks for {{{word}}}."
            findings.add(MESSAGES.name, row.line, "text", "personal-data", message, "Take it out; point to {短链} instead.", word)


def _require_known(row: CsvRow, column: str, known: Iterable[str], shape: CsvFile, findings: Findings) -> None:
    if row[column] not in known:
        message = f"Expected a code that exists but {row[column]!r} is in no file."
        findings.add(shape.name, row.line, column, "unknown-code", message, f"Correct {column} or add the row it refers to.", row[column])


def _codes(rows: Sequence[CsvRow]) -> set[str]:
    return {row["code"] for row in rows}


def _write_departments(session: Session, tables: Tables) -> None:
    liaisons = {(row["department"], row["role"]): row["name"] for row in tables["liaisons.csv"]}
    rows = tables["departments.csv"]
    for row in rows:
        session.merge(CandidateGroup(id=row["code"], name=row["name"], name_en=row["name_en"][:80], kind="department"))
        session.merge(_department(row, liaisons))
    in_use = exists().where(SubOrder.department == Department.code) | exists().where(Case.lead_department == Department.code)
    in_use |= exists().where(Membership.group_id == Department.code)
    session.flush()
    session.execute(delete(Responsibility))
    gone = list(session.scalars(select(Department.code).where(Department.code.not_in(_codes(rows)), ~in_use)))
    session.execute(delete(Department).where(Department.code.in_(gone)))
    session.execute(delete(CandidateGroup).where(CandidateGroup.id.in_(gone)))


def _write_matters(session: Session, tables: Tables) -> None:
    rows = tables["matters.csv"]
    session.execute(delete(Material))
    in_use = exists().where(Case.matter_code == Matter.code)
    session.execute(delete(Matter).where(Matter.code.not_in(_codes(rows)), ~in_use))
    for row in rows:
        session.merge(Matter(code=row["code"], name=row["name"], tags=row["tags"], promise_days=row["promise_wd"]))
    session.flush()
    session.add_all(_material(row, position) for position, row in enumerate(tables["materials.csv"]))
    session.add_all(_responsibility(row, position) for position, row in enumerate(tables["responsibilities.csv"]))
    session.flush()


def _write_calendar(session: Session, rows: Sequence[CsvRow]) -> None:
    """Confirmed days win: over a provisional row for the same date, in the file and in the table."""
    in_file = {row["date"]: row for row in sorted(rows, key=lambda row: bool(row["confirmed"]))}
    session.execute(delete(CalendarDay).where(CalendarDay.is_confirmed.is_(False)))
    announced = set(session.scalars(select(CalendarDay.day)))
    for on, row in in_file.items():
        if row["confirmed"] or on not in announced:
            session.merge(CalendarDay(day=on, type=row["type"], source=row["source"], is_confirmed=row["confirmed"]))
    session.flush()


def _replace(session: Session, table: type[Base], key: Any, rows: Sequence[Base]) -> None:
    session.execute(delete(table).where(key.not_in([getattr(row, key.key) for row in rows])))
    for row in rows:
        session.merge(row)
    session.flush()


def _department(row: CsvRow, liaisons: dict[tuple[str, str], str]) -> Department:
    return Department(
        code=row["code"],
        abbreviation=row["abbr"],
        name=row["name"],
        is_core=row["core12"],
        uscc=row["uscc"],
        share_items=row["share_items"],
        liaison_a=liaisons[(row["code"], "A")],
        liaison_b=liaisons[(row["code"], "B")],
    )


def _material(row: CsvRow, position: int) -> Material:
    return Material(
        id=row["id"],
        matter_code=row["matter"],
        name=row["name"],
        material_class=row["class"],
        source=row["source"],
        share_department=row["share_department"] or None,
        share_item=row["share_item"] or None,
        position=position,
        is_commitment_allowed=row["commit_ok"],
        is_risk=row["risk"],
    )


def _responsibility(row: CsvRow, position: int) -> Responsibility:
    basis = row["basis"] if not row["one_thing"] or "一件事" in row["basis"] else f"{row['basis']}、一件事清单"
    return Responsibility(matter_code=row["matter"], department=row["department"], role=row["role"], basis=basis, position=position)


def _negative_item(row: CsvRow) -> NegativeItem:
    columns = ("code", "name", "source", "definition", "notice", "refer_to", "example")
    return NegativeItem(**{column: row[column] for column in columns})


def _expert(row: CsvRow) -> Expert:
    return Expert(**{column: row[column] for column in ("id", "name", "type", "domains", "mode")})


def _template(row: CsvRow) -> NoticeTemplate:
    return NoticeTemplate(id=row["id"], event=row["event"], text=row["text"], audience=row["audience"], is_critical=row["critical"])

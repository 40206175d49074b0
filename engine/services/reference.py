"""Reference data: reads the analysts' CSV files, checks them as a whole, and brings the tables in line. All of it, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
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
from engine.db.kind_tables import CaseAction, CaseKind, CaseStatus, ClockKind
from engine.db.partner_tables import Partner
from engine.db.tables import CandidateGroup, Membership
from engine.errors import InvalidDefinition
from engine.services import accounts
from engine.services.csv_tables import CsvRow, Findings, read_file
from engine.services.kind_files import CASE_ACTIONS, CASE_KINDS, CASE_STATUSES, CLOCK_KINDS, check_kinds
from engine.services.materials import material
from engine.services.message_checks import check_messages, declared
from engine.services.reference_checks import check_departments, check_matters, codes
from engine.services.reference_files import DEPARTMENTS as DEPARTMENTS
from engine.services.reference_files import FILES as FILES
from engine.services.reference_files import MESSAGES as MESSAGES
from engine.services.reference_files import PARTNERS, VALIDITY, Tables
from engine.services.reference_files import SHAPES as SHAPES
from engine.services.routing import responsibility
from engine.services.validity import holds, nearest, turns


def files_in(folder: Path) -> dict[str, bytes]:
    """The reference files of ``folder`` by name, and the notice texts in it or beside it; one that cannot be read is not among them."""
    paths = [*(folder / shape.name for shape in FILES), _messages_file(folder)]
    return {path.name: content for path in paths for content in [_content(path)] if content is not None}


def load(session: Session, files: Mapping[str, bytes], on: date) -> dict[str, int]:
    """Load files by name; gives the number of rows by kind. Raises InvalidDefinition with all findings.

    The tables hold one row of each key: that of the day, or else the next to come, or else the last that held. They answer for
    names and for people of today; a case is judged by the rows of the file (``engine.services.rule_rows``).
    """
    read_now = read(files)
    tables = {name: nearest(rows, SHAPES[name].key, on) if _is_dated(name) else rows for name, rows in read_now.items()}
    tables[PARTNERS.name] = [row for row in tables[PARTNERS.name] if holds(row.values, on)]
    accounts.ensure_posts(session)
    _write_departments(session, tables)
    accounts.ensure_leaders(session)
    _write_matters(session, tables)
    _replace(session, NegativeItem, NegativeItem.code, [_negative_item(row) for row in tables["negative_list.csv"]])
    _replace(session, Expert, Expert.id, [_expert(row) for row in tables["experts.csv"]])
    _replace(session, NoticeTemplate, NoticeTemplate.id, [_template(row) for row in tables["messages.csv"]])
    _write_calendar(session, tables["calendar.csv"])
    _write_kinds(session, {name: rows for name, rows in tables.items() if name in files})
    session.flush()
    return {name.removesuffix(".csv"): len(rows) for name, rows in read_now.items()}


def next_turn(files: Mapping[str, bytes], on: date) -> date | None:
    """The next day after ``on`` from which other rows hold; None when all stay as they are."""
    return min((day for rows in read(files).values() for day in turns(rows) if day > on), default=None)


def read(files: Mapping[str, bytes], language: Literal["zh", "en"] = "en") -> Tables:
    """Read and check every file. Raises InvalidDefinition with all findings."""
    findings = Findings(language=language)
    left_out = {name for name, shape in SHAPES.items() if shape.is_optional and name not in files}
    tables = {name: [] if name in left_out else read_file(files.get(name), shape, findings) for name, shape in SHAPES.items()}
    if not findings.items:
        # A row refused above would only be reported again as missing.
        check_departments(tables, findings)
        check_matters(tables, findings)
        check_messages(tables["messages.csv"], findings)
        check_kinds(tables, findings)
    if findings.items:
        raise InvalidDefinition(
            f"Expected reference data without faults but found {len(findings.items)}. Nothing was loaded.", findings.items
        )
    return tables


def _is_dated(name: str) -> bool:
    return VALIDITY[0] in SHAPES[name].columns


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _messages_file(folder: Path) -> Path:
    beside = folder / MESSAGES.name
    return beside if beside.exists() else folder.parent / "notices" / MESSAGES.name


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
    gone = list(session.scalars(select(Department.code).where(Department.code.not_in(codes(rows)), ~in_use)))
    session.execute(delete(Department).where(Department.code.in_(gone)))
    session.execute(delete(CandidateGroup).where(CandidateGroup.id.in_(gone)))


def _write_matters(session: Session, tables: Tables) -> None:
    rows = tables["matters.csv"]
    session.execute(delete(Material))
    in_use = exists().where(Case.matter_code == Matter.code)
    session.execute(delete(Matter).where(Matter.code.not_in(codes(rows)), ~in_use))
    for row in rows:
        session.merge(_matter(row))
    session.flush()
    session.add_all(material(row, position) for position, row in enumerate(tables["materials.csv"]))
    session.add_all(responsibility(row, position) for position, row in enumerate(tables["responsibilities.csv"]))
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


def _write_kinds(session: Session, tables: Tables) -> None:
    """Files that an installation does not have yet leave what it knows."""
    for name, table, key, read in _KINDS:
        if name in tables:
            _replace(session, table, key, [read(row, position) for position, row in enumerate(tables[name])])


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
        name_en=row["name_en"],
        is_core=row["core12"],
        uscc=row["uscc"],
        share_items=row["share_items"],
        liaison_a=liaisons[(row["code"], "A")],
        liaison_b=liaisons[(row["code"], "B")],
    )


def _matter(row: CsvRow) -> Matter:
    return Matter(code=row["code"], name=row["name"], name_en=row["name_en"], tags=row["tags"], promise_days=row["promise_wd"])


def _negative_item(row: CsvRow) -> NegativeItem:
    columns = ("code", "name", "name_en", "source", "definition", "notice", "refer_to", "example")
    return NegativeItem(**{column: row[column] for column in columns}, **_validity(row))


def _expert(row: CsvRow) -> Expert:
    kept = {column: row[column] for column in ("id", "name", "type", "domains", "mode")}
    details = {column: row[column] for column in ("account", "duty", "conflicts", "licence_no", "nda")}
    return Expert(**kept, details=details, **_validity(row))


def _partner(row: CsvRow, position: int) -> Partner:
    columns = ("code", "name", "name_en", "kind", "region", "level", "phone", "address")
    return Partner(**{column: row[column] for column in columns}, position=position)


def _validity(row: CsvRow) -> dict[str, Any]:
    """From and up to which day the row holds; None: always."""
    return {column: row[column] or None for column in ("valid_from", "valid_to")}


def _template(row: CsvRow) -> NoticeTemplate:
    columns = ("id", "event", "name_en", "text", "text_en", "channels", "audience")
    kept = {column: row[column] for column in columns}
    return NoticeTemplate(**kept, variables=declared(row), is_critical=row["critical"])


def _kind(row: CsvRow, position: int) -> CaseKind:
    columns = ("kind", "name", "name_en", "prefix", "process", "openers", "applicant", "description", "description_en")
    kept = {column: row[column] for column in columns}
    more = {"start_form": row["start_form"] or None, "owner_group": row["owner_group"] or None}
    return CaseKind(**kept, **more, is_public=row["public"], position=position)


def _action(row: CsvRow, position: int) -> CaseAction:
    columns = ("action", "name", "name_en", "message", "groups", "kinds", "statuses", "description", "description_en")
    kept = {column: row[column] for column in columns}
    return CaseAction(**kept, form=row["form"] or None, is_public=row["public"], is_confirmed=row["confirm"], position=position)


def _status(row: CsvRow, position: int) -> CaseStatus:
    return CaseStatus(status=row["status"], name_en=row["name_en"], is_closing=row["closing"], position=position)


def _clock(row: CsvRow, position: int) -> ClockKind:
    return ClockKind(kind=row["kind"], name=row["name"], name_en=row["name_en"], is_service=row["service"], position=position)


_KINDS: tuple[tuple[str, type[Base], Any, Callable[[CsvRow, int], Base]], ...] = (
    (CASE_KINDS.name, CaseKind, CaseKind.kind, _kind),
    (CASE_ACTIONS.name, CaseAction, CaseAction.action, _action),
    (CASE_STATUSES.name, CaseStatus, CaseStatus.status, _status),
    (CLOCK_KINDS.name, ClockKind, ClockKind.kind, _clock),
    (PARTNERS.name, Partner, Partner.code, _partner),
)

"""Register cases from a file at their stated times, through the same processes and tables as at the counter."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.actors import Actor
from engine.assembly import Engine
from engine.case_opening import CaseIntake, open_case
from engine.clock import as_local
from engine.db.case_tables import Case
from engine.errors import EngineError, Finding, InvalidDefinition
from engine.services import rule_rows
from engine.services.typed_text import is_readable, readable

#: Names of the facts in a case file → names in the processes.
TRIAGE_FACTS = {
    "紧急": "emergency",
    "性质": "nature",
    "已有在办": "has_open_case",
    "曾办结无新事实": "closed_no_new_fact",
    "负面清单": "negative_code",
    "本区管辖": "in_jurisdiction",
    "已走常规渠道": "tried_regular",
    "有政策空间": "has_policy_room",
    "涉及部门数": "department_count",
    "原因": "cause",
}
GRADING_FACTS = {
    "涉及政府层级数": "government_levels",
    "联席会未达成一致": "no_consensus",
    "已协调次数": "coordination_count",
    "群体性或安全舆情": "mass_or_safety",
    "涉及部门数": "department_count",
    "跨区域": "cross_region",
    "历史遗留": "legacy",
    "原因": "cause",
}
NUMBERS = ("department_count", "government_levels", "coordination_count")
WORDS = ("nature", "negative_code", "cause", "cross_region")
#: Words that the tables know (DT01, DT02); another one would stop the case at its table.
CHOICES = {
    "nature": ("办事", "投诉", "建议"),
    "cause": ("材料不齐全", "政策不明确", "部门不协调", "推诿拖延", "系统故障", "数据不一致", "其他"),
    "cross_region": ("否", "跨区", "跨市", "跨省"),
}
LARGEST_FILE = 10_000_000
LARGEST_COUNT, LONGEST_WORD = 9999, 40
#: The years whose working days are known or laid down provisionally.
EARLIEST, LATEST = 2005, 2045
LONGEST = {"id": 60, "channel": 20, "party": 20, "name": 50, "text": 2000}


@dataclass(frozen=True)
class CaseRecord:
    """One case of a file, ready to be opened. ``id`` is the file's own number and makes the import repeatable."""

    id: str
    intake: CaseIntake
    file: str
    line: int | None = None


@dataclass(frozen=True)
class ImportedCase:
    """What became of a record; ``is_new`` is False when it had been imported before."""

    id: str
    case_no: str
    is_new: bool


def read_cases(content: bytes, file: str) -> tuple[CaseRecord, ...]:
    """Read and check a whole case file. Raises InvalidDefinition with every finding; nothing is imported then."""
    rows = _rows(content, file)
    findings: list[Finding] = []
    records = [record for number, row in enumerate(rows, 1) if (record := _record(row, number, file, findings))]
    seen: set[str] = set()
    for record in records:
        if record.id in seen:
            findings.append(_finding(file, record.id, "id", "stands twice in the file", "Give each case its own id."))
        seen.add(record.id)
    text = content.decode("utf-8-sig")
    if findings:
        findings = [replace(finding, line=_line(text, str(finding.element_id))) for finding in findings]
        raise InvalidDefinition(f"Expected {len(rows)} cases in {file} but {len(findings)} findings have to be mended first.", findings)
    return tuple(replace(record, line=_line(text, record.id)) for record in records)


def moved_to(records: Iterable[CaseRecord], latest: datetime) -> tuple[CaseRecord, ...]:
    """The same cases, the last of them received at ``latest`` and the others as much earlier as the file says."""
    given = tuple(records)
    shift = latest - max(record.intake.received_at for record in given)
    return tuple(replace(record, intake=replace(record.intake, received_at=record.intake.received_at + shift)) for record in given)


def import_cases(engine: Engine, actor: Actor, records: Iterable[CaseRecord]) -> tuple[ImportedCase, ...]:
    """Open each case at its stated time, earliest first, each in its own transaction. Known ids are left as they are.

    Raises InvalidDefinition when a code is unknown; no case is opened then.
    """
    in_order = sorted(records, key=lambda record: record.intake.received_at)
    _require_known_codes(engine, in_order)
    return tuple(_import(engine.at(record.intake.received_at), actor, record) for record in in_order)


def _import(engine: Engine, actor: Actor, record: CaseRecord) -> ImportedCase:
    try:
        return _opened(engine, actor, record)
    except EngineError as error:
        remedy = "Correct this case and import the file again: those before it are known then and stay as they are."
        finding = replace(_finding(record.file, record.id, "case", f"cannot be opened: {error}", remedy), line=record.line)
        raise InvalidDefinition(f"Expected to open case {record.id} of {record.file} but it was refused.", [finding]) from error


def _opened(engine: Engine, actor: Actor, record: CaseRecord) -> ImportedCase:
    with engine.database.transaction() as session:
        known = session.scalar(select(Case.no).where(Case.external_no == record.id))
        if known is not None:
            return ImportedCase(record.id, known, is_new=False)
        return ImportedCase(record.id, open_case(engine, session, actor, record.intake).no, is_new=True)


def _codes(engine: Engine, session: Session, key: str, record: CaseRecord) -> set[str]:
    """The codes of a data file that held when the case was received."""
    found = rule_rows.accepted_at(session, key, record.intake.received_at, engine.clock.now())
    return {str(row["code"]) for row in found.holding} if found else set()


def _require_known_codes(engine: Engine, records: Sequence[CaseRecord]) -> None:
    with engine.database.reading() as session:
        lists = {(key, record.id): _codes(engine, session, key, record) for key in ("matters", "negative_list") for record in records}
    findings: list[Finding] = []
    for record in records:
        wanted = (
            ("matter", record.intake.matter_code, lists["matters", record.id], "matters.csv"),
            ("negative_code", record.intake.triage_facts.get("negative_code"), lists["negative_list", record.id], "negative_list.csv"),
        )
        for field, code, known, table in wanted:
            if code not in (None, "", "-", *known):
                remedy = f"Use a code of the reference data ({table}), or “-” for none."
                findings.append(replace(_finding(record.file, record.id, field, f"{code!r} is unknown", remedy), line=record.line))
    if findings:
        raise InvalidDefinition(f"Expected known codes but {len(findings)} are unknown. No case was imported.", findings)


def _rows(content: bytes, file: str) -> list[Any]:
    try:
        if len(content) > LARGEST_FILE:
            raise ValueError(f"the file has {len(content):,} bytes; at most {LARGEST_FILE:,} are read")
        rows = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_without_repetition)
    except json.JSONDecodeError as error:
        finding = Finding(
            file, error.lineno, None, None, "not-json", f"Not JSON: {error.msg}, column {error.colno}.", "Correct the file at this place."
        )
        raise InvalidDefinition(f"Expected JSON in {file} but it cannot be read.", [finding]) from error
    except (ValueError, RecursionError) as error:
        finding = Finding(file, None, None, None, "unreadable", f"Cannot be read: {error}.", "Save the file as UTF-8 JSON.")
        raise InvalidDefinition(f"Expected UTF-8 JSON in {file} but it cannot be read.", [finding]) from error
    if not isinstance(rows, list):
        finding = Finding(file, 1, None, None, "not-a-list", "The file does not hold a list of cases.", "Put the cases between [ and ].")
        raise InvalidDefinition(f"Expected a list of cases in {file} but got something else.", [finding])
    return rows


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ValueError(f"{twice!r} stands twice in one object")
    return dict(pairs)


def _record(row: Any, number: int, file: str, findings: list[Finding]) -> CaseRecord | None:
    before = len(findings)
    if not isinstance(row, Mapping):
        findings.append(_finding(file, f"#{number}", "case", "is not an object", "Write each case as { … }."))
        return None
    given = row.get("id")
    name = given if isinstance(given, str) and given.strip() and is_readable(given) else f"#{number}"
    for key in ("id", "received", "channel", "name", "text"):
        if not isinstance(row.get(key), str) or not row[key].strip():
            findings.append(_finding(file, name, key, "is missing or not a text", f"Add a text {key!r}."))
        elif readable(row[key]) != row[key].replace("\r\n", "\n"):
            findings.append(_finding(file, name, key, "has characters that nobody can see", "Write it anew, without control characters."))
    if isinstance(row.get("name"), str) and len(row["name"].strip()) == 1:
        findings.append(_finding(file, name, "name", "has one character", "Write the whole name."))
    for key, longest in LONGEST.items():
        if isinstance(row.get(key), str) and len(row[key].strip()) > longest:
            findings.append(_finding(file, name, key, f"has {len(row[key].strip())} characters", f"Shorten it to at most {longest}."))
    for key in ("party", "matter"):
        if not isinstance(row.get(key), str | None):
            findings.append(_finding(file, name, key, "is not a text", "Write a text, or leave it out."))
    received_at = _received_at(row.get("received"), name, file, findings)
    triage_facts = _facts(row.get("triage_input"), TRIAGE_FACTS, "triage_input", name, file, findings)
    grading_facts = _facts(row.get("grade_input"), GRADING_FACTS, "grade_input", name, file, findings)
    if received_at is None or len(findings) > before:
        return None
    matter = row.get("matter")
    intake = CaseIntake(
        applicant={"kind": str(row.get("party") or "自然人"), "name": row["name"]},
        channel=row["channel"],
        text=row["text"],
        received_at=received_at,
        matter_code=None if matter in (None, "", "-") else str(matter),
        triage_facts=triage_facts,
        grading_facts=grading_facts,
        external_no=row["id"],
    )
    return CaseRecord(row["id"], intake, file)


def _received_at(value: Any, name: str, file: str, findings: list[Finding]) -> datetime | None:
    try:
        moment = as_local(value) if isinstance(value, str) else None
        if moment is not None and not EARLIEST <= moment.year <= LATEST:
            raise ValueError(f"Expected a year from {EARLIEST} to {LATEST} but got {moment.year}.")
        return moment
    except ValueError:
        findings.append(
            _finding(file, name, "received", f"{value!r} is not a time", 'Write it like "2026-11-23T10:20" (time of the centre).')
        )
        return None


def _facts(given: Any, names: Mapping[str, str], part: str, name: str, file: str, findings: list[Finding]) -> dict[str, Any]:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        findings.append(_finding(file, name, part, "is not an object", "Write the facts as { … }, or null."))
        return {}
    facts = {}
    for key, value in given.items():
        if key not in names:
            findings.append(_finding(file, name, f"{part}.{key}", "is not a known fact", f"Known facts: {'、'.join(names)}."))
            continue
        try:
            facts[names[key]] = _fact(names[key], value)
        except ValueError as error:
            findings.append(_finding(file, name, f"{part}.{key}", f"{value!r} {error}", "Correct the value."))
    return facts


def _fact(fact: str, value: Any) -> Any:
    if fact in NUMBERS:
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LARGEST_COUNT:
            raise ValueError(f"is not a whole number up to {LARGEST_COUNT}")
        return value
    if fact in WORDS:
        if not isinstance(value, str) or not is_readable(value) or len(value) > LONGEST_WORD:
            raise ValueError(f"is not a text of at most {LONGEST_WORD} characters")
        if value not in CHOICES.get(fact, (value,)):
            raise ValueError(f"is none of {'、'.join(CHOICES[fact])}")
        return value
    if value in ("是", "否"):
        return value == "是"
    if not isinstance(value, bool):
        raise ValueError("is neither true nor false")
    return value


def _line(text: str, case: str) -> int | None:
    at = text.find(f'"{case}"')
    return text.count("\n", 0, at) + 1 if at >= 0 else None


def _finding(file: str, case: str, field: str, problem: str, remedy: str) -> Finding:
    return Finding(file, None, case, None, "case-file", f"Case {case}: {field} {problem}.", remedy)

"""Matters (事项) that may be asked for on a day: an unknown, an abolished or a future one is refused with what stands in its place."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from engine.db.case_tables import Matter
from engine.errors import InvalidInput
from engine.services import rule_rows
from engine.services.csv_tables import CsvRow
from engine.services.rule_rows import RuleRows
from engine.services.validity import nearest, span

KEY = "matters"


def require_open(session: Session, code: str, accepted_at: datetime | None, now: datetime) -> Matter:
    """The matter that a case accepted at a moment (None: now) may be about. Raises InvalidInput for the field ``matter``."""
    matter = session.get(Matter, code)
    found = rule_rows.accepted_at(session, KEY, accepted_at, now)
    problem = f"事项库中没有“{code}”,请重新选择。" if matter is None else refusal(found, code) if found else None
    if matter is None or problem:
        raise InvalidInput(f"Expected a matter of matters.csv that can be asked for but {code!r} is none.", {"matter": [problem or ""]})
    return matter


def open_now(session: Session, code: str | None, now: datetime) -> str | None:
    """The matter, or the one that took its place; None where nothing did: a case that comes back must not fail over it."""
    found = rule_rows.today(session, KEY, now)
    seen = set[str]()
    while code and found and not found.named(code=code):
        seen.add(code)
        code = next((str(row["successor"]) for row in found.every if row["code"] == code and row["successor"] not in seen), None)
    return code or None


def refusal(found: RuleRows, code: str) -> str | None:
    """Why a matter cannot be asked for on the day, and what to choose instead; None when it can."""
    rows = {str(row["code"]): row for row in nearest(found.every, ("code",), found.on)}
    if code not in rows:
        return f"事项库中没有“{code}”,请重新选择。"
    begin, end = span(rows[code].values)
    if found.on < begin:
        return f"事项“{_named(rows[code])}”自{begin}起才受理,请重新选择。"
    return _ended(rows[code], end, rows.get(str(rows[code]["successor"]))) if found.on > end else None


def _ended(row: CsvRow, end: date, successor: CsvRow | None) -> str:
    instead = f"请改选“{_named(successor)}”" if successor else "请重新选择"
    return f"事项“{_named(row)}”自{end + timedelta(days=1)}起已取消,{instead}。"


def _named(row: CsvRow) -> str:
    return f"{row['code']} {row['name']}"

"""The negative list (负面清单): what the window cannot take, as it was when a case was accepted. Decides nothing."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from engine.db.case_tables import Case, NegativeItem
from engine.errors import NotFound
from engine.services import rule_rows
from engine.services.context import OperationContext

KEY = "negative_list"
#: The code of no entry.
NONE = "-"


def record_hit(context: OperationContext, code: str | None) -> None:
    """Put on record by which entry, in which words, the case was triaged. Raises NotFound for one that did not hold at its acceptance."""
    found = rule_rows.for_case(context, KEY)
    if code in (None, "", NONE) or found is None:
        return
    rows = found.named(code=str(code))
    if not rows:
        table = f"negative_list.csv (version {found.version.version})"
        raise NotFound(
            f"Expected triage_facts.negative_code to be an entry that {table} had on {found.on}, when case {context.case_no} was accepted, "
            f"but {str(code)[:20]!r} is none. "
            "Correct the code, or put a list that has the entry in force for open cases, too."
        )
    rule_rows.keep(context, found, rows, {"negative_code": str(code)})


def facts_of(session: Session, case_no: str, code: str, now: datetime) -> list[dict[str, Any]]:
    """What evidence keeps of an entry that somebody named in a case; nothing for none."""
    case = session.get(Case, case_no) if case_no else None
    found = rule_rows.accepted_at(session, KEY, case.received_at if case else None, now)
    rows = found.named(code=code) if found else []
    return [rule_rows.facts_of(found, rows, {"negative_code": code})] if found and rows else []


def entries_on(session: Session, day: date) -> list[NegativeItem]:
    """The entries of a day, of the list in force."""
    since = or_(NegativeItem.valid_from.is_(None), NegativeItem.valid_from <= day)
    until = or_(NegativeItem.valid_to.is_(None), NegativeItem.valid_to >= day)
    return list(session.scalars(select(NegativeItem).where(since, until).order_by(NegativeItem.code)))

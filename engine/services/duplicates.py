"""Looks for what a new case may repeat: the same applicant or the same matter and place within thirty days. Decides nothing."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from engine.db.case_tables import Case, Party
from engine.services.case_kinds import CASE
from engine.services.cases import DUPLICATE_SEARCH
from engine.services.context import OperationContext


def look_up(context: OperationContext) -> dict[str, Any]:
    """Whether the applicant is known, and the open case of theirs about the same matter, if there is one."""
    case = context.case()
    party = context.session.get(Party, case.applicant_id) if case.applicant_id else None
    same = [column == value for column, value in _marks(party) if value] if party else []
    if not same:
        return {"known_before": 0, "duplicate": None}
    since = case.received_at - DUPLICATE_SEARCH
    found = select(Case.no, Case.matter_code, Case.closed_at).join(Party, Party.id == Case.applicant_id)
    found = found.where(Case.kind == CASE, Case.no != case.no, Case.merged_into.is_(None))
    found = found.where(Case.received_at.between(since, case.received_at))
    rows = context.session.execute(found.where(same[0]).order_by(Case.received_at, Case.no)).all()
    open_ones = [no for no, matter, closed_at in rows if closed_at is None and matter is not None and matter == case.matter_code]
    return {"known_before": len(rows), "duplicate": open_ones[0] if open_ones else None}


def _marks(party: Party) -> tuple[tuple[Any, str | None], ...]:
    """By what a person is recognised: the number of their document, else their telephone."""
    return ((Party.cert_index, party.cert_index), (Party.phone_index, party.phone_index))

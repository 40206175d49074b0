"""The ledger of a case file (台账): lines of a kind with their facts, in order, never changed. Knows no page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from engine.clock import local
from engine.db.case_tables import CaseEntry
from engine.errors import InvalidInput
from engine.services import evidence
from engine.services.case_files import masked
from engine.services.context import OperationContext

LONGEST_KIND = 40


def add(context: OperationContext, kind: str, facts: Mapping[str, Any]) -> tuple[int, int]:
    """A new line; gives its number and how many of its kind there are now."""
    if not 1 <= len(kind) <= LONGEST_KIND:
        raise InvalidInput(f"Expected a kind of entry of 1 to {LONGEST_KIND} characters but got {kind!r}.")
    case = context.case()
    entry = CaseEntry(case_no=case.no, kind=kind, facts=masked(facts), recorded_at=context.now, actor=context.actor.id)
    entry.element_id = context.element_id
    context.session.add(entry)
    context.session.flush()
    context.record("case:entry", entry=entry.id, kind=kind, digest=evidence.digest(entry.facts))
    count = context.session.scalar(select(func.count()).where(CaseEntry.case_no == case.no, CaseEntry.kind == kind))
    return entry.id, count or 0


def of_kind(context: OperationContext, kind: str) -> list[dict[str, Any]]:
    """The lines of a kind, oldest first: their facts, with ``entry``, ``at`` and ``by``."""
    context.session.flush()
    rows = context.session.scalars(
        select(CaseEntry).where(CaseEntry.case_no == context.case().no, CaseEntry.kind == kind).order_by(CaseEntry.id)
    )
    return [{**row.facts, "entry": row.id, "at": local(row.recorded_at).isoformat(), "by": row.actor} for row in rows]

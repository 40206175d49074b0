"""What the engine decided for imported cases: rows hit, level, limits. Null where a case never reached that step."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.assembly import Engine
from engine.clock import local
from engine.db.case_tables import Case, CaseClock
from engine.db.tables import DecisionRun


def report(engine: Engine, external_nos: Iterable[str]) -> list[dict[str, Any]]:
    """One row a case, in the order given: id, triage, grade, level, respond_by, finish_by (centre's wall clock, to the minute)."""
    with engine.database.reading() as session:
        cases = {case.external_no: case for case in session.scalars(select(Case).where(Case.external_no.in_(list(external_nos))))}
        return [_row(session, number, cases[number]) for number in external_nos if number in cases]


def _row(session: Session, number: str, case: Case) -> dict[str, Any]:
    return {
        "id": number,
        "triage": _row_hit(session, case, "DT01"),
        "grade": _row_hit(session, case, "DT02"),
        "level": case.level,
        "respond_by": _due(session, case, "respond"),
        "finish_by": _due(session, case, "finish"),
    }


def _row_hit(session: Session, case: Case, decision_key: str) -> str | None:
    """The row that hit when the table was last asked."""
    last = select(DecisionRun.hits).where(DecisionRun.business_key == case.no, DecisionRun.decision_key == decision_key)
    hits = session.scalar(last.order_by(DecisionRun.id.desc()).limit(1))
    return hits[0] if hits else None


def _due(session: Session, case: Case, kind: str) -> str | None:
    current = select(CaseClock.due_at).where(CaseClock.case_no == case.no, CaseClock.kind == kind, CaseClock.replaced_at.is_(None))
    due_at: datetime | None = session.scalar(current.order_by(CaseClock.id.desc()).limit(1))
    return local(due_at).strftime("%Y-%m-%dT%H:%M") if due_at else None

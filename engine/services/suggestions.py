"""Policy suggestions: which others ask for the same. What becomes of them is decided by table DT14 and by people, not here."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from engine.clock import local
from engine.db.case_tables import Case
from engine.services.context import OperationContext
from engine.services.similarity import closeness

#: “同类件数(90日)” of C-14.
SINCE = timedelta(days=90)

#: From here on two suggestions are shown as alike; about the same matter less is needed.
ALIKE, ALIKE_IN_MATTER = 0.3, 0.12

_SHOWN = 10
_READ = 500


def similar(context: OperationContext) -> list[dict[str, Any]]:
    """Suggestions of the last 90 days in the same window that are about the same, the closest first; merged ones count too."""
    case = context.case()
    since = case.received_at - SINCE
    others = select(Case).where(Case.kind == case.kind, Case.org_unit == case.org_unit, Case.no != case.no, Case.received_at >= since)
    ranked = [(_alike(case, other), other) for other in context.session.scalars(others.order_by(Case.received_at.desc()).limit(_READ))]
    found = sorted((pair for pair in ranked if pair[0] > 0), key=lambda pair: (-pair[0], pair[1].no))
    return [_shown(other) for _, other in found]


def shown(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """As many of them as a person looks through."""
    return found[:_SHOWN]


def _alike(case: Case, other: Case) -> float:
    same_matter = case.matter_code is not None and case.matter_code == other.matter_code
    found = closeness(f"{case.title}{case.text}", f"{other.title}{other.text}")
    return found if found >= (ALIKE_IN_MATTER if same_matter else ALIKE) else 0.0


def _shown(case: Case) -> dict[str, Any]:
    return {"no": case.no, "title": case.title, "status": case.status, "received_on": local(case.received_at).date().isoformat()}

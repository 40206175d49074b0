"""The agenda of a joint meeting: what waits for one, and which departments it concerns. Calls no meeting."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from engine.db.case_tables import Case, SubOrder
from engine.services.context import OperationContext

#: Cases at these statuses wait for a decision that no single department can take.
WAITING = ("会商中", "领导小组研究")
#: Files of other kinds come on the agenda when their facts say so.
ON_AGENDA = "agenda"
REGULAR = "工作通报"


def collect(context: OperationContext) -> dict[str, Any]:
    """Items {no, title, kind, departments}, all their departments, and the topics in one line; never without an item."""
    unit = context.case().org_unit
    open_files = select(Case).where(Case.org_unit == unit, Case.closed_at.is_(None), Case.no != context.case_no).order_by(Case.received_at)
    items = [_item(context, case) for case in context.session.scalars(open_files) if case.status in WAITING or case.facts.get(ON_AGENDA)]
    if not items:
        items = [{"no": None, "title": REGULAR, "kind": REGULAR, "departments": ["D21"]}]
    departments = sorted({code for item in items for code in item["departments"]} | {"D21"})
    return {"items": items, "departments": departments, "topics": ";".join(item["title"] for item in items)[:500]}


def _item(context: OperationContext, case: Case) -> dict[str, Any]:
    asked = select(SubOrder.department).where(SubOrder.case_no == case.no).distinct().order_by(SubOrder.department)
    departments = [*context.session.scalars(asked)] or ([case.lead_department] if case.lead_department else [])
    return {"no": case.no, "title": case.title, "kind": case.kind, "departments": departments}

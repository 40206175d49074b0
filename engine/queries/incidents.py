"""Open incidents, oldest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from engine.actors import Actor
from engine.assembly import Engine
from engine.db.tables import Incident, ProcessInstance
from engine.queries.visibility import has_post


@dataclass(frozen=True)
class IncidentView:
    """What could not go on, and where."""

    id: int
    case_no: str | None
    element_id: str | None
    message: str
    detail: str
    created_at: datetime


def open_incidents(engine: Engine, actor: Actor, limit: int = 200) -> tuple[IncidentView, ...]:
    """Incidents of the actor's scope, and those of no window at all. Who works for a department only has none to look after."""
    if not has_post(actor):
        return ()
    rows = (
        select(Incident, ProcessInstance.business_key)
        .outerjoin(ProcessInstance, ProcessInstance.id == Incident.instance_id)
        .where(Incident.resolved_at.is_(None))
        .where(ProcessInstance.org_unit.in_(actor.scope) | ProcessInstance.id.is_(None))
        .order_by(Incident.created_at, Incident.id)
        .limit(limit)
    )
    with engine.database.reading() as session:
        return tuple(
            IncidentView(row.id, key, row.element_id, row.message, row.detail, row.created_at) for row, key in session.execute(rows)
        )

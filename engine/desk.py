"""An operation of the domain done by hand, from the page of a case: what it is given without a process. Decides nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from engine.actors import Actor
from engine.assembly import Engine
from engine.db.case_tables import Case
from engine.db.tables import Job
from engine.host import template_in_force
from engine.services.context import OperationContext, TemplateVersion
from engine.versions import Place


def at_desk(engine: Engine, session: Session, actor: Actor, case: Case) -> OperationContext:
    """The context of an operation on a case in this transaction; it belongs to no element of a diagram."""
    now, known = engine.clock.now(), engine.reference.read(session)

    def schedule(kind: str, payload: dict[str, Any], run_at: datetime | None) -> None:
        session.add(Job(kind=kind, payload=payload, due_at=run_at or now, run_at=run_at or now))

    def template(key: str) -> TemplateVersion:
        return template_in_force(session, key, Place(case.org_unit, now))

    return OperationContext(
        session=session,
        now=now,
        calendar=known.calendar,
        secrets=engine.secrets,
        actor=actor,
        instance_id=0,
        case_no=case.no,
        element_id="",
        element_name="",
        variables={},
        schedule=schedule,
        public_url=engine.settings.public_url,
        kinds=known.kinds,
        files=engine.files,
        template=template,
    )

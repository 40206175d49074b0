"""The applicant's name and telephone in clear, for whoever has to call. Refuses everybody else; every look is kept as evidence."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from engine.actors import Actor
from engine.assembly import Engine
from engine.db.case_tables import Case
from engine.db.tables import UserTask
from engine.errors import NotAllowed, NotFound
from engine.queries.visibility import require_may_see
from engine.services import cases, evidence, parties


@dataclass(frozen=True)
class Contact:
    """How to reach the applicant. Only for the page that was asked for; nothing else may hold it."""

    case_no: str
    title: str
    name: str
    phone: str


def reveal_contact(engine: Engine, actor: Actor, case_no: str) -> Contact:
    """Show the owner of an open file, or whoever holds a task of it, whom to call."""
    with engine.database.transaction() as session:
        case = cases.get_case(session, case_no)
        require_may_see(session, case, actor)
        _require_works_on(session, case, actor)
        if case.applicant_id is None:
            raise NotFound(f"Expected case {case_no} to have an applicant but it has none.")
        details = parties.revealed(engine.secrets, parties.get_party(session, case.applicant_id))
        evidence.record(session, engine.clock.now(), actor, case.no, "party:reveal", fields="name phone")
        return Contact(case.no, case.title, details["name"], details["phone"])


def _require_works_on(session: Session, case: Case, actor: Actor) -> None:
    held = exists().where(UserTask.business_key == case.no, UserTask.assignee == actor.id, UserTask.ended_at.is_(None))
    if case.closed_at is not None or not (case.owner_id == actor.id or session.scalar(select(held))):
        raise NotAllowed(f"Expected you to own case {case.no} or to hold a task of it but you do not.")

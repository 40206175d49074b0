"""Spans in which versions are in force: writes them. What follows when they take effect is not decided here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.actors import Actor
from engine.db.tables import Definition, Job
from engine.db.version_tables import Activation
from engine.services import evidence

#: The first version of a key holds since ever: cases of earlier days can be registered later.
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Scope:
    """Where (an org unit; empty: everywhere), from when (None: now) and why versions are put in force, and by which deployment.

    Spans that cover open cases judge those accepted before, too.
    """

    org_unit: str = ""
    active_from: datetime | None = None
    reason: str = ""
    deployment_id: int | None = None
    covers_open_cases: bool = False


def add_span(session: Session, now: datetime, actor: Actor, row: Definition, scope: Scope) -> None:
    """Put a version in force, now or from a moment to come, at which a job lets it take effect."""
    moment = scope.active_from or (now if _was_active(session, row.kind, row.key) else BEGINNING)
    span = Activation(kind=row.kind, key=row.key, definition_id=row.id, org_unit=scope.org_unit, active_from=moment)
    span.activated_by, span.reason, span.deployment_id = actor.id, scope.reason, scope.deployment_id
    span.covers_open_cases = scope.covers_open_cases
    session.add(span)
    session.flush()
    facts = {"definition": row.id, "org_unit": scope.org_unit, "from": moment.isoformat()}
    evidence.record(session, now, actor, "deployments", "definition:activate", **facts)
    if scope.covers_open_cases:
        facts = {"definition": row.id, "org_unit": scope.org_unit, "reason_digest": evidence.digest(scope.reason)}
        evidence.record(session, now, actor, "deployments", "definition:cover", **facts)
    if moment > now:
        session.add(Job(kind="activation", payload={"definition": row.id}, due_at=moment, run_at=moment))


def _was_active(session: Session, kind: str, key: str) -> bool:
    return session.scalar(select(Activation.id).where(Activation.kind == kind, Activation.key == key).limit(1)) is not None

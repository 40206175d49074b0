"""Retry what could not go on. Refuses what is solved already."""

from __future__ import annotations

from sqlalchemy.orm import Session

from engine import runtime
from engine.actors import Actor
from engine.assembly import Engine
from engine.db.tables import Incident, Job, ProcessInstance
from engine.errors import Conflict, NotAllowed, NotFound
from engine.queries.cursors import is_row_number
from engine.services import evidence, outbox

#: Groups that may retry a failed element or job.
OPERATORS = ("admin", "window_head", "coordinator")


def retry_incident(engine: Engine, actor: Actor, incident_id: int) -> None:
    """Try the failed element, the job out of retries, or the messages that a gateway did not take, once more."""
    if not actor.has_group(*OPERATORS):
        raise NotAllowed("Expected an operator to retry incidents but you are not one. Ask the window head or an administrator.")
    with engine.database.transaction() as session:
        incident = session.get(Incident, incident_id, with_for_update=True) if is_row_number(incident_id) else None
        if incident is None:
            raise NotFound(f"Expected incident {incident_id} to exist but it does not.")
        require_in_scope(session, incident, actor)
        if incident.resolved_at is not None:
            raise Conflict(f"Expected incident {incident_id} to be open but it is resolved.")
        incident.resolved_at = engine.clock.now()
        facts = {"incident": incident_id, "element": incident.element_id}
        evidence.record(session, engine.clock.now(), actor, f"instance-{incident.instance_id}", "incident:retry", **facts)
        if channel := outbox.channel_of(incident.element_id):
            outbox.queue_again(session, channel, engine.clock.now())
        elif incident.job_id is not None:
            job = session.get(Job, incident.job_id)
            if job is not None:
                job.run_at, job.attempts, job.error = engine.clock.now(), 0, None
        elif incident.instance_id is not None and incident.token is not None:
            running = runtime.load(engine, session, actor, incident.instance_id)
            running.execution.retry(incident.token)
            runtime.store(engine, session, running)


def require_in_scope(session: Session, incident: Incident, actor: Actor) -> None:
    """An incident of a process belongs to the window of that process; one of no process to every operator."""
    instance = session.get(ProcessInstance, incident.instance_id) if incident.instance_id is not None else None
    if instance is not None and instance.org_unit not in actor.scope:
        raise NotAllowed(f"Expected incident {incident.id} to belong to your window but it does not.")

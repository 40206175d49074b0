"""Instances that rest: nothing in them goes on, and their jobs wait with them. In the caller's transaction."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from engine.actors import Actor
from engine.assembly import Engine
from engine.db import statements
from engine.db.base import NO_DUE_DATE
from engine.db.database import change_row
from engine.db.prepared import Prepared
from engine.db.rows import InstanceRow
from engine.db.statements import table_of
from engine.db.tables import Job
from engine.errors import Conflict, NotFound
from engine.services import evidence

_jobs = table_of(Job)
#: What takes the instance up; an outbox, say, does not.
_TAKES_UP = _jobs.c.kind.in_(("timer", "continuation", "delivery"))
_waits = (_jobs.c.instance_id == bindparam("of_instance"), _TAKES_UP, _jobs.c.error.is_(None))
_JOBS = select(_jobs.c.id, _jobs.c.due_at).where(*_waits)
#: Whoever holds one of them finds at its end that it is gone.
_SET_ASIDE = Prepared(update(_jobs).where(_jobs.c.id == bindparam("row_id")))


def suspend(engine: Engine, session: Session, actor: Actor, instance_id: int, reason: str) -> None:
    """Let a running instance rest. Raises Conflict when it does not run."""
    instance = _to_change(session, instance_id)
    if instance.status != "active":
        raise Conflict(f"Expected process instance {instance_id} to be running but it is {instance.status}.").coded("not-running")
    change_row(session, statements.CHANGE_INSTANCE, instance, status="suspended")
    rows = [{"row_id": number, "run_at": NO_DUE_DATE, "owner": None} for number, _ in _jobs_of(session, instance_id)]
    _SET_ASIDE.change_each(session, rows)
    _record(engine, session, actor, instance, "instance:suspend", reason)


def resume(engine: Engine, session: Session, actor: Actor, instance_id: int, reason: str) -> None:
    """Let it go on; what fell due meanwhile happens now. Raises Conflict when it does not rest."""
    instance = _to_change(session, instance_id)
    if instance.status != "suspended":
        raise Conflict(f"Expected process instance {instance_id} to be suspended but it is {instance.status}.").coded("not-suspended")
    change_row(session, statements.CHANGE_INSTANCE, instance, status="active")
    _SET_ASIDE.change_each(session, [{"row_id": number, "run_at": due_at} for number, due_at in _jobs_of(session, instance_id)])
    _follow_clocks(session, instance, engine.clock.now())
    _record(engine, session, actor, instance, "instance:resume", reason)


def _follow_clocks(session: Session, instance: InstanceRow, now: datetime) -> None:
    """Clocks of its case may have moved while it rested."""
    follow = {"kind": "rearm", "instance_id": None, "payload": {"case": instance.business_key}}
    statements.ADD_JOB.change(session, **follow, due_at=now, run_at=now, attempts=0)


def _jobs_of(session: Session, instance_id: int) -> list[tuple[int, object]]:
    return [(number, due_at) for number, due_at in session.execute(_JOBS, {"of_instance": instance_id})]


def _to_change(session: Session, instance_id: int) -> InstanceRow:
    row = statements.INSTANCE_TO_CHANGE.first(session, instance_id=instance_id)
    if row is None:
        raise NotFound(f"Expected process instance {instance_id} to exist but it does not.")
    return InstanceRow(*row)


def _record(engine: Engine, session: Session, actor: Actor, instance: InstanceRow, event: str, reason: str) -> None:
    facts = {"instance": instance.id, "digest": evidence.digest(reason)}
    evidence.record(session, engine.clock.now(), actor, instance.chain, event, **facts)

"""Due jobs: claimed with a lease, executed once in effect. A failure spends a retry, a conflict none, at zero an incident.

The row is removed in the same transaction as its effect, fenced by owner and attempt: whatever dies, the effect on our
database happens exactly once (Camunda's and Flowable's job executors work this way).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from engine import case_opening, runtime
from engine.actors import SYSTEM
from engine.assembly import Engine
from engine.channels.outbox import send_queued
from engine.db.base import NO_DUE_DATE
from engine.db.tables import Incident, Job, ProcessInstance
from engine.errors import Conflict, EngineError, NotFound
from engine.services import evidence

RETRIES = 3
BACK_OFF = timedelta(seconds=10)


@dataclass(frozen=True)
class ClaimedJob:
    """A job that this worker holds until its lease ends."""

    id: int
    kind: str
    instance_id: int | None
    token: int | None
    element_id: str | None
    payload: dict[str, Any]
    owner: str
    attempts: int


class JobGone(EngineError):
    """The job was cancelled or taken over while it ran; what it did is rolled back."""


def run_due_jobs(engine: Engine, worker_id: str, limit: int = 16) -> int:
    """Claim and execute what is due now; returns how many jobs were tried."""
    claimed = claim_jobs(engine, worker_id, limit)
    for job in claimed:
        execute_job(engine, job)
    return len(claimed)


def claim_jobs(engine: Engine, worker_id: str, limit: int) -> list[ClaimedJob]:
    """Take the next due jobs, earliest first; other workers skip them until the lease ends."""
    now = engine.clock.now()
    due = select(Job.id).where(Job.run_at <= now).order_by(Job.run_at, Job.id).limit(limit)
    if engine.database.is_sqlite:
        with engine.database.reading() as session:  # look before taking the only write lock
            if session.scalar(due.limit(1)) is None:
                return []
    lease = now + timedelta(seconds=engine.settings.lease_seconds)
    chosen = due.with_for_update(skip_locked=True).cte("due")
    take = update(Job).where(Job.id.in_(select(chosen.c.id)))
    with engine.database.transaction() as session:
        rows = session.execute(take.values(run_at=lease, owner=worker_id, attempts=Job.attempts + 1).returning(Job)).scalars()
        claimed = sorted(rows, key=lambda job: (job.due_at, job.id))
        return [_claimed(job) for job in claimed]


def execute_job(engine: Engine, job: ClaimedJob) -> None:
    """Carry out one claimed job in its own transaction."""
    try:
        with engine.database.transaction() as session:
            _take_up(session, job)
            HANDLERS[job.kind](engine, session, job)
    except JobGone:
        return
    except Conflict:
        _release(engine, job)
    except Exception as error:
        _spend_retry(engine, job, error)


def next_due(engine: Engine) -> float | None:
    """Seconds until the next job falls due; None when there is none."""
    with engine.database.reading() as session:
        earliest = session.scalar(select(func.min(Job.run_at)))
    if earliest is None or earliest >= NO_DUE_DATE:
        return None
    return max(0.0, (earliest - engine.clock.now()).total_seconds())


def _claimed(job: Job) -> ClaimedJob:
    return ClaimedJob(job.id, job.kind, job.instance_id, job.token, job.element_id, job.payload, str(job.owner), job.attempts)


def _take_up(session: Session, job: ClaimedJob) -> None:
    """Lock the instance first, then remove the job row: the order every command keeps."""
    if job.instance_id is not None:
        session.scalar(select(ProcessInstance.id).where(ProcessInstance.id == job.instance_id).with_for_update())
    mine = delete(Job).where(Job.id == job.id, Job.owner == job.owner, Job.attempts == job.attempts)
    if not session.execute(mine).rowcount:  # type: ignore[attr-defined]
        raise JobGone(f"Expected to hold job {job.id} but it was cancelled or taken over.")


def _fire_timer(engine: Engine, session: Session, job: ClaimedJob) -> None:
    running = runtime.load(engine, session, SYSTEM, _instance_id(job))
    running.execution.fire_timer(_token(job))
    facts = {"instance": job.instance_id, "element": job.element_id}
    evidence.record(session, engine.clock.now(), SYSTEM, running.instance.chain, "timer:fire", **facts)
    runtime.store(engine, session, running)


def _continue(engine: Engine, session: Session, job: ClaimedJob) -> None:
    running = runtime.load(engine, session, SYSTEM, _instance_id(job))
    running.execution.resume(_token(job))
    runtime.store(engine, session, running)


def _deliver(engine: Engine, session: Session, job: ClaimedJob) -> None:
    try:
        running = runtime.load(engine, session, SYSTEM, _instance_id(job))
        running.execution.deliver(_token(job), job.payload["variables"])
    except (NotFound, Conflict):
        return  # the receiver went on or ended before the event reached it
    runtime.store(engine, session, running)


def _return_case(engine: Engine, session: Session, job: ClaimedJob) -> None:
    case_opening.open_returned_case(engine, session, str(job.payload["case_no"]))


def _send_notices(engine: Engine, session: Session, job: ClaimedJob) -> None:
    send_queued(session, engine.clock.now())


HANDLERS: dict[str, Callable[[Engine, Session, ClaimedJob], None]] = {
    "timer": _fire_timer,
    "continuation": _continue,
    "delivery": _deliver,
    "case-return": _return_case,
    "notices": _send_notices,
}


def _release(engine: Engine, job: ClaimedJob) -> None:
    with engine.database.transaction() as session:
        row = _held(session, job)
        if row is not None:
            row.run_at, row.owner, row.attempts = engine.clock.now(), None, job.attempts - 1


def _spend_retry(engine: Engine, job: ClaimedJob, error: Exception) -> None:
    now = engine.clock.now()
    with engine.database.transaction() as session:
        row = _held(session, job)
        if row is None:
            return
        row.owner, row.error = None, f"{type(error).__name__}: {error}"[:2000]
        row.run_at = now + BACK_OFF * 2 ** (job.attempts - 1)
        if job.attempts >= RETRIES:
            row.run_at = NO_DUE_DATE
            message = f"Job {job.kind} failed {job.attempts} times: {row.error}"
            session.add(
                Incident(
                    instance_id=job.instance_id, token=job.token, job_id=job.id, element_id=job.element_id, message=message, created_at=now
                )
            )


def _held(session: Session, job: ClaimedJob) -> Job | None:
    row = session.get(Job, job.id, with_for_update=True)
    return row if row is not None and row.owner == job.owner and row.attempts == job.attempts else None


def _instance_id(job: ClaimedJob) -> int:
    if job.instance_id is None:
        raise NotFound(f"Expected job {job.id} to name a process instance but it does not.")
    return job.instance_id


def _token(job: ClaimedJob) -> int:
    if job.token is None:
        raise NotFound(f"Expected job {job.id} to name a token but it does not.")
    return job.token

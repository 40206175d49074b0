"""Due jobs: claimed with a lease, executed once in effect. A failure spends a retry, a conflict none, at zero an incident.

The row is removed in the same transaction as its effect, fenced by owner and attempt: whatever dies, the effect on our
database happens exactly once (Camunda's and Flowable's job executors work this way).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from engine import calendar_moving, case_opening, deploying, moving, partner_mail, runtime, start_events
from engine.actors import SYSTEM
from engine.assembly import Engine
from engine.bpmn.waits import Thrown
from engine.channels.outbox import send_queued
from engine.db import statements
from engine.db.base import NO_DUE_DATE
from engine.db.rows import InstanceRow, JobRow
from engine.db.tables import Definition
from engine.errors import Conflict, EngineError, NotFound
from engine.services import emptying, evidence, leave
from engine.versions import NotStartable

RETRIES = 3
BACK_OFF = timedelta(seconds=10)
#: After the last try but one.
LONGEST_PAUSE = BACK_OFF * 2 ** (RETRIES - 2)

#: A process that is suspended is looked at again after this time by the job that shall start it.
UNTIL_NEXT_LOOK = timedelta(minutes=1)

#: A job that was taken up this often without an end has ended its workers (no memory left, a crash): it is not taken up again.
MOST_TAKE_UPS = 8


class WorkersLost(EngineError):
    """Each worker that took up the job ended without a word."""


class JobGone(EngineError):
    """The job was cancelled or taken over while it ran; what it did is rolled back."""


def next_due(engine: Engine) -> float | None:
    """Seconds until the next job falls due, 0 when one is due already; None when there is none."""
    with engine.database.reading() as session:
        ((earliest,),) = statements.EARLIEST_JOB.all(session)
    if earliest is None or earliest >= NO_DUE_DATE:
        return None
    return float(max(0.0, (earliest - engine.clock.now()).total_seconds()))


def run_due_jobs(engine: Engine, worker_id: str, limit: int = 16) -> int:
    """Claim and execute what is due now; returns how many jobs were tried. Takes the write lock: ask ``next_due`` first."""
    claimed = claim_jobs(engine, worker_id, limit)
    suspects = [job for job in claimed if job.attempts > RETRIES]
    for job in claimed:
        if job not in suspects:
            execute_job(engine, job)
    if suspects:
        _execute_suspect(engine, suspects)
    return len(claimed)


def claim_jobs(engine: Engine, worker_id: str, limit: int) -> list[JobRow]:
    """Take the next due jobs, earliest first; other workers skip them until the lease ends."""
    now = engine.clock.now()
    with engine.database.transaction() as session:
        if not engine.database.is_sqlite:  # a claim that a power cut takes away is no loss: its worker is gone as well
            statements.COMMIT_WITHOUT_WAITING.change(session)
        claimed = statements.CLAIM_JOBS.all(session, now=now, most=limit, until=now + _lease(engine), worker=worker_id)
    return sorted((JobRow(*row) for row in claimed), key=lambda job: (job.due_at, job.id))


def execute_job(engine: Engine, job: JobRow) -> None:
    """Carry out one claimed job in its own transaction; one that goes step by step opens a transaction for each."""
    try:
        if job.kind in STEPS:
            _step(engine, job)
            return
        with engine.database.transaction() as session:
            _take_up(session, job)
            HANDLERS[job.kind](engine, session, job)
    except JobGone:
        return
    except runtime.Suspended:
        _postpone(engine, job)
    except NotStartable:
        _put_off(engine, job)
    except Conflict:
        _release(engine, job)
    except Exception as error:  # whatever goes wrong costs a retry, never the worker
        _spend_retry(engine, job, error)


def shorten_waits(engine: Engine) -> int:
    """After the clock was set back: no lease, no pause and no step in the background lasts longer than it would from now on.

    Timers keep their moment. Returns how many jobs waited for a clock that is no more. Reads all jobs: not for every round.
    """
    latest = engine.clock.now() + max(_lease(engine), LONGEST_PAUSE)
    with engine.database.reading() as session:  # the long look must not hold up those who write
        overlong = statements.JOBS_WAITING_BEYOND.all(session, latest=latest, never=NO_DUE_DATE)
    if overlong:
        with engine.database.transaction() as session:
            shorter = {"latest": latest, "never": NO_DUE_DATE, "run_at": latest}
            statements.SHORTEN_WAIT.change_each(session, [{"row_id": row_id, **shorter} for (row_id,) in overlong])
    return len(overlong)


def _execute_suspect(engine: Engine, suspects: list[JobRow]) -> None:
    """One of them ended earlier workers: execute one and put the others back, so that it takes nobody's chance away."""
    first, *others = suspects
    for job in others:
        _release(engine, job)
    if first.attempts > MOST_TAKE_UPS:
        _spend_retry(engine, first, WorkersLost("Expected a worker to finish the job but each one ended while it ran."))
    else:
        execute_job(engine, first)


def _take_up(session: Session, job: JobRow) -> None:
    """Lock the instance first, then remove the job row: the order every command keeps."""
    if job.instance_id is not None:
        statements.LOCK_INSTANCE.all(session, instance_id=job.instance_id)
    if not statements.REMOVE_JOB.change(session, **_as_held(job)):
        raise JobGone(f"Expected to hold job {job.id} but it was cancelled or taken over.")


def _fire_timer(engine: Engine, session: Session, job: JobRow) -> None:
    running = runtime.load(engine, session, SYSTEM, _instance_id(job))
    if running.execution.follow_clocks() and _is_early(running, _token(job), engine.clock.now()):
        runtime.store(engine, session, running)
        return
    running.execution.fire_timer(_token(job))
    facts = {"instance": job.instance_id, "element": job.element_id}
    evidence.record(session, engine.clock.now(), SYSTEM, running.instance.chain, "timer:fire", **facts)
    runtime.store(engine, session, running)


def _is_early(running: runtime.Running, token: int, now: datetime) -> bool:
    """Its clock has moved, and nobody has had the time to put the job off."""
    timer = running.execution.waits().timers.get(token)
    return timer is not None and (timer.due_at is None or timer.due_at > now)


def _follow_clocks(engine: Engine, session: Session, job: JobRow) -> None:
    """A clock of the case has moved: what waits for it in its running instances moves, too."""
    for (number,) in statements.INSTANCES_OF_CASE.all(session, business_key=job.payload["case"]):
        running = runtime.load(engine, session, SYSTEM, number)
        if running.execution.follow_clocks():
            runtime.store(engine, session, running)


def _throw_message(engine: Engine, session: Session, job: JobRow) -> None:
    thrown = Thrown("message", job.payload["name"], job.payload["key"], job.payload["variables"])
    runtime.schedule_deliveries(session, thrown, engine.clock.now())


def _continue(engine: Engine, session: Session, job: JobRow) -> None:
    running = runtime.load(engine, session, SYSTEM, _instance_id(job))
    running.execution.resume(_token(job))
    runtime.store(engine, session, running)


def _deliver(engine: Engine, session: Session, job: JobRow) -> None:
    try:
        running = runtime.load(engine, session, SYSTEM, _instance_id(job))
        running.execution.deliver(_token(job), job.payload["variables"])
    except runtime.Suspended:
        raise  # it waits with the instance
    except (NotFound, Conflict):
        return  # the receiver went on or ended before the event reached it
    runtime.store(engine, session, running)


def _start_process(engine: Engine, session: Session, job: JobRow) -> None:
    start_events.start_due(engine, session, job.payload, job.due_at)


def _return_case(engine: Engine, session: Session, job: JobRow) -> None:
    case_opening.open_returned_case(engine, session, str(job.payload["case_no"]))


def _start_file(engine: Engine, session: Session, job: JobRow) -> None:
    case_opening.start_file(engine, session, str(job.payload["case_no"]))


def _send_notices(engine: Engine, session: Session, job: JobRow) -> None:
    send_queued(session, engine.clock.now())


def _turn_leave(engine: Engine, session: Session, job: JobRow) -> None:
    leave.turn(session, engine.clock.now(), SYSTEM, int(job.payload["leave"]))


def _discard_files(engine: Engine, session: Session, job: JobRow) -> None:
    emptying.discard(session, engine.files, job.payload["addresses"])


def _put_in_force(engine: Engine, session: Session, job: JobRow) -> None:
    deploying.take_effect(engine, session, SYSTEM, [session.get_one(Definition, int(job.payload["definition"]))])


HANDLERS: dict[str, Callable[[Engine, Session, JobRow], None]] = {
    "timer": _fire_timer,
    "continuation": _continue,
    "delivery": _deliver,
    "start": _start_process,
    "case-return": _return_case,
    "file-start": _start_file,
    "notices": _send_notices,
    "rearm": _follow_clocks,
    "message": _throw_message,
    "leave": _turn_leave,
    "activation": _put_in_force,
    emptying.JOB: _discard_files,
}


def _send_to_partner(engine: Engine, job: JobRow) -> bool:
    partner_mail.send(engine, int(job.payload["message"]))
    return False


def _move_instances(engine: Engine, job: JobRow) -> bool:
    return moving.run_batch(engine, int(job.payload["migration"]), job.attempts > RETRIES)


def _move_due_times(engine: Engine, job: JobRow) -> bool:
    return calendar_moving.run_batch(engine, job.id, job.payload)


#: Work in many transactions: True when there is more to do. The job stays until then, behind what has fallen due meanwhile.
STEPS: dict[str, Callable[[Engine, JobRow], bool]] = {
    "migration": _move_instances,
    "partner-message": _send_to_partner,
    "calendar-import": _move_due_times,
}


def _step(engine: Engine, job: JobRow) -> None:
    has_more = STEPS[job.kind](engine, job)
    with engine.database.transaction() as session:
        if has_more:
            statements.CHANGE_JOB.change(session, **_as_held(job), run_at=engine.clock.now(), owner=None, attempts=0)
        else:
            statements.REMOVE_JOB.change(session, **_as_held(job))


def _postpone(engine: Engine, job: JobRow) -> None:
    """Until its instance is resumed, which sets the moment again; unless it has been resumed already."""
    with engine.database.transaction() as session:
        (row,) = statements.INSTANCE_TO_CHANGE.all(session, instance_id=_instance_id(job))
        run_at = NO_DUE_DATE if InstanceRow(*row).status == "suspended" else engine.clock.now()
        statements.CHANGE_JOB.change(session, **_as_held(job), run_at=run_at, owner=None, attempts=0)


def _put_off(engine: Engine, job: JobRow) -> None:
    """Nobody says when a process may be started again: it is tried now and then, and costs no retry."""
    with engine.database.transaction() as session:
        later = engine.clock.now() + UNTIL_NEXT_LOOK
        statements.CHANGE_JOB.change(session, **_as_held(job), run_at=later, owner=None, attempts=job.attempts - 1)


def _release(engine: Engine, job: JobRow) -> None:
    with engine.database.transaction() as session:
        statements.CHANGE_JOB.change(session, **_as_held(job), run_at=engine.clock.now(), owner=None, attempts=job.attempts - 1)


def _spend_retry(engine: Engine, job: JobRow, error: Exception) -> None:
    now, problem = engine.clock.now(), f"{type(error).__name__}: {error}"[:2000]
    is_last = job.attempts >= RETRIES
    run_at = NO_DUE_DATE if is_last else now + BACK_OFF * 2 ** (job.attempts - 1)
    with engine.database.transaction() as session:
        is_held = statements.CHANGE_JOB.change(session, **_as_held(job), run_at=run_at, owner=None, error=problem)
        if is_held and is_last:
            statements.ADD_INCIDENT.change(session, **_incident(job, problem, now))


def _incident(job: JobRow, problem: str, now: datetime) -> dict[str, Any]:
    return {
        "instance_id": job.instance_id,
        "token": job.token,
        "job_id": job.id,
        "element_id": job.element_id,
        "message": f"Job {job.kind} failed {job.attempts} times: {problem}",
        "detail": "",
        "created_at": now,
    }


def _lease(engine: Engine) -> timedelta:
    return timedelta(seconds=engine.settings.lease_seconds)


def _as_held(job: JobRow) -> dict[str, Any]:
    return {"row_id": job.id, "held_by": job.owner, "in_attempt": job.attempts}


def _instance_id(job: JobRow) -> int:
    if job.instance_id is None:
        raise NotFound(f"Expected job {job.id} to name a process instance but it does not.")
    return job.instance_id


def _token(job: JobRow) -> int:
    if job.token is None:
        raise NotFound(f"Expected job {job.id} to name a token but it does not.")
    return job.token

"""The one bridge between a BPMN execution and its rows: start, load, store. Opens no transaction of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from engine.actors import SYSTEM, Actor
from engine.assembly import Engine
from engine.bpmn.execution import Execution
from engine.bpmn.waits import ContinuationWait, Failure, SubscriptionWait, Thrown, TimerWait, UserTaskWait, Waits
from engine.bpmn.waits import ElementRun as ElementVisit
from engine.db.base import NO_DUE_DATE
from engine.db.database import write_or_update
from engine.db.tables import ElementRun, InboxEntry, Incident, Job, ProcessInstance, Subscription, UserTask
from engine.errors import Conflict, NotFound
from engine.host import CommandHost
from engine.services import evidence
from engine.versions import resolve

#: A task turns yellow when this share of its time has gone (domain table DT08, row K7: 20 % left).
WARNING_SHARE = 0.8

NO_WAITS = Waits({}, {}, {}, {}, {})


@dataclass
class Running:
    """A process instance taken up for one command: its row, its execution, and the waits it had before."""

    instance: ProcessInstance
    execution: Execution
    before: Waits
    actor: Actor


def start(
    engine: Engine, session: Session, actor: Actor, process_key: str, business_key: str, variables: dict[str, Any]
) -> ProcessInstance:
    """Start the latest version of a process and run it until it waits."""
    definition = resolve(session, "process", process_key, "latest", None, None)
    instance = ProcessInstance(
        definition_id=definition.id,
        business_key=business_key,
        org_unit=str(variables.get("org_unit", "")),
        state=b"",
        started_at=engine.clock.now(),
    )
    session.add(instance)
    session.flush()
    host = CommandHost(engine, session, instance, actor)
    execution = Execution.start(definition.id, host.definition(definition.id), host, variables)
    evidence.record(
        session,
        engine.clock.now(),
        actor,
        chain_of(instance),
        "instance:start",
        instance=instance.id,
        process=process_key,
        version=definition.version,
    )
    store(engine, session, Running(instance, execution, NO_WAITS, actor))
    return instance


def load(engine: Engine, session: Session, actor: Actor, instance_id: int) -> Running:
    """Take up a running instance. Raises NotFound or, when it has ended, Conflict."""
    instance = session.scalar(select(ProcessInstance).where(ProcessInstance.id == instance_id).with_for_update())
    if instance is None:
        raise NotFound(f"Expected process instance {instance_id} to exist but it does not.")
    if instance.status != "active":
        raise Conflict(f"Expected process instance {instance_id} to be running but it has ended.")
    host = CommandHost(engine, session, instance, actor)
    execution = Execution.load(instance.state, host)
    return Running(instance, execution, execution.waits(), actor)


def peek(engine: Engine, session: Session, actor: Actor, instance_id: int) -> Running:
    """Look into an instance without taking it up for a change."""
    instance = session.get_one(ProcessInstance, instance_id)
    execution = Execution.load(instance.state, CommandHost(engine, session, instance, actor))
    return Running(instance, execution, execution.waits(), actor)


def store(engine: Engine, session: Session, running: Running) -> None:
    """Write the state back and make the wait rows match it, in the caller's transaction."""
    instance, execution = running.instance, running.execution
    now = engine.clock.now()
    after = execution.waits()
    instance.state = execution.dump()
    if execution.completed:
        instance.status, instance.ended_at = "ended", now
        instance.end_event = ",".join(execution.end_events)[:120]
        evidence.record(session, now, running.actor, chain_of(instance), "instance:end", instance=instance.id, end_event=instance.end_event)
    session.flush()  # the version column speaks here, before anything else is written
    _sync_user_tasks(session, running, after, now)
    _sync_jobs(session, running, after)
    _sync_subscriptions(session, running, after)
    _sync_incidents(session, running, after, now)
    _write_element_runs(session, running)
    for thrown in execution.thrown():
        schedule_deliveries(session, thrown, now)


def record_cancel(engine: Engine, session: Session, running: Running, reason: str) -> None:
    """Keep as evidence that the instance was ended by hand; the reason itself stays outside the chain."""
    facts = {"instance": running.instance.id, "reason_digest": evidence.digest(reason)}
    evidence.record(session, engine.clock.now(), running.actor, chain_of(running.instance), "instance:cancel", **facts)


def task_id(instance_id: int, token: int) -> str:
    return f"{instance_id}-{token}"


def inbox_audiences(task: UserTask) -> list[str]:
    """Who sees the open task: its assignee alone once it has one, else its candidates."""
    if task.assignee:
        return [f"user:{task.assignee}"]
    groups = [f"group:{task.org_unit}:{group}" for group in task.candidate_groups]
    return [*(f"user:{user}" for user in task.candidate_users), *groups]


def refresh_inbox(session: Session, task: UserTask) -> None:
    """Rewrite who sees a task after it was claimed, handed over or put back."""
    session.execute(delete(InboxEntry).where(InboxEntry.task_id == task.id))
    _add_inbox_entries(session, [task])


def schedule_deliveries(session: Session, thrown: Thrown, now: datetime) -> int:
    """Queue a job for each token that waits for the event: one receiver of a message, every receiver of a signal."""
    waiting = select(Subscription).where(Subscription.kind == thrown.kind, Subscription.name == thrown.name)
    if thrown.kind == "message":
        waiting = waiting.where(Subscription.correlation_key == thrown.correlation_key).limit(1)
    receivers = session.scalars(waiting).all()
    for receiver in receivers:
        session.add(
            Job(
                kind="delivery",
                instance_id=receiver.instance_id,
                token=receiver.token,
                element_id=receiver.element_id,
                payload={"variables": dict(thrown.variables)},
                due_at=now,
                run_at=now,
            )
        )
    return len(receivers)


def chain_of(instance: ProcessInstance) -> str:
    """The evidence chain an instance belongs to: its case, or itself."""
    return instance.business_key or f"instance-{instance.id}"


def _sync_user_tasks(session: Session, running: Running, after: Waits, now: datetime) -> None:
    gone = [task_id(running.instance.id, token) for token in running.before.user_tasks.keys() - after.user_tasks.keys()]
    if gone:
        # Tasks completed by this command carry their end already; what is left was withdrawn by an event.
        withdrawn = update(UserTask).where(UserTask.id.in_(gone), UserTask.ended_at.is_(None))
        session.execute(withdrawn.values(ended_at=now, outcome="cancelled").execution_options(synchronize_session=False))
        session.execute(delete(InboxEntry).where(InboxEntry.task_id.in_(gone)))
    fresh = [
        _user_task(session, running.instance, after.user_tasks[token])
        for token in after.user_tasks.keys() - running.before.user_tasks.keys()
    ]
    session.add_all(fresh)
    if fresh:
        session.flush()
        _add_inbox_entries(session, fresh)


def _add_inbox_entries(session: Session, tasks: list[UserTask]) -> None:
    entries = [
        {"audience": audience, "due_key": task.due_at or NO_DUE_DATE, "task_id": task.id}
        for task in tasks
        for audience in inbox_audiences(task)
    ]
    if entries:
        session.execute(insert(InboxEntry), entries)


def _user_task(session: Session, instance: ProcessInstance, wait: UserTaskWait) -> UserTask:
    form_id = None
    if wait.form_key and wait.form_binding in ("deployment", "version"):
        form_id = resolve(session, "form", wait.form_key, wait.form_binding, wait.form_version, instance.definition_id).id
    return UserTask(
        id=task_id(instance.id, wait.token),
        instance_id=instance.id,
        token=wait.token,
        element_id=wait.element_id,
        name=wait.name,
        process_key=wait.process_key,
        business_key=instance.business_key,
        org_unit=instance.org_unit,
        lane=wait.lane,
        assignee=wait.assignee,
        candidate_users=list(wait.candidate_users),
        candidate_groups=list(wait.candidate_groups),
        due_at=wait.due_at,
        warn_at=_warn_at(wait),
        follow_up_at=wait.follow_up_at,
        priority=wait.priority,
        form_key=wait.form_key,
        form_definition_id=form_id,
        created_at=wait.created_at,
    )


def _warn_at(wait: UserTaskWait) -> datetime | None:
    if wait.due_at is None:
        return None
    return wait.created_at + max(timedelta(0), wait.due_at - wait.created_at) * WARNING_SHARE


def _sync_jobs(session: Session, running: Running, after: Waits) -> None:
    before = _jobs(running.before, running.instance)
    wanted = _jobs(after, running.instance)
    gone = [token for token, job in before.items() if wanted.get(token) != job]
    if gone:
        session.execute(
            delete(Job).where(Job.instance_id == running.instance.id, Job.token.in_(gone), Job.kind.in_(("timer", "continuation")))
        )
    fresh = [job for token, job in wanted.items() if before.get(token) != job]
    if fresh:
        session.execute(insert(Job), fresh)


def _jobs(waits: Waits, instance: ProcessInstance) -> dict[int, dict[str, Any]]:
    timers = {token: _job("timer", instance, wait, wait.due_at) for token, wait in waits.timers.items()}
    continuations = {token: _job("continuation", instance, wait, instance.started_at) for token, wait in waits.continuations.items()}
    return timers | continuations


def _job(kind: str, instance: ProcessInstance, wait: TimerWait | ContinuationWait, due_at: datetime) -> dict[str, Any]:
    return {
        "kind": kind,
        "instance_id": instance.id,
        "token": wait.token,
        "element_id": wait.element_id,
        "payload": {},
        "due_at": due_at,
        "run_at": due_at,
        "attempts": 0,
    }


def _sync_subscriptions(session: Session, running: Running, after: Waits) -> None:
    before = running.before.subscriptions
    gone = [token for token in before if token not in after.subscriptions]
    if gone:
        session.execute(delete(Subscription).where(Subscription.instance_id == running.instance.id, Subscription.token.in_(gone)))
    fresh = [_subscription(running.instance, wait) for token, wait in after.subscriptions.items() if token not in before]
    if fresh:
        session.execute(insert(Subscription), fresh)


def _subscription(instance: ProcessInstance, wait: SubscriptionWait) -> dict[str, Any]:
    return {
        "instance_id": instance.id,
        "token": wait.token,
        "kind": wait.kind,
        "name": wait.name,
        "correlation_key": wait.correlation_key,
        "element_id": wait.element_id,
    }


def _sync_incidents(session: Session, running: Running, after: Waits, now: datetime) -> None:
    before = running.before.failures
    gone = [token for token, failure in before.items() if after.failures.get(token) != failure]
    if gone:
        resolved = update(Incident).where(
            Incident.instance_id == running.instance.id, Incident.token.in_(gone), Incident.resolved_at.is_(None)
        )
        session.execute(resolved.values(resolved_at=now).execution_options(synchronize_session=False))
    for token, failure in after.failures.items():
        if before.get(token) != failure:
            session.add(_incident(running.instance, failure, now))
            facts = {"instance": running.instance.id, "element": failure.element_id}
            evidence.record(session, now, SYSTEM, chain_of(running.instance), "incident:raise", **facts)


def _incident(instance: ProcessInstance, failure: Failure, now: datetime) -> Incident:
    return Incident(
        instance_id=instance.id,
        token=failure.token,
        element_id=failure.element_id,
        message=failure.message,
        detail=failure.detail,
        created_at=now,
    )


def _write_element_runs(session: Session, running: Running) -> None:
    """History rows: a visit that this command ended but did not begin has its row already."""
    runs = [_element_run(running, run) for run in running.execution.element_runs()]
    write_or_update(session, ElementRun, runs, key=("instance_id", "token"), changing=("left_at", "outcome", "actor"))


def _element_run(running: Running, run: ElementVisit) -> dict[str, Any]:
    return {
        "instance_id": running.instance.id,
        "token": run.token,
        "definition_id": run.definition_id,
        "process_key": run.process_key,
        "element_id": run.element_id,
        "element_name": run.element_name,
        "type": run.type,
        "entered_at": run.entered_at,
        "left_at": run.left_at,
        "outcome": run.outcome,
        "actor": running.actor.id,
    }

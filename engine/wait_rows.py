"""The rows that mirror what an instance waits for: user tasks, inbox entries, jobs, subscriptions, incidents. Writes differences only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from engine.actors import SYSTEM
from engine.bpmn.waits import ContinuationWait, Failure, SubscriptionWait, TimerWait, UserTaskWait, Waits
from engine.clock import local
from engine.db import statements
from engine.db.base import NO_DUE_DATE
from engine.db.rows import InstanceRow, TaskRow
from engine.services import evidence, leave, people
from engine.versions import Place, resolve

#: A task turns yellow when this share of its time has gone (domain table DT08, row K7: 20 % left).
WARNING_SHARE = 0.8


def write_changes(session: Session, instance: InstanceRow, before: Waits, after: Waits, now: datetime, ended: set[int]) -> None:
    """Make the rows match ``after``. Tasks of the tokens in ``ended`` carry their end already."""
    _write_user_tasks(session, instance, before.user_tasks, after.user_tasks, now, ended)
    _write_jobs(session, instance, before, after)
    _write_subscriptions(session, instance, before.subscriptions, after.subscriptions)
    _write_incidents(session, instance, before.failures, after.failures, now)


def refresh_inbox(session: Session, task: TaskRow) -> None:
    """Rewrite who sees a task after it was claimed, handed over or put back."""
    statements.REMOVE_INBOX_ENTRIES.change(session, task=task.id)
    statements.ADD_INBOX_ENTRY.change_each(session, _entries(task.id, task.org_unit, task))


def task_id(instance_id: int, token: int) -> str:
    return f"{instance_id}-{token}"


def _write_user_tasks(
    session: Session,
    instance: InstanceRow,
    before: Mapping[int, UserTaskWait],
    after: Mapping[int, UserTaskWait],
    now: datetime,
    ended: set[int],
) -> None:
    gone = before.keys() - after.keys()
    statements.WITHDRAW_TASK.change_each(session, [{"task_id": task_id(instance.id, token), "ended_at": now} for token in gone - ended])
    statements.REMOVE_INBOX_ENTRIES.change_each(session, [{"task": task_id(instance.id, token)} for token in gone])
    standing_in = [_stood_in(session, after[token], now) for token in after if token not in before]
    fresh = [wait for wait, _ in standing_in]
    statements.ADD_TASK.change_each(session, [task_columns(session, instance, wait, now) for wait in fresh])
    entries = [entry for wait in fresh for entry in _entries(task_id(instance.id, wait.token), instance.org_unit, wait)]
    statements.ADD_INBOX_ENTRY.change_each(session, entries)
    for wait, leaves in standing_in:
        leave.note(session, leaves, [task_id(instance.id, wait.token)])
    _write_moved_tasks(session, instance, [after[token] for token in after if _is_moved(before.get(token), after[token])])


def _is_moved(before: UserTaskWait | None, after: UserTaskWait) -> bool:
    """A clock that the task follows has moved."""
    if before is None or before is after:
        return False
    return (before.due_at, before.follow_up_at) != (after.due_at, after.follow_up_at)


def _write_moved_tasks(session: Session, instance: InstanceRow, moved: list[UserTaskWait]) -> None:
    """New moments make nobody's page stale: the task is the same."""
    for wait in moved:
        number = task_id(instance.id, wait.token)
        moments = {"due_at": wait.due_at, "warn_at": _warn_at(wait), "follow_up_at": wait.follow_up_at}
        statements.MOVE_TASK.change(session, task_id=number, **moments)
        statements.MOVE_INBOX_ENTRIES.change(session, task=number, due_key=wait.due_at or NO_DUE_DATE)


def _stood_in(session: Session, wait: UserTaskWait, now: datetime) -> tuple[UserTaskWait, tuple[int, ...]]:
    """The task as it is for today: who is on leave has a deputy; and the leaves because of which he has it."""
    if wait.assignee is None:
        return wait, ()
    person, leaves = people.stand_in(session, wait.assignee, local(now).date())
    return (replace(wait, assignee=person), leaves) if leaves else (wait, ())


def task_columns(session: Session, instance: InstanceRow, wait: UserTaskWait, now: datetime) -> dict[str, Any]:
    """The row of a task that has just begun."""
    form_id = None
    if wait.form_key and wait.form_binding in ("deployment", "version", "versionTag"):
        place = Place(instance.org_unit, now)
        form_id = resolve(session, "form", wait.form_key, wait.form_binding, wait.form_version, wait.definition_id, place).id
    return {
        "id": task_id(instance.id, wait.token),
        "instance_id": instance.id,
        "token": wait.token,
        "element_id": wait.element_id,
        "name": wait.name,
        "process_key": wait.process_key,
        "business_key": instance.business_key,
        "org_unit": instance.org_unit,
        "lane": wait.lane,
        "assignee": wait.assignee,
        "candidate_users": wait.candidate_users,
        "candidate_groups": wait.candidate_groups,
        "due_at": wait.due_at,
        "warn_at": _warn_at(wait),
        "follow_up_at": wait.follow_up_at,
        "priority": wait.priority,
        "form_key": wait.form_key,
        "form_definition_id": form_id,
        "created_at": wait.created_at,
        "version": 1,
    }


def _warn_at(wait: UserTaskWait) -> datetime | None:
    if wait.due_at is None:
        return None
    return wait.created_at + max(timedelta(0), wait.due_at - wait.created_at) * WARNING_SHARE


def _entries(task_id: str, org_unit: str, task: UserTaskWait | TaskRow) -> list[dict[str, Any]]:
    """Who sees the open task: its assignee alone once it has one, else its candidates."""
    if task.assignee:
        audiences = [f"user:{task.assignee}"]
    else:
        groups = [f"group:{org_unit}:{group}" for group in task.candidate_groups]
        audiences = [*(f"user:{user}" for user in task.candidate_users), *groups]
    return [{"audience": audience, "due_key": task.due_at or NO_DUE_DATE, "task_id": task_id} for audience in audiences]


def _write_jobs(session: Session, instance: InstanceRow, waits_before: Waits, waits_after: Waits) -> None:
    before, after = _jobs(waits_before, instance), _jobs(waits_after, instance)
    gone = [{"instance_id": instance.id, "token": token} for token, job in before.items() if after.get(token) != job]
    statements.REMOVE_JOB_OF_TOKEN.change_each(session, gone)
    statements.ADD_JOB.change_each(session, [job for token, job in after.items() if before.get(token) != job])


def _jobs(waits: Waits, instance: InstanceRow) -> dict[int, dict[str, Any]]:
    timers = {token: _job("timer", instance, wait, wait.due_at or NO_DUE_DATE) for token, wait in waits.timers.items()}
    continuations = {token: _job("continuation", instance, wait, instance.started_at) for token, wait in waits.continuations.items()}
    return timers | continuations


def _job(kind: str, instance: InstanceRow, wait: TimerWait | ContinuationWait, due_at: datetime) -> dict[str, Any]:
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


def _write_subscriptions(
    session: Session, instance: InstanceRow, before: Mapping[int, SubscriptionWait], after: Mapping[int, SubscriptionWait]
) -> None:
    gone = [{"instance_id": instance.id, "token": token} for token in before if token not in after]
    statements.REMOVE_SUBSCRIPTION.change_each(session, gone)
    fresh = [_subscription(instance, wait) for token, wait in after.items() if token not in before]
    statements.ADD_SUBSCRIPTION.change_each(session, fresh)


def _subscription(instance: InstanceRow, wait: SubscriptionWait) -> dict[str, Any]:
    return {
        "instance_id": instance.id,
        "token": wait.token,
        "kind": wait.kind,
        "name": wait.name,
        "correlation_key": wait.correlation_key,
        "element_id": wait.element_id,
    }


def _write_incidents(
    session: Session, instance: InstanceRow, before: Mapping[int, Failure], after: Mapping[int, Failure], now: datetime
) -> None:
    gone = [token for token, failure in before.items() if after.get(token) != failure]
    resolved = [{"of_instance": instance.id, "of_token": token, "resolved_at": now} for token in gone]
    statements.RESOLVE_INCIDENT.change_each(session, resolved)
    for token, failure in after.items():
        if before.get(token) != failure:
            statements.ADD_INCIDENT.change(session, **_incident(instance, failure, now))
            evidence.record(session, now, SYSTEM, instance.chain, "incident:raise", instance=instance.id, element=failure.element_id)


def _incident(instance: InstanceRow, failure: Failure, now: datetime) -> dict[str, Any]:
    return {
        "instance_id": instance.id,
        "token": failure.token,
        "element_id": failure.element_id,
        "message": failure.message,
        "detail": failure.detail,
        "created_at": now,
    }

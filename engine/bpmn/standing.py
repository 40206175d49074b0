"""Reads where the tokens of an instance stand: the waits, built from what was evaluated when each token arrived."""

from __future__ import annotations

from datetime import datetime

from engine.bpmn.process import Process
from engine.bpmn.settings import UserTask
from engine.bpmn.token import Token, Wait
from engine.bpmn.waits import ContinuationWait, Failure, SubscriptionWait, TimerWait, UserTaskWait, Waits


def waits_of(process: Process) -> Waits:
    """All waits of an instance in all its levels."""
    user_tasks: dict[int, UserTaskWait] = {}
    timers: dict[int, TimerWait] = {}
    subscriptions: dict[int, SubscriptionWait] = {}
    continuations: dict[int, ContinuationWait] = {}
    failures: dict[int, Failure] = {}
    for token in process.index.values():
        wait = token.wait
        if wait is None:
            continue
        match wait["kind"]:
            case "user_task":
                user_tasks[token.id] = _shown_task(token, wait)
            case "timer":
                timers[token.id] = TimerWait(token.id, token.task_spec.name, _moment(wait["due"]), _repeats(token, wait))
            case "message" | "signal" as kind:
                subscriptions[token.id] = SubscriptionWait(token.id, token.task_spec.name, kind, wait["name"], wait["key"])
            case "continuation":
                continuations[token.id] = ContinuationWait(token.id, token.task_spec.name, token.task_spec.common.retry_cycle)
            case "failure":
                failures[token.id] = _failure(token, wait)
    return Waits(user_tasks, timers, subscriptions, continuations, failures)


def _failure(token: Token, wait: Wait) -> Failure:
    return Failure(token.id, token.task_spec.name, wait["message"], wait["detail"], token.task_spec.common.retry_cycle)


def _shown_task(token: Token, wait: Wait) -> UserTaskWait:
    """Made once: a command asks twice, before and after, and of a thousand parallel tasks it changes one."""
    shown = token.shown
    if shown is None or shown[0] is not wait or shown[1] is not token.task_spec:
        token.shown = shown = wait, token.task_spec, _user_task(token, wait)
    return shown[2]


def _user_task(token: Token, wait: Wait) -> UserTaskWait:
    node = token.task_spec
    settings, element = node.settings, node.element
    assert isinstance(settings, UserTask) and token.entered_at is not None
    return UserTaskWait(
        token=token.id,
        element_id=element.id,
        name=element.name,
        process_key=token.workflow.spec.process_key,
        definition_id=token.workflow.definition_id,
        lane=element.lane,
        assignee=wait["assignee"],
        candidate_users=tuple(wait["users"]),
        candidate_groups=tuple(wait["groups"]),
        due_at=_moment(wait["due"]),
        follow_up_at=_moment(wait["follow_up"]),
        priority=wait["priority"],
        form_key=wait["form"],
        form_binding=settings.form.binding if settings.form is not None else None,
        form_version=settings.form.version if settings.form is not None else None,
        created_at=datetime.fromisoformat(token.entered_at),
        documentation=element.documentation,
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text is not None else None


def _repeats(token: Token, wait: Wait) -> bool:
    """Only a cycle at a non-interrupting boundary event is set again."""
    return wait["left"] != 1 and not getattr(token.task_spec, "is_interrupting", True)

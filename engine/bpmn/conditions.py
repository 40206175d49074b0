"""Conditional events: looked at after each step, with what all branches have set; they occur when they become true."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.bpmn.catching import AttachedEvent, WaitingNode
from engine.bpmn.data import Variables, changes, is_same, merge
from engine.bpmn.failures import Broken, broken
from engine.bpmn.host import asked
from engine.bpmn.settings import Condition

if TYPE_CHECKING:
    from engine.bpmn.process import Level, Process
    from engine.bpmn.token import Token


def look(token: Token) -> None:
    """Let the event occur for which ``token`` waits, if its condition has become true."""
    event = token.task_spec
    assert isinstance(event, WaitingNode) and token.wait is not None
    level = token.workflow
    beside = token.parent if isinstance(event, AttachedEvent) and token.parent.id > 0 else token
    seen = _seen(level, beside)
    if not _concerns(token, seen):
        return
    try:
        is_true = _holds(token, seen)
    except Broken as failure:
        token.fail(failure.message, failure.detail)
        return
    was_true, token.wait = token.wait["was"], {**token.wait, "was": is_true}
    if is_true and not was_true:
        _publish(level)
        event.occurred(token, {})


def _concerns(token: Token, seen: Variables) -> bool:
    """Whether the variable that the event names has changed as it wants; an event that names none looks at everything."""
    settings, wait = token.task_spec.settings, token.wait
    assert isinstance(settings, Condition) and wait is not None
    if settings.variable is None:
        return True
    before, now = wait.get("last"), [seen[settings.variable]] if settings.variable in seen else []
    wait["last"] = now
    if before is None or is_same(before, now):
        return before is None
    return ("update" if before else "create") in settings.on


def _holds(token: Token, variables: Variables) -> bool:
    """As in Camunda, what cannot be told yet (often a variable that nobody has set) is not true."""
    settings = token.task_spec.settings
    assert isinstance(settings, Condition)
    try:
        value: Any = asked(token.top.host.evaluate, settings.expression.source, variables)
    except Broken:
        return False
    if value is not None and not isinstance(value, bool):
        raise broken("conditional", value, condition=settings.expression.source)
    return bool(value)


def _seen(level: Process | Level, last: Token | None) -> Variables:
    """What the branches of a level and of the levels around it have set; inner values win."""
    own: Variables = level.view(last=last)
    if level.is_isolated:
        return own
    activity: Token = level.activity
    base: Token = activity.parent if activity.is_instance else activity
    return merge(base.data, _seen(activity.workflow, activity), own, lambda *_: None)


def _publish(level: Process | Level) -> None:
    """What the event has seen holds for all branches from here on; else a later join would take it for a change of its own.

    A variable that two branches have set differently stays theirs until they join.
    """
    if not level.is_isolated:
        _publish(level.activity.workflow)
    disputed: set[str] = set()
    seen = level.view(on_conflict=lambda name, *_: disputed.add(name))
    for main in level.task_tree.child_tokens():
        main.spread({name: value for name, value in changes(main.data, seen).items() if name not in disputed}, last_wins_at=None)

"""An instance as a person looks at it: its scopes, the tokens in them, and the variables of each. Values only; changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.bpmn.catching import WaitingNode
from engine.bpmn.data import changes, owned_variables
from engine.bpmn.execution import Execution
from engine.bpmn.process import Level, Process
from engine.bpmn.token import Token


@dataclass(frozen=True)
class StandingToken:
    """One token at an element. ``waits_for`` is user_task, timer, message, signal, condition, join, inclusive, continuation, failure,
    or empty while something runs inside it; ``beside`` marks an event that waits for another token; ``own`` are its own variables."""

    token: int
    element_id: str
    element_name: str
    type: str
    since: datetime | None
    waits_for: str
    due_at: datetime | None
    message: str
    beside: bool
    own: Mapping[str, Any]


@dataclass(frozen=True)
class Scope:
    """A level: the process itself, a sub-process (with only what it has set otherwise), or a called process.

    ``token`` is that of its activity, None for the process itself; ``outer`` is the scope around it.
    """

    token: int | None
    outer: int | None
    definition_id: int
    process_key: str
    element_id: str
    is_called: bool
    variables: Mapping[str, Any]
    tokens: tuple[StandingToken, ...]


def scopes(execution: Execution) -> tuple[Scope, ...]:
    """All levels, the outer ones first."""
    process = execution._process
    inner: list[Process | Level] = sorted(process.subprocesses.values(), key=lambda level: level.depth)
    return tuple(_scope(level) for level in [process, *inner])


def _scope(level: Process | Level) -> Scope:
    activity = level.activity if isinstance(level, Level) else None
    outer = activity.workflow if activity is not None else None
    variables = level.view() if not level.completed else level.data
    if activity is not None and not level.is_isolated:
        variables = changes(activity.data, variables)
    tokens = [*list(level.task_tree.subtree())[1:], *level.watchers()]
    return Scope(
        token=activity.id if activity is not None else None,
        outer=outer.activity.id if isinstance(outer, Level) else None,
        definition_id=level.definition_id,
        process_key=level.spec.process_key,
        element_id=activity.task_spec.name if activity is not None else "",
        is_called=activity is not None and level.is_isolated,
        variables=owned_variables(variables),
        tokens=tuple(_standing(token) for token in tokens if token.is_open),
    )


def _standing(token: Token) -> StandingToken:
    wait, element = token.wait or {}, token.task_spec.element
    due = wait.get("due")
    own = changes(token.parent.data, token.data) if token.is_instance else {}
    return StandingToken(
        token=token.id,
        element_id=element.id,
        element_name=element.name,
        type=element.type,
        since=datetime.fromisoformat(token.entered_at) if token.entered_at is not None else None,
        waits_for=wait.get("kind", ""),
        due_at=datetime.fromisoformat(due) if due is not None else None,
        message=wait.get("message", ""),
        beside=token.entered_at is None and isinstance(token.task_spec, WaitingNode),
        own=owned_variables({**own, **token.local}),
    )

"""What an execution shows to the outside: where it waits, what it threw, which elements ran. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from engine.bpmn.model import Binding, BoundTo

Outcome = Literal["completed", "cancelled", "waiting", "failed"]
EventKind = Literal["message", "signal"]


@dataclass(frozen=True)
class Activity:
    """What an operation may know of the element that calls it."""

    token: int
    element_id: str
    element_name: str
    process_key: str
    variables: Mapping[str, Any]


@dataclass(frozen=True)
class UserTaskWait:
    """Work for a person, with everything an inbox row needs."""

    token: int
    element_id: str
    name: str
    process_key: str
    definition_id: int
    lane: str | None
    assignee: str | None
    candidate_users: tuple[str, ...]
    candidate_groups: tuple[str, ...]
    due_at: datetime | None
    follow_up_at: datetime | None
    priority: int
    form_key: str | None
    form_binding: Binding | None
    form_version: BoundTo
    created_at: datetime
    documentation: str


@dataclass(frozen=True)
class TimerWait:
    """A timer that runs; ``repeats`` when it is set again after firing. No moment: the clock that it follows does not run."""

    token: int
    element_id: str
    due_at: datetime | None
    repeats: bool


@dataclass(frozen=True)
class SubscriptionWait:
    """A message or signal that is awaited."""

    token: int
    element_id: str
    kind: EventKind
    name: str
    correlation_key: str | None


@dataclass(frozen=True)
class ContinuationWait:
    """An asynchronous continuation (``asyncBefore``, ``asyncAfter``); ``retry_cycle`` as in ``R3/PT5M``."""

    token: int
    element_id: str
    retry_cycle: str | None


@dataclass(frozen=True)
class Failure:
    """A token that cannot go on until somebody retries it; ``retry_cycle`` as in ``R3/PT5M`` if the element has one."""

    token: int
    element_id: str
    message: str
    detail: str
    retry_cycle: str | None = None


@dataclass(frozen=True)
class Waits:
    """Everything an execution waits for, each by its token."""

    user_tasks: Mapping[int, UserTaskWait]
    timers: Mapping[int, TimerWait]
    subscriptions: Mapping[int, SubscriptionWait]
    continuations: Mapping[int, ContinuationWait]
    failures: Mapping[int, Failure]


@dataclass(frozen=True)
class Thrown:
    """A message or signal that leaves the instance."""

    kind: EventKind
    name: str
    correlation_key: str | None
    variables: Mapping[str, Any]


@dataclass(frozen=True)
class ElementRun:
    """One pass of one token through one element."""

    token: int
    element_id: str
    element_name: str
    type: str
    process_key: str
    definition_id: int
    entered_at: datetime
    left_at: datetime | None
    outcome: Outcome


@dataclass(frozen=True)
class MergeConflict:
    """Two branches changed one variable differently; ``kept`` came from the token that arrived last."""

    element_id: str
    variable: str
    kept: Any
    dropped: Any

"""What tokens wait for, in the words of the new version: tasks, timers, messages; events at borders and beside levels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar, cast

from SpiffWorkflow.util.task import TaskState

from engine.bpmn import timers
from engine.bpmn.catching import AttachedEvent, BoundaryEvent, EventGateway, WaitingNode
from engine.bpmn.clock_references import FOLLOWED
from engine.bpmn.compensation import REPLAY
from engine.bpmn.event_sub_processes import EventStart
from engine.bpmn.failures import Broken
from engine.bpmn.host import Host
from engine.bpmn.process import Level, Process
from engine.bpmn.settings import Timer, UserTask
from engine.bpmn.specs import Node, ProcessSpec
from engine.bpmn.tasks import user_task_wait
from engine.bpmn.token import Token, Wait

if TYPE_CHECKING:
    from engine.bpmn.migration.moving import Walk

E = TypeVar("E", bound=AttachedEvent)

#: A setting of a user task and the key under which its token keeps what it came to.
_TASK_KEYS = {
    "assignee": "assignee",
    "candidate_users": "users",
    "candidate_groups": "groups",
    "due": "due",
    "follow_up": "follow_up",
    "priority": "priority",
    "form": "form",
}
_MOMENTS = ("due", "follow_up")


def renew_token(walk: Walk, token: Token, old: Node, new: Node) -> None:
    """Everything about a token at work that the new version says otherwise; what it says alike stays as it was evaluated then."""
    try:
        if token.wait is not None and token.wait["kind"] == "user_task":
            _renew_inputs(token, old, new)
            _renew_user_task(walk, token, old, new)
        elif token.wait is not None and isinstance(new, WaitingNode) and token.wait["kind"] not in ("continuation", "failure"):
            _renew_inputs(token, old, new)
            _renew_wait(walk, token, old, new, token)
        elif isinstance(new, EventGateway) and token._children:
            _renew_branches(walk, token, new)
    except Broken as failure:
        walk.refuse("evaluation", new.name, token, failure.message)
    if not token.is_instance:
        _renew_boundaries(walk, token, old, new)


def renew_watchers(walk: Walk, level: Process | Level, old: ProcessSpec) -> None:
    """What waits beside a level: event sub-processes renamed, taken away, and new ones."""
    waiting = {token.task_spec.name: token for token in level.watchers()}
    known = _renew_attached(walk, waiting, old.events, level.spec.events)
    if _is_interrupted(walk, level) or (isinstance(level, Level) and level.activity.flow == REPLAY):
        return
    for event in level.spec.events:
        if event.is_awaited and event.name not in known:
            _arm_start(walk, level, event)


def begin_scope(walk: Walk, host: Token, level: Level) -> None:
    """A sub-process was drawn around a step that runs: all its events are awaited from now on."""
    for boundary in host.task_spec.boundaries:
        _arm_boundary(walk, host, boundary)
    for event in level.spec.events:
        if event.is_awaited:
            _arm_start(walk, level, event)


# --- tasks ----------------------------------------------------------------------------------------------------------------------------


def _renew_user_task(walk: Walk, token: Token, old: Node, new: Node) -> None:
    before, after = old.settings, new.settings
    assert isinstance(before, UserTask) and isinstance(after, UserTask) and token.wait is not None
    changed = {field.name for field in fields(UserTask) if getattr(before, field.name) != getattr(after, field.name)}
    if walk.move.timers == "keep":
        changed -= {name for name in _MOMENTS if token.wait[_TASK_KEYS[name]] is not None or FOLLOWED[name] in token.wait}
    if not changed:
        return
    asked = replace(after, **{name: None for name in _TASK_KEYS if name not in changed})
    with _counting_from(walk, _entered_at(token)):
        fresh = user_task_wait(token, asked)
    kept = {key: value for key, value in token.wait.items() if key not in [FOLLOWED[name] for name in changed & FOLLOWED.keys()]}
    renewed = {_TASK_KEYS[name] for name in changed} | {FOLLOWED[name] for name in changed & FOLLOWED.keys()}
    token.wait = {**kept, **{key: value for key, value in fresh.items() if key in renewed}}


def _renew_inputs(token: Token, old: Node, new: Node) -> None:
    before = {parameter.name: parameter for parameter in old.common.inputs}
    after = {parameter.name: parameter for parameter in new.common.inputs}
    if before == after:
        return
    kept = {name: value for name, value in token.local.items() if name not in before or before[name] == after.get(name)}
    token.local = kept
    fresh = token.values_of(tuple(parameter for name, parameter in after.items() if before.get(name) != parameter))
    token.local = {**kept, **fresh}


# --- events ---------------------------------------------------------------------------------------------------------------------------


def _renew_wait(walk: Walk, token: Token, old: Node, new: WaitingNode, seen: Token) -> None:
    """``seen`` is the token whose variables the event sees."""
    wait = token.wait
    assert wait is not None
    if wait["kind"] == "failure" or (old.settings == new.settings and old.common.correlation_key == new.common.correlation_key):
        return
    if wait["kind"] == "timer" and isinstance(new.settings, Timer) and walk.move.timers == "keep":
        return
    token.hold(**_awaited(walk, new, seen, _began(walk, token)))


def _renew_branches(walk: Walk, gateway: Token, new: EventGateway) -> None:
    """Behind an event-based gateway: the events that it waits for."""
    flows = {flow.target.name: flow for flow in new.flows}
    for child in gateway.child_tokens():
        old, image = child.task_spec, walk.plan.mapping.get(child.task_spec.name)
        flow = flows.pop(image, None) if image is not None else None
        if flow is None:
            _disarm(walk, child)
        else:
            child.task_spec, child.flow = flow.target, flow.id
            assert isinstance(flow.target, WaitingNode)
            _renew_wait(walk, child, old, flow.target, gateway)
    for flow in flows.values():
        assert isinstance(flow.target, WaitingNode)
        flow.target.watch(gateway, _awaited(walk, flow.target, gateway, _entered_at(gateway)))
        gateway.child_tokens()[-1].flow = flow.id
        walk.found.armed.append(flow.target.name)


def _renew_boundaries(walk: Walk, token: Token, old: Node, new: Node) -> None:
    if not old.boundaries and not new.boundaries:
        return
    waiting = {child.task_spec.name: child for child in token.child_tokens() if isinstance(child.task_spec, BoundaryEvent)}
    known = _renew_attached(walk, waiting, old.boundaries, new.boundaries)
    if not _is_at_work(token, bool(waiting)):
        return
    for event in new.boundaries:
        if event.is_awaited and event.name not in known:
            _arm_boundary(walk, token, event)


def _renew_attached(walk: Walk, waiting: Mapping[str, Token], old: Iterable[E], new: Iterable[E]) -> set[str]:
    """Events of the old version go on as those of the new one, or end. Gives the new ones that need not begin.

    One that no longer waits has occurred for the last time: it does not begin again.
    """
    images, known = {event.name: event for event in new}, set[str]()
    for event in old:
        image = images.get(walk.plan.mapping.get(event.name) or "")
        token = waiting.get(event.name)
        if token is not None and (image is None or not image.is_awaited):
            _disarm(walk, token)
        elif token is not None and image is not None:
            token.task_spec = image
            _renew_attached_wait(walk, token, event, image)
        if image is not None and event.is_awaited:
            known.add(image.name)
    return known


def _renew_attached_wait(walk: Walk, token: Token, old: AttachedEvent, new: AttachedEvent) -> None:
    try:
        if isinstance(new, EventStart):
            with _seeing_level(token):
                _renew_wait(walk, token, old, new, token)
        else:
            _renew_wait(walk, token, old, new, token.parent)
    except Broken as failure:
        walk.refuse("evaluation", new.name, token, failure.message)


def _arm_boundary(walk: Walk, activity: Token, event: BoundaryEvent) -> None:
    if not event.is_awaited:
        return
    try:
        event.watch(activity, _awaited(walk, event, activity, _entered_at(activity)))
        walk.found.armed.append(event.name)
    except Broken as failure:
        walk.refuse("evaluation", event.name, activity, failure.message)


def _arm_start(walk: Walk, level: Process | Level, event: EventStart) -> None:
    """As ``EventStart.arm``, but what cannot be evaluated is an obstacle, and time may count from the level's beginning."""
    token = Token(level, event, level.watch_tree)
    try:
        with _seeing_level(token):
            token.hold(**_awaited(walk, event, token, _began(walk, token)))
        walk.found.armed.append(event.name)
    except Broken as failure:
        walk.refuse("evaluation", event.name, token, failure.message)


def _disarm(walk: Walk, token: Token) -> None:
    walk.found.disarmed.append(token.task_spec.name)
    token.parent._children.remove(token.id)
    token.discard()


def _awaited(walk: Walk, event: WaitingNode, seen: Token, start: datetime) -> Wait:
    """What the event waits for. Its time counts from now, or from ``start`` when timers are computed again."""
    if walk.move.timers == "keep" or not isinstance(event.settings, Timer):
        return event.awaited(seen)
    with _counting_from(walk, start):
        wait = event.awaited(seen)
    if wait.get("interval") and datetime.fromisoformat(wait["due"]) <= walk.process.host.now():
        wait = {**timers.following(walk.process.host, wait), "left": wait["left"]}
    return wait


def _is_at_work(token: Token, is_watched: bool) -> bool:
    """What is at its work is watched; what has not begun, or is to be retried from the beginning, will be."""
    if token.phase not in ("entered", "leaving"):
        return False
    if token._state == TaskState.STARTED:
        return True
    kind = token.wait["kind"] if token.wait is not None else None
    return is_watched if kind == "failure" else kind not in (None, "continuation", "join", "inclusive")


def _is_interrupted(walk: Walk, level: Process | Level) -> bool:
    """An interrupting event sub-process runs instead of everything else."""
    running = {token.task_spec.name for token in level.task_tree.child_tokens()}
    return any(event.is_interrupting and event.target.name in running for event in level.spec.events)


# --- moments --------------------------------------------------------------------------------------------------------------------------


def _entered_at(token: Token) -> datetime:
    assert token.entered_at is not None
    return datetime.fromisoformat(token.entered_at)


def _began(walk: Walk, token: Token) -> datetime:
    """When the waiting began: with the token itself, with the activity at whose border it is, or with the level."""
    if token.entered_at is not None:
        return _entered_at(token)
    if not isinstance(token.task_spec, EventStart):
        return _entered_at(token.parent)
    level = token.workflow
    return walk.move.began_at if isinstance(level, Process) else _entered_at(level.activity)


@contextmanager
def _seeing_level(token: Token) -> Iterator[None]:
    """What waits beside a level sees its variables, and has none of its own."""
    token.data = token.workflow.view()
    try:
        yield
    finally:
        token.data = {}


@contextmanager
def _counting_from(walk: Walk, start: datetime) -> Iterator[None]:
    """Limits count from ``start`` when timers are computed again."""
    host = walk.process.host
    if walk.move.timers == "recompute":
        walk.process.host = cast(Host, _CountingFrom(host, start))
    try:
        yield
    finally:
        walk.process.host = host


class _CountingFrom:
    """The host, for which it is still the moment at which something began; expressions see the true time."""

    def __init__(self, host: Host, start: datetime):
        self._host, self._start = host, start

    def now(self) -> datetime:
        return self._start

    def __getattr__(self, name: str) -> Any:
        return getattr(self._host, name)

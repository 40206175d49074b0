"""Events that wait: timers, messages, signals, conditions; in the flow, at a boundary, behind an event-based gateway."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from engine.bpmn import timers
from engine.bpmn.data import Variables
from engine.bpmn.drawing import Node as DrawnNode
from engine.bpmn.failures import Broken, broken
from engine.bpmn.movement import branch_off, interrupt
from engine.bpmn.notifying import notify
from engine.bpmn.settings import Condition, Message, Settings, Signal, Timer
from engine.bpmn.specs import Node, ProcessSpec
from engine.bpmn.token import Token, Wait

if TYPE_CHECKING:
    from engine.bpmn.settings import Text


#: Marks the event that has won at its gateway: only now it begins.
_WON = {"won": True}


class WaitingNode(Node, ABC):
    """An element that waits for a timer, message, signal or condition."""

    def awaited(self, token: Token) -> Wait:
        """What to wait for, evaluated with the variables of ``token``."""
        return awaited(token, self.settings, self.common.correlation_key)

    def watch(self, parent: Token, wait: Wait) -> None:
        """Wait beside or inside ``parent``, which stays where it is."""
        token = Token(parent.workflow, self, parent)
        token.phase = "leaving"
        token.hold(**wait)

    @abstractmethod
    def occurred(self, token: Token, variables: Variables) -> None:
        """What ``token`` waited for has come."""

    def watch_again(self, token: Token) -> None:
        """What is awaited beside or inside another token could not be told; try again."""
        hold_or_fail(token, self, token.parent)


class CatchEvent(WaitingNode):
    """An intermediate catch event or a receive task."""

    def enter(self, token: Token) -> bool:
        token.hold(**self.awaited(token))
        return False

    def occurred(self, token: Token, variables: Variables) -> None:
        if token.entered_at is None:
            _win(token)
            token.loop = _WON if self.beginning else None
        token.phase = "leaving"
        token.receive(variables)
        token.wake()

    def leave(self, token: Token) -> None:
        if token.loop == _WON:
            notify(token, self.beginning)


class AttachedEvent(WaitingNode):
    """An event that waits beside what it may interrupt. Error and escalation do not wait: they are looked up when thrown."""

    def __init__(self, level: ProcessSpec, drawn: DrawnNode):
        super().__init__(level, drawn)
        self.is_interrupting = drawn.interrupting
        self.is_awaited = isinstance(drawn.settings, Timer | Message | Signal | Condition)

    def occurred(self, token: Token, variables: Variables) -> None:
        if self.is_interrupting or (token.wait is not None and timers.is_last(token.wait)):
            self.caught(self.place_of(token), variables, waiting=token)
        else:
            self.caught(self.place_of(token), variables)
            self._wait_again(token)

    @abstractmethod
    def caught(self, place: Any, variables: Variables, thrower: Token | None = None, waiting: Token | None = None) -> None:
        """Interrupt ``place`` or start a branch beside it; ``waiting`` is the token that waited, if it is used up."""

    @abstractmethod
    def place_of(self, token: Token) -> Any:
        """Where the event is attached: an activity or a level."""

    def _wait_again(self, token: Token) -> None:
        if token.wait is None or token.wait["kind"] != "timer":
            return
        try:
            token.hold(**timers.following(token.top.host, token.wait))
        except Broken as failure:
            token.fail(failure.message, failure.detail)


class BoundaryEvent(AttachedEvent):
    """An event at the border of an activity."""

    def watch(self, parent: Token, wait: Wait) -> None:
        super().watch(parent, wait)
        parent.child_tokens()[-1].phase = "arrived"  # it begins when it occurs

    def caught(self, place: Token, variables: Variables, thrower: Token | None = None, waiting: Token | None = None) -> None:
        if self.is_interrupting:
            interrupt(place, self, variables, thrower, waiting)
        else:
            branch_off(place, self, variables, waiting)

    def place_of(self, token: Token) -> Token:
        activity: Token = token.parent
        return activity


def hold_or_fail(token: Token, event: WaitingNode, seen: Token) -> None:
    """Let ``token`` wait for what ``event`` names with the variables of ``seen``."""
    try:
        token.hold(**event.awaited(seen))
    except Broken as failure:
        token.fail(failure.message, failure.detail)


class EventGateway(Node):
    """Waits at all its events; the first that occurs takes the token."""

    def enter(self, token: Token) -> bool:
        events = [flow.target for flow in self.flows]
        waits = [event.awaited(token) for event in events if isinstance(event, WaitingNode)]
        token._set_state(TaskState.STARTED)
        for event, flow, wait in zip(events, self.flows, waits, strict=True):
            assert isinstance(event, WaitingNode)
            event.watch(token, wait)
            token.child_tokens()[-1].flow = flow.id
        return False


def _win(token: Token) -> None:
    """Take the place of the event-based gateway at which ``token`` waited with others."""
    gateway: Token = token.parent
    token.top.history.leave(gateway, "completed")
    gateway._children.remove(token.id)
    token.put_in_place_of(gateway)
    token.data = gateway.data
    gateway.discard()
    token.top.history.enter(token)


def awaited(token: Token, settings: Settings, correlation_key: Text | None) -> Wait:
    """The wait of a timer, message, signal or condition, in JSON types."""
    if isinstance(settings, Timer):
        return timers.first(token.top.host, settings.kind, token.ask(settings.value))
    if isinstance(settings, Condition):
        return {"kind": "condition", "was": False}
    assert isinstance(settings, Message | Signal)
    name = event_name(token, settings.name)
    if isinstance(settings, Signal):
        return {"kind": "signal", "name": name, "key": None}
    return {"kind": "message", "name": name, "key": key_of(token, correlation_key)}


def event_name(token: Token, text: Text) -> str:
    name = token.ask(text)
    if not isinstance(name, str) or not name:
        raise broken("event-name", name)
    return name


def key_of(token: Token, text: Text | None) -> str | None:
    """The correlation key as text; a key that was asked for must have a value."""
    if text is None:
        return None
    key = token.ask(text)
    if key is None or isinstance(key, dict | list | bool):
        raise broken("correlation-key", key, expression=text.source)
    return str(key)

"""Exclusive, parallel and inclusive gateways. Joins count tokens per incoming flow, so they are right inside loops."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.bpmn import lineage
from engine.bpmn.drawing import Node as DrawnNode
from engine.bpmn.failures import broken
from engine.bpmn.settings import Gateway
from engine.bpmn.specs import Node, ProcessSpec, SealedFlow
from engine.bpmn.token import Token

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class ExclusiveGateway(Node):
    """Takes the first flow whose condition holds, else the default flow."""

    def enter(self, token: Token) -> bool:
        default = _default(self)
        for flow in self.flows:
            if flow is not default and _holds(token, flow):
                token.chosen = (flow,)
                return True
        token.chosen = (_required(default),)
        return True


class Join(Node):
    """A gateway that may have several incoming flows; ``incoming`` tells from which element each comes."""

    waits_as = "join"

    def __init__(self, level: ProcessSpec, drawn: DrawnNode):
        super().__init__(level, drawn)
        self.incoming: dict[str, str] = {}

    def _waiting(self, token: Token) -> dict[str, Token]:
        """The earliest waiting token of each incoming flow; later ones stay for the next round."""
        first: dict[str, Token] = {}
        for other in sorted(token.workflow.tasks.values(), key=lambda task: task.id):
            is_here = other is token or (other.wait is not None and other.wait["kind"] == self.waits_as)
            if is_here and other.task_spec is self and other.flow is not None:
                first.setdefault(other.flow, other)
        return first

    def _merge(self, tokens: Iterable[Token]) -> Token:
        """One token with the data of all; it is the one that arrived last."""
        arrived = sorted(tokens, key=lambda token: token.id)
        last = arrived[-1]
        last.data = dict(last.workflow.joined(arrived, self.element.id)) if len(arrived) > 1 else last.data
        lineage.meet(last, arrived[:-1])
        for token in arrived[:-1]:
            token.consume()
        lineage.tidy(last.workflow)
        return last


class ParallelGateway(Join):
    """Waits for one token on each incoming flow, then takes all outgoing flows."""

    def _update_hook(self, my_task: Token) -> bool:
        my_task.top.history.enter(my_task)
        if len(self.incoming) < 2:
            return True
        waiting = self._waiting(my_task)
        if len(waiting) < len(self.incoming):
            my_task.hold(self.waits_as)
            return False
        last = self._merge(waiting.values())
        last.wait = None
        if last is my_task:
            return True
        last._ready()
        return False


class InclusiveGateway(Join):
    """Waits until no other token can still arrive, then takes every flow whose condition holds."""

    waits_as = "inclusive"

    def __init__(self, level: ProcessSpec, drawn: DrawnNode):
        super().__init__(level, drawn)
        self.before: Mapping[str, tuple[str, ...]] = {}

    def _update_hook(self, my_task: Token) -> bool:
        if my_task.entered_at is None:
            my_task.top.history.enter(my_task)
            if len(self.incoming) < 2:
                return True
            my_task.hold(self.waits_as)
            return False
        waiting = self._waiting(my_task)
        if self._may_still_arrive(my_task, waiting):
            return False
        last = self._merge(waiting.values())
        last.wait = None
        last._ready()
        return False

    def _may_still_arrive(self, token: Token, waiting: dict[str, Token]) -> bool:
        """BPMN 2.0, 13.4.3: some token can reach an empty incoming flow and none of the filled ones."""
        empty = self._upstream(source for flow, source in self.incoming.items() if flow not in waiting)
        filled = self._upstream(self.incoming[flow] for flow in waiting)
        for other in token.workflow.leaves():
            name = other.task_spec.name
            if other.task_spec is not self and name in empty and name not in filled:
                return True
        return False

    def _upstream(self, sources: Iterable[str]) -> set[str]:
        """The elements from which a token can come to one of ``sources`` without passing this join."""
        seen = {self.name}
        todo = list(sources)
        while todo:
            key = todo.pop()
            if key not in seen:
                seen.add(key)
                todo += self.before.get(key, ())
        return seen - {self.name}

    def enter(self, token: Token) -> bool:
        if len(self.flows) == 1 and self.flows[0].condition is None:
            return True
        default = _default(self)
        chosen = tuple(flow for flow in self.flows if flow is not default and _holds(token, flow))
        token.chosen = chosen or (_required(default),)
        return True


def _default(node: Node) -> SealedFlow | None:
    settings = node.settings
    assert isinstance(settings, Gateway)
    return next((flow for flow in node.flows if flow.id == settings.default), None)


def _required(default: SealedFlow | None) -> SealedFlow:
    if default is None:
        raise broken("no-flow")
    return default


def _holds(token: Token, flow: SealedFlow) -> bool:
    if flow.condition is None:
        return True
    value = token.ask(flow.condition)
    if not isinstance(value, bool):
        raise broken("condition", value, condition=flow.condition.source)
    return value

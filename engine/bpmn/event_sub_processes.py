"""Event sub-processes: what waits beside a level until it ends, and how one is started from there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.bpmn.catching import AttachedEvent, hold_or_fail
from engine.bpmn.data import Variables
from engine.bpmn.drawing import Node as DrawnNode
from engine.bpmn.movement import branch_off_level, interrupt_level
from engine.bpmn.specs import Node, ProcessSpec
from engine.bpmn.token import Token

if TYPE_CHECKING:
    from engine.bpmn.process import Level, Process


class EventStart(AttachedEvent):
    """The start event as its surroundings see it; what it starts is ``target``. It waits outside the tree of the level's tokens."""

    def __init__(self, level: ProcessSpec, drawn: DrawnNode, target: Node):
        super().__init__(level, drawn)
        self.target = target

    def arm(self, level: Process | Level) -> None:
        """The level has begun: wait until it ends."""
        if self.is_awaited:
            self.watch_again(Token(level, self, level.watch_tree))

    def caught(self, place: Process | Level, variables: Variables, thrower: Token | None = None, waiting: Token | None = None) -> None:
        if waiting is not None:
            place.watch_tree._children.remove(waiting.id)
            waiting.discard()
        if self.is_interrupting:
            interrupt_level(place, self.target, variables, thrower)
        else:
            branch_off_level(place, self.target, variables)

    def place_of(self, token: Token) -> Process | Level:
        return token.workflow

    def watch_again(self, token: Token) -> None:
        token.data = token.workflow.view()
        hold_or_fail(token, self, token)
        token.data = {}

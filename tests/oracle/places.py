"""Where the tokens of the oracle stand: forks, levels, tokens. Values that change; no rules of movement."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from tests.oracle.drawing import Boundary, Level, Node

Variables = dict[str, Any]


@dataclass(eq=False)
class Fork:
    """Where branches parted, with the variables at that moment."""

    data: Variables
    parent: Fork | None

    @property
    def line(self) -> list[Fork]:
        """This fork and those around it, the nearest first."""
        return [self, *(self.parent.line if self.parent else [])]


@dataclass(eq=False)
class Scope:
    """A running level; ``host`` is the activity in which it runs."""

    level: Level
    host: Token | None
    isolated: bool
    tokens: list[Token] = field(default_factory=list)


@dataclass(eq=False)
class Token:
    """One token; an instance of a multi-instance has a ``body`` and is no token of its level."""

    scope: Scope
    node: Node
    data: Variables
    fork: Fork | None
    arrived: int
    flow: str | None = None
    event: Boundary | None = None
    state: Literal["ready", "task", "join", "busy", "leaving", "failed", "gone"] = "ready"
    body: Token | None = None
    inner: Scope | None = None
    instances: list[Token] = field(default_factory=list)
    begun: int = 0
    done: int = 0

    @property
    def line(self) -> list[Fork]:
        return self.fork.line if self.fork else []

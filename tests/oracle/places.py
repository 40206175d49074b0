"""Where the tokens of the oracle stand: forks, levels, tokens, and what they wait for. Values that change; no rules of movement."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from tests.oracle.drawing import Boundary, Event, Level, Node

Variables = dict[str, Any]

#: What was completed and can be undone: the activity, an instance's own variables, what its own level remembered.
Record = tuple[Node, Variables, list[Any] | None]


@dataclass(eq=False)
class Fork:
    """Where branches parted, with the variables at that moment; ``met`` as of a token."""

    data: Variables
    parent: Fork | None
    met: frozenset[Fork] = frozenset()

    @property
    def line(self) -> list[Fork]:
        """This fork and those around it, the nearest first."""
        return [self, *(self.parent.line if self.parent else [])]

    @property
    def known(self) -> frozenset[Fork]:
        """This fork and those from which it descends."""
        return frozenset(self.line).union(*(fork.met for fork in self.line))


@dataclass(eq=False)
class Scope:
    """A running level; ``host`` is the activity in which it runs. ``watches`` are those of its event sub-processes."""

    level: Level
    host: Token | None
    isolated: bool
    tokens: list[Token] = field(default_factory=list)
    watches: list[Watch] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)


@dataclass(eq=False)
class Watch:
    """Something awaited at ``place``: told once, when the waiting began. ``caught`` is the event of a border or of a level."""

    id: str
    event: Event
    place: Token | Scope
    caught: Boundary | Node | None
    since: int
    due: int | None = None
    left: int | None = 1
    key: str | None = None
    was_true: bool = False


@dataclass(eq=False)
class Token:
    """One token. An instance of a multi-instance and an activity that undoes belong to ``body`` and are no tokens of their level.

    ``met`` are the forks from which it descends by way of tokens that joined it.
    """

    scope: Scope
    node: Node
    data: Variables
    fork: Fork | None
    arrived: int
    flow: str | None = None
    event: Boundary | None = None
    state: Literal["ready", "task", "catching", "join", "busy", "leaving", "failed", "gone"] = "ready"
    body: Token | None = None
    undoes: Record | None = None
    inner: Scope | None = None
    instances: list[Token] = field(default_factory=list)
    watches: list[Watch] = field(default_factory=list)
    todo: list[Record] | None = None
    returned: Variables | None = None
    outputs: dict[int, Any] = field(default_factory=dict)
    index: int = 0
    is_begun: bool = False
    done: int = 0
    met: frozenset[Fork] = frozenset()

    @property
    def known(self) -> frozenset[Fork]:
        """The forks from which it descends."""
        return self.met | (self.fork.known if self.fork else frozenset())

    @property
    def line(self) -> list[Fork]:
        return self.fork.line if self.fork else []

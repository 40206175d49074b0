"""Drawn models of the oracle as values. Knows no XML, no engine and no execution."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

#: first: an event-based gateway · guard: an event sub-process.
Kind = Literal["start", "end", "throw", "catch", "task", "script", "service", "xor", "and", "or", "first", "sub", "guard", "call"]
Trigger = Literal["link", "timer", "message", "signal", "condition", "error", "escalation", "compensate", "cancel", "terminate"]

#: These are looked up when they are thrown; nothing waits for them.
CLIMBING = ("error", "escalation")
#: These are waited for.
AWAITED = ("timer", "message", "signal", "condition")


@dataclass(frozen=True)
class Condition:
    """True when the variable divided by ``modulus`` leaves ``residue``."""

    variable: str
    modulus: int
    residue: int

    @property
    def feel(self) -> str:
        return f"modulo({self.variable}, {self.modulus}) = {self.residue}"


@dataclass(frozen=True)
class Timer:
    """Minutes from the beginning of the play (date) or from now; a cycle occurs ``times``, None without limit."""

    kind: Literal["date", "duration", "cycle"]
    minutes: int
    times: int | None = 1


@dataclass(frozen=True)
class Event:
    """What an event waits for or throws.

    ``name`` is that of a message, signal or link, the code of an error or escalation (None catches all), or the activity to compensate.
    ``key`` is the variable by which a message is correlated.
    """

    kind: Trigger
    name: str | None = None
    key: str | None = None
    timer: Timer | None = None
    condition: Condition | None = None


@dataclass(frozen=True)
class Boundary:
    """An event at the border of an activity."""

    id: str
    interrupting: bool
    event: Event


@dataclass(frozen=True)
class Loop:
    """The standard loop marker."""

    maximum: int
    condition: Condition | None
    test_before: bool


@dataclass(frozen=True)
class Many:
    """The multi-instance marker: one instance for each of ``items``, or so many, until ``enough``; ``output`` is collected in “got”."""

    cardinality: int
    sequential: bool
    items: tuple[int, ...] | None = None
    enough: Condition | None = None
    output: str | None = None


@dataclass(frozen=True)
class Sum:
    """``target`` becomes ``source`` plus ``added``; what is not there stays not there. ``added`` None passes anything as it is."""

    target: str
    source: str
    added: int | None

    @property
    def feel(self) -> str:
        return f"{self.source} + {self.added}"


@dataclass(frozen=True)
class Call:
    """Which process is called, and what passes in and out; None passes everything."""

    key: str
    ins: tuple[Sum, ...] | None
    outs: tuple[Sum, ...] | None


@dataclass(frozen=True)
class Node:
    """An element. A service raises the error ``event`` when ``condition`` holds; ``handler`` undoes an activity."""

    id: str
    kind: Kind
    event: Event | None = None
    interrupting: bool = True
    condition: Condition | None = None
    sets: Sum | None = None
    default: str | None = None
    inner: Level | None = None
    transaction: bool = False
    call: Call | None = None
    loop: Loop | None = None
    many: Many | None = None
    boundaries: tuple[Boundary, ...] = ()
    handler: Node | None = None

    def is_event(self, kind: Trigger) -> bool:
        return self.event is not None and self.event.kind == kind


@dataclass(frozen=True)
class Flow:
    id: str
    source: str
    target: str
    condition: Condition | None = None


@dataclass(frozen=True)
class Level:
    """A process or a sub-process."""

    nodes: tuple[Node, ...]
    flows: tuple[Flow, ...]

    def node(self, id: str) -> Node:
        return next(node for node in self.nodes if node.id == id)

    def after(self, id: str) -> list[Flow]:
        return [flow for flow in self.flows if flow.source == id]

    def before(self, id: str) -> list[Flow]:
        return [flow for flow in self.flows if flow.target == id]

    @property
    def start(self) -> Node:
        return next(node for node in self.nodes if node.kind == "start")

    @property
    def guards(self) -> list[Node]:
        return [node for node in self.nodes if node.kind == "guard"]


@dataclass(frozen=True)
class Model:
    """The process P and those it may call."""

    levels: dict[str, Level] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return sum(1 for level in self.levels.values() for _ in nodes_of(level))


def nodes_of(level: Level) -> Iterator[Node]:
    """All nodes, also those in sub-processes."""
    for node in level.nodes:
        yield node
        if node.inner is not None:
            yield from nodes_of(node.inner)

"""Drawn models of the oracle as values, and as BPMN XML. Knows no engine and no execution."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from tests.bpmn import diagrams as bpmn

Kind = Literal["start", "end", "terminate", "task", "xor", "and", "or", "sub", "call", "throw", "catch"]


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
class Boundary:
    """A message event at the border of an activity."""

    id: str
    interrupting: bool


@dataclass(frozen=True)
class Loop:
    """The standard loop marker."""

    maximum: int
    condition: Condition | None
    test_before: bool


@dataclass(frozen=True)
class Many:
    """The multi-instance marker."""

    cardinality: int
    sequential: bool


@dataclass(frozen=True)
class Call:
    """Which process is called; ``outs`` None passes everything both ways, else only these come back."""

    key: str
    outs: tuple[str, ...] | None


@dataclass(frozen=True)
class Node:
    id: str
    kind: Kind
    default: str | None = None
    inner: Level | None = None
    call: Call | None = None
    loop: Loop | None = None
    many: Many | None = None
    boundaries: tuple[Boundary, ...] = ()
    link: str = ""


@dataclass(frozen=True)
class Flow:
    id: str
    source: str
    target: str
    condition: Condition | None = None


@dataclass(frozen=True)
class Level:
    """A process or an embedded sub-process."""

    nodes: tuple[Node, ...]
    flows: tuple[Flow, ...]

    def node(self, id: str) -> Node:
        return next(node for node in self.nodes if node.id == id)

    def after(self, id: str) -> list[Flow]:
        return [flow for flow in self.flows if flow.source == id]

    def before(self, id: str) -> list[Flow]:
        return [flow for flow in self.flows if flow.target == id]


@dataclass(frozen=True)
class Model:
    """The process P and those it may call."""

    levels: dict[str, Level] = field(default_factory=dict)

    @property
    def xml(self) -> bytes:
        return bpmn.file_of(bpmn.message("m"), *(bpmn.process(*_parts(level), key=key) for key, level in self.levels.items()))

    @property
    def size(self) -> int:
        return sum(1 for level in self.levels.values() for _ in nodes_of(level))


def nodes_of(level: Level) -> Iterator[Node]:
    """All nodes, also those in sub-processes."""
    for node in level.nodes:
        yield node
        if node.inner is not None:
            yield from nodes_of(node.inner)


def _parts(level: Level) -> list[str]:
    parts = [_drawn(node) for node in level.nodes]
    parts += [
        bpmn.boundary(event.id, node.id, bpmn.definition("message", "m"), interrupting=event.interrupting)
        for node in level.nodes
        for event in node.boundaries
    ]
    return parts + [bpmn.flow(flow.source, flow.target, flow.condition and flow.condition.feel, flow.id) for flow in level.flows]


def _drawn(node: Node) -> str:
    default = {"default": node.default} if node.default else {}
    match node.kind:
        case "start":
            return bpmn.start(node.id)
        case "end":
            return bpmn.end(node.id)
        case "terminate":
            return bpmn.end(node.id, bpmn.definition("terminate"))
        case "xor" | "and" | "or":
            tag = {"xor": "exclusiveGateway", "and": "parallelGateway", "or": "inclusiveGateway"}[node.kind]
            return bpmn.element(tag, node.id, **default)
        case "throw" | "catch":
            return (bpmn.throw if node.kind == "throw" else bpmn.catch)(node.id, bpmn.link(node.link))
        case "sub":
            assert node.inner is not None
            return bpmn.sub(node.id, *_marker(node), *_parts(node.inner))
        case "call":
            return _called(node)
        case "task":
            return bpmn.user(node.id, *_marker(node))


def _called(node: Node) -> str:
    assert node.call is not None
    outs = [{"variables": "all"}] if node.call.outs is None else [{"source": name, "target": name} for name in node.call.outs]
    mappings = [bpmn.mapping("in", variables="all"), *(bpmn.mapping("out", **out) for out in outs)]
    return bpmn.call(node.id, node.call.key, bpmn.extensions(*mappings), *_marker(node))


def _marker(node: Node) -> list[str]:
    if node.many is not None:
        return [bpmn.many(bpmn.cardinality(str(node.many.cardinality)), sequential=node.many.sequential)]
    if node.loop is not None:
        condition = node.loop.condition.feel if node.loop.condition else None
        return [bpmn.looped(condition, loopMaximum=str(node.loop.maximum), testBefore="true" if node.loop.test_before else "false")]
    return []

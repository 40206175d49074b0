"""Makes a model smaller as long as a given complaint stays true. Knows nothing of what the complaint is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from tests.oracle.drawing import Flow, Level, Model, Node

Complaint = Callable[[Model], bool]


def shrunk(model: Model, complaint: Complaint, most_tries: int = 600) -> Model:
    """The smallest model found within ``most_tries`` questions."""
    tries = 0
    is_smaller = True
    while is_smaller:
        is_smaller = False
        for candidate in _smaller_models(model):
            tries += 1
            if tries > most_tries:
                return model
            if complaint(candidate):
                model, is_smaller = candidate, True
                break
    return model


def _smaller_models(model: Model) -> Iterator[Model]:
    for key in model.levels:
        if key != "P":
            yield Model({name: level for name, level in model.levels.items() if name != key})
    for key, level in model.levels.items():
        for smaller in _smaller_levels(level):
            yield Model({**model.levels, key: smaller})


def _smaller_levels(level: Level) -> Iterator[Level]:
    for node in level.nodes:
        yield _without(level, node)
        yield from (_bypassed(level, node, flow) for flow in level.after(node.id)[:1])
    for node in level.nodes:
        for simpler in _simpler(node):
            yield replace(level, nodes=tuple(simpler if other is node else other for other in level.nodes))
    for flow in level.flows:
        yield replace(level, flows=tuple(other for other in level.flows if other is not flow))


def _borders(node: Node) -> set[str]:
    return {node.id, *(event.id for event in node.boundaries)}


def _without(level: Level, node: Node) -> Level:
    gone = _borders(node)
    flows = tuple(flow for flow in level.flows if flow.source not in gone and flow.target not in gone)
    return Level(tuple(other for other in level.nodes if other is not node), flows)


def _bypassed(level: Level, node: Node, onward: Flow) -> Level:
    """What came to the node goes straight on."""
    gone = _borders(node)
    kept = [flow for flow in level.flows if flow.source not in gone]
    flows = tuple(replace(flow, target=onward.target) if flow.target == node.id else flow for flow in kept)
    return Level(tuple(other for other in level.nodes if other is not node), flows)


def _simpler(node: Node) -> Iterator[Node]:
    if node.kind in ("sub", "call", "service", "catch", "throw"):
        yield Node(node.id, "task", boundaries=node.boundaries)
    for border in node.boundaries:
        yield replace(node, boundaries=tuple(other for other in node.boundaries if other is not border))
    if node.handler is not None:
        yield replace(node, handler=None)
    if node.many is not None or node.loop is not None:
        yield replace(node, many=None, loop=None)
    if node.inner is not None:
        for inner in _smaller_levels(node.inner):
            yield replace(node, inner=inner)

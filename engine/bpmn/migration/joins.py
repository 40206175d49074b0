"""Joins in a migration: which branch each waiting token came by, which joins are complete now, and which never would be."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING

from engine.bpmn.gateways import Join, ParallelGateway
from engine.bpmn.process import Level, Process
from engine.bpmn.specs import Node, ProcessSpec
from engine.bpmn.token import Token

if TYPE_CHECKING:
    from engine.bpmn.migration.moving import Walk


def renew_flow(walk: Walk, token: Token, old: Join, new: Join) -> None:
    """The flow by which a waiting token came, in the new version: the one of that id, else the one from the same element."""
    if token.flow not in new.incoming and len(new.incoming) > 1:
        source = old.incoming.get(token.flow or "")
        image = walk.plan.mapping.get(source) if source is not None else None
        found = [flow for flow, begin in new.incoming.items() if begin == image]
        if len(found) != 1:
            walk.refuse("join", old.name, token)
            return
        token.flow = found[0]
    if token.wait is not None and token.wait["kind"] in ("join", "inclusive") and token.wait["kind"] != new.waits_as:
        token.hold(new.waits_as)


def let_go(level: Process | Level) -> None:
    """Parallel joins that wait for fewer branches now, and have them all, let their token go on."""
    by_join: dict[Join, list[Token]] = defaultdict(list)
    for token in level.tasks.values():
        if token.wait is not None and token.wait["kind"] in ("join", "inclusive"):
            by_join[token.task_spec].append(token)
    for join, tokens in by_join.items():
        if len(join.incoming) < 2:
            for token in tokens:
                token.wake()
        elif isinstance(join, ParallelGateway):
            arrived = join._waiting(tokens[0])
            if len(arrived) == len(join.incoming):
                join._merge(arrived.values()).wake()


def are_inclusive_waiting(process: Process) -> bool:
    return any(token.wait is not None and token.wait["kind"] == "inclusive" for token in process.index.values())


def starving(level: Process | Level) -> dict[str, list[str]]:
    """The parallel joins that some tokens will come to, or have, and for which nobody is in one of the other branches."""
    found: dict[str, list[str]] = {}
    supply = _supply(level.spec)
    leaves = level.leaves() if supply else []
    for join, flows in supply:
        filled = {leaf.flow for leaf in leaves if leaf.task_spec is join}
        standing = {leaf.task_spec.name for leaf in leaves if leaf.task_spec is not join}
        empty = [flow for flow, before in flows if flow not in filled and before.isdisjoint(standing)]
        if empty and len(empty) < len(flows):
            found[join.name] = [join.incoming[flow] for flow in empty]
    return found


def anywhere(spec: ProcessSpec) -> Node:
    """An element for a fork whose own is gone: it only holds its branches together."""
    return spec.entry or next(node for node in spec.task_specs.values() if isinstance(node, Node))


Supply = tuple[tuple[ParallelGateway, tuple[tuple[str, frozenset[str]], ...]], ...]


@lru_cache(maxsize=512)
def _supply(spec: ProcessSpec) -> Supply:
    """For each parallel join of several branches, and each branch, the elements from which a token can come by it."""
    joins = [node for node in spec.task_specs.values() if isinstance(node, ParallelGateway) and len(node.incoming) > 1]
    before = _before(spec) if joins else {}
    return tuple((join, tuple((flow, _upstream(before, join, source)) for flow, source in join.incoming.items())) for join in joins)


def _before(spec: ProcessSpec) -> dict[str, list[str]]:
    before: dict[str, list[str]] = defaultdict(list)
    for node in spec.task_specs.values():
        if isinstance(node, Node):
            for name in [flow.target.name for flow in node.flows] + [event.name for event in node.boundaries]:
                before[name].append(node.name)
    return before


def _upstream(before: dict[str, list[str]], join: Join, source: str) -> frozenset[str]:
    seen, todo = {join.name}, [source]
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo += before.get(name, ())
    return frozenset(seen - {join.name})

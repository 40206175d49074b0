"""The rules of the oracle that need no token: conditions, three-way merge, which flows can still be reached."""

from __future__ import annotations

from tests.oracle.drawing import Condition, Level
from tests.oracle.places import Variables


def holds(condition: Condition, data: Variables) -> bool:
    value = data.get(condition.variable)
    return value is not None and value % condition.modulus == condition.residue


def changed(base: Variables, data: Variables) -> Variables:
    return {name: value for name, value in data.items() if name not in base or base[name] != value}


def merged(base: Variables, earlier: Variables, later: Variables) -> Variables:
    return {**earlier, **changed(base, later)}


def again(condition: Condition | None, data: Variables) -> bool:
    return condition is None or holds(condition, data)


def is_same(mine: Variables, old: Variables, name: str) -> bool:
    return mine.get(name) == old.get(name)


def reachable(level: Level, start: str, avoided: str) -> set[str]:
    """The flows that a token at ``start`` can still come to without passing ``avoided``."""
    reached: set[str] = set()
    todo = [start]
    seen = {avoided}
    while todo:
        id = todo.pop()
        if id in seen:
            continue
        seen.add(id)
        flows = level.after(id)
        reached |= {flow.id for flow in flows}
        todo += [flow.target for flow in flows]
        todo += [event.id for node in level.nodes if node.id == id for event in node.boundaries]
        todo += [
            other.id for node in level.nodes if node.id == id and node.kind == "throw" for other in level.nodes if other.link == node.link
        ]
    return reached

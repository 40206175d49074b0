"""The rules of the oracle that need no token: conditions, sums, three-way merge, which flows can still be reached."""

from __future__ import annotations

from collections.abc import Iterable

from tests.oracle.drawing import Boundary, Condition, Level, Node, Sum, Trigger
from tests.oracle.places import Fork, Variables


def holds(condition: Condition, data: Variables) -> bool:
    value = data.get(condition.variable)
    return value is not None and value % condition.modulus == condition.residue


def again(condition: Condition | None, data: Variables) -> bool:
    return condition is None or holds(condition, data)


def computed(sums: Iterable[Sum], data: Variables) -> Variables:
    def value(sum: Sum) -> object:
        source = data.get(sum.source)
        return source if sum.added is None or source is None else source + sum.added

    return {sum.target: value(sum) for sum in sums}


def changed(data: Variables, *bases: Variables) -> Variables:
    """What is otherwise than at each of ``bases``."""
    return {name: value for name, value in data.items() if all(name not in base or base[name] != value for base in bases)}


def latest(forks: Iterable[Fork]) -> list[Variables]:
    """The variables at those forks from which none of the others descends."""
    known = set(forks)
    return [fork.data for fork in known if not any(fork in other.known for other in known if other is not fork)]


def merged(earlier: Variables, later: Variables, *bases: Variables) -> Variables:
    return {**earlier, **changed(later, *bases)}


def disputed(earlier: Variables, later: Variables, *bases: Variables) -> set[str]:
    """What both have changed, and not to the same."""
    ours, theirs = changed(earlier, *bases), changed(later, *bases)
    return {name for name in ours.keys() & theirs.keys() if ours[name] != theirs[name]}


def is_same(mine: Variables, old: Variables, name: str) -> bool:
    return mine.get(name) == old.get(name)


def catcher(candidates: Iterable[Boundary | Node], kind: Trigger, name: str | None) -> Boundary | Node | None:
    """The one that catches this error or escalation: the exact code comes before one that catches all."""
    own = [candidate for candidate in candidates if candidate.event is not None and candidate.event.kind == kind]
    for wanted in (name, None):
        for candidate in own:
            if candidate.event is not None and candidate.event.name == wanted:
                return candidate
    return None


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
        todo += [caught.id for node in level.nodes if node.id == id for caught in link_targets(level, node)]
    return reached


def link_targets(level: Level, node: Node) -> list[Node]:
    """Where a link leads that ``node`` throws."""
    if node.kind != "throw" or node.event is None or node.event.kind != "link":
        return []
    return [other for other in level.nodes if other.kind == "catch" and other.event == node.event]

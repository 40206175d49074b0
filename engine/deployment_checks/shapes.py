"""What is known of a value before anything runs: its type, the entries of a context, the only texts it can be. Values only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

#: Deeper entries are not followed, so that a loop that wraps a value once more each round comes to an end.
DEEPEST = 5
#: More texts than this are as good as any text.
_MOST_VALUES = 50


@dataclass(frozen=True)
class Shape:
    """``kind`` is FEEL's name of the type, None when unknown. ``entries`` of a context are all it can have, None when unknown."""

    kind: str | None = None
    entries: Mapping[str, Shape] | None = None
    values: frozenset[str] | None = None


UNKNOWN = Shape()
TEXT, NUMBER, BOOLEAN, LIST, NOTHING = Shape("string"), Shape("number"), Shape("boolean"), Shape("list"), Shape("Null")


@dataclass(frozen=True)
class Known:
    """A variable at one place: what it is, which elements set it, and whether it is set on every way there.

    ``is_conditional``: a form shows its field only sometimes, which the diagram is expected to know.
    """

    shape: Shape = UNKNOWN
    set_by: frozenset[str] = frozenset()
    is_certain: bool = True
    is_conditional: bool = False


@dataclass(frozen=True)
class State:
    """The variables that a token may carry; ``is_open`` when something unseen may have set any other."""

    variables: Mapping[str, Known] = field(default_factory=dict)
    is_open: bool = False

    def setting(self, variables: Mapping[str, Known]) -> State:
        return State({**self.variables, **variables}, self.is_open) if variables else self

    def opened(self) -> State:
        """After something unseen set what it liked: every name is kept, nothing is known of its value."""
        return State({name: replace(one, shape=UNKNOWN) for name, one in self.variables.items()}, is_open=True)

    def certain(self) -> State:
        return State({name: replace(one, is_certain=True) for name, one in self.variables.items()}, self.is_open)

    def uncertain(self) -> State:
        return State({name: replace(one, is_certain=False) for name, one in self.variables.items()}, self.is_open)


def joined(states: Iterable[State], is_certain_in_one: bool = False) -> State:
    """Where ways meet. A variable is certain when all ways set it; where all ways arrive (a parallel join), when one does."""
    ways = list(states)
    if len(ways) == 1:
        return ways[0]
    names = dict.fromkeys(name for way in ways for name in way.variables)
    return State({name: _met(name, ways, is_certain_in_one) for name in names}, any(way.is_open for way in ways))


def _met(name: str, ways: list[State], is_certain_in_one: bool) -> Known:
    found = [way.variables[name] for way in ways if name in way.variables]
    shape = found[0].shape
    for other in found[1:]:
        shape = either(shape, other.shape)
    if any(way.is_open and name not in way.variables for way in ways):
        shape = UNKNOWN
    certain = [one.is_certain for one in found]
    is_certain = any(certain) if is_certain_in_one else all(certain) and len(found) == len(ways)
    set_by: frozenset[str] = frozenset().union(*(one.set_by for one in found))
    return Known(shape, set_by, is_certain, any(one.is_conditional for one in found))


def either(one: Shape, other: Shape) -> Shape:
    """What holds of a value that is one or the other. Null says nothing of what it will be."""
    if one == other or other.kind == "Null":
        return one
    if one.kind == "Null":
        return other
    if one.kind is None or one.kind != other.kind:
        return UNKNOWN
    entries = None
    if one.entries is not None and other.entries is not None:
        common = one.entries.keys() & other.entries.keys()
        entries = {**one.entries, **other.entries, **{name: either(one.entries[name], other.entries[name]) for name in common}}
    values = one.values | other.values if one.values is not None and other.values is not None else None
    return Shape(one.kind, entries, values if values is None or len(values) <= _MOST_VALUES else None)


def context(entries: Mapping[str, Shape]) -> Shape:
    return Shape("context", dict(entries))


def to_feel(shape: Shape) -> dict[str, Any] | None:
    """As ``Feel.examine`` takes and gives it."""
    if shape.kind is None:
        return None
    answer: dict[str, Any] = {"t": shape.kind}
    if shape.entries is not None:
        answer["e"] = {name: to_feel(entry) for name, entry in shape.entries.items()}
    if shape.values is not None:
        answer["v"] = sorted(shape.values)
    return answer


def from_feel(shape: Mapping[str, Any] | None, depth: int = 0) -> Shape:
    if shape is None or depth > DEEPEST:
        return UNKNOWN
    entries = {name: from_feel(entry, depth + 1) for name, entry in shape["e"].items()} if "e" in shape else None
    values = frozenset(shape["v"]) if "v" in shape and len(shape["v"]) <= _MOST_VALUES else None
    return Shape(shape["t"], entries, values)

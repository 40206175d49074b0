"""Which element of the new version stands for which of the old one. Compares drawings; knows no instance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from engine.bpmn.event_sub_processes import EventStart
from engine.bpmn.model import ProcessDefinition
from engine.bpmn.specs import Node
from engine.errors import InvalidInput

#: How a target was found: the same id, the same id with another type, the same place or name, a person's choice;
#: or why there is none: nothing alike, or several alike, or a person has decided to drop it.
Note = Literal["id", "retyped", "structure", "chosen", "removed", "ambiguous", "dropped"]

#: Each pass finds what lies next to what the pass before has found.
MOST_PASSES = 60

#: Where no token can arrive: it waits at something else, or is where processes begin.
_NOT_ARRIVED_AT = ("boundaryEvent", "startEvent")


@dataclass(frozen=True)
class MigrationPlan:
    """For every element of the source its target, or None, and how that came about.

    None is no obstacle as long as no token stands there: the plan of a version serves all its instances.
    """

    mapping: Mapping[str, str | None]
    notes: Mapping[str, Note]

    def is_chosen(self, element: str) -> bool:
        """A person has said where tokens of this element go, whatever they have to give up."""
        return self.notes.get(element) in ("chosen", "dropped")

    def open_questions(self) -> tuple[str, ...]:
        """The elements without a target that a person may want to decide about."""
        return tuple(key for key, target in self.mapping.items() if target is None and self.notes[key] != "dropped")

    def as_json(self) -> dict[str, Any]:
        return {"mapping": dict(self.mapping), "notes": dict(self.notes)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> MigrationPlan:
        return cls(MappingProxyType(dict(stored["mapping"])), MappingProxyType(dict(stored["notes"])))


def propose(source: ProcessDefinition, target: ProcessDefinition) -> MigrationPlan:
    """By id; what is left by structure: the same type and name, the same neighbours."""
    old, new = _Shape(source), _Shape(target)
    mapping: dict[str, str] = {key: key for key in old.types if key in new.types}
    notes: dict[str, Note] = {key: "id" if old.types[key] == new.types[key] else "retyped" for key in mapping}
    _match_by_structure(old, new, mapping)
    found = {key: mapping.get(key) for key in old.types}
    alike = {(new.types[key], new.names[key]) for key in new.types if key not in mapping.values()}
    for key, image in found.items():
        if image is None:
            notes[key] = "ambiguous" if (old.types[key], old.names[key]) in alike else "removed"
        elif key not in notes:
            notes[key] = "structure"
    return MigrationPlan(MappingProxyType(found), MappingProxyType(notes))


def edited(plan: MigrationPlan, source: ProcessDefinition, target: ProcessDefinition, edits: Mapping[str, str | None]) -> MigrationPlan:
    """The plan with a person's decisions on top; None drops an element. Raises InvalidInput with each one that cannot be."""
    problems = {key: problem for key, image in edits.items() if (problem := _problem(source, target, key, image))}
    if problems:
        raise InvalidInput(f"Expected a plan for elements of both versions but {len(problems)} lines are none.", problems)
    notes: dict[str, Note] = {key: "dropped" if image is None else "chosen" for key, image in edits.items()}
    return MigrationPlan(MappingProxyType({**plan.mapping, **edits}), MappingProxyType({**plan.notes, **notes}))


def inverse(plan: MigrationPlan, source: ProcessDefinition, target: ProcessDefinition) -> MigrationPlan:
    """The plan that leads back from ``target`` to ``source``, as far as one can: what came from nowhere goes nowhere."""
    back = propose(target, source)
    mapping, notes = dict(back.mapping), dict(back.notes)
    for key, image in plan.mapping.items():
        if image is not None and mapping.get(image) is None and plan.notes[key] in ("chosen", "structure"):
            mapping[image], notes[image] = key, "chosen"
    return MigrationPlan(MappingProxyType(mapping), MappingProxyType(notes))


def _problem(source: ProcessDefinition, target: ProcessDefinition, key: str, image: str | None) -> list[str]:
    element = source.elements.get(key)
    if element is None:
        return [f"原版本里没有元素“{key}”。The old version has no element {key!r}."]
    if image is None:
        return []
    found = target.elements.get(image)
    if found is None:
        return [f"新版本里没有元素“{image}”。The new version has no element {image!r}."]
    if found.type in _NOT_ARRIVED_AT and found.type != element.type:
        return [f"“{image}”是{found.type}，走不到那里；请选一个任务或网关。No token can arrive at {image!r}; choose a task or gateway."]
    return []


class _Shape:
    """A definition as its elements' types, names, parents and neighbours."""

    def __init__(self, definition: ProcessDefinition):
        self.names = {key: element.name for key, element in definition.elements.items()}
        self.parents = {key: element.parent for key, element in definition.elements.items()}
        self.types = {key: element.type for key, element in definition.elements.items()}
        self.before: dict[str, set[str]] = defaultdict(set)
        self.after: dict[str, set[str]] = defaultdict(set)
        root = definition._spec
        for spec in {id(level): level for level in (root, *root.levels.values())}.values():
            for node in spec.task_specs.values():
                if isinstance(node, Node) and not isinstance(node, EventStart) and node.name in self.types:
                    self._read(node)

    def _read(self, node: Node) -> None:
        if self.types[node.name].endswith("Event"):
            self.types[node.name] += f":{type(node.settings).__name__}"
        followers = [flow.target.name for flow in node.flows] + [event.name for event in node.boundaries]
        for name in followers:
            self.after[node.name].add(name)
            self.before[name].add(node.name)


Around = tuple[frozenset[str], frozenset[str]]
Key = Callable[["_Shape", str, str | None, Around], Hashable | None]


def _same_in_everything(shape: _Shape, key: str, parent: str | None, around: Around) -> Hashable | None:
    return (shape.types[key], shape.names[key], parent, around) if around[0] or around[1] else None


def _same_name_and_level(shape: _Shape, key: str, parent: str | None, around: Around) -> Hashable | None:
    return (shape.types[key], shape.names[key], parent) if shape.names[key] else None


def _same_place(shape: _Shape, key: str, parent: str | None, around: Around) -> Hashable | None:
    return (shape.types[key], parent, around) if around[0] and around[1] else None


def _only_start_or_end(shape: _Shape, key: str, parent: str | None, around: Around) -> Hashable | None:
    return (shape.types[key], parent) if shape.types[key].startswith(("startEvent", "endEvent")) else None


def _same_name(shape: _Shape, key: str, parent: str | None, around: Around) -> Hashable | None:
    return (shape.types[key], shape.names[key]) if shape.names[key] else None


_RULES: tuple[Key, ...] = (_same_in_everything, _same_name_and_level, _same_place, _only_start_or_end, _same_name)


def _match_by_structure(old: _Shape, new: _Shape, mapping: dict[str, str]) -> None:
    """Add pairs that one rule finds alike and nothing else is; then what lies around them can be compared."""
    for _ in range(MOST_PASSES):
        if len(mapping) == len(old.types) or not any(_match(old, new, mapping, rule) for rule in _RULES):
            return


def _match(old: _Shape, new: _Shape, mapping: dict[str, str], rule: Key) -> bool:
    back = {image: key for key, image in mapping.items()}
    sources, targets = _grouped(old, mapping, rule), _grouped(new, {key: key for key in back}, rule)
    pairs = {keys[0]: targets[group][0] for group, keys in sources.items() if len(keys) == 1 and len(targets.get(group, ())) == 1}
    mapping.update(pairs)
    return bool(pairs)


def _grouped(shape: _Shape, known: Mapping[str, str], rule: Key) -> dict[Hashable, list[str]]:
    """The elements without a counterpart by what the rule compares, in words of the target."""
    groups: dict[Hashable, list[str]] = defaultdict(list)
    for key in shape.types:
        if key in known:
            continue
        above = shape.parents[key]
        around = (_known(shape.before[key], known), _known(shape.after[key], known))
        group = rule(shape, key, known.get(above, f"? {above}") if above is not None else None, around)
        if group is not None:
            groups[group].append(key)
    return groups


def _known(names: set[str], known: Mapping[str, str]) -> frozenset[str]:
    return frozenset(known[name] for name in names if name in known)

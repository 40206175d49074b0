"""Variables through processes that call each other: each begins with what its callers give it. Judges no expression."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePath
from typing import NamedTuple

from engine.bpmn.drawing import Drawing, Node
from engine.bpmn.events import Roots
from engine.bpmn.findings import Report
from engine.bpmn.reader import read_process
from engine.bpmn.settings import Message, Signal, StartForm, Timer
from engine.bpmn.source import children, read_xml
from engine.deployment_checks.kinds import Beginnings
from engine.deployment_checks.places import Flowing, Places
from engine.deployment_checks.shapes import Known, State, joined
from engine.deployment_checks.sources import Sources, set_by_form, sources_of
from engine.deployment_checks.variables import variables_set_in
from engine.feel import Feel

#: More places than this (elements × variables) are not looked at one by one.
_MOST_PLACES = 300_000
_THROWING = ("intermediateThrowEvent", "endEvent", "sendTask")
#: How often a process is gone through again because a caller or a called process turned out otherwise.
_MOST_RUNS = 20


@dataclass(frozen=True)
class DefinitionSet:
    """Files that are known together: those looked at, over those deployed.

    ``start``: what a start from outside brings to a process that nobody calls. ``operations``: outputs by topic. ``beside``: what a process
    begins with that a message, a signal or a timer starts. ``beginnings``: the forms of kinds of case files and of actions.
    """

    files: Mapping[str, bytes]
    start: frozenset[str] = frozenset()
    operations: Mapping[str, frozenset[str]] = field(default_factory=dict)
    beside: frozenset[str] = frozenset()
    beginnings: Beginnings = field(default_factory=Beginnings)


class Variable(NamedTuple):
    """What an editor may offer at an element. ``set_by``: elements, a call activity of a caller among them."""

    type: str | None
    set_by: tuple[str, ...]
    is_certain: bool


def variables_at(feel: Feel, definitions: DefinitionSet, process_key: str) -> dict[str, dict[str, Variable]]:
    """By element id the variables that its expressions see. A sequence flow with a condition counts as an element."""
    places = flow_through(feel, definitions).places.get(process_key, Places())
    said = {key: _said(state) for key, state in {id(state): state for state in places.seen.values()}.items()}
    return {element_id: said[id(state)] for element_id, state in places.seen.items()}


def _said(state: State) -> dict[str, Variable]:
    return {name: Variable(one.shape.kind, tuple(sorted(one.set_by)), one.is_certain) for name, one in state.variables.items()}


@dataclass
class Flow:
    """All processes of a set on their way to their places."""

    feel: Feel
    definitions: DefinitionSet
    sources: Sources
    drawings: Mapping[str, Drawing]
    places: dict[str, Places] = field(default_factory=dict)
    exits: dict[str, State] = field(default_factory=dict)
    given: dict[str, dict[tuple[str, str], State]] = field(default_factory=dict)
    unreadable: set[str] = field(default_factory=set)
    _runs: dict[str, int] = field(default_factory=dict)

    def run(self) -> Flow:
        callees = {call for drawing in self.drawings.values() for call in _called_by(drawing)}
        self._work([key for key, drawing in self.drawings.items() if key not in callees or _starts_itself(drawing)])
        self._work([key for key in self.drawings if key not in self.places])  # only called in a circle
        return self

    def _work(self, todo: list[str]) -> None:
        while todo:
            key = todo.pop(0)
            if self._runs.get(key, 0) < _MOST_RUNS:
                self._runs[key] = self._runs.get(key, 0) + 1
                todo += [other for other in self._go_through(key) if other not in todo]

    def _go_through(self, key: str) -> list[str]:
        """The processes that have to be gone through again because of what was found."""
        drawing, before = self.drawings[key], self.exits.get(key)
        flowing = Flowing(self.feel, self.sources, self.exits, self.unreadable, self._brought)
        self.places[key] = places = _as_a_whole(drawing) or flowing.run(drawing, self._starts(key, drawing))
        again = []
        for element_id, (called, state) in places.calls.items():
            known = self.given.setdefault(called, {})
            if called in self.drawings and known.get((key, element_id)) != state:
                known[key, element_id] = state
                again.append(called)
        if places.exit is not None and places.exit != before:
            self.exits[key] = places.exit
            again += [caller for caller, _ in self.given.get(key, {})]
        return again

    def _starts(self, key: str, drawing: Drawing) -> dict[str, State]:
        callers = list(self.given.get(key, {}).values())
        starts: dict[str, State] = {}
        for node in drawing.starts():
            outside = self._from_outside(key, node)
            ways = [*callers, outside] if not callers or _starts_itself(drawing) else callers
            starts[node.element.id] = outside if isinstance(node.settings, Timer | Message | Signal) else joined(ways)
        return starts

    def _from_outside(self, key: str, node: Node) -> State:
        """What a start brings that is no call: a case, the start form of a kind, a message, a signal, a timer."""
        known, caught = self.definitions, node.settings
        if isinstance(caught, Timer | Message | Signal):
            return State(_named(known.beside, node)).setting({} if isinstance(caught, Timer) else self._brought(caught, node))
        begun, forms = State(_named(known.start, node)), known.beginnings.start_forms.get(key, ())
        return joined([begun.setting(set_by_form(self.sources.forms.get(form, ()), node.element.id)) for form in forms] or [begun])

    def _brought(self, caught: Message | Signal, node: Node) -> Mapping[str, Known]:
        """What comes with a message or a signal: the fields of an action's form, or what diagrams of the set send with it."""
        forms = self.definitions.beginnings.action_forms.get(caught.name.source, ()) if isinstance(caught, Message) else ()
        ways = [State(set_by_form(self.sources.forms.get(form, ()), node.element.id)) for form in forms]
        ways += [State(_named(_sent(thrown), node)) for thrown in self._throwing if _is_same(thrown.settings, caught)]
        return joined(ways).variables if ways else {}

    @cached_property
    def _throwing(self) -> list[Node]:
        levels = (level for drawing in self.drawings.values() for level in drawing.levels())
        return [node for level in levels for node in level.nodes.values() if node.element.type in _THROWING]


def flow_through(feel: Feel, definitions: DefinitionSet) -> Flow:
    return Flow(feel, definitions, sources_of(definitions.files, definitions.operations), drawings_of(definitions.files)).run()


def drawings_of(files: Mapping[str, bytes]) -> dict[str, Drawing]:
    """The processes of all diagrams by key, drafts too; of a key drawn twice the first counts."""
    found: dict[str, Drawing] = {}
    for name, content in files.items():
        report = Report(name)
        root = read_xml(content, report) if PurePath(name).suffix == ".bpmn" else None
        if root is not None:
            roots = Roots.of(root)
            for process in children(root, "process"):
                found.setdefault(process.get("id", ""), read_process(process, roots, report))
    return found


def _is_same(thrown: object, caught: Message | Signal) -> bool:
    return type(thrown) is type(caught) and isinstance(thrown, Message | Signal) and thrown.name == caught.name


def _sent(node: Node) -> set[str]:
    return {parameter.name for parameter in node.common.inputs} | {one.target for one in getattr(node.settings, "ins", ()) if one.target}


def _named(names: Iterable[str], node: Node) -> dict[str, Known]:
    return {name: Known(set_by=frozenset({node.element.id})) for name in names}


def _called_by(drawing: Drawing) -> set[str]:
    elements = (node.xml for level in drawing.levels() for node in level.nodes.values() if node.element.type == "callActivity")
    return {str(element.get("calledElement") or "") for element in elements}


def _starts_itself(drawing: Drawing) -> bool:
    """Started from outside although it is called: by a form, a message, a signal, a timer."""
    kinds = Timer | Message | Signal
    return any(
        isinstance(s.settings, kinds) or (isinstance(s.settings, StartForm) and s.settings.form is not None) for s in drawing.starts()
    )


def _as_a_whole(drawing: Drawing) -> Places | None:
    """A diagram with too many places: anything it sets may be set anywhere."""
    identifiers = [identifier for level in drawing.levels() for identifier in level.nodes]
    names = variables_set_in(drawing.xml)
    if len(identifiers) * len(names) < _MOST_PLACES:
        return None
    state = State({name: Known(is_certain=False) for name in names}, is_open=True)
    return Places(dict.fromkeys(identifiers, state), dict.fromkeys(identifiers, state), {}, state)

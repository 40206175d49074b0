"""What expressions of a diagram use and what they can have: variables nobody sets, entries and texts that never are. Sets nothing.

A variable that no way to the element sets is a warning; one that only some ways set is told as information.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches

from engine.bpmn import settings as drawn
from engine.bpmn.drawing import Drawing, Node
from engine.bpmn.findings import Language
from engine.bpmn.model import ExpressionRef, ProcessDefinition
from engine.deployment_checks.definition_set import Flow
from engine.deployment_checks.places import counting, shapes_of
from engine.deployment_checks.shapes import Known, State
from engine.deployment_checks.sources import type_shape
from engine.deployment_checks.texts import purpose_name, said
from engine.errors import Finding, Severity
from engine.feel import Feel, Problem

#: How alike two names are when one is likely a slip of the other.
_ALIKE = 0.8
#: Purposes that see what the element has set itself.
_AFTER = ("output ", "completion condition", "output item", "loop condition")


@dataclass(frozen=True)
class Use:
    """An expression at an element, with the state it reads: that of the process ``called`` where it takes from there.

    A mapping takes null for a variable that is not set.
    """

    expression: ExpressionRef
    state: State
    declared: str | None = None
    is_null_without: bool = False
    called: str | None = None


def check_usage(feel: Feel, process: ProcessDefinition, flow: Flow, language: Language) -> list[Finding]:
    """Findings about the variables of one process."""
    places, drawing = flow.places.get(process.key), flow.drawings.get(process.key)
    if places is None or drawing is None:
        return []
    everything = {
        key: flow.places[key].everything() for key in {process.key, *(called for called, _ in places.calls.values())} & flow.places.keys()
    }
    return [
        _finding(process, use.expression, problem, severity, language)
        for use in _uses(process, drawing, flow)
        if use.expression.text not in flow.unreadable
        for problem, severity in _problems(feel, use, everything.get(use.called or process.key, {}), process)
    ]


def _uses(process: ProcessDefinition, drawing: Drawing, flow: Flow) -> Iterator[Use]:
    nodes = {identifier: node for level in drawing.levels() for identifier, node in level.nodes.items()}
    for expression in process.expressions:
        state = _state_for(expression, nodes.get(expression.element_id), flow, process.key)
        if state is not None:
            yield Use(
                expression, state, called=_called(nodes.get(expression.element_id)) if expression.purpose.startswith("out ") else None
            )
    for identifier, node in nodes.items():
        state = flow.places[process.key].seen.get(identifier)
        if state is not None:
            yield from _named(node, state, flow)
            yield from _asked(node, state, flow)


def _state_for(expression: ExpressionRef, node: Node | None, flow: Flow, key: str) -> State | None:
    """The variables that an expression sees; None where no token comes, or where a called process is not known."""
    places = flow.places[key]
    state = places.seen.get(expression.element_id)
    if node is None or state is None:
        return state
    if expression.purpose.startswith("out "):
        return _end_of_called(node, flow)
    if expression.purpose.startswith(_AFTER):
        after = places.after.get(node.element.id, state)
        return after.setting({name: Known() for name in ("loopCounter", *counting(node)) if name not in after.variables})
    if isinstance(node.settings, drawn.Condition):
        return State({**places.everything(), **state.variables}, state.is_open).certain()  # it is false for as long as nobody has set them
    return state


def _called(node: Node | None) -> str | None:
    settings = node.settings if node is not None else None
    return settings.called.source if isinstance(settings, drawn.Call) and not settings.called.is_feel else None


def _end_of_called(node: Node, flow: Flow) -> State | None:
    called = _called(node)
    return flow.exits.get(called) if called is not None else None


def _named(node: Node, state: State, flow: Flow) -> Iterator[Use]:
    """Variables that are named literally: sources of mappings, collections."""
    loop = node.common.multi_instance
    if loop is not None and loop.collection is not None and not loop.collection.is_feel:
        yield _use(node, loop.collection.source, "collection", state)
    if isinstance(node.settings, drawn.Call):
        ended = _end_of_called(node, flow)
        for mapping in node.settings.ins:
            if mapping.variable and not mapping.is_local:
                yield replace(_use(node, mapping.variable, f"in {mapping.target}", state), is_null_without=True)
        for mapping in node.settings.outs if ended is not None else ():
            if mapping.variable:
                yield replace(
                    _use(node, mapping.variable, f"out {mapping.target}", ended or State()), is_null_without=True, called=_called(node)
                )


def _asked(node: Node, state: State, flow: Flow) -> Iterator[Use]:
    """What a decision takes from the diagram."""
    settings = node.settings
    if not isinstance(settings, drawn.Rule) or settings.decision.is_feel:
        return
    outlines = flow.sources.decisions
    wanted = [settings.decision.source] if settings.decision.source in outlines else []
    for key in wanted:  # grows by what each requires
        wanted += [other for other in outlines[key].requires if other in outlines and other not in wanted]
        own = {name: Known() for name in outlines[key].own_names if name not in state.variables}
        for text, declared in outlines[key].reads:
            yield replace(_use(node, text, "decision input", state.setting(own)), declared=declared)


def _use(node: Node, text: str, purpose: str, state: State) -> Use:
    return Use(ExpressionRef(text, node.element.id, node.element.line, purpose), state)


# --- what is wrong --------------------------------------------------------------------------------------------------------


def _problems(feel: Feel, use: Use, anywhere: Mapping[str, Known], process: ProcessDefinition) -> Iterator[tuple[Problem, Severity]]:
    text, state = use.expression.text, use.state
    if feel.problems(text, [name for name in state.variables if not name.isidentifier()]):
        return
    certain = [name for name, one in state.variables.items() if one.is_certain or use.is_null_without]
    for problem in feel.unknown_names(text, certain):
        yield from _unknown(replace(problem, known=[*state.variables, *anywhere]), state, anywhere, process)
    examined = feel.examine(text, shapes_of(state))
    for problem in examined.problems:
        yield problem, "warning"
    wanted = type_shape(use.declared).kind
    if wanted and examined.shape and examined.shape["t"] not in (wanted, "Null", "list"):
        yield Problem("TYPE_MISMATCH", text, None, {"value": text, "expected": use.declared}), "warning"


def _unknown(
    problem: Problem, state: State, anywhere: Mapping[str, Known], process: ProcessDefinition
) -> Iterator[tuple[Problem, Severity]]:
    name = problem.facts["name"]
    known = state.variables.get(name)
    if known is not None:
        if not state.is_open and not known.is_conditional:
            yield replace(problem, code="SET_SOMETIMES", facts={"name": name, "elements": _elements(known.set_by, process)}), "info"
    elif name in anywhere:
        if not state.is_open:
            facts = {"name": name, "elements": _elements(anywhere[name].set_by, process)}
            yield replace(problem, code="SET_ELSEWHERE", facts=facts, known=()), "warning"
    elif not state.is_open or get_close_matches(name, problem.known, n=1, cutoff=_ALIKE):
        yield problem, "warning"


def _elements(identifiers: Iterable[str], process: ProcessDefinition) -> list[str]:
    return [process.elements[one].name or one if one in process.elements else one for one in sorted(identifiers)]


def _finding(process: ProcessDefinition, found: ExpressionRef, problem: Problem, severity: Severity, language: Language) -> Finding:
    code = _CODES.get(problem.code, "never-meant")
    facts = {"purpose": purpose_name(found.purpose, language), "problem": problem.text(language)}
    message, remedy = said(code, language, facts)
    element = process.elements.get(found.element_id)
    name = element.name if element else None
    return Finding(process.file, found.line, found.element_id, name, code, message, remedy, severity)


_CODES = {"NEVER_SET": "unknown-variable", "SET_ELSEWHERE": "unset-variable", "SET_SOMETIMES": "sometimes-variable"}

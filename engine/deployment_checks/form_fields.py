"""Fields of forms against what is around them: conditions that ask for nothing known, fields that nobody sets or reads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import PurePath

from engine.bpmn.findings import Language
from engine.bpmn.model import FormRef, ProcessDefinition
from engine.bpmn.source import XmlElement, camunda, local_name
from engine.deployment_checks.advice import Advice
from engine.deployment_checks.definition_set import Flow
from engine.deployment_checks.form_schemas import FormField, FormSchema
from engine.deployment_checks.shapes import UNKNOWN, Known, Shape, State, joined, to_feel
from engine.errors import ExpressionFailed, Finding
from engine.feel import Feel

_PATH = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_ALIKE = 0.8
#: Elements of a diagram whose text is an expression.
_TEXTS = frozenset(
    {"conditionExpression", "condition", "script", "inputParameter", "outputParameter", "value", "entry", "completionCondition"}
    | {"loopCardinality", "loopCondition", "loopDataInputRef", "timeDate", "timeDuration", "timeCycle"}
)


@dataclass(frozen=True)
class Reading:
    """What diagrams and tables of a set read, as paths. ``is_everything``: a mapping takes all variables."""

    paths: frozenset[str]
    is_everything: bool


def check_forms(
    feel: Feel, forms: Iterable[FormSchema], known: Mapping[str, FormSchema], flow: Flow, pages: frozenset[str], language: Language
) -> list[Finding]:
    """Findings about ``forms``. ``known``: every form of the set and deployed. ``pages``: forms that pages show without a process."""
    reading, findings = _reading(flow), []
    for form in forms:
        advice = Advice(form.file, language)
        uses = _uses(form.key, flow)
        _hidden(feel, form, advice)
        _expressions(feel, form, flow, uses, advice)
        if not uses and form.key not in pages and not _is_named(form.key, flow):
            advice.add("form-unused", form.key, form.title, None, key=form.key)
        elif form.key not in pages and not reading.is_everything:
            _unread(form, known, reading, advice)
        findings += advice.findings
    return findings


def check_shown(process: ProcessDefinition, known: Mapping[str, FormSchema], flow: Flow, advice: Advice) -> None:
    """Fields that are only shown at a task although nothing before it sets them."""
    places = flow.places.get(process.key)
    for reference in process.forms:
        form, state = known.get(reference.key), places.seen.get(reference.element_id) if places is not None else None
        if form is None or state is None or state.is_open:
            continue
        for field in form.fields:
            if field.key and field.is_shown_only and not field.is_in_list and not _has(state, field.key):
                _tell_unset(process, reference, field, advice)


def _tell_unset(process: ProcessDefinition, reference: FormRef, field: FormField, advice: Advice) -> None:
    element = process.elements.get(reference.element_id)
    name = element.name if element is not None else None
    advice.add("field-unset", reference.element_id, name, reference.line, key=field.key, label=field.label, form=reference.key)


def _has(state: State, key: str) -> bool:
    first, *rest = key.split(".")
    if first not in state.variables:
        return False
    shape = state.variables[first].shape
    for part in rest:
        if shape.entries is None:
            return True
        if part not in shape.entries:
            return False
        shape = shape.entries[part]
    return True


# --- the form alone -------------------------------------------------------------------------------------------------------


def _hidden(feel: Feel, form: FormSchema, advice: Advice) -> None:
    for field in form.fields:
        if field.is_required and any(_is_always(feel, hide) for hide in field.hides):
            advice.add("field-hidden", field.id, field.label, field.line, key=field.key)


def _is_always(feel: Feel, hide: str) -> bool:
    try:
        return not feel.names(hide) and feel.evaluate(hide, {}) is True
    except ExpressionFailed:
        return False


# --- expressions of the form ----------------------------------------------------------------------------------------------


def _expressions(feel: Feel, form: FormSchema, flow: Flow, uses: list[State], advice: Advice) -> None:
    """A name that is neither a field nor a variable where the form is shown, and what can never be meant."""
    state = _state(form, flow, uses)
    shapes = {name: to_feel(one.shape) for name, one in state.variables.items()}
    for field in form.fields:
        for text in field.expressions if not field.is_in_list else ():
            for problem in feel.unknown_names(text, state.variables.keys()):
                if not state.is_open or get_close_matches(problem.facts["name"], state.variables, n=1, cutoff=_ALIKE):
                    _tell(form, field, problem.text(advice.language), advice)
            for problem in feel.examine(text, shapes).problems:
                _tell(form, field, problem.text(advice.language), advice)


def _tell(form: FormSchema, field: FormField, problem: str, advice: Advice) -> None:
    advice.add("form-expression", field.id, field.label, field.line, problem=problem)


def _state(form: FormSchema, flow: Flow, uses: list[State]) -> State:
    """What the form's conditions see: the variables where it is shown, and its own fields over them."""
    start = State({name: Known() for name in flow.definitions.start | flow.definitions.beside})
    shown = joined(uses) if uses else start
    own = {name: shape for name, shape, _ in flow.sources.forms.get(form.key, ())}
    merged = {name: Known(_over(shape, shown.variables.get(name))) for name, shape in own.items()}
    return State({**shown.variables, **merged}, shown.is_open)


def _over(shape: Shape, before: Known | None) -> Shape:
    """The fields of a context over the entries that it has already."""
    if before is None or shape.kind != "context":
        return shape
    if before.shape.entries is None or shape.entries is None:
        return UNKNOWN
    inner = {name: _over(one, Known(before.shape.entries[name])) for name, one in shape.entries.items() if name in before.shape.entries}
    return replace(shape, entries={**before.shape.entries, **shape.entries, **inner})


def _uses(key: str, flow: Flow) -> list[State]:
    """The variables at each place where the form is shown."""
    return [
        flow.places[process].seen[identifier]
        for process, drawing in flow.drawings.items()
        for level in drawing.levels()
        for identifier, node in level.nodes.items()
        if key in (node.xml.get(camunda("formKey")), node.xml.get(camunda("formRef"))) and identifier in flow.places[process].seen
    ]


def _is_named(key: str, flow: Flow) -> bool:
    """Some diagram mentions the key, perhaps in an expression."""
    return any(key.encode() in content for name, content in flow.definitions.files.items() if PurePath(name).suffix == ".bpmn")


# --- what reads a field ---------------------------------------------------------------------------------------------------


def _unread(form: FormSchema, known: Mapping[str, FormSchema], reading: Reading, advice: Advice) -> None:
    shown = {field.key for other in known.values() if other.key != form.key for field in other.fields if field.key}
    asked = {path for other in known.values() for field in other.fields for path in _paths(*field.expressions, *field.templates)}
    read = reading.paths | asked | shown
    fields = [field for field in form.fields if field.key and not field.is_shown_only and not field.is_in_list]
    unread = [field for field in fields if not _is_read(field.key, read)]
    if unread:
        labels = ", ".join(f"{field.label or field.id} ({field.key})" for field in unread)
        advice.add("fields-unread", unread[0].id, unread[0].label, unread[0].line, fields=labels)


def _is_read(key: str, read: frozenset[str] | set[str]) -> bool:
    """A reader takes the field, something in it, or the whole that it belongs to."""
    parts = key.split(".")
    wholes = {".".join(parts[:count]) for count in range(1, len(parts) + 1)}
    return not read.isdisjoint(wholes) or any(path.startswith(f"{key}.") for path in read)


def _reading(flow: Flow) -> Reading:
    texts: list[str] = []
    is_everything = False
    for drawing in flow.drawings.values():
        for element in drawing.xml.iter("*"):
            is_everything = is_everything or (local_name(element) == "in" and element.get("variables") == "all")
            texts += _texts(element)
    texts += [text for outline in flow.sources.decisions.values() for text, _ in outline.reads]
    return Reading(frozenset(_paths(*texts)), is_everything)


def _texts(element: XmlElement) -> Iterator[str]:
    tag = local_name(element)
    if tag in _TEXTS and element.text:
        yield element.text
    if tag in ("in", "out"):
        yield from (text for name in ("source", "sourceExpression") if (text := element.get(name)))
    yield from (str(text) for name, text in element.attrib.items() if str(name).startswith("{") and str(text).startswith(("=", "${")))
    if collection := element.get(camunda("collection")):
        yield collection


def _paths(*texts: str) -> set[str]:
    return {path for text in texts for path in _PATH.findall(text)}

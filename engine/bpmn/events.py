"""What each event is told to wait for or to throw. Reads XML only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.bpmn.catalogue import REMEDIES
from engine.bpmn.clock_references import is_reference
from engine.bpmn.common import CYCLE, read_mappings
from engine.bpmn.cron import is_cron
from engine.bpmn.findings import Report
from engine.bpmn.links import read_form, read_operation
from engine.bpmn.settings import (
    Cancel,
    Compensate,
    Condition,
    Error,
    Escalation,
    Link,
    Message,
    Pass,
    Settings,
    Signal,
    StartForm,
    Terminate,
    Text,
    Timer,
)
from engine.bpmn.source import XmlElement, bpmn, camunda, local_name, text_of
from engine.bpmn.texts import attribute_text, expression_text
from engine.bpmn.vocabulary import check_juel

_STARTING = {"timerEventDefinition", "messageEventDefinition", "signalEventDefinition"}
_CATCHABLE = _STARTING | {"conditionalEventDefinition"}
#: Which event definitions each kind of event may hold.
ALLOWED: dict[str, set[str]] = {
    "startEvent": _STARTING,
    "eventSubProcess": _CATCHABLE | {"errorEventDefinition", "escalationEventDefinition"},
    "intermediateCatchEvent": _CATCHABLE | {"linkEventDefinition"},
    "boundaryEvent": _CATCHABLE
    | {"errorEventDefinition", "escalationEventDefinition", "compensateEventDefinition", "cancelEventDefinition"},
    "intermediateThrowEvent": {"messageEventDefinition", "signalEventDefinition", "escalationEventDefinition", "linkEventDefinition"}
    | {"compensateEventDefinition"},
    "endEvent": {
        "messageEventDefinition",
        "signalEventDefinition",
        "errorEventDefinition",
        "escalationEventDefinition",
        "terminateEventDefinition",
        "compensateEventDefinition",
        "cancelEventDefinition",
    },
}
_THROWING = {"intermediateThrowEvent", "endEvent"}
_VARIABLE_EVENTS = frozenset({"create", "update"})
_NO_NAME = Text("", is_feel=False)


@dataclass(frozen=True)
class Roots:
    """The messages, signals, errors and escalations that a file declares, by id."""

    declared: dict[str, XmlElement]

    @staticmethod
    def of(definitions: XmlElement) -> Roots:
        tags = {bpmn(tag) for tag in ("message", "signal", "error", "escalation")}
        return Roots({child.get("id", ""): child for child in definitions if child.tag in tags})

    def check(self, report: Report) -> None:
        """Names of messages and signals may be expressions; codes are literal."""
        for root in self.declared.values():
            check_juel(root.get("name") or "", local_name(root) in ("message", "signal"), root, report)
            for text in (root.get("errorCode") or "", root.get("escalationCode") or ""):
                check_juel(text, False, root, report)

    def name_of(self, element: XmlElement, kind: str) -> Text | None:
        """The name of the message or signal to which ``element`` refers."""
        root = self._root(element, kind)
        return attribute_text(root.get("name")) if root is not None else None

    def code_of(self, element: XmlElement, kind: str) -> str | None:
        """The code of the error or escalation to which ``element`` refers."""
        root = self._root(element, kind)
        return (root.get(f"{kind}Code") or None) if root is not None else None

    def has_reference(self, element: XmlElement, kind: str) -> bool:
        return bool(element.get(f"{kind}Ref"))

    def _root(self, element: XmlElement, kind: str) -> XmlElement | None:
        reference = (element.get(f"{kind}Ref") or "").rpartition(":")[2]
        root = self.declared.get(reference)
        return root if root is not None and local_name(root) == kind else None


def read_event(element: XmlElement, roots: Roots, report: Report) -> Settings:
    """The settings of an event from its one event definition; gaps are reported."""
    tag = local_name(element)
    definitions = [child for child in element if local_name(child).endswith("EventDefinition")]
    if len(definitions) > 1:
        report.add("event-many", element)
    if not definitions:
        return _none_event(element, tag, report)
    kind = local_name(definitions[0])
    place = "eventSubProcess" if tag == "startEvent" and _is_in_event_sub_process(element) else tag
    if kind not in ALLOWED[place]:
        special = f"{kind}@{place}"
        report.add("event-unsupported", element, place=place, construct=special if special in REMEDIES else kind)
        return Pass()
    return _READERS[kind](definitions[0], element, roots, report)


def _is_in_event_sub_process(element: XmlElement) -> bool:
    parent = element.getparent()
    return parent is not None and parent.get("triggeredByEvent") == "true"


def read_message(definition: XmlElement, element: XmlElement, roots: Roots, report: Report) -> Settings:
    """The message of an event, send or receive task; a throwing event may call an operation instead."""
    if local_name(element) in _THROWING and definition.get(camunda("topic")):
        return read_operation(definition, report)
    name = roots.name_of(definition, "message")
    if name is None:
        report.add("reference-missing", element, what="message")
    return Message(name or _NO_NAME)


def _none_event(element: XmlElement, tag: str, report: Report) -> Settings:
    if tag in ("intermediateCatchEvent", "boundaryEvent"):
        report.add("event-missing", element)
    if tag == "startEvent":
        return StartForm(read_form(element, report))
    return Pass()


def _timer(definition: XmlElement, element: XmlElement, roots: Roots, report: Report) -> Settings:
    for kind, tag in (("date", "timeDate"), ("duration", "timeDuration"), ("cycle", "timeCycle")):
        value = attribute_text(text_of(definition.find(bpmn(tag))))
        if value is not None:
            if kind == "cycle" and not value.is_feel and not _is_cycle(value.source):
                report.add("timer-cycle", element, text=value.source)
            return Timer(kind, value)  # type: ignore[arg-type]  # the three kinds are the literals of Timer
    report.add("timer-empty", element)
    return Pass()


def _is_cycle(text: str) -> bool:
    return bool(CYCLE.match(text)) or is_cron(text) or is_reference(text)


def _signal(definition: XmlElement, element: XmlElement, roots: Roots, report: Report) -> Settings:
    name = roots.name_of(definition, "signal")
    if name is None:
        report.add("reference-missing", element, what="signal")
    return Signal(name or _NO_NAME, read_mappings(definition, "in", report))


def _error(definition: XmlElement, element: XmlElement, roots: Roots, report: Report) -> Settings:
    code = roots.code_of(definition, "error")
    _check_code(element, code, "error", roots.has_reference(definition, "error"), report)
    return Error(code, definition.get(camunda("errorCodeVariable")), definition.get(camunda("errorMessageVariable")))


def _escalation(definition: XmlElement, element: XmlElement, roots: Roots, report: Report) -> Settings:
    code = roots.code_of(definition, "escalation")
    _check_code(element, code, "escalation", roots.has_reference(definition, "escalation"), report)
    return Escalation(code, definition.get(camunda("escalationCodeVariable")))


def _check_code(element: XmlElement, code: str | None, kind: str, has_reference: bool, report: Report) -> None:
    """A thrower needs a code; a catcher may catch all, but then must not refer to something without a code."""
    if code is None and (local_name(element) in _THROWING or has_reference):
        report.add("code-missing", element, what=kind)


def _condition(definition: XmlElement, element: XmlElement, roots: Roots, report: Report) -> Settings:
    condition = definition.find(bpmn("condition"))
    expression = expression_text(text_of(condition))
    if expression is None:
        report.add("text-missing", element, what="condition")
        return Pass()
    language = condition.get("language") if condition is not None else None
    if language and "feel" not in language.lower():
        report.add("condition-language", element, language=language)
    variable = (definition.get(camunda("variableName")) or "").strip() or None
    return Condition(expression, variable, _variable_events(definition, element, variable, report))


def _variable_events(definition: XmlElement, element: XmlElement, variable: str | None, report: Report) -> frozenset[str]:
    """What has to happen to the variable. Without a name only all events make sense: each change is looked at anyway."""
    text = (definition.get(camunda("variableEvents")) or "").replace(" ", "")
    events = frozenset(filter(None, text.split(","))) or _VARIABLE_EVENTS
    is_useful = bool(events & _VARIABLE_EVENTS) and (variable is not None or events >= _VARIABLE_EVENTS)
    if not is_useful or events - _VARIABLE_EVENTS - {"delete"}:
        report.add("condition-variable", element, variable=variable or "", events=text)
    return events


def _compensate(definition: XmlElement, element: XmlElement, roots: Roots, report: Report) -> Settings:
    return Compensate(definition.get("activityRef") or None)


def _cancel(definition: XmlElement, element: XmlElement, roots: Roots, report: Report) -> Settings:
    return Cancel()


def _link(definition: XmlElement, element: XmlElement, roots: Roots, report: Report) -> Settings:
    return Link(" ".join((definition.get("name") or "").split()))


def _terminate(definition: XmlElement, element: XmlElement, roots: Roots, report: Report) -> Settings:
    return Terminate()


_READERS: dict[str, Callable[[XmlElement, XmlElement, Roots, Report], Settings]] = {
    "timerEventDefinition": _timer,
    "messageEventDefinition": read_message,
    "signalEventDefinition": _signal,
    "errorEventDefinition": _error,
    "escalationEventDefinition": _escalation,
    "conditionalEventDefinition": _condition,
    "compensateEventDefinition": _compensate,
    "cancelEventDefinition": _cancel,
    "linkEventDefinition": _link,
    "terminateEventDefinition": _terminate,
}

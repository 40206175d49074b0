"""Execution and task listeners as drawn: when they run, and the operation or FEEL that they run. Reads XML only."""

from __future__ import annotations

import re
from typing import cast

from engine.bpmn.findings import Report
from engine.bpmn.settings import Listener, ListenerEvent, Parameter, Text
from engine.bpmn.source import XmlElement, camunda, extensions, local_name, text_of
from engine.bpmn.texts import attribute_text, expression_text

#: ``${operation}``: the name of an operation, as in a service task's topic.
_OPERATION = re.compile(r"[$#]\{\s*([^\W\d][\w-]*)\s*\}$")
_EXECUTION = ("start", "end")
#: A process begins at its start event; it may end anywhere, also when it is cancelled, where nobody could retry what failed.
_ELSEWHERE = {"sequenceFlow": ("take",), "process": ("start",)}
_TASK = ("create", "complete", "delete")


def read_listeners(element: XmlElement, report: Report) -> tuple[Listener, ...]:
    """The listeners of an element, a flow or a process, in the order in which they are drawn; what they cannot do is reported."""
    execution = _ELSEWHERE.get(local_name(element), _EXECUTION)
    places = {camunda("executionListener"): execution, camunda("taskListener"): _TASK}
    found = [_read(child, places[str(child.tag)], report) for child in extensions(element) if child.tag in places]
    return tuple(listener for listener in found if listener is not None)


def _read(element: XmlElement, events: tuple[str, ...], report: Report) -> Listener | None:
    event = element.get("event") or ""
    if event not in events:
        place = "process" if events == _ELSEWHERE["process"] else local_name(element)
        report.add("listener-event", element, event=event or "—", known=", ".join(events), construct=f"{event}@{place}")
        return None
    script = element.find(camunda("script"))
    named = _OPERATION.match((element.get("delegateExpression") or "").strip())
    if script is not None:
        return _scripted(event, script, report)
    if named is None:
        report.add("listener-kind", element)
        return None
    fields = tuple(_field(child, report) for child in element if child.tag == camunda("field"))
    return Listener(cast(ListenerEvent, event), named[1], None, fields)


def _scripted(event: str, script: XmlElement, report: Report) -> Listener | None:
    language = script.get("scriptFormat") or "feel"
    expression = expression_text(text_of(script))
    if language.lower() != "feel":
        report.add("script-format", script, format=language)
    if expression is None:
        report.add("text-missing", script, what="script")
    return Listener(cast(ListenerEvent, event), None, expression) if expression is not None else None


def _field(element: XmlElement, report: Report) -> Parameter:
    """``stringValue`` is literal, ``expression`` an expression; both may also stand inside the field."""
    literal = element.get("stringValue") or text_of(element.find(camunda("string")))
    value = Text(literal, is_feel=False) if literal else None
    value = value or attribute_text(element.get("expression") or text_of(element.find(camunda("expression"))))
    if value is None or not element.get("name"):
        report.add("text-missing", element, what="field")
    return Parameter(element.get("name") or "", value or Text("", is_feel=False))

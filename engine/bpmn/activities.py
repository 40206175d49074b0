"""What each task and call activity is told to do. Reads XML only."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast, get_args

from engine.bpmn.common import read_mappings
from engine.bpmn.events import Roots, read_message
from engine.bpmn.findings import Report
from engine.bpmn.links import read_binding, read_form, read_operation
from engine.bpmn.model import MapResult
from engine.bpmn.settings import Call, Pass, Rule, Script, Settings, Text, UserTask
from engine.bpmn.source import XmlElement, bpmn, camunda, local_name, text_of
from engine.bpmn.texts import attribute_text, expression_text

_NOTHING = Text("null", is_feel=True)


def read_activity(element: XmlElement, roots: Roots, report: Report) -> Settings:
    """The settings of a task or call activity; gaps are reported."""
    return _READERS[local_name(element)](element, roots, report)


def _user_task(element: XmlElement, roots: Roots, report: Report) -> Settings:
    def text(name: str) -> Text | None:
        return attribute_text(element.get(camunda(name)))

    priority = text("priority")
    if priority is not None and not priority.is_feel and not priority.source.lstrip("-").isdigit():
        report.add("priority", element, value=priority.source)
    return UserTask(
        assignee=text("assignee"),
        candidate_users=text("candidateUsers"),
        candidate_groups=text("candidateGroups"),
        due=text("dueDate"),
        follow_up=text("followUpDate"),
        priority=priority,
        form=read_form(element, report),
    )


def _manual_task(element: XmlElement, roots: Roots, report: Report) -> Settings:
    return Pass()


def _script_task(element: XmlElement, roots: Roots, report: Report) -> Settings:
    script_format = element.get("scriptFormat") or "feel"
    if script_format.lower() != "feel":
        report.add("script-format", element, format=script_format)
    expression = expression_text(text_of(element.find(bpmn("script"))))
    if expression is None:
        report.add("text-missing", element, what="script")
    return Script(expression or _NOTHING, element.get(camunda("resultVariable")))


def _service_task(element: XmlElement, roots: Roots, report: Report) -> Settings:
    return read_operation(element, report)


def _send_task(element: XmlElement, roots: Roots, report: Report) -> Settings:
    if element.get(camunda("type")) or element.get(camunda("topic")):
        return read_operation(element, report)
    return read_message(element, element, roots, report)


def _receive_task(element: XmlElement, roots: Roots, report: Report) -> Settings:
    return read_message(element, element, roots, report)


def _rule_task(element: XmlElement, roots: Roots, report: Report) -> Settings:
    decision = attribute_text(element.get(camunda("decisionRef")))
    if decision is None:
        report.add("text-missing", element, what="decisionRef")
    binding, version = read_binding(element, "decisionRef", report)
    map_result = element.get(camunda("mapDecisionResult")) or "singleResult"
    result_variable = element.get(camunda("resultVariable"))
    if map_result not in get_args(MapResult) or (map_result != "singleResult" and not result_variable):
        report.add("map-result", element, value=map_result)
    return Rule(decision or _NOTHING, binding, version, cast(MapResult, map_result), result_variable)


def _call_activity(element: XmlElement, roots: Roots, report: Report) -> Settings:
    called = attribute_text(element.get("calledElement"))
    if called is None:
        report.add("text-missing", element, what="calledElement")
    binding, version = read_binding(element, "calledElement", report)
    return Call(called or _NOTHING, binding, version, read_mappings(element, "in", report), read_mappings(element, "out", report))


_READERS: dict[str, Callable[[XmlElement, Roots, Report], Settings]] = {
    "userTask": _user_task,
    "manualTask": _manual_task,
    "scriptTask": _script_task,
    "serviceTask": _service_task,
    "sendTask": _send_task,
    "receiveTask": _receive_task,
    "businessRuleTask": _rule_task,
    "callActivity": _call_activity,
}

"""Links from a diagram to other files: forms, operations, and the version they are bound to. Reads XML only."""

from __future__ import annotations

from typing import cast, get_args

from engine.bpmn.findings import Report
from engine.bpmn.model import Binding
from engine.bpmn.settings import FormLink, Operation
from engine.bpmn.source import XmlElement, camunda
from engine.bpmn.texts import attribute_text


def read_form(element: XmlElement, report: Report) -> FormLink | None:
    """``formRef`` with its binding, or ``formKey`` (the newest form of that name)."""
    key = attribute_text(element.get(camunda("formRef")))
    if key is None:
        key = attribute_text(element.get(camunda("formKey")))
        return FormLink(key, "latest", None) if key is not None else None
    binding, version = read_binding(element, "formRefBinding", "formRefVersion", report)
    return FormLink(key, binding, version)


def read_operation(element: XmlElement, report: Report) -> Operation:
    """``camunda:type="external"`` with a topic: the name of an operation."""
    topic = (element.get(camunda("topic")) or "").strip()
    if element.get(camunda("type")) != "external" or not topic or topic.startswith("="):
        report.add("service-type", element)
    return Operation(topic)


def read_binding(element: XmlElement, attribute: str, version_attribute: str, report: Report) -> tuple[Binding, int | None]:
    binding = element.get(camunda(attribute)) or "latest"
    version = element.get(camunda(version_attribute)) or ""
    if binding not in get_args(Binding) or (binding == "version") != version.isdigit():
        report.add("binding", element, binding=binding)
        return "latest", None
    return cast(Binding, binding), int(version) if version else None

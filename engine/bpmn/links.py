"""Links from a diagram to other files: forms, operations, and the version they are bound to. Reads XML only."""

from __future__ import annotations

from typing import cast, get_args

from engine.bpmn.findings import Report
from engine.bpmn.model import Binding, BoundTo
from engine.bpmn.settings import FormLink, Operation
from engine.bpmn.source import XmlElement, camunda
from engine.bpmn.texts import attribute_text


def read_form(element: XmlElement, report: Report) -> FormLink | None:
    """``formRef`` with its binding, or ``formKey`` (the newest form of that name)."""
    key = attribute_text(element.get(camunda("formRef")))
    if key is None:
        key = attribute_text(element.get(camunda("formKey")))
        return FormLink(key, "latest", None) if key is not None else None
    binding, version = read_binding(element, "formRef", report)
    return FormLink(key, binding, version)


def read_operation(element: XmlElement, report: Report) -> Operation:
    """``camunda:type="external"`` with a topic: the name of an operation."""
    topic = (element.get(camunda("topic")) or "").strip()
    if element.get(camunda("type")) != "external" or not topic or topic.startswith("="):
        report.add("service-type", element)
    return Operation(topic)


def read_binding(element: XmlElement, link: str, report: Report) -> tuple[Binding, BoundTo]:
    """``camunda:<link>Binding`` with ``<link>Version`` or ``<link>VersionTag``: exactly the one that the binding needs."""
    binding = element.get(camunda(f"{link}Binding")) or "latest"
    version, tag = ((element.get(camunda(f"{link}{name}")) or "").strip() for name in ("Version", "VersionTag"))
    is_complete = (binding == "version") == version.isdigit() and (binding == "versionTag") == bool(tag)
    if binding not in get_args(Binding) or not is_complete or tag.startswith("="):
        report.add("binding", element, binding=binding)
        return "latest", None
    return cast(Binding, binding), int(version) if version else tag or None

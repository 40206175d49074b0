"""Diagrams and forms as a person saves them with a modeler on the desk: the deployed file, with a few elements more or fewer."""

from __future__ import annotations

import json
import re
from typing import Any

Box = tuple[int, int, int, int]
Point = tuple[int, int]


def text_of(content: bytes) -> str:
    return content.decode()


def replaced(xml: str, old: str, new: str) -> str:
    """Exactly one place changed."""
    assert xml.count(old) == 1, f"Expected {old!r} once but found it {xml.count(old)} times."
    return xml.replace(old, new)


def drawn(xml: str, meaning: str, picture: str) -> str:
    """More elements in the process (not in one of its sub-processes), and their shapes."""
    xml = replaced(xml, "</bpmn:laneSet>", f"</bpmn:laneSet>{meaning}")
    return replaced(xml, "</bpmndi:BPMNPlane>", f"{picture}</bpmndi:BPMNPlane>")


def removed(xml: str, *names: str) -> str:
    """Without these elements, their shapes, and what names them."""
    for name in names:
        tag = re.search(rf'<bpmn:(\w+) id="{name}"', xml)
        assert tag, f"Expected {name} in the diagram."
        whole = rf'\s*<bpmn:{tag[1]} id="{name}"(?:[^>]*/>|[\s\S]*?</bpmn:{tag[1]}>)'
        xml = re.sub(whole, "", xml, count=1)
        xml = re.sub(rf'\s*<bpmndi:BPMN(Shape|Edge) id="[^"]*" bpmnElement="{name}"[\s\S]*?</bpmndi:BPMN\1>', "", xml)
        xml = re.sub(rf"\s*<bpmn:(flowNodeRef|incoming|outgoing)>{name}</bpmn:\1>", "", xml)
    return xml


def led(xml: str, flow: str, target: str, *points: Point) -> str:
    """A flow that now leads to another element."""
    old = re.search(rf'<bpmn:sequenceFlow id="{flow}"[^>]*targetRef="([^"]*)"', xml)
    assert old, f"Expected {flow} in the diagram."
    xml = xml.replace(old[0], old[0].replace(f'targetRef="{old[1]}"', f'targetRef="{target}"'))
    taken = re.compile(rf'(<bpmn:\w+ id="{old[1]}"[\s\S]*?)\s*<bpmn:incoming>{flow}</bpmn:incoming>')
    xml = taken.sub(r"\1", xml, count=1)
    return re.sub(
        rf'(<bpmndi:BPMNEdge id="[^"]*" bpmnElement="{flow}">)[\s\S]*?</bpmndi:BPMNEdge>', rf"\1{_way(points)}</bpmndi:BPMNEdge>", xml
    )


def entered(xml: str, element: str, flow_name: str) -> str:
    """One more flow that leads to an element."""
    return _noted(xml, element, f"<bpmn:incoming>{flow_name}</bpmn:incoming>")


def left(xml: str, element: str, flow_name: str) -> str:
    """One more flow that leaves an element."""
    return _noted(xml, element, f"<bpmn:outgoing>{flow_name}</bpmn:outgoing>")


def _noted(xml: str, element: str, note: str) -> str:
    """Where the schema wants it: behind documentation and extension elements, incoming before outgoing."""
    found = re.search(rf'<bpmn:(\w+) id="{element}"[^>]*>([\s\S]*?)</bpmn:\1>', xml)
    assert found, f"Expected {element} in the diagram."
    inside = found[2]
    marks = ("<bpmn:incoming>", "<bpmn:outgoing>") if "incoming" in note else ("<bpmn:outgoing>",)
    ends = ("</bpmn:outgoing>", "</bpmn:incoming>", "</bpmn:extensionElements>", "</bpmn:documentation>")
    places = [inside.index(mark) for mark in marks if mark in inside]
    places += [inside.rindex(end) + len(end) for end in ends if end in inside][:1]
    at = found.start(2) + (places[0] if places else 0)
    return xml[:at] + note + xml[at:]


def user_task(name: str, words: str, form: str, groups: str, incoming: str, outgoing: str, due: str = "1个工作日") -> str:
    return (
        f'<bpmn:userTask id="{name}" name="{words}" camunda:formKey="{form}" camunda:candidateGroups="{groups}" camunda:dueDate="{due}">'
        f"<bpmn:incoming>{incoming}</bpmn:incoming><bpmn:outgoing>{outgoing}</bpmn:outgoing></bpmn:userTask>"
    )


def flow(name: str, source: str, target: str, condition: str = "", words: str = "") -> str:
    label = f' name="{words}"' if words else ""
    inside = f'<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">{condition}</bpmn:conditionExpression>' if condition else ""
    return f'<bpmn:sequenceFlow id="{name}"{label} sourceRef="{source}" targetRef="{target}">{inside}</bpmn:sequenceFlow>'


def shape(name: str, box: Box, more: str = "") -> str:
    x, y, width, height = box
    bounds = f'<dc:Bounds x="{x}" y="{y}" width="{width}" height="{height}" />'
    return f'<bpmndi:BPMNShape id="{name}_di" bpmnElement="{name}"{more}>{bounds}</bpmndi:BPMNShape>'


def edge(name: str, *points: Point) -> str:
    return f'<bpmndi:BPMNEdge id="{name}_di" bpmnElement="{name}">{_way(points)}</bpmndi:BPMNEdge>'


def form(key: str, title: str, title_en: str, *fields: dict[str, Any]) -> bytes:
    """A form file, as the form editor writes it."""
    schema = {
        "type": "default", "id": key, "schemaVersion": 19, "executionPlatform": "Camunda Platform", "executionPlatformVersion": "7.24.0",
        "properties": {"title": title, "en": title_en}, "components": list(fields),
    }  # fmt: skip
    return (json.dumps(schema, ensure_ascii=False, indent=2) + "\n").encode()


def choice(key: str, label: str, label_en: str, *values: tuple[str, str]) -> dict[str, Any]:
    offered = [{"label": value, "value": value, "en": english} for value, english in values]
    return {
        "type": "radio",
        "id": f"field_{key}",
        "key": key,
        "label": label,
        "values": offered,
        "validate": {"required": True},
        "properties": {"en": label_en},
    }


def writing(key: str, label: str, label_en: str) -> dict[str, Any]:
    return {
        "type": "textarea",
        "id": f"field_{key}",
        "key": key,
        "label": label,
        "validate": {"required": True, "maxLength": 1000},
        "properties": {"en": label_en},
    }


def played_before(scenario: bytes, task: str, step: str) -> bytes:
    """A scenario in which one more task is completed before ``task``."""
    return scenario.decode().replace(f'[[when]]\ncomplete = "{task}"', f'{step}\n[[when]]\ncomplete = "{task}"').encode()


def _way(points: tuple[Point, ...]) -> str:
    return "".join(f'<di:waypoint x="{x}" y="{y}" />' for x, y in points)

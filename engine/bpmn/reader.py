"""From XML to a drawing: nodes, flows, lanes, levels. What each node is told to do is read elsewhere."""

from __future__ import annotations

from dataclasses import replace

from engine.bpmn.activities import read_activity
from engine.bpmn.common import property_of, read_common
from engine.bpmn.drawing import Drawing, Flow, Node
from engine.bpmn.events import Roots, read_event
from engine.bpmn.findings import Report
from engine.bpmn.listeners import read_listeners
from engine.bpmn.model import Element
from engine.bpmn.settings import Compensate, Gateway, Link, Listener, Settings, SubProcess
from engine.bpmn.source import XmlElement, bpmn, children, line_of, local_name, namespace, text_of
from engine.bpmn.texts import expression_text
from engine.bpmn.vocabulary import ACTIVITIES, DOCUMENTATION, EVENTS, GATEWAYS, NODES, SUB_PROCESSES


def read_process(process: XmlElement, roots: Roots, report: Report) -> Drawing:
    """The drawing of one process with all its levels; what cannot be read is reported."""
    lanes = _lanes(process)
    drawing = Drawing(id=process.get("id", ""), xml=process)
    todo: list[tuple[Drawing, str | None]] = [(drawing, None)]
    while todo:
        level, parent = todo.pop()
        for child in level.xml:
            node = _read_child(child, level, parent, lanes, roots, report)
            if node is not None and node.inner is not None:
                todo.append((node.inner, node.element.id))
        level.links += _link_flows(level)
        level.handlers.update(_handlers(level))
    _begin_with(drawing, read_listeners(process, report))
    return drawing


def _begin_with(drawing: Drawing, listeners: tuple[Listener, ...]) -> None:
    """What listens to the start of the process runs at its start event, before the event's own."""
    if not listeners:
        return
    for node in drawing.starts():
        common = replace(node.common, listeners=(*listeners, *node.common.listeners))
        drawing.nodes[node.element.id] = replace(node, common=common)


def _handlers(level: Drawing) -> dict[str, str]:
    """Compensation boundary event to the activity with which an association connects it."""
    ends = [(line.get("sourceRef", ""), line.get("targetRef", "")) for line in children(level.xml, "association")]
    events = {key for key, node in level.nodes.items() if node.element.type == "boundaryEvent" and isinstance(node.settings, Compensate)}
    pairs = [*ends, *((target, source) for source, target in ends)]
    return {event: other for event, other in pairs if event in events and other in level.nodes}


def _link_flows(level: Drawing) -> list[Flow]:
    """A pair of link events is a flow that nobody drew; unmatched ones are left to the checks."""
    links = [(node, node.settings.name) for node in level.nodes.values() if isinstance(node.settings, Link)]
    catchers = {name: node for node, name in links if node.element.type == "intermediateCatchEvent"}
    return [
        Flow(f"{node.element.id}->{catchers[name].element.id}", node.element.id, catchers[name].element.id, None, node.xml)
        for node, name in links
        if node.element.type == "intermediateThrowEvent" and name in catchers
    ]


def _read_child(child: XmlElement, level: Drawing, parent: str | None, lanes: dict[str, str], roots: Roots, report: Report) -> Node | None:
    tag = local_name(child)
    if namespace(child) != namespace(level.xml) or tag in DOCUMENTATION or tag.endswith("LoopCharacteristics"):
        return None
    if tag == "sequenceFlow":
        _read_flow(child, level, report)
        return None
    if tag not in NODES:
        report.add("unsupported-element", child, construct=tag)
        return None
    if not child.get("id"):
        report.add("id-missing", child, tag=tag)
        return None
    node = _read_node(child, tag, parent, lanes, roots, report)
    level.nodes[node.element.id] = node
    return node


def _read_node(child: XmlElement, tag: str, parent: str | None, lanes: dict[str, str], roots: Roots, report: Report) -> Node:
    identifier = child.get("id", "")
    lane = lanes.get(identifier) or lanes.get(parent or "")
    if lane:
        lanes[identifier] = lane
    element = Element(
        id=identifier,
        name=" ".join((child.get("name") or "").split()),
        type=tag,
        lane=lane,
        line=line_of(child),
        parent=parent,
        documentation=text_of(child.find(bpmn("documentation"))),
        not_completed_by=_names(property_of(child, "not_completed_by")) if tag == "userTask" else (),
        is_once=tag == "startEvent" and property_of(child, "once") == "true",
    )
    return Node(
        element=element,
        settings=_read_settings(child, tag, roots, report),
        common=read_common(child, report),
        xml=child,
        attached_to=child.get("attachedToRef") if tag == "boundaryEvent" else None,
        interrupting=child.get("isInterrupting" if tag == "startEvent" else "cancelActivity", "true") != "false",
        inner=Drawing(id=identifier, xml=child) if tag in SUB_PROCESSES else None,
    )


def _names(text: str | None) -> tuple[str, ...]:
    return tuple(filter(None, (part.strip() for part in (text or "").split(","))))


def _read_settings(child: XmlElement, tag: str, roots: Roots, report: Report) -> Settings:
    if tag in SUB_PROCESSES:
        return SubProcess()
    if tag in GATEWAYS:
        return Gateway(default=child.get("default"))
    if tag in EVENTS:
        return read_event(child, roots, report)
    assert tag in ACTIVITIES
    return read_activity(child, roots, report)


def _read_flow(child: XmlElement, level: Drawing, report: Report) -> None:
    if not child.get("id"):
        report.add("id-missing", child, tag="sequenceFlow")
        return
    condition = child.find(bpmn("conditionExpression"))
    language = condition.get("language") if condition is not None else None
    if language and "feel" not in language.lower():
        report.add("condition-language", child, language=language)
    level.flows.append(
        Flow(
            id=child.get("id", ""),
            source=child.get("sourceRef", ""),
            target=child.get("targetRef", ""),
            condition=expression_text(text_of(condition)),
            xml=child,
            listeners=read_listeners(child, report),
        )
    )


def _lanes(process: XmlElement) -> dict[str, str]:
    """Element id to lane name; the innermost lane wins."""
    lanes: dict[str, str] = {}
    for lane in process.iter(bpmn("lane")):
        for reference in children(lane, "flowNodeRef"):
            lanes[text_of(reference)] = lane.get("name") or lane.get("id") or ""
    return lanes


def is_executable(process: XmlElement) -> bool:
    return process.get("isExecutable") == "true"

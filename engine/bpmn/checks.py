"""Is the drawing executable? Starts, ends, flows, gateways, boundaries. Reports; changes nothing."""

from __future__ import annotations

from collections import Counter

from engine.bpmn.check_compensation import check_compensation
from engine.bpmn.check_event_sub_processes import check_event_sub_processes
from engine.bpmn.check_links import check_links
from engine.bpmn.drawing import Drawing, Flow, Node
from engine.bpmn.findings import Report
from engine.bpmn.settings import Cancel, Compensate, Condition, Error, Message, Signal, StartForm, Timer
from engine.bpmn.source import XmlElement, line_of, namespace
from engine.bpmn.vocabulary import ACTIVITIES

#: A process of more elements is refused: nobody can read it, and checking it would keep others waiting.
MOST_ELEMENTS = 5000

CONDITIONAL = {"exclusiveGateway", "inclusiveGateway"}


def check_ids(definitions: XmlElement, report: Report) -> None:
    """Every id of the BPMN part is unique in its file."""
    seen: dict[str, XmlElement] = {}
    for element in definitions.iter(f"{{{namespace(definitions)}}}*"):
        identifier = element.get("id")
        if identifier is None:
            continue
        if identifier in seen:
            report.add("id-duplicate", element, id=identifier, other=line_of(seen[identifier]))
        seen.setdefault(identifier, element)


def check_drawing(drawing: Drawing, report: Report) -> None:
    """All levels of one process."""
    elements = sum(len(level.nodes) for level in drawing.levels())
    if elements > MOST_ELEMENTS:
        report.add("too-many-elements", drawing.xml, found=elements, limit=MOST_ELEMENTS)
        return
    for level in drawing.levels():
        flows = _sound_flows(level, report)
        _check_starts(level, level is not drawing, report)
        _check_ends(level, report)
        check_links(level, flows, report)
        _check_connections(level, [*flows, *level.links], report)
        _check_conditions(level, flows, report)
        _check_boundaries(level, report)
        _check_event_gateways(level, flows, report)
        check_event_sub_processes(level, flows, report)
    check_compensation(drawing, report)


def _sound_flows(level: Drawing, report: Report) -> list[Flow]:
    sound = []
    for flow in level.flows:
        missing = [(end, ref) for end, ref in (("sourceRef", flow.source), ("targetRef", flow.target)) if ref not in level.nodes]
        for end, ref in missing:
            report.add("flow-dangling", flow.xml, end=end, id=ref)
        if not missing:
            sound.append(flow)
    return sound


def _check_starts(level: Drawing, is_sub_process: bool, report: Report) -> None:
    if level.is_event_sub_process:
        return
    starts = level.starts()
    none_starts = [node for node in starts if isinstance(node.settings, StartForm)]
    if len(none_starts) > 1:
        ids = ", ".join(node.element.id for node in none_starts)
        report.add("start-duplicate", none_starts[1].xml, scope=level.id, ids=ids)
    if is_sub_process:
        for node in starts:
            if node not in none_starts:
                report.add("start-in-subprocess", node.xml)
    if not (none_starts if is_sub_process else starts):
        report.add("start-missing", level.xml, scope=level.id)
    named = [(node, node.settings) for node in starts if isinstance(node.settings, Message | Signal)]
    names = Counter((type(event), event.name) for _, event in named)
    for node, event in named:
        if names[type(event), event.name] > 1:
            report.add("message-start-duplicate", node.xml, name=event.name.source)
        if event.name.is_feel:
            report.add("start-name", node.xml, name=event.name.source)


def _check_ends(level: Drawing, report: Report) -> None:
    if not any(node.element.type == "endEvent" for node in level.nodes.values()):
        report.add("end-missing", level.xml, scope=level.id)


def _check_connections(level: Drawing, flows: list[Flow], report: Report) -> None:
    incoming = Counter(flow.target for flow in flows)
    outgoing = Counter(flow.source for flow in flows)
    reached = _reached(level, flows)
    for key, node in level.nodes.items():
        kind = node.element.type
        if kind in ("startEvent", "boundaryEvent") and incoming[key]:
            report.add("start-with-incoming", node.xml)
        if kind == "endEvent" and outgoing[key]:
            report.add("end-with-outgoing", node.xml)
        if node.is_event_sub_process or node.is_for_compensation:
            continue
        if kind != "endEvent" and not outgoing[key] and not (kind == "boundaryEvent" and isinstance(node.settings, Compensate)):
            report.add("node-dead-end", node.xml)
        if key not in reached:
            report.add("node-unreachable", node.xml)


def _reached(level: Drawing, flows: list[Flow]) -> set[str]:
    """What a token can reach from the starts, also by way of boundary events."""
    following: dict[str, list[str]] = {}
    for flow in flows:
        following.setdefault(flow.source, []).append(flow.target)
    for key, node in level.nodes.items():
        if node.attached_to is not None:
            following.setdefault(node.attached_to, []).append(key)
    todo = [key for key, node in level.nodes.items() if node.element.type == "startEvent"]
    reached: set[str] = set()
    while todo:
        key = todo.pop()
        if key not in reached:
            reached.add(key)
            todo += following.get(key, [])
    return reached


def _check_conditions(level: Drawing, flows: list[Flow], report: Report) -> None:
    outgoing: dict[str, list[Flow]] = {}
    for flow in flows:
        outgoing.setdefault(flow.source, []).append(flow)
    for key, node in level.nodes.items():
        own = outgoing.get(key, [])
        default = node.xml.get("default")
        is_conditional = node.element.type in CONDITIONAL
        if default is not None and (not is_conditional or default not in {flow.id for flow in own}):
            report.add("default-unknown", node.xml, id=default)
        for flow in own:
            if not is_conditional and flow.condition is not None:
                report.add("condition-misplaced", flow.xml, id=flow.id)
            if is_conditional and len(own) > 1 and flow.condition is None and flow.id != default:
                report.add("gateway-flow-without-condition", flow.xml, id=flow.id)


def _check_boundaries(level: Drawing, report: Report) -> None:
    for node in level.nodes.values():
        if node.element.type != "boundaryEvent":
            continue
        host = level.nodes.get(node.attached_to or "")
        if host is None or host.element.type not in ACTIVITIES:
            report.add("boundary-host", node.xml)
        if isinstance(node.settings, Error | Cancel) and not node.interrupting:
            report.add("error-interrupting", node.xml)


def _check_event_gateways(level: Drawing, flows: list[Flow], report: Report) -> None:
    incoming = Counter(flow.target for flow in flows)
    attached = {node.attached_to for node in level.nodes.values()}
    targets: dict[str, list[Node]] = {key: [] for key, node in level.nodes.items() if node.element.type == "eventBasedGateway"}
    for flow in flows:
        if flow.source in targets:
            targets[flow.source].append(level.nodes[flow.target])
    for key, own in targets.items():
        if len(own) < 2 or any(not _is_catcher(target) or incoming[target.element.id] > 1 for target in own):
            report.add("event-gateway", level.nodes[key].xml)
        for target in own:
            if target.element.id in attached or target.common.multi_instance or target.common.loop or target.common.async_before:
                report.add("receive-in-gateway", target.xml)


def _is_catcher(node: Node) -> bool:
    is_event = node.element.type == "intermediateCatchEvent" and isinstance(node.settings, Timer | Message | Signal | Condition)
    return is_event or node.element.type == "receiveTask"

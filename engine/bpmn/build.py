"""From a checked drawing to sealed executable specs. Refuses nothing: the checks have."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from lxml import etree

from engine.bpmn.calling import CallActivityNode, SubProcessNode
from engine.bpmn.catching import BoundaryEvent, CatchEvent, EventGateway
from engine.bpmn.drawing import Drawing
from engine.bpmn.drawing import Node as DrawnNode
from engine.bpmn.event_sub_processes import EventStart
from engine.bpmn.gateways import ExclusiveGateway, InclusiveGateway, Join, ParallelGateway
from engine.bpmn.model import Element
from engine.bpmn.settings import Common, Compensate, Link, Operation, StartForm
from engine.bpmn.specs import Node, ProcessSpec, SealedFlow
from engine.bpmn.tasks import OperationNode, PassNode, RuleNode, ScriptNode, UserTaskNode
from engine.bpmn.throwing import Compensator, EndEvent, ThrowEvent

_NODES: Mapping[str, type[Node]] = {
    "startEvent": PassNode,
    "endEvent": EndEvent,
    "intermediateThrowEvent": ThrowEvent,
    "intermediateCatchEvent": CatchEvent,
    "boundaryEvent": BoundaryEvent,
    "userTask": UserTaskNode,
    "manualTask": PassNode,
    "scriptTask": ScriptNode,
    "serviceTask": OperationNode,
    "sendTask": ThrowEvent,
    "receiveTask": CatchEvent,
    "businessRuleTask": RuleNode,
    "callActivity": CallActivityNode,
    "subProcess": SubProcessNode,
    "transaction": SubProcessNode,
    "exclusiveGateway": ExclusiveGateway,
    "inclusiveGateway": InclusiveGateway,
    "parallelGateway": ParallelGateway,
    "eventBasedGateway": EventGateway,
}

#: Its id cannot be an XML id.
_COMPENSATOR = DrawnNode(Element("(compensator)", "", "compensator", None, None, None, ""), Compensate(), Common(), etree.Element("none"))


def build(drawing: Drawing) -> ProcessSpec:
    """The sealed spec of a process; embedded levels hang in its ``levels``."""
    levels: dict[str, ProcessSpec] = {}
    specs = [_build_level(level, drawing.id, levels) for level in drawing.levels()]
    for spec in specs:
        spec.seal()
    return specs[0]


def _build_level(level: Drawing, process_key: str, levels: dict[str, ProcessSpec]) -> ProcessSpec:
    spec = ProcessSpec(level.id, process_key, levels, level.is_event_sub_process)
    nodes = {key: _node(spec, drawn) for key, drawn in level.nodes.items()}
    _connect(level, nodes)
    for key, drawn in level.nodes.items():
        event = nodes[key]
        if key in level.handlers:
            nodes[drawn.attached_to or ""].compensation = nodes[level.handlers[key]]
        elif drawn.attached_to is not None and isinstance(event, BoundaryEvent):
            nodes[drawn.attached_to].boundaries += (event,)
        if isinstance(drawn.settings, StartForm) or (level.is_event_sub_process and drawn.element.type == "startEvent"):
            spec.entry = event
        if drawn.inner is not None and drawn.is_event_sub_process:
            spec.events += (EventStart(spec, drawn.inner.starts()[0], target=event),)
    if any(inner.handlers for inner in level.levels()):
        spec.compensator = Compensator(spec, _COMPENSATOR)
    return spec


def _connect(level: Drawing, nodes: Mapping[str, Node]) -> None:
    for flow in [*level.flows, *level.links]:
        source, target = nodes[flow.source], nodes[flow.target]
        source.connect(target)
        source.flows += (SealedFlow(flow.id, target, flow.condition, flow.listeners),)
        if isinstance(target, Join):
            target.incoming[flow.id] = flow.source
    if any(isinstance(node, InclusiveGateway) for node in nodes.values()):
        before = MappingProxyType(_before(level))
        for node in nodes.values():
            if isinstance(node, InclusiveGateway):
                node.before = before


def _node(spec: ProcessSpec, drawn: DrawnNode) -> Node:
    kind = _NODES[drawn.element.type]
    if kind is ThrowEvent and drawn.element.type == "sendTask" and isinstance(drawn.settings, Operation):
        kind = OperationNode
    if isinstance(drawn.settings, Link):
        kind = PassNode
    return kind(spec, drawn)


def _before(level: Drawing) -> dict[str, tuple[str, ...]]:
    """For each element the elements from which a token comes directly, also by way of a boundary event."""
    before: dict[str, tuple[str, ...]] = {}
    for flow in [*level.flows, *level.links]:
        before[flow.target] = (*before.get(flow.target, ()), flow.source)
    for key, node in level.nodes.items():
        if node.attached_to is not None:
            before[key] = (*before.get(key, ()), node.attached_to)
    return before

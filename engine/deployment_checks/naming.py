"""Whether people can speak about a diagram: names of elements, ids that say something, lanes that tell who does what. Changes none."""

from __future__ import annotations

import re

from engine.bpmn.drawing import Drawing, Node
from engine.bpmn.settings import UserTask
from engine.bpmn.source import bpmn, line_of
from engine.bpmn.vocabulary import ACTIVITIES, GATEWAYS
from engine.deployment_checks.advice import Advice

#: What a modeler writes until somebody gives an id: Activity_0abc123.
_GIVEN_BY_MODELER = re.compile(r"^(Activity|Gateway|Event|Process|StartEvent|EndEvent|Task|UserTask|SubProcess|BoundaryEvent)_[0-9a-z]{7}$")


def check_names(process: Drawing, advice: Advice) -> None:
    """Findings about names and ids of one process."""
    seen: dict[tuple[bool, str], Node] = {}
    for node, around in [(node, level) for level in process.levels() for node in level.nodes.values()]:
        element = node.element
        if not element.name and not _needs_no_name(node, around):
            advice.at("unnamed", node)
        if _GIVEN_BY_MODELER.match(element.id):
            advice.at("given-id", node, id=element.id)
        other = seen.setdefault((element.type in ACTIVITIES, element.name), node) if _is_to_be_unique(node) else node
        if other is not node:
            advice.at("name-twice", node, name=element.name, other=other.element.id)
    if _GIVEN_BY_MODELER.match(process.id):
        advice.add("given-id", process.id, process.xml.get("name"), line_of(process.xml), id=process.id)
    _lanes(process, advice)


def _needs_no_name(node: Node, level: Drawing) -> bool:
    """Gateways that join or fork, event sub-processes (their start has the name), plain starts and ends inside sub-processes."""
    kind = node.element.type
    if kind in GATEWAYS:
        leaving = sum(flow.source == node.element.id for flow in level.flows)
        return leaving < 2 or kind in ("parallelGateway", "eventBasedGateway")
    return node.is_event_sub_process or (kind in ("startEvent", "endEvent") and node.element.parent is not None)


def _is_to_be_unique(node: Node) -> bool:
    """Activities and gateways; ends may well have the same meaning, and events the same cause."""
    return bool(node.element.name) and (node.element.type in ACTIVITIES or node.element.type in GATEWAYS)


def _lanes(process: Drawing, advice: Advice) -> None:
    if (
        any(isinstance(node.settings, UserTask) for level in process.levels() for node in level.nodes.values())
        and process.xml.find(f".//{bpmn('lane')}") is None
    ):
        advice.add("no-lanes", process.id, process.xml.get("name"), line_of(process.xml))

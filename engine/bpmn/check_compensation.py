"""Can what is compensated be undone, and what is cancelled be left? Handlers, their events, transactions."""

from __future__ import annotations

from collections import Counter

from engine.bpmn.drawing import Drawing, Node
from engine.bpmn.findings import Report
from engine.bpmn.settings import Cancel, Compensate


def check_compensation(drawing: Drawing, report: Report) -> None:
    """All levels of one process. They are told apart by what they are: their ids may yet be found to be given twice."""
    outer = {id(node.inner): level for level in drawing.levels() for node in level.nodes.values() if node.inner is not None}
    for level in drawing.levels():
        _check_handlers(level, report)
        _check_targets(level, outer, report)
        _check_cancels(level, report)


def _check_handlers(level: Drawing, report: Report) -> None:
    events = [(key, node) for key, node in level.nodes.items() if node.attached_to and isinstance(node.settings, Compensate)]
    connected = {end for flow in level.flows for end in (flow.source, flow.target)}
    hosts = Counter(node.attached_to for _, node in events)
    for key, node in events:
        handler = level.nodes.get(level.handlers.get(key, ""))
        if handler is None or not handler.is_for_compensation or key in connected or hosts[node.attached_to] > 1:
            report.add("compensation-event", node.xml)
    attached = {node.attached_to for node in level.nodes.values()}
    for key, node in level.nodes.items():
        if node.is_for_compensation and (key in connected or key in attached or key not in level.handlers.values()):
            report.add("compensation-handler", node.xml)


def _check_targets(level: Drawing, outer: dict[int, Drawing], report: Report) -> None:
    """What a throwing event names must be there to be undone, in its own scope."""
    scope = [level]
    while scope[-1].is_event_sub_process:
        scope.append(outer[id(scope[-1])])
    for node in level.nodes.values():
        if not isinstance(node.settings, Compensate) or node.attached_to or node.settings.activity is None:
            continue
        named = node.settings.activity
        if not any(_can_be_undone(part, named) for part in scope):
            report.add("compensation-target", node.xml, id=named)


def _can_be_undone(level: Drawing, key: str) -> bool:
    node = level.nodes.get(key)
    if node is None:
        return False
    events = [other for other in level.nodes.values() if other.attached_to == key and isinstance(other.settings, Compensate)]
    return bool(events) or (node.inner is not None and any(inner.handlers for inner in node.inner.levels()))


def _check_cancels(level: Drawing, report: Report) -> None:
    transactions = [node for node in level.nodes.values() if node.element.type == "transaction"]
    borders = [node for node in level.nodes.values() if node.attached_to and isinstance(node.settings, Cancel)]
    hosts = Counter(node.attached_to for node in borders)
    for node in borders:
        host = level.nodes.get(node.attached_to or "")
        if host not in transactions or host.common.multi_instance or hosts[node.attached_to] > 1:
            report.add("cancel-boundary", node.xml)
    for transaction in transactions:
        if transaction.inner is not None and not hosts[transaction.element.id]:
            _refuse_cancel_ends(transaction.inner, report)
    if level.xml.tag.rpartition("}")[2] != "transaction":
        _refuse_cancel_ends(level, report)


def _refuse_cancel_ends(level: Drawing, report: Report) -> None:
    ends: list[Node] = [node for node in level.nodes.values() if node.element.type == "endEvent" and isinstance(node.settings, Cancel)]
    for node in ends:
        report.add("cancel-end", node.xml)

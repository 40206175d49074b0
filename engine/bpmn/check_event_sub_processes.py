"""Does each event sub-process stand alone, with the one event that starts it?"""

from __future__ import annotations

from engine.bpmn.drawing import Drawing, Flow, Node
from engine.bpmn.findings import Report
from engine.bpmn.settings import Error, StartForm


def check_event_sub_processes(level: Drawing, flows: list[Flow], report: Report) -> None:
    connected = {end for flow in flows for end in (flow.source, flow.target)} | {node.attached_to for node in level.nodes.values()}
    for key, node in level.nodes.items():
        if node.inner is None or not node.is_event_sub_process:
            continue
        if key in connected or node.common.multi_instance or node.common.loop:
            report.add("event-sub-process-connected", node.xml)
        _check_start(node, node.inner, report)


def _check_start(node: Node, inner: Drawing, report: Report) -> None:
    starts = inner.starts()
    if len(starts) != 1 or isinstance(starts[0].settings, StartForm):
        report.add("event-sub-process-start", node.xml)
    for start in starts:
        if isinstance(start.settings, Error) and not start.interrupting:
            report.add("error-interrupting", start.xml)

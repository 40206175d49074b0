"""Do the link events of a level make pairs? Several may lead to one place, but none to two places or to nowhere."""

from __future__ import annotations

from collections import Counter

from engine.bpmn.drawing import Drawing, Flow
from engine.bpmn.findings import Report
from engine.bpmn.settings import Link


def check_links(level: Drawing, flows: list[Flow], report: Report) -> None:
    links = [(node, node.settings.name) for node in level.nodes.values() if isinstance(node.settings, Link)]
    sources = {flow.source for flow in flows}
    targets = {flow.target for flow in flows}
    catchers = Counter(name for node, name in links if node.element.type == "intermediateCatchEvent")
    throwers = Counter(name for node, name in links if node.element.type == "intermediateThrowEvent")
    for node, name in links:
        is_thrower = node.element.type == "intermediateThrowEvent"
        if not name:
            report.add("text-missing", node.xml, what="name")
        elif catchers[name] > 1 and not is_thrower:
            report.add("link-duplicate", node.xml, name=name)
        elif not (catchers if is_thrower else throwers)[name]:
            report.add("link-unmatched", node.xml, name=name)
        if node.element.id in (sources if is_thrower else targets):
            report.add("link-with-flow", node.xml, name=name)

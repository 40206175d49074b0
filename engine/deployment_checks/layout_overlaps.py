"""Whether a diagram can be read as it is drawn: shapes, labels and lines in each other's way, elements that are not drawn.

Knows nothing of execution: a diagram drawn badly runs as well as any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from engine.bpmn.drawing import Drawing, Flow, Node
from engine.bpmn.source import bpmn, children, text_of
from engine.deployment_checks.advice import Advice
from engine.deployment_checks.plane import Plane, Rectangle, planes_of

#: Pixels that shapes, labels, lines may be in each other without anybody minding.
_SHAPE_SLACK, _LABEL_SLACK, _LINE_SLACK, _LANE_SLACK = 1.0, 4.0, 3.0, 2.0


@dataclass
class _Elements:
    """Nodes and flows of all levels; ``around`` tells the sub-processes around each, innermost first."""

    nodes: dict[str, Node] = field(default_factory=dict)
    flows: list[tuple[Flow, Drawing]] = field(default_factory=list)
    around: dict[str, tuple[str, ...]] = field(default_factory=dict)


def check_layout(drawings: Iterable[Drawing], advice: Advice) -> None:
    """Findings about the drawing of the processes of one file."""
    processes = list(drawings)
    if not processes:
        return
    planes = planes_of(processes[0].xml.getroottree().getroot())
    if not any(plane.shapes for plane in planes):
        advice.add("not-drawn", processes[0].id, processes[0].xml.get("name"), None)
        return
    elements = _elements(processes)
    _undrawn(elements, planes, advice)
    for plane in planes:
        _shapes(elements, plane, advice)
        _labels(elements, plane, advice)
        _lines(elements, plane, advice)
        _lanes(processes, elements, plane, advice)
    _backwards(elements, planes, advice)


def _elements(processes: list[Drawing]) -> _Elements:
    found = _Elements()
    todo: list[tuple[Drawing, tuple[str, ...]]] = [(process, ()) for process in processes]
    while todo:
        level, around = todo.pop()
        for identifier, node in level.nodes.items():
            found.nodes[identifier], found.around[identifier] = node, around
            if node.inner is not None:
                todo.append((node.inner, (identifier, *around)))
        found.flows += [(flow, level) for flow in level.flows]
    return found


def _undrawn(elements: _Elements, planes: list[Plane], advice: Advice) -> None:
    shapes = {identifier for plane in planes for identifier in plane.shapes}
    lines = {identifier for plane in planes for identifier, points in plane.lines.items() if len(points) > 1}
    collapsed = {identifier for plane in planes for identifier in plane.collapsed}
    for identifier, node in elements.nodes.items():
        if identifier not in shapes and collapsed.isdisjoint(elements.around[identifier]):
            advice.at("element-not-drawn", node)
    for flow, level in elements.flows:
        if flow.id not in lines and level.id not in collapsed and collapsed.isdisjoint(elements.around.get(level.id, ())):
            advice.along("flow-not-drawn", flow)


def _shapes(elements: _Elements, plane: Plane, advice: Advice) -> None:
    drawn = sorted((bounds.x, identifier) for identifier, bounds in plane.shapes.items() if identifier in elements.nodes)
    open_ones: list[str] = []
    for left, identifier in drawn:
        own = plane.shapes[identifier].shrunk(_SHAPE_SLACK)
        open_ones = [other for other in open_ones if plane.shapes[other].right > left]
        for other in open_ones:
            if plane.shapes[other].overlaps(own) and not _belong_together(elements, identifier, other):
                advice.at("shapes-overlap", elements.nodes[identifier], other=_name(elements.nodes[other]))
        open_ones.append(identifier)


def _belong_together(elements: _Elements, one: str, other: str) -> bool:
    if one in elements.around[other] or other in elements.around[one]:
        return True
    return any(
        elements.nodes[event].attached_to is not None
        and (host in (elements.nodes[event].attached_to, *elements.around[event]) or _is_inside_host(elements, event, host))
        for event, host in ((one, other), (other, one))
    )


def _is_inside_host(elements: _Elements, event: str, inner: str) -> bool:
    return elements.nodes[event].attached_to in elements.around[inner]


def _labels(elements: _Elements, plane: Plane, advice: Advice) -> None:
    """A label that lies over the shape of another element. One inside a sub-process lies over that, as it should."""
    flows = {flow.id: (flow, level) for flow, level in elements.flows}
    for identifier, label in plane.labels.items():
        inner = label.shrunk(_LABEL_SLACK)
        for other, bounds in plane.shapes.items():
            node = elements.nodes.get(other)
            if node is None or other == identifier or _is_container(node, other, plane) or not bounds.overlaps(inner):
                continue
            if identifier in flows:
                advice.along("label-overlaps", flows[identifier][0], other=_name(node))
            elif identifier in elements.nodes:
                advice.at("label-overlaps", elements.nodes[identifier], other=_name(node))


def _is_container(node: Node, identifier: str, plane: Plane) -> bool:
    return node.inner is not None and identifier not in plane.collapsed


def _lines(elements: _Elements, plane: Plane, advice: Advice) -> None:
    shapes = [(identifier, plane.shapes[identifier].shrunk(_LINE_SLACK)) for identifier in elements.nodes if identifier in plane.shapes]
    for flow, level in elements.flows:
        points = plane.lines.get(flow.id, ())
        ends = {flow.source, flow.target}
        own = ends | {level.id, *elements.around.get(level.id, ())}
        own |= {str(elements.nodes[end].attached_to) for end in ends if end in elements.nodes}
        low, high = min((point.x for point in points), default=0.0), max((point.x for point in points), default=0.0)
        for identifier, bounds in shapes:
            if identifier in own or bounds.right < low or bounds.x > high or _is_near(elements, identifier, ends):
                continue
            if any(bounds.is_crossed(begin, end) for begin, end in pairwise(points)):
                advice.along("flow-crosses", flow, other=_name(elements.nodes[identifier]))


def _is_near(elements: _Elements, identifier: str, ends: set[str]) -> bool:
    """Inside one of the ends, or an event at its border."""
    return elements.nodes[identifier].attached_to in ends or not ends.isdisjoint(elements.around[identifier])


def _lanes(processes: list[Drawing], elements: _Elements, plane: Plane, advice: Advice) -> None:
    for process in processes:
        for lane in process.xml.iter(bpmn("lane")):
            bounds = plane.shapes.get(lane.get("id") or "")
            for reference in children(lane, "flowNodeRef") if bounds is not None else ():
                shape, node = plane.shapes.get(text_of(reference)), elements.nodes.get(text_of(reference))
                if node is not None and shape is not None and not _is_in(bounds, shape, node):
                    advice.at("outside-lane", node, lane=lane.get("name") or lane.get("id"))


def _is_in(lane: Rectangle | None, shape: Rectangle, node: Node) -> bool:
    if lane is None:
        return True
    if node.attached_to is not None:  # its host may end at the border of the lane
        return lane.holds(Rectangle(*shape.centre, 0, 0))
    return lane.holds(shape.shrunk(_LANE_SLACK))


def _backwards(elements: _Elements, planes: list[Plane], advice: Advice) -> None:
    """Flows to something that lies wholly to the left, when no way leads back from there."""
    following: dict[str, list[str]] = {}
    for flow, _ in elements.flows:
        following.setdefault(flow.source, []).append(flow.target)
    for identifier, node in elements.nodes.items():
        if node.attached_to is not None:
            following.setdefault(node.attached_to, []).append(identifier)
    for flow, plane in _drawn(elements, planes):
        source, target = plane.shapes[flow.source], plane.shapes[flow.target]
        if target.right < source.x and flow.source not in _reached(flow.target, following):
            advice.along("flow-backwards", flow, target=_name(elements.nodes[flow.target]))


def _drawn(elements: _Elements, planes: list[Plane]) -> Iterator[tuple[Flow, Plane]]:
    for flow, _ in elements.flows:
        if flow.source in elements.nodes and flow.target in elements.nodes:
            yield from ((flow, plane) for plane in planes if flow.source in plane.shapes and flow.target in plane.shapes)


def _reached(start: str, following: dict[str, list[str]]) -> set[str]:
    reached, todo = {start}, [start]
    while todo:
        for target in following.get(todo.pop(), ()):
            if target not in reached:
                reached.add(target)
                todo.append(target)
    return reached


def _name(node: Node) -> str:
    return node.element.name or node.element.id

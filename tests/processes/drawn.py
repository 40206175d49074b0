"""A diagram as drawn: shapes, labels and lines with their coordinates. Reads BPMN DI; knows nothing of execution."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

PROJECT = Path(__file__).resolve().parents[2]
DIAGRAMS = {file.stem: file for file in sorted((PROJECT / "processes").glob("*.bpmn"))}

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
BPMNDI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
DI = "{http://www.omg.org/spec/DD/20100524/DI}"
CAMUNDA = "{http://camunda.org/schema/1.0/bpmn}"

NODES = ("startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent", "userTask", "serviceTask")
NODES += ("businessRuleTask", "scriptTask", "callActivity", "subProcess", "exclusiveGateway", "eventBasedGateway", "parallelGateway")
NODES += ("receiveTask",)

Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """A rectangle on the page."""

    x: float
    y: float
    width: float
    height: float

    def overlaps(self, other: Box, gap: float = 0) -> bool:
        return (
            self.x < other.x + other.width + gap
            and other.x < self.x + self.width + gap
            and self.y < other.y + other.height + gap
            and other.y < self.y + self.height + gap
        )

    def contains(self, other: Box) -> bool:
        return (
            self.x <= other.x
            and self.y <= other.y
            and other.x + other.width <= self.x + self.width
            and other.y + other.height <= self.y + self.height
        )


@dataclass(frozen=True)
class Line:
    """A sequence flow as drawn."""

    id: str
    source: str
    target: str
    points: tuple[Point, ...]

    def segments(self) -> Iterator[Box]:
        """Each stretch as a box without thickness."""
        for (x1, y1), (x2, y2) in zip(self.points, self.points[1:], strict=False):
            yield Box(min(x1, x2), min(y1, y2), abs(x1 - x2), abs(y1 - y2))


@dataclass(frozen=True)
class Diagram:
    """One file: the XML, and where everything is drawn."""

    root: etree._Element
    boxes: dict[str, Box]
    labels: dict[str, Box]
    lines: tuple[Line, ...]

    def elements(self, *tags: str) -> list[etree._Element]:
        return list(self.root.iter(*(BPMN + tag for tag in tags)))

    def nodes(self) -> dict[str, etree._Element]:
        return {node.get("id"): node for node in self.elements(*NODES)}

    def parent(self, node_id: str) -> str | None:
        """The sub-process around a node."""
        around = self.nodes()[node_id].getparent()
        return around.get("id") if around.tag == BPMN + "subProcess" else None

    def lane(self, node_id: str) -> str | None:
        outermost = self.parent(node_id) or node_id
        for lane in self.elements("lane"):
            if outermost in {reference.text for reference in lane}:
                return lane.get("id")
        return None


def read(file: Path) -> Diagram:
    root = etree.parse(file).getroot()
    boxes, labels = {}, {}
    for shape in root.iter(BPMNDI + "BPMNShape"):
        boxes[shape.get("bpmnElement")] = _box(shape.find(DC + "Bounds"))
    for drawn in root.iter(BPMNDI + "BPMNShape", BPMNDI + "BPMNEdge"):
        bounds = drawn.find(f"{BPMNDI}BPMNLabel/{DC}Bounds")
        if bounds is not None:
            labels[drawn.get("bpmnElement")] = _box(bounds)
    return Diagram(root, boxes, labels, tuple(_lines(root)))


def _lines(root: etree._Element) -> Iterator[Line]:
    edges = {edge.get("bpmnElement"): edge for edge in root.iter(BPMNDI + "BPMNEdge")}
    for flow in root.iter(BPMN + "sequenceFlow"):
        points = tuple((float(point.get("x")), float(point.get("y"))) for point in edges[flow.get("id")].iter(DI + "waypoint"))
        yield Line(flow.get("id"), flow.get("sourceRef"), flow.get("targetRef"), points)


def _box(bounds: etree._Element) -> Box:
    x, y, width, height = (float(bounds.get(name)) for name in ("x", "y", "width", "height"))
    return Box(x, y, width, height)

"""Where the elements of a diagram are drawn: rectangles of shapes and labels, points of lines. Judges nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from engine.bpmn.source import XmlElement

_DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
_DC = "{http://www.omg.org/spec/DD/20100524/DC}"
_DD = "{http://www.omg.org/spec/DD/20100524/DI}"


class Point(NamedTuple):
    x: float
    y: float


class Rectangle(NamedTuple):
    """Left upper corner and size, in pixels."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def centre(self) -> Point:
        return Point(self.x + self.width / 2, self.y + self.height / 2)

    def shrunk(self, by: float) -> Rectangle:
        return Rectangle(self.x + by, self.y + by, self.width - 2 * by, self.height - 2 * by)

    def overlaps(self, other: Rectangle) -> bool:
        return self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom

    def holds(self, other: Rectangle) -> bool:
        return self.x <= other.x and self.y <= other.y and other.right <= self.right and other.bottom <= self.bottom

    def is_crossed(self, begin: Point, end: Point) -> bool:
        """Whether the line from ``begin`` to ``end`` runs through the inside (clipping after Liang and Barsky)."""
        if self.width <= 0 or self.height <= 0:
            return False
        first, last = 0.0, 1.0
        for start, step, low, high in (
            (begin.x, end.x - begin.x, self.x, self.right),
            (begin.y, end.y - begin.y, self.y, self.bottom),
        ):
            if step == 0:
                if not low < start < high:
                    return False
                continue
            enter, leave = sorted(((low - start) / step, (high - start) / step))
            first, last = max(first, enter), min(last, leave)
        return first < last


@dataclass
class Plane:
    """One drawing surface; a collapsed sub-process has a surface of its own."""

    shapes: dict[str, Rectangle] = field(default_factory=dict)
    labels: dict[str, Rectangle] = field(default_factory=dict)
    lines: dict[str, tuple[Point, ...]] = field(default_factory=dict)
    collapsed: set[str] = field(default_factory=set)


def planes_of(root: XmlElement) -> list[Plane]:
    """The surfaces of a BPMN file; what has no readable size is left out."""
    return [_plane(plane) for plane in root.iter(f"{_DI}BPMNPlane")]


def _plane(drawn: XmlElement) -> Plane:
    plane = Plane()
    for shape in drawn.iter(f"{_DI}BPMNShape"):
        element = shape.get("bpmnElement") or ""
        plane.shapes.update((element, bounds) for bounds in _bounds(shape))
        if shape.get("isExpanded") == "false":
            plane.collapsed.add(element)
        plane.labels.update((element, bounds) for label in shape.findall(f"{_DI}BPMNLabel") for bounds in _bounds(label))
    for edge in drawn.iter(f"{_DI}BPMNEdge"):
        element = edge.get("bpmnElement") or ""
        plane.lines[element] = tuple(point for way in edge.findall(f"{_DD}waypoint") for point in _point(way))
        plane.labels.update((element, bounds) for label in edge.findall(f"{_DI}BPMNLabel") for bounds in _bounds(label))
    return plane


def _bounds(holder: XmlElement) -> Iterator[Rectangle]:
    for bounds in holder.findall(f"{_DC}Bounds"):
        numbers = _numbers(bounds, "x", "y", "width", "height")
        if numbers is not None:
            yield Rectangle(*numbers)


def _point(way: XmlElement) -> Iterator[Point]:
    numbers = _numbers(way, "x", "y")
    if numbers is not None:
        yield Point(*numbers)


def _numbers(element: XmlElement, *names: str) -> list[float] | None:
    try:
        numbers = [float(element.get(name) or "") for name in names]
    except ValueError:
        return None
    return numbers if all(abs(number) < 1e9 for number in numbers) else None

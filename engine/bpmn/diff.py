"""What differs between two diagrams in meaning: elements added, removed, only moved on the drawing, and properties from old to new."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from engine.bpmn.findings import Report
from engine.bpmn.source import BPMN, CAMUNDA, XSI, XmlElement, local_name, namespace, read_xml
from engine.bpmn.vocabulary import NODES
from engine.errors import InvalidDefinition

BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"

#: What is compared by itself. Everything else belongs to the element around it.
_PARTS = NODES | {
    *("process", "collaboration", "participant", "lane", "sequenceFlow", "messageFlow", "association", "textAnnotation", "group"),
    *("dataObject", "dataObjectReference", "dataStore", "dataStoreReference"),
    *("message", "signal", "error", "escalation"),
}
#: Says again what the flows say.
_SAID_TWICE = frozenset({"incoming", "outgoing"})
#: Ids of parts that nothing points to: a modeler makes them up anew.
_ID = "id"


@dataclass(frozen=True)
class Change:
    """One property; None where there was or is nothing. Names as ``camunda:dueDate`` or ``timerEventDefinition.timeDuration``."""

    property: str
    old: str | None
    new: str | None


@dataclass(frozen=True)
class Part:
    """An element of either diagram, as a list shows it."""

    id: str
    name: str
    type: str


@dataclass(frozen=True)
class DiagramDiff:
    """``moved`` are in the same place of the process but elsewhere on the drawing; an element may be moved and changed."""

    added: tuple[Part, ...]
    removed: tuple[Part, ...]
    moved: tuple[str, ...]
    changed: Mapping[str, tuple[Change, ...]]

    @property
    def is_same_in_meaning(self) -> bool:
        return not (self.added or self.removed or self.changed)


def diff_processes(old: bytes, new: bytes) -> DiagramDiff:
    """Compare two BPMN files by the ids of their elements. Raises InvalidDefinition for a file that is none."""
    before, after = _Diagram(old, "old.bpmn"), _Diagram(new, "new.bpmn")
    changed = {}
    for key in before.parts.keys() & after.parts.keys():
        found = tuple(_changes(before.properties(key), after.properties(key)))
        if found:
            changed[key] = found
    return DiagramDiff(
        added=tuple(after.part(key) for key in after.parts if key not in before.parts),
        removed=tuple(before.part(key) for key in before.parts if key not in after.parts),
        moved=tuple(key for key in after.parts if key in before.parts and before.places.get(key) != after.places.get(key)),
        changed={key: changed[key] for key in after.parts if key in changed},
    )


class _Diagram:
    """A file as its parts by id, and where each is drawn."""

    def __init__(self, source: bytes, file: str):
        report = Report(file)
        root = read_xml(source, report)
        if root is None:
            raise InvalidDefinition(f"Expected a BPMN diagram but {file} is none.", report.findings)
        self.parts = {str(part.get(_ID)): part for part in root.iter(f"{{{BPMN}}}*") if local_name(part) in _PARTS and part.get(_ID)}
        self.places = dict(_places(root))

    def part(self, key: str) -> Part:
        element = self.parts[key]
        return Part(key, element.get("name") or "", local_name(element))

    def properties(self, key: str) -> dict[str, str]:
        """Everything an element says, by name; what stands in another part is that part's own."""
        element = self.parts[key]
        above = element.getparent()
        found = {} if above is None or local_name(above) == "definitions" else {"in": str(above.get(_ID))}
        found |= {"type": local_name(element)}
        _read(element, "", found, Counter())
        return found


def _read(element: XmlElement, prefix: str, found: dict[str, str], seen: Counter[str], label: str | None = None) -> None:
    for name, value in element.attrib.items():
        if name not in (_ID, label) and _namespace_of(str(name)) != XSI:
            found[prefix + _short(str(name))] = str(value)
    for child in element:
        if not isinstance(child.tag, str) or local_name(child) in _PARTS or local_name(child) in _SAID_TWICE:
            continue
        path = prefix + _label(child, prefix, seen)
        text = (child.text or "").strip()
        if text:
            found[path] = " ".join(text.split()) if local_name(child) != "script" else text
        elif not len(child) and not [name for name in child.attrib if name != _ID]:
            found[path] = ""
        _read(child, f"{path}.", found, seen, _own_name(child))


def _label(child: XmlElement, prefix: str, seen: Counter[str]) -> str:
    """Its name; with what tells it from its like: a parameter's or property's name, else its number from the second on."""
    tag = local_name(child)
    if tag == "extensionElements":
        return "extension"
    own = _own_name(child)
    if own is not None:
        return f"{tag}[{child.get(own)}]"
    seen[prefix + tag] += 1
    number = seen[prefix + tag]
    return tag if number == 1 else f"{tag}[{number}]"


def _own_name(child: XmlElement) -> str | None:
    """The attribute by which a Camunda extension is told from its like."""
    return next((name for name in ("name", "key", "target") if child.get(name)), None) if namespace(child) == CAMUNDA else None


def _changes(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Change]:
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            yield Change(name, old.get(name), new.get(name))


def _places(root: XmlElement) -> Iterator[tuple[str, Any]]:
    """Element id to its bounds or way points, as numbers."""
    for kind in ("BPMNShape", "BPMNEdge"):
        for shape in root.iter(f"{{{BPMNDI}}}{kind}"):
            points = [
                tuple(_number(child.get(axis)) for axis in ("x", "y", "width", "height"))
                for child in shape
                if isinstance(child.tag, str) and local_name(child) in ("Bounds", "waypoint")
            ]
            yield str(shape.get("bpmnElement")), (shape.get("isExpanded"), points)


def _number(text: str | None) -> float | None:
    try:
        return round(float(text), 1) if text is not None else None
    except ValueError:
        return None


def _short(name: str) -> str:
    """``{http://camunda.org/…}dueDate`` as ``camunda:dueDate``."""
    if not name.startswith("{"):
        return name
    space = _namespace_of(name)
    local = etree.QName(name).localname
    return f"camunda:{local}" if space == CAMUNDA else local


def _namespace_of(name: str) -> str:
    return name[1:].partition("}")[0] if name.startswith("{") else ""

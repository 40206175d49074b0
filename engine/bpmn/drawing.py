"""A process as drawn: nodes and flows of each level, before anything executable is built. Values only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from engine.bpmn.model import Element
from engine.bpmn.settings import Common, Listener, Settings, Text
from engine.bpmn.source import XmlElement


@dataclass(frozen=True)
class Flow:
    """A sequence flow; ``condition`` only behind exclusive and inclusive gateways."""

    id: str
    source: str
    target: str
    condition: Text | None
    xml: XmlElement = field(repr=False)
    listeners: tuple[Listener, ...] = ()


@dataclass(frozen=True)
class Node:
    """One drawn element. ``attached_to`` is set on boundary events, ``inner`` on sub-processes."""

    element: Element
    settings: Settings
    common: Common
    xml: XmlElement = field(repr=False)
    attached_to: str | None = None
    interrupting: bool = True
    inner: Drawing | None = None

    @property
    def is_event_sub_process(self) -> bool:
        return self.xml.get("triggeredByEvent") == "true"

    @property
    def is_for_compensation(self) -> bool:
        return self.xml.get("isForCompensation") == "true"


@dataclass
class Drawing:
    """One level of a process: the process itself or an embedded sub-process.

    ``links`` are the flows that pairs of link events mean, ``handlers`` tells what each compensation boundary event leads to.
    """

    id: str
    xml: XmlElement = field(repr=False)
    nodes: dict[str, Node] = field(default_factory=dict)
    flows: list[Flow] = field(default_factory=list)
    links: list[Flow] = field(default_factory=list)
    handlers: dict[str, str] = field(default_factory=dict)

    @property
    def is_event_sub_process(self) -> bool:
        return self.xml.get("triggeredByEvent") == "true"

    def starts(self) -> list[Node]:
        return [node for node in self.nodes.values() if node.element.type == "startEvent"]

    def levels(self) -> Iterator[Drawing]:
        """This level and all below, outermost first."""
        todo = [self]
        while todo:
            level = todo.pop(0)
            yield level
            todo += [node.inner for node in level.nodes.values() if node.inner is not None]

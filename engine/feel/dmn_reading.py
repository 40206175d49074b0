"""What one pass over a DMN file gathers, and how its elements are looked at. Knows no kind of expression."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from lxml import etree

from engine.errors import Finding
from engine.feel import file_texts
from engine.feel.dmn_source import line_of, local_name
from engine.feel.sentences import Language

Node = dict[str, Any]


@dataclass(frozen=True)
class Cell:
    """One FEEL text: kind ``e`` (expression) or ``u`` (unary tests), and where it stands."""

    kind: Literal["e", "u"]
    text: str
    element_id: str | None
    element_name: str | None
    line: int | None
    place: str


@dataclass
class Reading:
    """What one pass over a file has gathered."""

    file: str
    language: Language = "zh"
    nodes: dict[str, Node] = field(default_factory=dict)
    types: dict[str, Node] = field(default_factory=dict)
    cells: list[Cell] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    owner: tuple[str | None, str | None] = (None, None)

    def find(self, element: etree._Element, key: str, /, **facts: Any) -> None:
        """Note a fault at ``element``; an element without an id is named by the decision around it."""
        identity, name = element.get("id") or self.owner[0], element.get("name") or self.owner[1]
        self.findings.append(file_texts.finding(self.file, line_of(element), identity, name, key, self.language, facts))

    def place(self, key: str, /, **facts: Any) -> str:
        return file_texts.place(key, self.language, **facts)

    def feel(self, kind: Literal["e", "u"], element: etree._Element | None, place: str) -> str | None:
        """The FEEL text in ``element``, noted for the syntax check."""
        text = text_of(element)
        if element is not None and text and text.strip() and text.strip() != "-":
            self.cells.append(Cell(kind, text.strip(), *self.owner, line_of(element), place))
            self._require_feel(element)
        return text

    def _require_feel(self, element: etree._Element) -> None:
        language = element.get("expressionLanguage") or ""
        if language and "feel" not in language.lower():
            self.find(element, "dmn.language", language=language)


def text_of(element: etree._Element | None) -> str | None:
    """The content of the element's ``text`` child; None without one."""
    child = None if element is None else kid(element, "text")
    return None if child is None else "".join(str(part) for part in child.itertext())


def type_of(element: etree._Element | None) -> str | None:
    """The type an element refers to, without the XML prefix that old versions of DMN put before it."""
    if element is None:
        return None
    child = kid(element, "typeRef")
    name = element.get("typeRef") or (child.text if child is not None else None) or ""
    name = name.strip()
    if name.startswith("{"):
        name = name.partition("}")[2]
    prefix, colon, rest = name.partition(":")
    return (rest if colon and prefix in element.nsmap else name) or None


def elements(parent: etree._Element) -> list[etree._Element]:
    return [child for child in parent if isinstance(child.tag, str)]


def kids(parent: etree._Element, *names: str) -> list[etree._Element]:
    return [child for child in elements(parent) if local_name(child) in names]


def kid(parent: etree._Element | None, *names: str) -> etree._Element | None:
    found = kids(parent, *names) if parent is not None else []
    return found[0] if found else None

"""Whether two versions of a file differ in their drawing only: positions, colours, white space. Judges nothing else."""

from __future__ import annotations

from lxml import etree

#: Where BPMN and DMN keep the drawing.
_DRAWING = ("{http://www.omg.org/spec/BPMN/20100524/DI}BPMNDiagram", "{https://www.omg.org/spec/DMN/20191111/DMNDI/}DMNDI")


def is_only_layout(kind: str, old: bytes, new: bytes) -> bool:
    """True for diagrams and tables that mean the same; other kinds have no drawing apart from their content."""
    if kind not in ("process", "decision"):
        return False
    return _meaning(old) == _meaning(new)


def _meaning(content: bytes) -> bytes:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_blank_text=True, remove_comments=True)
    root = etree.fromstring(content, parser)
    for drawing in list(root.iter(*_DRAWING)):
        parent = drawing.getparent()
        if parent is not None:
            parent.remove(drawing)
    return etree.tostring(root, method="c14n")

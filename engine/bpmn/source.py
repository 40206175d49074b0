"""Bytes of a file to a safe XML tree. Refuses what is too large, not XML, not BPMN, or declares a document type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

if TYPE_CHECKING:
    from engine.bpmn.findings import Report

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
CAMUNDA = "http://camunda.org/schema/1.0/bpmn"
XSI = "http://www.w3.org/2001/XMLSchema-instance"

#: A diagram of this many bytes or more is refused; real ones have less than a tenth of it.
TOO_LARGE = 3_000_000

#: An element with more attributes is refused; reading very many takes quadratic time.
MOST_ATTRIBUTES = 100

XmlElement = etree._Element


def read_xml(source: bytes, report: Report) -> XmlElement | None:
    """The root ``bpmn:definitions``, or None after reporting why there is none."""
    if len(source) >= TOO_LARGE:
        report.add("xml-too-large", None, size=len(source), limit=TOO_LARGE)
        return None
    root = _parse(source, report)
    if root is None:
        return None
    if root.getroottree().docinfo.internalDTD is not None:
        report.add("xml-doctype", None, line=1)
        return None
    if root.tag != bpmn("definitions"):
        report.add("not-bpmn", None, line=line_of(root), tag=str(root.tag))
        return None
    crowded = next((element for element in root.iter() if len(element.attrib) > MOST_ATTRIBUTES), None)
    if crowded is not None:
        report.add("xml-attributes", crowded, found=len(crowded.attrib), limit=MOST_ATTRIBUTES)
        return None
    return root


def _parse(source: bytes, report: Report) -> XmlElement | None:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(source, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        line = getattr(error, "lineno", None)
        detail = getattr(error, "msg", None) or str(error)
        report.add(_code_of(detail.lower()), None, line=line, detail=detail)
        return None


def _code_of(detail: str) -> str:
    if "encod" in detail or "utf-8" in detail:
        return "xml-encoding"
    return "xml-doctype" if "entit" in detail else "xml-malformed"


def bpmn(name: str) -> str:
    return f"{{{BPMN}}}{name}"


def camunda(name: str) -> str:
    return f"{{{CAMUNDA}}}{name}"


def local_name(element: XmlElement) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def namespace(element: XmlElement) -> str:
    return (etree.QName(element).namespace or "") if isinstance(element.tag, str) else ""


def text_of(element: XmlElement | None) -> str:
    """The trimmed text of an element, empty when there is none."""
    return "".join(str(text) for text in element.itertext()).strip() if element is not None else ""


def line_of(element: XmlElement) -> int | None:
    line: int | None = element.sourceline  # type: ignore[assignment]  # the stubs say it may be an ellipsis
    return line


def children(element: XmlElement, name: str) -> list[XmlElement]:
    return element.findall(bpmn(name))


def extensions(element: XmlElement) -> list[XmlElement]:
    """The children of all ``extensionElements`` of an element."""
    return [child for holder in children(element, "extensionElements") for child in holder if isinstance(child.tag, str)]


def extension(element: XmlElement, name: str) -> XmlElement | None:
    """The first camunda extension element with that local name."""
    return next((child for child in extensions(element) if child.tag == camunda(name)), None)

"""Reads the bytes of a DMN file into elements. Refuses anything hostile or unreadable before looking at what it says."""

from __future__ import annotations

import re

from lxml import etree

from engine.feel.file_texts import refuse
from engine.feel.sentences import Language

_DMN_NAMESPACE = re.compile(r"https?://www\.omg\.org/spec/DMN/\d{8}/(MODEL/|DMN13\.xsd|dmn\.xsd)")
_DECLARED = re.compile(r"""<\?xml[^>]*encoding\s*=\s*["']([^"']+)["']""")
_DOCTYPE = re.compile(r"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)


def read_definitions(source: bytes, file: str, limit: int, language: Language = "zh") -> etree._Element:
    """The root ``definitions`` element; InvalidDefinition with one finding when the file cannot be trusted or read."""
    text = _decode(source, file, limit, language)
    forbidden = _DOCTYPE.search(text)
    if forbidden:
        line = _line_at(text, forbidden.start())
        refuse(file, line, "dmn.doctype", language)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as error:
        refuse(file, error.lineno, "dmn.not_xml", language, detail=error.msg)
    _require_dmn(root, file, language)
    return root


def local_name(element: etree._Element) -> str:
    return etree.QName(element).localname


def line_of(element: etree._Element) -> int | None:
    """The line in which the element's start tag ends."""
    line: object = element.sourceline
    return line if isinstance(line, int) else None


def _decode(source: bytes, file: str, limit: int, language: Language) -> str:
    if len(source) > limit:
        refuse(file, None, "dmn.too_large", language, size=len(source), limit=limit)
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = source[: error.start].count(b"\n") + 1
        refuse(file, line, "dmn.encoding", language)
    declared = _DECLARED.match(text)
    if declared and declared.group(1).lower() not in ("utf-8", "utf8", "us-ascii"):
        refuse(file, 1, "dmn.encoding/declared", language, encoding=declared.group(1))
    return text


def _require_dmn(root: etree._Element, file: str, language: Language) -> None:
    name = etree.QName(root)
    if name.localname != "definitions" or not _DMN_NAMESPACE.match(name.namespace or ""):
        refuse(file, line_of(root), "dmn.root", language, tag=root.tag)


def _line_at(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1

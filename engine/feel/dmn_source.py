"""Reads the bytes of a DMN file into elements. Refuses anything hostile or unreadable before looking at what it says."""

from __future__ import annotations

import re
from typing import NoReturn

from lxml import etree

from engine.errors import Finding, InvalidDefinition

_DMN_NAMESPACE = re.compile(r"https?://www\.omg\.org/spec/DMN/\d{8}/(MODEL/|DMN13\.xsd|dmn\.xsd)")
_DECLARED = re.compile(r"""<\?xml[^>]*encoding\s*=\s*["']([^"']+)["']""")
_DOCTYPE = re.compile(r"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)


def read_definitions(source: bytes, file: str, limit: int) -> etree._Element:
    """The root ``definitions`` element; InvalidDefinition with one finding when the file cannot be trusted or read."""
    text = _decode(source, file, limit)
    forbidden = _DOCTYPE.search(text)
    if forbidden:
        line = _line_at(text, forbidden.start())
        _refuse(file, line, "dmn.doctype", "文件里有 DOCTYPE 或 ENTITY 声明，可能被用来攻击，一律不接受。", "请删去 DOCTYPE 声明后再上传。")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as error:
        _refuse(file, error.lineno, "dmn.not_xml", f"文件不是完整的 XML：{error.msg}。", "请用 DMN 编辑器重新导出这个文件。")
    _require_dmn(root, file)
    return root


def local_name(element: etree._Element) -> str:
    return etree.QName(element).localname


def line_of(element: etree._Element) -> int | None:
    """The line in which the element's start tag ends."""
    line: object = element.sourceline
    return line if isinstance(line, int) else None


def _decode(source: bytes, file: str, limit: int) -> str:
    if len(source) > limit:
        _refuse(file, None, "dmn.too_large", f"文件有 {len(source)} 字节，超过上限 {limit} 字节。", "请把决策拆成几个文件。")
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = source[: error.start].count(b"\n") + 1
        _refuse(file, line, "dmn.encoding", "文件不是 UTF-8 编码。", "请用 UTF-8 编码另存这个文件。")
    declared = _DECLARED.match(text)
    if declared and declared.group(1).lower() not in ("utf-8", "utf8", "us-ascii"):
        _refuse(file, 1, "dmn.encoding", f"文件声明的编码是 {declared.group(1)}，只接受 UTF-8。", "请用 UTF-8 编码另存这个文件。")
    return text


def _require_dmn(root: etree._Element, file: str) -> None:
    name = etree.QName(root)
    if name.localname != "definitions" or not _DMN_NAMESPACE.match(name.namespace or ""):
        _refuse(file, line_of(root), "dmn.root", f"文件不是 DMN 模型：根元素是“{root.tag}”。", "请上传 DMN 编辑器导出的 .dmn 文件。")


def _line_at(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def _refuse(file: str, line: int | None, code: str, message: str, remedy: str) -> NoReturn:
    raise InvalidDefinition(f"{file}: {message}", [Finding(file, line, None, None, code, message, remedy)])

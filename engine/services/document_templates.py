"""Templates of documents: front matter and a text in Markdown, read and checked. Fills nothing in and prints nothing.

A file begins with settings in TOML between two lines ``+++``; the text after them may use headings, paragraphs, **bold**, lists and tables.
HTML is text like any other.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")

#: The name of the applicant, which only a document for the applicant may carry.
APPLICANT = "申请人"
#: What the case fills in by itself.
BUILT_IN: Mapping[str, str] = MappingProxyType(
    {
        "文号": "the number of the document",
        "日期": "the day of issue",
        APPLICANT: "the applicant's name; only in documents for the applicant, filled in when it is printed",
        "工单号": "the number of the case",
        "事项": "the matter, or the title of the case",
        "受理日期": "the day on which the case was received",
        "办结期限": "the day by which the case is to be finished",
        "首接责任人": "the first-contact owner",
        "电话": "the telephone of the window",
        "窗口": "the name of the window",
        "等级": "the grade of the case",
        "牵头部门": "the lead department",
        "办理结果": "the result of the case",
    }
)
#: What no template may ask for.
FORBIDDEN = ("证件号", "证件号码", "身份证", "身份证号", "身份证号码", "住址", "手机号", "手机号码", "申请人姓名", "申请人电话")
AUDIENCES = ("applicant", "internal")

#: As long as their columns are.
LONGEST_TITLE, LONGEST_PREFIX = 60, 30
MOST_VARIABLES = 60

_FENCE = re.compile(r"\A\ufeff?\+\+\+[ \t]*\r?\n(.*?)^\+\+\+[ \t]*\r?$", re.DOTALL | re.MULTILINE)
_SETTINGS = ("title", "title_en", "prefix", "audience", "variables", "optional")


@dataclass(frozen=True)
class Span:
    """A run of text; ``is_applicant`` stands for the applicant's name, which is known only while it is printed."""

    text: str
    is_bold: bool = False
    is_applicant: bool = False


Spans = tuple[Span, ...]


@dataclass(frozen=True)
class Block:
    """A heading (level 1–3), a paragraph, a list, a table (its first row is the heading) or a line. Each row is a tuple of cells."""

    kind: str  # heading | paragraph | bullets | numbers | table | line
    rows: tuple[tuple[Spans, ...], ...] = ()
    level: int = 0

    @property
    def spans(self) -> Spans:
        """The text of a heading or a paragraph."""
        return self.rows[0][0]


@dataclass(frozen=True)
class Template:
    """A template that may be filled: ``variables`` are what it asks the process for, with an explanation each."""

    title: str
    title_en: str
    prefix: str
    audience: str
    variables: Mapping[str, str]
    optional: frozenset[str]
    blocks: tuple[Block, ...]

    @property
    def placeholders(self) -> frozenset[str]:
        return frozenset(word for block in self.blocks for spans in cells_of(block) for span in spans for word in words_of(span.text))


@dataclass(frozen=True)
class Fault:
    """Something to mend in a template: a code for the words, the line where it is, and what the words speak of."""

    code: str
    line: int | None = None
    facts: Mapping[str, str] = field(default_factory=dict)


class BadTemplate(ValueError):
    """A template with faults; only where faults were not looked for first."""

    def __init__(self, faults: tuple[Fault, ...]):
        super().__init__(f"Expected a template without faults but found {', '.join(fault.code for fault in faults)}.")
        self.faults = faults


def read(content: bytes) -> Template:
    """The template in a file. Raises BadTemplate with everything that is to be mended."""
    faults: list[Fault] = []
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadTemplate((Fault("document-encoding"),)) from error
    fence = _FENCE.match(text)
    if fence is None:
        raise BadTemplate((Fault("document-front-matter", 1),))
    settings = _settings(fence[1], faults)
    before = text[: fence.end()].count("\n")
    template = _template(settings, tuple(_blocks(text[fence.end() :], before, faults)), faults)
    faults.extend(_faults_of_words(template, text, before))
    if faults:
        raise BadTemplate(tuple(faults))
    return template


def words_of(text: str) -> list[str]:
    """The placeholder words of a text, in their order."""
    return [word.strip() for word in PLACEHOLDER.findall(text)]


def cells_of(block: Block) -> Iterator[Spans]:
    """Every text of a block."""
    return (cell for row in block.rows for cell in row)


def _settings(text: str, faults: list[Fault]) -> dict[str, Any]:
    try:
        settings = tomllib.loads(text.replace("\r\n", "\n"))
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise BadTemplate((Fault("document-toml", 1, {"problem": str(error)[:200]}),)) from error
    faults += [Fault("document-setting", 1, {"name": name, "known": ", ".join(_SETTINGS)}) for name in settings if name not in _SETTINGS]
    for name, longest in (("title", LONGEST_TITLE), ("title_en", 200), ("prefix", LONGEST_PREFIX)):
        value = settings.get(name)
        if not isinstance(value, str) or not value.strip() or "\n" in value:
            faults.append(Fault("document-missing", 1, {"name": name}))
        elif len(value) > longest:
            faults.append(Fault("document-long", 1, {"name": name, "limit": str(longest)}))
    if settings.get("audience", "internal") not in AUDIENCES:
        faults.append(Fault("document-audience", 1, {"found": str(settings["audience"])[:40]}))
    return settings


def _template(settings: Mapping[str, Any], blocks: tuple[Block, ...], faults: list[Fault]) -> Template:
    declared, optional = settings.get("variables", {}), settings.get("optional", [])
    if not isinstance(declared, dict) or not all(isinstance(text, str) for text in declared.values()) or len(declared) > MOST_VARIABLES:
        faults.append(Fault("document-variables", 1))
        declared = {}
    if not isinstance(optional, list) or any(name not in declared for name in optional):
        faults.append(Fault("document-optional", 1))
        optional = []
    return Template(
        title=str(settings.get("title", "")).strip(),
        title_en=str(settings.get("title_en", "")).strip(),
        prefix=str(settings.get("prefix", "")).strip(),
        audience=str(settings.get("audience", "internal")),
        variables=MappingProxyType({str(name): str(text) for name, text in declared.items()}),
        optional=frozenset(str(name) for name in optional),
        blocks=blocks,
    )


def _faults_of_words(template: Template, text: str, before: int) -> Iterator[Fault]:
    if not template.blocks:
        yield Fault("document-empty", before + 1)
    lines = text.split("\n")
    for number, line in enumerate(lines[before:], before + 1):
        if PLACEHOLDER.sub("", line).count("{") or PLACEHOLDER.sub("", line).count("}") or "" in words_of(line):
            yield Fault("document-braces", number)
    asked = template.placeholders
    for word in sorted((asked | set(template.variables)) & set(FORBIDDEN)):
        yield Fault("document-personal", _line_of(lines, word), {"word": word})
    for word in sorted(set(template.variables) & set(BUILT_IN)):
        yield Fault("document-built-in", _line_of(lines, word), {"word": word})
    if APPLICANT in asked and template.audience != "applicant":
        yield Fault("document-applicant", _line_of(lines, APPLICANT), {"word": APPLICANT})
    for word in sorted(asked - {""} - set(template.variables) - set(BUILT_IN) - set(FORBIDDEN)):
        known = "、".join([*template.variables, *BUILT_IN])
        yield Fault("document-placeholder", _line_of(lines, f"{{{word}}}"), {"word": word, "known": known})


def _line_of(lines: list[str], text: str) -> int | None:
    return next((number for number, line in enumerate(lines, 1) if text in line), None)


#: Only what a document needs; links, pictures and HTML stay the text that they are.
_MARKDOWN = MarkdownIt("zero", {"maxNesting": 20}).enable(["heading", "list", "emphasis", "hr", "table", "escape", "newline"])


def _blocks(text: str, before: int, faults: list[Fault]) -> Iterator[Block]:
    for node in SyntaxTreeNode(_MARKDOWN.parse(text.replace("\r\n", "\n"))).children:
        line = before + 1 + (node.map[0] if node.map else 0)
        if node.type == "heading":
            yield Block("heading", ((_spans(node),),), min(int(node.tag[1]), 3))
        elif node.type == "paragraph":
            yield Block("paragraph", ((_spans(node),),))
        elif node.type in ("bullet_list", "ordered_list"):
            if any(child.type != "paragraph" for item in node.children for child in item.children):
                faults.append(Fault("document-nested", line))
            rows = tuple((tuple(span for child in item.children for span in _spans(child)),) for item in node.children)
            yield Block("bullets" if node.type == "bullet_list" else "numbers", rows)
        elif node.type == "table":
            yield Block("table", tuple(tuple(_spans(cell) for cell in row.children) for part in node.children for row in part.children))
        elif node.type == "hr":
            yield Block("line")


def _spans(node: SyntaxTreeNode, *, is_bold: bool = False) -> Spans:
    """The runs of text below a node; a line end in the source is no line end in the document."""
    if node.type == "text":
        return (Span(node.content, is_bold),)
    if node.type in ("softbreak", "hardbreak"):
        return (Span("", is_bold),)
    bold = is_bold or node.type == "strong"
    return _joined(span for child in node.children for span in _spans(child, is_bold=bold))


def _joined(spans: Iterator[Span]) -> Spans:
    """Neighbours of the same kind as one, so that a placeholder is never cut in two."""
    found: list[Span] = []
    for span in spans:
        if found and found[-1].is_bold == span.is_bold:
            found[-1] = Span(found[-1].text + span.text, span.is_bold)
        else:
            found.append(span)
    return tuple(span for span in found if span.text)

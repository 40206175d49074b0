"""Documents on paper: blocks of text as a PDF in the layout of official documents (GB/T 9704). Knows no case and fills nothing in."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import black
from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, HRFlowable, KeepTogether, LongTable, Paragraph, SimpleDocTemplate, Spacer

from engine.errors import StorageFailed
from engine.services.document_templates import Block, Spans

FONTS = Path(__file__).parent / "fonts"
REGULAR, BOLD = "NotoSerifSC-Regular", "NotoSerifSC-Bold"

#: Selectors of a variant of the sign before them, and the joiner of emoji: no sign by themselves.
_SELECTORS = re.compile("[\ufe00-\ufe0f\u200d\U000e0100-\U000e01ef]")
_BEYOND_BMP = re.compile(r"<([0-9A-F]{5,6})>")
#: The page of GB/T 9704: 156 × 225 mm of text, type of 16 pt (三号), 22 lines.
_TOP, _BOTTOM, _LEFT, _RIGHT = 37 * mm, 35 * mm, 28 * mm, 26 * mm
_SIZE, _LEADING = 16, 29
#: A cell of a table with more signs may fill a page, where the library cannot break it.
_LONG_CELL = 600

#: The library keeps its fonts for the whole process.
_PRINTING = Lock()


@dataclass(frozen=True)
class Sheet:
    """What stands around the text of a document."""

    title: str
    number: str
    issuer: str
    issued_on: str
    footnote: str


@dataclass(frozen=True)
class Printed:
    """A PDF; ``missing`` are signs that the font lacks, printed as 〔U+…〕."""

    content: bytes
    pages: int
    missing: tuple[str, ...]


def print_document(sheet: Sheet, blocks: Sequence[Block]) -> Printed:
    """The document as PDF: selectable text, its fonts embedded as far as used. Raises StorageFailed where the fonts were never built."""
    with _PRINTING:
        _register_fonts()
        target, missing = io.BytesIO(), set[str]()
        pages = _Pages(sheet, missing)
        document = SimpleDocTemplate(
            target, pagesize=A4, topMargin=_TOP, bottomMargin=_BOTTOM, leftMargin=_LEFT, rightMargin=_RIGHT,
            title=sheet.title, author=sheet.issuer, subject=sheet.number, lang="zh-CN", invariant=1, initialFontName=REGULAR,
        )  # fmt: skip
        document.build(list(_flowables(sheet, blocks, missing)), onFirstPage=pages.draw, onLaterPages=pages.draw)
    return Printed(target.getvalue(), pages.count, tuple(sorted(missing)))


def printable(text: str, missing: set[str]) -> str:
    """Text whose every sign the font has; one that it lacks becomes its number, so that nobody reads a name with a hole."""
    known = _known_signs()
    kept = []
    for sign in _SELECTORS.sub("", text).replace("\t", "\u3000"):
        if ord(sign) in known:
            kept.append(sign)
        else:
            missing.add(sign)
            kept.append(f"〔U+{ord(sign):04X}〕")
    return "".join(kept)


class _UnicodeFont(TTFont):  # type: ignore[misc]
    """A font whose text can be copied beyond the basic plane too: the library writes such signs in five digits, PDF wants pairs."""

    def addObjects(self, doc: Any) -> None:
        super().addObjects(doc)
        for name, stream in doc.idToObject.items():
            if str(name).startswith("toUnicodeCMap:") and isinstance(stream.content, str):
                stream.content = _BEYOND_BMP.sub(
                    lambda found: f"<{chr(int(found[1], 16)).encode('utf-16-be').hex().upper()}>", stream.content
                )


class _Pages:
    """The foot of each page: its number between dashes, to the outer side; on the first the note on verification."""

    def __init__(self, sheet: Sheet, missing: set[str]):
        self._footnote, self.count = printable(sheet.footnote, missing), 0

    def draw(self, canvas: Any, document: Any) -> None:
        self.count = max(self.count, document.page)
        canvas.saveState()
        canvas.setFont(REGULAR, 14)
        text, y = f"— {document.page} —", _BOTTOM - 10 * mm
        if document.page % 2:
            canvas.drawRightString(A4[0] - _RIGHT - _SIZE, y, text)
        else:
            canvas.drawString(_LEFT + _SIZE, y, text)
        canvas.setFont(REGULAR, 8)
        canvas.drawString(_LEFT, y - 10 * mm, self._footnote)
        canvas.restoreState()


def _flowables(sheet: Sheet, blocks: Sequence[Block], missing: set[str]) -> Iterator[Flowable]:
    yield Paragraph(escape(printable(sheet.title, missing)), _style("title"))
    yield Spacer(1, 4 * mm)
    yield Paragraph(escape(printable(sheet.number, missing)), _style("number"))
    yield Spacer(1, 8 * mm)
    for block in blocks:
        yield from _block(block, missing)
    yield KeepTogether(list(_signature(sheet, missing)))


def _signature(sheet: Sheet, missing: set[str]) -> Iterator[Flowable]:
    """Who issued it and when, with room for the seal over both."""
    yield Spacer(1, 2 * _LEADING)
    yield Paragraph(escape(printable(sheet.issuer, missing)), _style("signature"))
    yield Paragraph(f"{escape(printable(sheet.issued_on, missing))}\u3000", _style("signature"))
    yield Paragraph("(盖章)\u3000\u3000", _style("signature"))


def _block(block: Block, missing: set[str]) -> Iterator[Flowable]:
    if block.kind == "heading":
        yield Paragraph(_markup(block.spans, missing), _style(f"heading{block.level}"))
    elif block.kind == "paragraph":
        yield Paragraph(_markup(block.spans, missing), _style(_address_or_body(block)))
    elif block.kind in ("bullets", "numbers"):
        for number, row in enumerate(block.rows, 1):
            mark = f"{number}.\u2002" if block.kind == "numbers" else "·\u2002"
            yield Paragraph(mark + _markup(row[0], missing), _style("item"))
    elif block.kind == "table":
        is_long = max((sum(len(span.text) for span in cell) for row in block.rows for cell in row), default=0) > _LONG_CELL
        yield from _rows_below_each_other(block, missing) if is_long else (Spacer(1, 3 * mm), _table(block, missing), Spacer(1, 3 * mm))
    else:
        yield HRFlowable(width="100%", thickness=0.7, color=black, spaceBefore=8, spaceAfter=8)


def _address_or_body(block: Block) -> str:
    """A paragraph that ends with a colon and begins with the applicant's name or bold is an address: it is not indented."""
    text = "".join(span.text for span in block.spans)
    return "address" if block.spans and (block.spans[0].is_bold and text.rstrip().endswith((":", "\uff1a")) and len(text) < 60) else "body"


def _table(block: Block, missing: set[str]) -> LongTable:
    columns = max(len(row) for row in block.rows)
    cells = [[Paragraph(_markup(cell, missing), _style("cell")) for cell in row] + [""] * (columns - len(row)) for row in block.rows]
    widths = _widths(block, columns)
    lines = [("GRID", (0, 0), (-1, -1), 0.5, black), ("VALIGN", (0, 0), (-1, -1), "MIDDLE")]
    return LongTable(cells, colWidths=widths, repeatRows=1, style=lines)


def _rows_below_each_other(block: Block, missing: set[str]) -> Iterator[Flowable]:
    """Each cell as a paragraph after its heading."""
    heads, *rows = block.rows
    for row in rows:
        for head, cell in zip(heads, row, strict=False):
            yield Paragraph(f"{_markup(head, missing)}:{_markup(cell, missing)}", _style("body"))


def _widths(block: Block, columns: int) -> list[float]:
    """Wider columns for longer texts, none too narrow for a few signs."""
    whole = A4[0] - _LEFT - _RIGHT
    longest = [max((sum(len(span.text) for span in row[at]) for row in block.rows if at < len(row)), default=1) for at in range(columns)]
    weights = [min(max(length, 4), 30) for length in longest]
    return [whole * weight / sum(weights) for weight in weights]


def _markup(spans: Spans, missing: set[str]) -> str:
    """The library's own markup, in which everything that was filled in is text."""
    return "".join(
        f'<font name="{BOLD}">{escape(printable(span.text, missing))}</font>' if span.is_bold else escape(printable(span.text, missing))
        for span in spans
    )


@cache
def _style(name: str) -> ParagraphStyle:
    body: dict[str, Any] = {"fontName": REGULAR, "fontSize": _SIZE, "leading": _LEADING, "wordWrap": "CJK", "alignment": TA_JUSTIFY}
    others: dict[str, dict[str, Any]] = {
        "title": {"fontName": BOLD, "fontSize": 22, "leading": 33, "alignment": TA_CENTER},
        "number": {"alignment": TA_CENTER},
        "body": {"firstLineIndent": 2 * _SIZE},
        "address": {},
        "item": {"firstLineIndent": 2 * _SIZE},
        "heading1": {"fontName": BOLD, "alignment": TA_CENTER, "spaceBefore": 6, "keepWithNext": 1},
        "heading2": {"fontName": BOLD, "firstLineIndent": 2 * _SIZE, "keepWithNext": 1},
        "heading3": {"firstLineIndent": 2 * _SIZE, "keepWithNext": 1},
        "signature": {"alignment": TA_RIGHT},
        "cell": {"fontSize": 12, "leading": 18},
    }
    return ParagraphStyle(name, **{**body, **others[name]})


@cache
def _register_fonts() -> None:
    for name in (REGULAR, BOLD):
        path = FONTS / f"{name}.ttf"
        if not path.is_file():
            raise StorageFailed(f"Expected the font {path.name} to be built but it is not. Run ./dev setup once.")
        pdfmetrics.registerFont(_UnicodeFont(name, str(path)))


@cache
def _known_signs() -> frozenset[int]:
    _register_fonts()
    faces: Iterable[Any] = (pdfmetrics.getFont(name).face.charToGlyph for name in (REGULAR, BOLD))
    return frozenset.intersection(*(frozenset(face) for face in faces))

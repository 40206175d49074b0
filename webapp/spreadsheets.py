"""Lists as CSV that spreadsheets open in Chinese and never run as formulas. Knows no list."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from typing import Any

from flask import Response, stream_with_context

#: A spreadsheet takes a cell that begins like this for a formula; some take the full-width signs too.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
#: The mark tells spreadsheets that this is UTF-8.
MARK = "\ufeff"


def download(name: str, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """The rows as a file, sent while they are read."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(stream_with_context(_lines(headings, rows)), mimetype="text/csv; charset=utf-8", headers=headers)


def safe_cell(value: Any) -> str:
    """Text that no spreadsheet runs as a formula."""
    text = "" if value is None else str(value)
    return "'" + text if text.startswith(FORMULA_STARTS) else text


def line_of(cells: Sequence[Any]) -> str:
    line = StringIO()
    csv.writer(line, lineterminator="\r\n").writerow([safe_cell(cell) for cell in cells])
    return line.getvalue()


def _lines(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    yield MARK + line_of(headings)
    yield from map(line_of, rows)

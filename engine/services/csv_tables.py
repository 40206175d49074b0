"""Reads CSV files strictly: every fault becomes a finding with file, line, column and remedy. Knows no table of the database."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from engine.errors import Finding
from engine.services import validity
from engine.services.csv_words import in_chinese

MAX_BYTES = 3_000_000
_ONE_OF_TWO = "Delete one of the two rows or correct its code."
_ONE_AFTER_THE_OTHER = "Let the earlier row end the day before the later one begins."
_QUOTED = "Put text that contains a comma between quotation marks."


@dataclass(frozen=True)
class Column:
    """One column. ``read`` turns the text into a value or raises ValueError with what was expected.

    One that ``may_be_missing`` came later than files that are in use.
    """

    name: str
    read: Callable[[str], Any] = str
    is_required: bool = True
    may_be_missing: bool = False


@dataclass(frozen=True)
class CsvFile:
    """The shape of one file; rows with the same ``key`` are duplicates unless they hold one after the other.

    Installations may do without an optional one.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    title: str
    is_optional: bool = False


@dataclass(frozen=True)
class CsvRow:
    """A row with its line and its values by column."""

    line: int
    values: dict[str, Any]

    def __getitem__(self, column: str) -> Any:
        return self.values[column]


@dataclass
class Findings:
    """Collects what has to be mended, in the language of whoever mends it."""

    items: list[Finding] = field(default_factory=list)
    language: Literal["zh", "en"] = "en"

    def add(
        self,
        file: str,
        line: int | None,
        column: str | None,
        code: str,
        message: str,
        remedy: str,
        value: object = "",
        expected: object = "",
    ) -> None:
        """Note a fault; ``column`` stands where a diagram's finding has its element, ``value`` is what stands there."""
        if self.language == "zh":
            message, remedy = in_chinese(code, column or "", str(value), str(expected))
        self.items.append(Finding(file, line, column, None, code, message, remedy))


def read_file(content: bytes | None, shape: CsvFile, findings: Findings) -> list[CsvRow]:
    """All good rows of a file (None: there is none); what is wrong goes to ``findings``."""
    text = _text(content, shape, findings)
    if text is None:
        return []
    rows, seen = list[CsvRow](), defaultdict[tuple[Any, ...], list[CsvRow]](list)
    for line, cells in _records(text, shape, findings):
        row = _row(line, cells, shape, findings)
        if row is None:
            continue
        key = tuple(row[column] for column in shape.key)
        _check_once(row, seen[key], shape, findings)
        seen[key].append(row)
        rows.append(row)
    return rows


def listed(text: str) -> list[str]:
    """A list inside a cell, separated by ``;``."""
    return [part.strip() for part in text.split(";") if part.strip()]


def boolean(text: str) -> bool:
    """``true`` or ``false``."""
    if text not in ("true", "false"):
        raise ValueError("true or false")
    return text == "true"


def whole_number(text: str) -> int:
    """A number from 0 to 9999."""
    if not re.fullmatch(r"\d{1,4}", text):
        raise ValueError("a whole number from 0 to 9999")
    return int(text)


def day(text: str) -> date:
    """A date such as 2027-01-01."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ValueError("a date such as 2027-01-01") from error


def matching(pattern: str, expected: str) -> Callable[[str], str]:
    """Text of a form, described for whoever mends it."""

    def read(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(expected)
        return text

    return read


def one_of(*choices: str) -> Callable[[str], str]:
    """One of the given words."""
    return matching("|".join(map(re.escape, choices)), " or ".join(choices))


def at_most(length: int) -> Callable[[str], str]:
    """Text no longer than its column in the database."""

    def read(text: str) -> str:
        if len(text) > length:
            raise ValueError(f"at most {length} characters")
        return text

    return read


def _text(content: bytes | None, shape: CsvFile, findings: Findings) -> str | None:
    if content is None:
        message = "Expected the file but it is not there, or cannot be read."
        findings.add(shape.name, None, None, "unreadable", message, f"Put a readable {shape.name} beside the others.")
        return None
    if len(content) > MAX_BYTES:
        findings.add(
            shape.name,
            None,
            None,
            "too-large",
            f"Expected at most {MAX_BYTES:,} bytes but got {len(content):,}.",
            "Remove what does not belong here.",
            len(content),
            MAX_BYTES,
        )
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        findings.add(
            shape.name, line, None, "encoding", "Expected UTF-8 but the bytes are in another encoding.", "Save the file as “CSV UTF-8”."
        )
        return None


def _records(text: str, shape: CsvFile, findings: Findings) -> Iterator[tuple[int, list[str]]]:
    """Lines and cells below a correct header; nothing when the header is wrong."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        if not _is_header(header, shape, findings):
            return
        order = [header.index(column.name) if column.name in header else None for column in shape.columns]
        for cells in reader:
            if not cells:
                continue
            if len(cells) != len(header):
                message = f"Expected {len(header)} cells but got {len(cells)}."
                findings.add(shape.name, reader.line_num, None, "cells", message, _QUOTED, len(cells), len(header))
                continue
            yield reader.line_num, [cells[place].strip() if place is not None else "" for place in order]
    except csv.Error as error:
        findings.add(
            shape.name, reader.line_num, None, "csv", f"Expected CSV but {error}.", "Correct the quotation marks of this line.", error
        )


def _is_header(header: list[str], shape: CsvFile, findings: Findings) -> bool:
    names = [column.name for column in shape.columns]
    needed = [column.name for column in shape.columns if not column.may_be_missing]
    faults = [(name, "missing-column", f"Expected a column {name} but there is none.") for name in needed if name not in header]
    faults += [
        (name, "unknown-column", f"Expected the columns {', '.join(names)} but got {name!r}.") for name in header if name not in names
    ]
    faults += [
        (name, "duplicate-column", f"Expected column {name} once but it stands there twice.") for name in names if header.count(name) > 1
    ]
    for name, code, message in faults:
        findings.add(shape.name, 1, name, code, message, f"Write the header as {','.join(names)}.", name, ",".join(names))
    return not faults


def _check_once(row: CsvRow, earlier: Iterable[CsvRow], shape: CsvFile, findings: Findings) -> None:
    """No two rows of a key hold on the same day."""
    key = " ".join(str(row[column]) for column in shape.key)
    for other in earlier:
        both = validity.meet(validity.span(row.values), validity.span(other.values))
        if both is None:
            continue
        if validity.is_dated(row.values) or validity.is_dated(other.values):
            day = both[0] if both[0] > date.min else both[1]
            message = f"Expected one row of {key} a day but on {day} the one in line {other.line} holds too."
            findings.add(shape.name, row.line, validity.BEGIN, "overlap", message, _ONE_AFTER_THE_OTHER, f"{key}({day})", other.line)
        else:
            message = f"Expected each {' + '.join(shape.key)} once but {key} also stands in line {other.line}."
            findings.add(shape.name, row.line, shape.key[0], "duplicate", message, _ONE_OF_TWO, key, other.line)
        return


def _row(line: int, cells: Iterable[str], shape: CsvFile, findings: Findings) -> CsvRow | None:
    before = len(findings.items)
    values = {column.name: _value(line, column, text, shape, findings) for column, text in zip(shape.columns, cells, strict=True)}
    if len(findings.items) == before:
        _check_days(line, values, shape, findings)
    return CsvRow(line, values) if len(findings.items) == before else None


def _check_days(line: int, values: dict[str, Any], shape: CsvFile, findings: Findings) -> None:
    begin, end = validity.span(values)
    if end < begin:
        message = f"Expected valid_to not before valid_from ({begin}) but got {end}."
        findings.add(shape.name, line, validity.END, "validity", message, "Correct one of the two days.", end, begin)


def _value(line: int, column: Column, text: str, shape: CsvFile, findings: Findings) -> Any:
    if not text and column.is_required:
        findings.add(shape.name, line, column.name, "empty", "Expected a value but the cell is empty.", f"Fill in {column.name}.")
        return None
    if "\x00" in text:
        findings.add(shape.name, line, column.name, "nul", "Expected text but the cell holds a NUL character.", "Type the cell again.")
        return None
    try:
        return column.read(text) if text else ([] if column.read is listed else "")
    except ValueError as error:
        message = f"Expected {error} but got {text!r}."
        findings.add(shape.name, line, column.name, "value", message, f"Correct {column.name}.", text, error)
        return None

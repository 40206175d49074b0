"""The usual cells of a decision table as values that can be compared: texts, numbers, dates, ranges, not(…). Evaluates no FEEL."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

#: A longer cell is not looked at.
_LONGEST = 2000
_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*")|(?P<day>@"[^"]*"|date\s*\(\s*"[^"]*"\s*\)|date\ and\ time\s*\(\s*"[^"]*"\s*\))
    |(?P<number>-?(?:\d{1,30}(?:\.\d{1,30})?|\.\d{1,30})(?![\w]))|(?P<operator><=|>=|!=|<|>|=)|(?P<mark>\.\.|[\[\](),])
    |(?P<word>(?:true|false|null|not)\b))""",
    re.VERBOSE,
)
_WORDS = {"true": True, "false": False, "null": None}

#: A token: its group of the pattern above, and its value.
Token = tuple[str, Any]


class _Other:
    """A value that no cell names."""


OTHER = _Other()


@dataclass(frozen=True)
class Interval:
    """Everything between ``low`` and ``high``; None is without end. One value is an interval that begins and ends with it."""

    low: Any
    high: Any
    has_low: bool = True
    has_high: bool = True

    def holds(self, value: Any) -> bool:
        if self.low is not None and self.low == self.high and self.has_low and self.has_high:
            return kind(value) == kind(self.low) and bool(value == self.low)
        known = self.low if self.low is not None else self.high
        if kind(value) != kind(known) or kind(known) not in ORDERED:
            return False
        return self._is_above_low(value) and self._is_below_high(value)

    def _is_above_low(self, value: Any) -> bool:
        return self.low is None or value > self.low or (self.has_low and value == self.low)

    def _is_below_high(self, value: Any) -> bool:
        return self.high is None or value < self.high or (self.has_high and value == self.high)


@dataclass(frozen=True)
class Nothing:
    """The test “null”."""

    def holds(self, value: Any) -> bool:
        return value is None


@dataclass(frozen=True)
class Something:
    """The test “!= null”."""

    def holds(self, value: Any) -> bool:
        return value is not None


@dataclass(frozen=True)
class Unequal:
    """The test “!= value”."""

    value: Any

    def holds(self, value: Any) -> bool:
        return kind(value) != kind(self.value) or bool(value != self.value)


Test = Interval | Nothing | Something | Unequal


@dataclass(frozen=True)
class Cell:
    """One cell: any of its tests holds; none of them when ``is_negated``. A dash is the negation of nothing."""

    tests: tuple[Test, ...]
    is_negated: bool = False

    @property
    def is_any(self) -> bool:
        return self.is_negated and not self.tests

    def holds(self, value: Any) -> bool:
        return any(test.holds(value) for test in self.tests) != self.is_negated

    def values(self) -> Iterator[Any]:
        """Every value that the cell names; None where it names null."""
        for test in self.tests:
            if isinstance(test, Interval):
                yield from (end for end in (test.low, test.high) if end is not None)
            else:
                yield test.value if isinstance(test, Unequal) else None


ANY = Cell((), is_negated=True)
ORDERED = frozenset({"number", "date", "moment", "moment with zone"})


def kind(value: Any) -> str:
    """What values can be compared with this one."""
    if isinstance(value, datetime):
        return "moment with zone" if value.tzinfo is not None else "moment"
    for of_type, name in ((bool, "boolean"), (Fraction, "number"), (str, "text"), (date, "date")):
        if isinstance(value, of_type):
            return name
    return "other"


def read_cell(text: str) -> Cell | None:
    """The cell, or None for one that is a general expression."""
    if text.strip() in ("", "-"):
        return ANY
    tokens = _tokens(text)
    if not tokens:
        return None
    is_negated = tokens[:2] == [("word", "not"), ("mark", "(")] and tokens[-1] == ("mark", ")")
    tests = [_test(part) for part in _parts(tokens[2:-1] if is_negated else tokens)]
    known = tuple(test for test in tests if test is not None)
    return Cell(known, is_negated) if len(known) == len(tests) else None


def _tokens(text: str) -> list[Token]:
    """All tokens; none when something else is written in between."""
    tokens: list[Token] = []
    position, text = 0, text.strip()
    while position < len(text) <= _LONGEST:
        match = _TOKEN.match(text, position)
        if match is None:
            return []
        position = match.end()
        group = str(match.lastgroup)
        try:
            tokens.append(_literal(group, match[group]))
        except ValueError:
            return []
    return tokens


def _literal(group: str, text: str) -> Token:
    if group == "text":
        return "value", json.loads(text)
    if group == "number":
        return "value", Fraction(text)
    if group == "day":
        written = text[text.index('"') + 1 : text.rindex('"')]
        return "value", datetime.fromisoformat(written) if "T" in written else date.fromisoformat(written)
    if group == "word" and text in _WORDS:
        return ("null", None) if text == "null" else ("value", _WORDS[text])
    return group, text


def _parts(tokens: list[Token]) -> Iterator[list[Token]]:
    part: list[Token] = []
    for token in tokens:
        if token == ("mark", ","):
            yield part
            part = []
        else:
            part.append(token)
    yield part


def _test(part: list[Token]) -> Test | None:
    match part:
        case [("null", _)] | [("operator", "="), ("null", _)]:
            return Nothing()
        case [("operator", "!="), ("null", _)]:
            return Something()
        case [("value", value)] | [("operator", "="), ("value", value)]:
            return Interval(value, value)
        case [("operator", "!="), ("value", value)]:
            return Unequal(value)
        case [("operator", sign), ("value", value)]:
            return _beyond(str(sign), value)
        case [("mark", begin), ("value", low), ("mark", ".."), ("value", high), ("mark", end)] if begin in "[(]" and end in "])[":
            return Interval(low, high, begin == "[", end == "]") if kind(low) == kind(high) and kind(low) in ORDERED else None
    return None


def _beyond(sign: str, value: Any) -> Interval | None:
    if kind(value) not in ORDERED:
        return None
    return Interval(value, None, has_low=sign == ">=") if sign.startswith(">") else Interval(None, value, has_high=sign == "<=")

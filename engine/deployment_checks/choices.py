"""Gateways whose conditions may all be false: then a token has no way on. Judges usual comparisons; evaluates none.

The conditions of a gateway make a table: a row for each alternative (“or”), a column for each variable compared. It is complete when
the table has no gap.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from engine.bpmn.drawing import Drawing, Flow, Node
from engine.deployment_checks.advice import Advice
from engine.deployment_checks.decision_tables import Column, Row, Table
from engine.deployment_checks.examples import example_of
from engine.deployment_checks.shapes import UNKNOWN, Shape, State
from engine.deployment_checks.table_regions import TooLarge, grid_of, uncovered
from engine.deployment_checks.unary_tests import ANY, read_cell

_CHOOSING = frozenset({"exclusiveGateway", "inclusiveGateway"})
_PATH = r"[^\W\d]\w*(?:\.[^\W\d]\w*)*"
_COMPARED = re.compile(rf"^({_PATH})\s*(<=|>=|!=|<|>|=)\s*([^()]+)$")
_AMONG = re.compile(rf"^({_PATH})\s+in\s*\((.*)\)$")
_ALONE = re.compile(rf"^({_PATH})$")
_DENIED = re.compile(rf"^not\(\s*({_PATH})\s*\)$")
#: A text, a bracket, or a word that joins.
_PART = re.compile(r'"(?:[^"\\]|\\.)*"|[()\[\]]|\b(?:and|or)\b')
#: More alternatives than this are not judged.
_MOST_ALTERNATIVES = 200
#: A longer condition is not taken apart.
_LONGEST = 1000

#: What all must hold: cells by path.
_Alternative = dict[str, str]


def check_choices(process: Drawing, seen: Mapping[str, State], advice: Advice) -> None:
    """Findings about the gateways of one process; ``seen``: the variables at each element."""
    for level in process.levels():
        leaving: dict[str, list[Flow]] = {}
        for flow in level.flows:
            leaving.setdefault(flow.source, []).append(flow)
        for identifier, node in level.nodes.items():
            flows = leaving.get(identifier, [])
            if node.element.type not in _CHOOSING or len(flows) < 2 or node.xml.get("default"):
                continue
            _judge(node, flows, seen.get(identifier, State()), advice)


def _judge(node: Node, flows: list[Flow], state: State, advice: Advice) -> None:
    """Whether one of the conditions surely holds, whatever the values are."""
    conditions = [flow.condition.source if flow.condition is not None else "" for flow in flows]
    parts = [list(_alternatives(condition)) if len(condition) <= _LONGEST else [] for condition in conditions]
    alternatives = [one for part in parts for one in part if one is not None]
    columns = tuple(_column(state, path) for path in dict.fromkeys(path for one in alternatives for path in one))
    place = _gap(columns, alternatives)
    if place is None:
        return
    told = "; ".join(conditions)[:300]
    if any(not part or None in part for part in parts):
        advice.at("no-default", node, conditions=told)
    else:
        advice.at("no-way-on", node, conditions=told, example=example_of([column.label for column in columns], place, advice.language))


def _gap(columns: tuple[Column, ...], alternatives: list[_Alternative]) -> tuple[Any, ...] | None:
    """Values with which none of the alternatives surely holds."""
    rows = tuple(
        Row(str(at), None, tuple(one.get(column.label, "") for column in columns), ())
        for at, one in enumerate(alternatives[:_MOST_ALTERNATIVES])
    )
    try:
        grid = grid_of(Table("", "", None, "FIRST", columns, rows, False, ()))
        return next(uncovered(grid, (1 << len(rows)) - 1, grid.columns, is_sure=True), None)
    except TooLarge:
        return tuple(ANY for _ in columns)


def _column(state: State, path: str) -> Column:
    shape = _shape(state, path)
    texts = sorted(text for text in shape.values or () if '"' not in text and "\\" not in text)
    return Column(path, shape.kind, ", ".join(f'"{text}"' for text in texts))


def _shape(state: State, path: str) -> Shape:
    first, *rest = path.split(".")
    known = state.variables.get(first)
    shape = known.shape if known is not None else UNKNOWN
    for part in rest:
        shape = (shape.entries or {}).get(part, UNKNOWN)
    return shape


# --- a condition taken apart ----------------------------------------------------------------------------------------------


def _alternatives(condition: str) -> Iterator[_Alternative | None]:
    """The alternatives of a condition; None for one that asks for something unusual, or twice for the same."""
    for alternative in _split(condition, "or"):
        whole = _without_brackets(alternative)
        if whole != alternative:
            yield from _alternatives(whole)
            continue
        cells = [_cell(_without_brackets(part)) for part in _split(alternative, "and")]
        known = dict(cell for cell in cells if cell is not None)
        is_judged = len(known) == len(cells) and all(read_cell(cell) is not None for cell in known.values())
        yield known if is_judged else None


def _split(text: str, word: str) -> list[str]:
    """At a joining word outside of brackets and texts."""
    parts, depth, begin = [], 0, 0
    for match in _PART.finditer(text):
        found = match[0]
        depth += (found in ("(", "[")) - (found in (")", "]"))
        if found == word and depth == 0:
            parts.append(text[begin : match.start()].strip())
            begin = match.end()
    return [*parts, text[begin:].strip()]


def _without_brackets(text: str) -> str:
    while text.startswith("(") and text.endswith(")") and _closing(text) == len(text) - 1:
        text = text[1:-1].strip()
    return text


def _closing(text: str) -> int:
    """Where the bracket that ``text`` begins with is closed."""
    depth = 0
    for match in _PART.finditer(text):
        depth += (match[0] == "(") - (match[0] == ")")
        if depth == 0:
            return match.start()
    return -1


def _cell(text: str) -> tuple[str, str] | None:
    """A comparison as (path, cell of a table)."""
    if match := _COMPARED.match(text):
        path, sign, value = match.groups()
        return path, value if sign == "=" else f"{sign} {value}"
    if match := _AMONG.match(text):
        return match[1], match[2]
    if match := _ALONE.match(text):
        return match[1], "true"
    if match := _DENIED.match(text):
        return match[1], "false"
    return None

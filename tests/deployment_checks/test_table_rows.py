"""Rows of a decision table that hold together, never decide, or leave something out."""

from __future__ import annotations

from fractions import Fraction
from random import Random
from typing import Any

import pytest

from engine.deployment_checks.decision_tables import Column, Row, Table
from engine.deployment_checks.table_regions import grid_of, meeting, uncovered
from engine.deployment_checks.unary_tests import read_cell
from engine.errors import Finding
from engine.feel import Feel
from tests.deployment_checks.advised import advised

Rows = list[tuple[str, ...]]


def table(policy: str, columns: list[tuple[str, str]], rows: Rows, default: str = "", priorities: str = "") -> bytes:
    """``columns``: (type, allowed values); the last cell of a row is its output."""
    inputs = "".join(
        f'<input id="i{n}" label="in{n}"><inputExpression id="e{n}" typeRef="{kind}"><text>v{n}</text></inputExpression>'
        + (f'<inputValues id="a{n}"><text>{_escaped(allowed)}</text></inputValues>' if allowed else "")
        + "</input>"
        for n, (kind, allowed) in enumerate(columns)
    )
    values = f'<outputValues id="ov"><text>{_escaped(priorities)}</text></outputValues>' if priorities else ""
    fallback = f'<defaultOutputEntry id="od"><text>{_escaped(default)}</text></defaultOutputEntry>' if default else ""
    rules = "".join(
        f'<rule id="r{n}">'
        + "".join(f'<inputEntry id="c{n}_{at}"><text>{_escaped(cell)}</text></inputEntry>' for at, cell in enumerate(row[:-1]))
        + f'<outputEntry id="o{n}"><text>{_escaped(row[-1])}</text></outputEntry></rule>'
        for n, row in enumerate(rows, 1)
    )
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="m" name="M" namespace="m"><decision id="D" name="表">'
        f'<decisionTable id="t" hitPolicy="{policy}">{inputs}<output id="o" name="out" typeRef="string">{values}{fallback}</output>'
        f"{rules}</decisionTable></decision></definitions>"
    ).encode()


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def rows(feel: Feel, policy: str, columns: list[tuple[str, str]], given: Rows, **more: str) -> list[Finding]:
    return advised(feel, {"d.dmn": table(policy, columns, given, **more)}, "en")


def told(findings: list[Finding]) -> list[tuple[str, str | None]]:
    return [(one.code, one.element_id) for one in findings]


NUMBER, TEXT, BOOLEAN, DATE = ("number", ""), ("string", ""), ("boolean", ""), ("date", "")
WHOLE = ("integer", "")
LEVELS = ("string", '"a", "b", "c"')


def test_two_rows_of_a_unique_table_that_hold_together_are_told_with_an_example(feel: Feel) -> None:
    [found] = rows(feel, "UNIQUE", [NUMBER, BOOLEAN], [("<= 3", "true", '"x"'), (">= 3", "-", '"y"'), ("< 3", "false", '"z"')])
    assert (found.code, found.element_id, found.severity) == ("rows-overlap", "r2", "warning")
    assert found.line is not None and "in0 = 3, in1 = true" in found.message


def test_rows_that_only_touch_do_not_overlap_and_leave_no_gap(feel: Feel) -> None:
    assert rows(feel, "UNIQUE", [NUMBER], [("< 3", '"x"'), ("[3..5)", '"y"'), (">= 5", '"z"')]) == []


@pytest.mark.parametrize(
    ("column", "cells", "example"),
    [
        (NUMBER, ["< 3", "> 3"], "in0 = 3"),
        (NUMBER, ["<= 3", ">= 4"], "in0 = 3.5"),
        (NUMBER, ["[0..10]"], "in0 = -1"),
        (TEXT, ['"a"', '"b"'], "in0 = any other value"),
        (LEVELS, ['"a"', '"b"'], "in0 = “c”"),
        (("number", "[0..5]"), ["< 5"], "in0 = 5"),
        (BOOLEAN, ["true"], "in0 = false"),
        (DATE, ['< date("2026-01-01")', '> date("2026-01-02")'], "in0 = 2026-01-01"),
        (TEXT, ["not(null)"], "in0 = null"),
        (("number", "[3..3]"), ["(3..3]"], "in0 = 3"),
    ],
)
def test_what_no_row_holds_for_is_told_as_a_row(feel: Feel, column: tuple[str, str], cells: list[str], example: str) -> None:
    [found, *_] = [one for one in rows(feel, "UNIQUE", [column], [(cell, '"x"') for cell in cells]) if one.code != "row-never"]
    assert (found.code, found.element_id, found.severity) == ("table-gap", "D", "warning")
    assert f"No row holds for: {example}." in found.message


@pytest.mark.parametrize(
    ("column", "cells"),
    [
        (WHOLE, ["<= 3", ">= 4"]),
        (LEVELS, ['"a", "b"', '"c"']),
        (LEVELS, ['"a"', 'not("a")']),
        (BOOLEAN, ["true", "false"]),
        (("number", "[0..5]"), ["< 5", "5"]),
        (DATE, ['<= date("2026-01-01")', '>= date("2026-01-02")']),
        (TEXT, ["null", "not(null)"]),
        (NUMBER, ["-"]),
    ],
)
def test_a_table_that_is_complete_is_quiet(feel: Feel, column: tuple[str, str], cells: list[str]) -> None:
    assert rows(feel, "UNIQUE", [column], [(cell, '"x"') for cell in cells]) == []


def test_a_default_output_leaves_no_gap(feel: Feel) -> None:
    assert rows(feel, "FIRST", [NUMBER], [("< 3", '"x"')], default='"y"') == []


def test_a_list_of_hits_may_overlap_and_be_empty(feel: Feel) -> None:
    assert rows(feel, "COLLECT", [NUMBER], [("< 3", '"x"'), ("< 5", '"y"')]) == []


def test_rows_of_an_any_table_may_overlap_when_they_say_the_same(feel: Feel) -> None:
    given = [("-", '"x"'), ("< 5", '"x"'), ("> 7", '"y"')]
    assert told(rows(feel, "ANY", [NUMBER], given)) == [("rows-differ", "r3")]


def test_a_row_that_earlier_rows_cover_never_decides(feel: Feel) -> None:
    given = [("< 3", "-", '"x"'), (">= 3", "true", '"y"'), ("[1..9]", "true", '"z"'), ("-", "-", '"w"')]
    [found] = rows(feel, "FIRST", [NUMBER, BOOLEAN], given)
    assert (found.code, found.element_id, found.severity) == ("row-masked", "r3", "warning")
    assert "(r1, r2)" in found.message


def test_of_a_priority_table_the_row_with_the_weaker_answer_is_masked(feel: Feel) -> None:
    given = [("< 5", '"low"'), ("-", '"high"')]
    assert told(rows(feel, "PRIORITY", [NUMBER], given, priorities='"high", "low"')) == [("row-masked", "r1")]
    assert told(rows(feel, "PRIORITY", [NUMBER], given, priorities='"low", "high"')) == []


def test_a_row_for_a_value_that_is_not_allowed_never_holds(feel: Feel) -> None:
    assert told(rows(feel, "FIRST", [LEVELS], [('"d"', '"x"'), ("-", '"y"')])) == [("row-never", "r1")]


def test_general_expressions_are_not_judged_and_that_is_said(feel: Feel) -> None:
    given = [("? > v1", '"x"'), ("< 3", '"y"')]
    [found] = rows(feel, "UNIQUE", [NUMBER], given)
    assert (found.code, found.severity) == ("table-not-judged", "info") and "r1" in found.message
    masked = rows(feel, "FIRST", [NUMBER], [("-", '"y"'), ("? > v1", '"x"')])
    assert told(masked) == [("row-masked", "r2"), ("table-not-judged", "D")]


def test_a_large_table_is_looked_at_in_bounded_time(feel: Feel) -> None:
    columns = [NUMBER] * 12
    given = [(*(f"[{n * at % 7}..{n * at % 7 + 9}]" for at in range(1, 13)), '"x"') for n in range(120)]
    assert {code for code, _ in told(rows(feel, "FIRST", columns, given))} <= {"table-gap", "row-masked", "table-too-large"}


def test_a_hostile_table_is_given_up_and_that_is_said(feel: Feel) -> None:
    cell = ", ".join(f"[{n}..{n + 1}]" for n in range(0, 300, 2))
    assert told(rows(feel, "FIRST", [NUMBER] * 10, [(*[cell] * 10, '"x"')] * 12)) == [("table-too-large", "D")]


def test_what_is_told_of_random_tables_is_what_going_through_every_value_finds() -> None:
    chance = Random(20261122)
    for _ in range(300):
        given = [(_cell(chance), chance.choice(["-", '"a"', '"a", "b"', 'not("a")', '"c"'])) for _ in range(chance.randint(1, 6))]
        rules = tuple(Row(f"r{n}", None, cells, ()) for n, cells in enumerate(given))
        columns = (Column("n", "integer", "[0..6]"), Column("t", "string", '"a", "b", "c"'))
        grid = grid_of(Table("D", "", None, "FIRST", columns, rules, False, ()))
        places = [(Fraction(number), text) for number in range(7) for text in "abc"]
        hits = {place: {n for n, row in enumerate(given) if all(_holds(c, v) for c, v in zip(row, place, strict=True))} for place in places}
        everything = (1 << len(given)) - 1
        gap = next(uncovered(grid, everything, grid.columns, is_sure=False), None)
        assert (gap is None) == all(hits.values()), given
        for one in range(len(given)):
            masked = all(grid.box(one)) and next(uncovered(grid, (1 << one) - 1, grid.box(one), is_sure=True), None) is None
            own = [hit for hit in hits.values() if one in hit]
            assert masked == (bool(own) and all(min(hit) < one for hit in own)), (given, one)
            for other in range(one + 1, len(given)):
                assert (meeting(grid, one, other) is not None) == any({one, other} <= hit for hit in hits.values()), given


def _cell(chance: Random) -> str:
    low, high = sorted((chance.randint(0, 6), chance.randint(0, 6)))
    return chance.choice(["-", f"<= {low}", f"> {high}", f"[{low}..{high}]", f"({low}..{high}]", f"{low}, {high}", f"not({low})"])


def _holds(cell: str, value: Any) -> bool:
    read = read_cell(cell)
    assert read is not None
    return read.holds(value)

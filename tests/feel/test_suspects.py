"""What a decision says that was stopped: its name, and the cell when only one of its cells computes."""

from __future__ import annotations

import pytest

from engine.feel import Feel, Limits
from engine.feel.problems import FeelFailed
from tests.feel.dmn_texts import decision, definitions, literal, table

LONG = "count(for i in 1..10000000, j in 1..10000000 return i)"
PLAIN = table("", [(["-"], ["1"])])


def stopped(asked: str, *decisions: str) -> FeelFailed:
    feel = Feel(Limits(cpu_seconds=0.1))
    model = feel.parse_decisions(definitions(*decisions).encode(), "m.dmn")
    with pytest.raises(FeelFailed) as caught:
        feel.decide(model, asked, {"x": 1, "level": 1})
    assert caught.value.code == "TIMEOUT"
    return caught.value


def test_the_only_cell_that_computes_is_named_with_its_expression() -> None:
    failed = stopped("d", decision("d", table("", [(["2"], ["1"]), (["-"], [LONG])])))
    assert failed.expression == LONG
    assert "第 2 行" in failed.text() and "(row 2)" in failed.text("en") and "（d）" in failed.text()


def test_of_several_cells_that_compute_none_is_accused() -> None:
    failed = stopped("d", decision("d", table("", [([f"< {LONG}"], ["abs(1)"])])))
    assert failed.expression is None
    assert "（d）" in failed.text() and "行" not in failed.text()


def test_of_a_required_table_both_decisions_are_named() -> None:
    inner = decision("inner", table("", [(["-"], [LONG])]))
    failed = stopped("d", inner, decision("d", PLAIN.replace('"t"', '"u"').replace('"r1"', '"u1"'), "Decision inner"))
    assert failed.expression == LONG
    assert "（d）" in failed.text() and "（inner）" in failed.text()


def test_where_the_logic_is_no_table_only_the_decision_is_named() -> None:
    failed = stopped("d", decision("d", literal(LONG)))
    assert failed.expression is None and "（d）" in failed.text()

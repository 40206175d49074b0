"""Every kind of logic that DMN 1.3 knows, each in a few lines: priorities, defaults, allowed values, services, boxed expressions, types."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from engine.errors import ExpressionFailed
from engine.feel import Feel
from tests.feel.dmn_texts import decision, definitions, literal, table

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def value(feel: Feel, *elements: str, given: dict[str, Any] | None = None, wanted: str = "d") -> Any:
    model = feel.parse_decisions(definitions(*elements).encode(), "sample.dmn")
    return feel.decide(model, wanted, given or {}, NOW).value


def refusal(feel: Feel, *elements: str, given: dict[str, Any]) -> str:
    with pytest.raises(ExpressionFailed) as caught:
        value(feel, *elements, given=given)
    return caught.value.code


def output(name: str, values: str = "", default: str = "") -> str:
    listed = f"<outputValues><text>{values}</text></outputValues>" if values else ""
    entry = f"<defaultOutputEntry><text>{default}</text></defaultOutputEntry>" if default else ""
    return f'<output name="{name}">{listed}{entry}</output>'


# ── tables ──────────────────────────────────────────────────────────────────
TWO = output("grade", '"A", "B"') + output("by", '"x", "y", "z"')
RULES = [([">= 1"], ['"B"', '"x"']), ([">= 1"], ['"A"', '"z"']), ([">= 1"], ['"A"', '"y"'])]


def test_priority_goes_by_the_first_output_then_by_the_next(feel: Feel) -> None:
    first = value(feel, decision("d", table('hitPolicy="PRIORITY"', RULES, outputs=TWO)), given={"level": 1})
    assert first == {"grade": "A", "by": "y"}
    ordered = value(feel, decision("d", table('hitPolicy="OUTPUT ORDER"', RULES, outputs=TWO)), given={"level": 1})
    assert [(row["grade"], row["by"]) for row in ordered] == [("A", "y"), ("A", "z"), ("B", "x")]


@pytest.mark.parametrize("policy", ["UNIQUE", "ANY", "FIRST", "PRIORITY"])
def test_defaults_stand_in_where_no_rule_applies(feel: Feel, policy: str) -> None:
    outputs = output("grade", '"A", "B"', '"B"') + output("days", "", "2 * limit")
    logic = table(f'hitPolicy="{policy}"', [(["> 9"], ['"A"', "1"])], outputs=outputs)
    assert value(feel, decision("d", logic), given={"level": 1, "limit": 5}) == {"grade": "B", "days": 10}


@pytest.mark.parametrize("policy", ["SUM", "MIN", "MAX"])
def test_an_aggregation_of_nothing_is_a_refusal_unless_there_is_a_default(feel: Feel, policy: str) -> None:
    attribute = f'hitPolicy="COLLECT" aggregation="{policy}"'
    assert refusal(feel, decision("d", table(attribute, [(["> 9"], ["1"])])), given={"level": 1}) == "NO_RULE"
    assert value(feel, decision("d", table(attribute, [(["> 9"], ["1"])], outputs=output("n", "", "0"))), given={"level": 1}) == 0


def test_an_output_keeps_to_its_values(feel: Feel) -> None:
    logic = table("", [(["1"], ['"A"']), (["2"], ['"C"'])], outputs=output("grade", '"A", "B"'))
    assert value(feel, decision("d", logic), given={"level": 1}) == {"grade": "A"}
    assert refusal(feel, decision("d", logic), given={"level": 2}) == "INPUT_NOT_ALLOWED"


def test_an_input_keeps_to_the_values_of_its_column(feel: Feel) -> None:
    logic = table("", [(["-"], ["1"])]).replace("</inputExpression>", "</inputExpression><inputValues><text>[1..3]</text></inputValues>")
    assert value(feel, decision("d", logic), given={"level": 3}) == {"days": 1}
    assert refusal(feel, decision("d", logic), given={"level": 4}) == "INPUT_NOT_ALLOWED"


@pytest.mark.parametrize(("level", "wanted", "hits"), [(True, True, 1), (False, False, 1), (False, True, 0), (3, 3, 1)])
def test_a_variable_alone_in_a_cell_is_the_value_to_be_equal_to(feel: Feel, level: Any, wanted: Any, hits: int) -> None:
    logic = table('hitPolicy="COLLECT" aggregation="COUNT"', [(["facts.wanted"], ["1"])])
    assert value(feel, decision("d", logic), given={"level": level, "facts": {"wanted": wanted}}) == hits


# ── the graph ───────────────────────────────────────────────────────────────
DOUBLE = (
    '<businessKnowledgeModel id="k" name="double"><variable name="double"/><encapsulatedLogic><formalParameter name="n" typeRef="number"/>'
    + literal("n * 2")
    + "</encapsulatedLogic></businessKnowledgeModel>"
)
KNOWS = '<knowledgeRequirement><requiredKnowledge href="#{}"/></knowledgeRequirement>'


def test_a_knowledge_model_is_invoked_by_boxes_and_may_use_another(feel: Feel) -> None:
    four = (
        f'<businessKnowledgeModel id="q" name="four"><encapsulatedLogic><formalParameter name="n"/>{literal("double(double(n))")}'
        f"</encapsulatedLogic>{KNOWS.format('k')}</businessKnowledgeModel>"
    )
    call = f'<invocation>{literal("four")}<binding><parameter name="n"/>{literal("x + 1")}</binding></invocation>'
    asked = f'<decision id="d" name="d">{KNOWS.format("q")}{call}</decision>'
    assert value(feel, DOUBLE, four, asked, given={"x": 2}) == 12


def test_a_knowledge_model_may_be_a_table(feel: Feel) -> None:
    logic = table('hitPolicy="FIRST"', [(['"a"'], ["10"]), (["-"], ["20"])])
    fee = (
        '<businessKnowledgeModel id="k" name="fee"><encapsulatedLogic><formalParameter name="level"/>'
        + logic
        + "</encapsulatedLogic></businessKnowledgeModel>"
    )
    asked = f'<decision id="d" name="d">{KNOWS.format("k")}{literal("""fee("a") + fee("b")""")}</decision>'
    assert value(feel, fee, asked) == 30


def test_a_decision_service_takes_decisions_as_given_and_gives_several_outputs(feel: Feel) -> None:
    elements = (
        '<inputData id="i" name="n"/>',
        decision("base", literal("n + 1"), "Input i"),
        decision("one", literal("base * 10"), "Decision base"),
        decision("two", literal("base * 100"), "Decision base"),
        '<decisionService id="s" name="s"><outputDecision href="#one"/><outputDecision href="#two"/>'
        '<inputDecision href="#base"/></decisionService>',
        '<decision id="d" name="d"><knowledgeRequirement><requiredKnowledge href="#s"/></knowledgeRequirement>'
        + literal("s(7).two")
        + "</decision>",
    )
    assert value(feel, *elements, given={"base": 5, "n": 0}, wanted="s") == {"one": 50, "two": 500}
    assert value(feel, *elements, given={"n": 0}) == 700


# ── boxed expressions ───────────────────────────────────────────────────────
def test_boxed_lists_functions_and_iterations_are_computed(feel: Feel) -> None:
    assert value(feel, decision("d", f"<list>{literal('x')}{literal('x + 1')}</list>"), given={"x": 1}) == [1, 2]
    function = f'<functionDefinition><formalParameter name="a"/>{literal("a * x")}</functionDefinition>'
    context = (
        f'<context><contextEntry><variable name="f"/>{function}</contextEntry><contextEntry>{literal("f(3)")}</contextEntry></context>'
    )
    assert value(feel, decision("d", context), given={"x": 2}) == 6
    for kind, expected in (("some", True), ("every", False)):
        boxed = f'<{kind} iteratorVariable="i"><in>{literal("xs")}</in><satisfies>{literal("i > 1")}</satisfies></{kind}>'
        assert value(feel, decision("d", boxed), given={"xs": [1, 2]}) is expected


# ── types ───────────────────────────────────────────────────────────────────
LINES = (
    '<itemDefinition name="tLine"><itemComponent name="code"><typeRef>string</typeRef><allowedValues><text>"a", "b"</text></allowedValues>'
    '</itemComponent><itemComponent name="n"><typeRef>number</typeRef></itemComponent></itemDefinition>'
    '<itemDefinition name="tLines" isCollection="true"><typeRef>tLine</typeRef></itemDefinition>'
    '<inputData id="i" name="lines"><variable name="lines" typeRef="tLines"/></inputData>'
)


@pytest.mark.parametrize("line", [{"code": "c", "n": 1}, {"code": "a", "n": "1"}, {"code": "a"}], ids=["value", "type", "missing part"])
def test_a_list_of_structures_keeps_to_its_type(feel: Feel, line: dict[str, Any]) -> None:
    asked = decision("d", literal("sum(lines.n)"), "Input i")
    assert value(feel, LINES, asked, given={"lines": [{"code": "a", "n": 1}, {"code": "b", "n": 2}]}) == 3
    assert refusal(feel, LINES, asked, given={"lines": [line]}) == "TYPE_MISMATCH"


def test_a_constraint_of_a_type_holds_for_the_whole_list(feel: Feel) -> None:
    few = (
        '<itemDefinition name="tFew" isCollection="true"><typeRef>number</typeRef>'
        "<typeConstraint><text>count(?) &lt; 3</text></typeConstraint>"
        '</itemDefinition><inputData id="i" name="xs"><variable name="xs" typeRef="tFew"/></inputData>'
    )
    assert value(feel, few, decision("d", literal("sum(xs)"), "Input i"), given={"xs": [1, 2]}) == 3
    assert refusal(feel, few, decision("d", literal("sum(xs)"), "Input i"), given={"xs": [1, 2, 3]}) == "TYPE_MISMATCH"

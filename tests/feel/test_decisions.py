"""DMN: hit policies, types, graphs, boxed expressions; what a table refuses, and what is refused at deployment."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from engine.clock import LOCAL_ZONE
from engine.errors import ExpressionFailed, Finding, InvalidDefinition
from engine.feel import DecisionModel, DecisionOutcome, Feel, FeelFailed
from tests.feel.dmn_texts import decision, definitions, literal, table
from tests.feel.translated import require_translated

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=LOCAL_ZONE)


def parsed(feel: Feel, *elements: str) -> DecisionModel:
    return feel.parse_decisions(definitions(*elements).encode(), "sample.dmn")


def decide(feel: Feel, logic: str, variables: dict[str, Any]) -> DecisionOutcome:
    return feel.decide(parsed(feel, decision("d", logic)), "d", variables, NOW)


def refused(feel: Feel, logic: str, variables: dict[str, Any]) -> ExpressionFailed:
    with pytest.raises(ExpressionFailed) as caught:
        decide(feel, logic, variables)
    return caught.value


GRADES = [(['"重大"'], ["30"]), (['"复杂"'], ["15"]), (["-"], ["5"])]
OVERLAP = [([">= 1"], ["1"]), ([">= 2"], ["2"]), ([">= 3"], ["3"])]


def test_a_table_gives_its_outputs_by_name_and_the_rule_that_gave_them(feel: Feel) -> None:
    outcome = decide(feel, table('hitPolicy="FIRST"', GRADES), {"level": "复杂", "other": 1})
    assert outcome.value == {"days": 15}
    assert outcome.hits == ("r2",)
    assert outcome.inputs == {"level": "复杂"}
    assert outcome.outputs == ({"days": 15},)
    assert outcome.trace == (("d", ("r2",)),)


@pytest.mark.parametrize(
    ("policy", "value", "hits"),
    [
        ('hitPolicy="FIRST"', {"days": 1}, ("r1",)),
        ('hitPolicy="PRIORITY"', {"days": 3}, ("r3",)),
        ('hitPolicy="RULE ORDER"', [{"days": 1}, {"days": 2}, {"days": 3}], ("r1", "r2", "r3")),
        ('hitPolicy="OUTPUT ORDER"', [{"days": 3}, {"days": 2}, {"days": 1}], ("r3", "r2", "r1")),
        ('hitPolicy="COLLECT"', [{"days": 1}, {"days": 2}, {"days": 3}], ("r1", "r2", "r3")),
        ('hitPolicy="COLLECT" aggregation="SUM"', 6, ("r1", "r2", "r3")),
        ('hitPolicy="COLLECT" aggregation="MIN"', 1, ("r1", "r2", "r3")),
        ('hitPolicy="COLLECT" aggregation="MAX"', 3, ("r1", "r2", "r3")),
        ('hitPolicy="COLLECT" aggregation="COUNT"', 3, ("r1", "r2", "r3")),
    ],
)
def test_each_hit_policy_makes_of_three_rules_what_it_should(feel: Feel, policy: str, value: Any, hits: tuple[str, ...]) -> None:
    outputs = '<output name="days"><outputValues><text>3, 2, 1</text></outputValues></output>'
    outcome = decide(feel, table(policy, OVERLAP, outputs=outputs), {"level": 5})
    assert (outcome.value, outcome.hits) == (value, hits)


def test_any_accepts_several_rules_that_agree_and_refuses_others(feel: Feel) -> None:
    agree = table('hitPolicy="ANY"', [([">= 1"], ["7"]), ([">= 2"], ["7"])])
    assert decide(feel, agree, {"level": 5}).value == {"days": 7}
    assert refused(feel, table('hitPolicy="ANY"', OVERLAP), {"level": 5}).code == "NOT_ANY"


def test_unique_names_the_rules_that_overlap_and_the_inputs(feel: Feel) -> None:
    error = refused(feel, table("", OVERLAP), {"level": 2})
    assert error.code == "NOT_UNIQUE"
    for word in ("“d”", "r1、r2", "level = 2"):
        assert word in str(error)


def test_no_rule_matching_names_decision_and_inputs(feel: Feel) -> None:
    error = refused(feel, table("", GRADES[:2]), {"level": "简单"})
    assert error.code == "NO_RULE"
    assert "“d”" in str(error)
    assert 'level = "简单"' in str(error)


def test_collect_without_a_match_is_an_empty_list_and_count_zero(feel: Feel) -> None:
    assert decide(feel, table('hitPolicy="COLLECT"', OVERLAP), {"level": 0}).value == []
    assert decide(feel, table('hitPolicy="COLLECT" aggregation="COUNT"', OVERLAP), {"level": 0}).value == 0


def test_a_default_output_is_used_when_no_rule_matches(feel: Feel) -> None:
    outputs = '<output name="days"><defaultOutputEntry><text>5</text></defaultOutputEntry></output>'
    outcome = decide(feel, table("", GRADES[:2], outputs=outputs), {"level": "简单"})
    assert outcome.value == {"days": 5}
    assert outcome.hits == ()


def test_several_outputs_and_dashes(feel: Feel) -> None:
    outputs = '<output name="grade"/><output name="by"/>'
    rules = [(["-", "true"], ['"重大"', '"组长"']), ([">= 2", "-"], ['"复杂"', '"科长"'])]
    outcome = decide(feel, table('hitPolicy="FIRST"', rules, inputs=("count", "upgrade"), outputs=outputs), {"count": 3, "upgrade": False})
    assert outcome.value == {"grade": "复杂", "by": "科长"}


@pytest.mark.parametrize(
    ("cell", "value", "matches"),
    [
        ('"甲", "乙"', "乙", True),
        ('not("甲")', "乙", True),
        ("[2..4]", 4, True),
        ("(2..4)", 4, False),
        ("> limit", 6, True),
        ("? > 3 and ? < 5", 4, True),
        ("null", None, True),
        (">= 2", None, False),
        ("5", "5", False),
        ('date("2026-01-01")', date(2026, 1, 1), True),
        ("list contains(?, 1)", [1, 2], True),
        ("count(?) > 1", [1, 2], True),
        ("true", True, True),
        ("false", None, False),
    ],
)
def test_a_cell_matches(feel: Feel, cell: str, value: Any, matches: bool) -> None:
    logic = table('hitPolicy="COLLECT" aggregation="COUNT"', [([cell], ["1"])])
    assert decide(feel, logic, {"level": value, "limit": 5}).value == int(matches)


def test_a_mistake_in_a_cell_names_decision_rule_and_column(feel: Feel) -> None:
    error = refused(feel, table("", [(["> limt"], ["1"])]), {"level": 3, "limit": 5})
    for word in ("“d”", "r1", "输入 1“level”", "找不到变量“limt”", "“limit”"):
        assert word in str(error)


def test_a_missing_input_is_named(feel: Feel) -> None:
    model = parsed(feel, '<inputData id="i" name="level"/>', decision("d", table("", GRADES), "Input i"))
    with pytest.raises(ExpressionFailed, match="缺少输入“level”") as caught:
        feel.decide(model, "d", {"levl": 1})
    assert caught.value.code == "MISSING_INPUT"


def test_an_unknown_decision_is_named(feel: Feel) -> None:
    with pytest.raises(ExpressionFailed, match="没有决策“DT9”"):
        feel.decide(parsed(feel, decision("DT1", literal("1"))), "DT9", {})


def test_a_wrong_type_is_refused(feel: Feel) -> None:
    model = parsed(
        feel, '<inputData id="i" name="n"><variable name="n" typeRef="number"/></inputData>', decision("d", literal("n + 1"), "Input i")
    )
    assert feel.decide(model, "d", {"n": 1}).value == 2
    with pytest.raises(ExpressionFailed, match="应为 number"):
        feel.decide(model, "d", {"n": "1"})


def test_iso_text_becomes_a_date_where_the_model_asks_for_one(feel: Feel) -> None:
    model = parsed(
        feel,
        '<inputData id="i" name="on"><variable name="on" typeRef="date"/></inputData>',
        decision("d", literal('on + duration("P5D")'), "Input i"),
    )
    assert feel.decide(model, "d", {"on": "2026-02-26"}).value == date(2026, 3, 3)
    with pytest.raises(ExpressionFailed, match="应为 date"):
        feel.decide(model, "d", {"on": "morgen"})


def test_allowed_values_of_types_and_columns_hold(feel: Feel) -> None:
    grade = (
        '<itemDefinition name="tGrade"><typeRef>string</typeRef><allowedValues><text>"简单", "复杂"</text></allowedValues></itemDefinition>'
    )
    model = parsed(
        feel, grade, '<inputData id="i" name="g"><variable name="g" typeRef="tGrade"/></inputData>', decision("d", literal("g"), "Input i")
    )
    assert feel.decide(model, "d", {"g": "复杂"}).value == "复杂"
    with pytest.raises(ExpressionFailed):
        feel.decide(model, "d", {"g": "难"})


def test_a_decision_uses_the_decisions_it_requires_and_the_trace_tells(feel: Feel) -> None:
    base = decision("base", table("", [(['"a"'], ["10"])], outputs='<output name="fee"/>'))
    total = decision("total", literal("base * 2"), "Decision base")
    outcome = feel.decide(parsed(feel, base, total), "total", {"level": "a"})
    assert outcome.value == 20
    assert outcome.trace == (("base", ("r1",)),)


def test_knowledge_models_and_services_are_functions(feel: Feel) -> None:
    model = parsed(
        feel,
        '<businessKnowledgeModel id="k" name="double"><encapsulatedLogic><formalParameter name="x" typeRef="number"/>'
        + literal("x * 2")
        + "</encapsulatedLogic></businessKnowledgeModel>",
        '<decision id="d" name="d"><knowledgeRequirement><requiredKnowledge href="#k"/></knowledgeRequirement>'
        + literal("double(n) + 1")
        + "</decision>",
        '<inputData id="i" name="n"/>',
        '<decisionService id="s" name="s"><outputDecision href="#d"/><inputData href="#i"/></decisionService>',
    )
    assert feel.decide(model, "d", {"n": 3}).value == 7
    assert feel.decide(model, "s", {"n": 4}).value == 9
    assert feel.decide(model, "k", {"x": 4}).value == 8


def test_boxed_expressions_are_computed(feel: Feel) -> None:
    rows = "".join(f"<row>{literal(a)}{literal(b)}</row>" for a, b in (('"甲"', "1"), ('"乙"', "2")))
    relation = f'<relation><column name="n"/><column name="v"/>{rows}</relation>'
    inner = f"<filter><in>{relation}</in><match>{literal('v > 1')}</match></filter>"
    entry = f'<contextEntry><variable name="big"/>{inner}</contextEntry>'
    context = f"<context>{entry}<contextEntry>{literal('big[1].n')}</contextEntry></context>"
    assert decide(feel, context, {}).value == "乙"
    choice = f"<conditional><if>{literal('x > 1')}</if><then>{literal('more')}</then><else>{literal('less')}</else></conditional>"
    assert decide(feel, choice, {"x": 2, "more": "多", "less": "少"}).value == "多"
    loop = f'<for iteratorVariable="i"><in>{literal("xs")}</in><return>{literal("i * i")}</return></for>'
    assert decide(feel, loop, {"xs": [1, 2, 3]}).value == [1, 4, 9]


def test_a_function_that_calls_itself_without_end_is_stopped(feel: Feel) -> None:
    model = parsed(
        feel,
        '<businessKnowledgeModel id="k" name="f"><encapsulatedLogic><formalParameter name="x"/>'
        + literal("f(x)")
        + "</encapsulatedLogic></businessKnowledgeModel>",
        '<decision id="d" name="d"><knowledgeRequirement><requiredKnowledge href="#k"/></knowledgeRequirement>'
        + literal("f(1)")
        + "</decision>",
    )
    with pytest.raises(ExpressionFailed):
        feel.decide(model, "d", {})
    assert feel.evaluate("1", {}) == 1


def test_now_in_a_table_is_the_given_moment(feel: Feel) -> None:
    assert decide(feel, table("", [(["< now()"], ["1"])]), {"level": datetime(2026, 11, 23, 9, 59, tzinfo=LOCAL_ZONE)}).value == {"days": 1}


def test_two_columns_with_one_label_are_told_apart(feel: Feel) -> None:
    logic = table("", [(["-", "-"], ["1"])], inputs=("a", "b")).replace('label="b"', 'label="a"')
    assert decide(feel, logic, {"a": 1, "b": 2}).inputs == {"a": 1, "a (2)": 2}


def test_types_with_the_prefix_of_old_versions_are_understood(feel: Feel) -> None:
    source = definitions(
        '<inputData id="i" name="n"><variable name="n" typeRef="feel:number"/></inputData>', decision("d", literal("n"), "Input i")
    )
    source = source.replace("<definitions ", '<definitions xmlns:feel="http://www.omg.org/FEEL" ')
    assert feel.decide(feel.parse_decisions(source.encode(), "old.dmn"), "d", {"n": 1}).value == 1


def test_names_with_spaces_and_chinese_names_work(feel: Feel) -> None:
    model = parsed(
        feel,
        '<inputData id="i" name="Base fee"/>',
        '<inputData id="j" name="部门数"/>',
        decision("d", literal("Base fee * 部门数"), "Input i", "Input j"),
    )
    assert feel.decide(model, "d", {"Base fee": 3, "部门数": 4}).value == 12


def test_the_model_tells_its_tables(feel: Feel) -> None:
    noted = table('hitPolicy="FIRST"', GRADES).replace("</rule>", "<annotationEntry><text>依据第三条</text></annotationEntry></rule>", 1)
    model = parsed(feel, decision("DT02", noted))
    [info] = model.decisions
    assert (model.namespace, info.id, info.hit_policy, info.line) == ("urn:m", "DT02", "FIRST", 3)
    assert info.inputs == (("level", "level"),)
    assert info.outputs == ("days",)
    assert [(rule.id, rule.description, rule.inputs, rule.outputs) for rule in info.rules][:2] == [
        ("r1", "依据第三条", ('"重大"',), ("30",)),
        ("r2", "", ('"复杂"',), ("15",)),
    ]


def findings(feel: Feel, source: bytes) -> list[Finding]:
    with pytest.raises(InvalidDefinition) as caught:
        feel.parse_decisions(source, "sample.dmn")
    assert all(finding.file == "sample.dmn" and finding.message and finding.remedy for finding in caught.value.findings)
    with pytest.raises(InvalidDefinition) as english:
        feel.parse_decisions(source, "sample.dmn", "en")
    require_translated(caught.value, english.value)
    return list(caught.value.findings)


LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
XXE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("source", "code", "line"),
    [
        (b"", "dmn.not_xml", 1),
        (b"<definitions>\n<decision></definitions>", "dmn.not_xml", 2),
        (b"<html/>", "dmn.root", 1),
        (LAUGHS.encode() + b"<x>&b;</x>", "dmn.doctype", 1),
        (b"\n" + XXE.encode() + b"<x>&a;</x>", "dmn.doctype", 2),
        (b'<?xml version="1.0" encoding="GBK"?><x/>', "dmn.encoding", 1),
        ('<?xml version="1.0"?>\n<x name="分级"/>'.encode("gbk"), "dmn.encoding", 2),
        (definitions(decision("d", literal("1"))).encode("utf-16"), "dmn.encoding", 1),
        (b" " * ((3 << 20) + 1), "dmn.too_large", None),
        (definitions().encode(), "dmn.no_decision", 2),
        (definitions('<decision id="d" name="d"/>').encode(), "dmn.no_logic", 3),
        (definitions(decision("d", literal("1"), "Input nowhere")).encode(), "dmn.missing_requirement", 3),
        (definitions(decision("d", literal("d"), "Decision d")).encode(), "dmn.cycle", 3),
        (definitions(decision("d", literal("1"), variable='<variable name="d" typeRef="nummer"/>')).encode(), "dmn.unknown_type", 3),
        (definitions(decision("d", literal("1")), decision("d", literal("2"))).encode(), "dmn.duplicate_id", 4),
        (definitions(decision("d", table('hitPolicy="BEST"', GRADES))).encode(), "dmn.hit_policy", 3),
        (definitions(decision("d", table('hitPolicy="PRIORITY"', GRADES))).encode(), "dmn.no_priority", 3),
        (definitions(decision("d", table('hitPolicy="FIRST" aggregation="SUM"', GRADES))).encode(), "dmn.aggregation", 3),
        (definitions(decision("d", table("", [], outputs='<output name="a"/><output name="a"/>'))).encode(), "dmn.duplicate_output", 3),
        (definitions('<import name="x" namespace="y" importType="z"/>', decision("d", literal("1"))).encode(), "dmn.import", 3),
    ],
)  # fmt: skip
def test_a_file_that_cannot_work_is_refused_with_its_line(feel: Feel, source: bytes, code: str, line: int | None) -> None:
    assert (code, line) in [(finding.code, finding.line) for finding in findings(feel, source)]


def test_a_broken_cell_names_rule_and_column(feel: Feel) -> None:
    [finding] = findings(feel, definitions(decision("d", table("", [(['"a"'], ["1"]), (['= "b" &&'], ["2"])]))).encode())
    assert (finding.code, finding.element_id, finding.element_name) == ("dmn.feel", "r2", "d")
    assert "第 2 行" in finding.message
    assert "第 1 列输入“level”" in finding.message


def test_a_rule_with_too_few_cells_is_named(feel: Feel) -> None:
    [finding] = findings(feel, definitions(decision("d", table("", [(["1"], ["1"]), ([], ["2"])]))).encode())
    assert (finding.code, finding.element_id) == ("dmn.rule_entries", "r2")


def test_another_expression_language_is_refused(feel: Feel) -> None:
    source = definitions(decision("d", '<literalExpression expressionLanguage="javascript"><text>1</text></literalExpression>'))
    assert [finding.code for finding in findings(feel, source.encode())] == ["dmn.language"]


def test_everything_to_mend_is_told_at_once(feel: Feel) -> None:
    source = definitions(decision("d", table('hitPolicy="BEST"', [(["len(x) > 1"], ["1"]), (['= "b" &&'], [])])))
    assert {finding.code for finding in findings(feel, source.encode())} == {"dmn.hit_policy", "dmn.feel", "dmn.rule_entries"}


PERSON = (
    '<itemDefinition name="tPerson"><itemComponent name="born"><typeRef>date</typeRef></itemComponent>'
    '<itemComponent name="age"><typeRef>number</typeRef></itemComponent></itemDefinition>'
    '<inputData id="p" name="person"><variable name="person" typeRef="tPerson"/></inputData>'
)


def test_iso_text_inside_a_structure_is_read_as_the_type_says(feel: Feel) -> None:
    model = parsed(feel, PERSON, decision("d", literal("person.born.year + person.age"), "Input p"))
    assert feel.decide(model, "d", {"person": {"born": "1990-05-01", "age": 3}}).value == 1993


def test_a_named_type_of_the_model_is_known_to_instance_of(feel: Feel) -> None:
    model = parsed(
        feel, PERSON, decision("d", literal('[{ born: date("1990-05-01"), age: 3 } instance of tPerson, 3 instance of tPerson]'))
    )
    assert feel.decide(model, "d", {}).value == [True, False]


def test_mistakes_may_be_null_as_in_the_standard(feel: Feel) -> None:
    lenient = Feel(mistakes="null")
    elements = (decision("d", literal('{ a: 1 + "x", b: nothing, c: 2 }')),)
    assert lenient.decide(parsed(lenient, *elements), "d", {}).value == {"a": None, "b": None, "c": 2}
    with pytest.raises(ExpressionFailed):
        feel.decide(parsed(feel, *elements), "d", {})


@pytest.mark.parametrize(("kind", "cell", "is_refused"), [
    ("number", '"5"', True), ("string", "5, 6", True), ("string", '"5"', False), ("number", "> 5", False), ("Any", '"5"', False),
])  # fmt: skip
def test_a_cell_that_can_never_equal_its_column_is_refused_at_deployment(feel: Feel, kind: str, cell: str, is_refused: bool) -> None:
    logic = table("", [([cell], ["1"])]).replace("<inputExpression>", f'<inputExpression typeRef="{kind}">')
    if not is_refused:
        assert parsed(feel, decision("d", logic))
        return
    with pytest.raises(InvalidDefinition) as caught:
        parsed(feel, decision("d", logic))
    [finding] = caught.value.findings
    assert (finding.code, finding.element_id) == ("dmn.cell_type", "r1")


def test_a_refusal_of_a_decision_can_be_read_in_english(feel: Feel) -> None:
    error = refused(feel, table("", OVERLAP), {"level": 2})
    assert isinstance(error, FeelFailed)
    english = error.text("en")
    assert english.startswith("decision “d” (d): The hit policy is UNIQUE but several rules apply: r1, r2. Inputs: level = 2.")
    cell = refused(feel, table("", [(["> 1"], ['"a" + 1'])]), {"level": 2})
    assert isinstance(cell, FeelFailed)
    assert "rule r1 (row 1), output 1 “days”: Cannot add text" in cell.text("en")
    assert cell.position == 4

"""What the decision tables decide, row by row; and that desktop modelers can open them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from engine.errors import ExpressionFailed
from engine.feel import DecisionModel

from .conftest import PROCESSES, Decide
from .probes import PROBES, candidates, card, grading, rated, triage

FILES = sorted(PROCESSES.glob("DT*.dmn"))
ROWS = [(table, row) for table, probes in PROBES.items() for row in probes]
#: Tables in which several rows may hit.
COLLECTING = {file.name.split("_")[0] for file in FILES if 'hitPolicy="COLLECT"' in file.read_text("utf-8")}
LIMIT = re.compile(r"[1-9]\d*工作小时|[1-9]\d*个工作日|[1-9]\d*小时\(自然\)|[1-9]\d*个自然日|当日")
DMN = {
    "d": "https://www.omg.org/spec/DMN/20191111/MODEL/",
    "di": "https://www.omg.org/spec/DMN/20191111/DMNDI/",
}
CAMUNDA = "{http://camunda.org/schema/1.0/dmn}"


def test_every_table_has_a_probe_for_each_of_its_rows(tables: dict[str, DecisionModel]) -> None:
    rows = {name: [rule.id for rule in model.decisions[0].rules] for name, model in tables.items()}
    assert rows == {name: list(probes) for name, probes in PROBES.items()}


@pytest.mark.parametrize(("table", "row"), ROWS)
def test_a_probe_hits_its_row_and_no_other(decide: Decide, table: str, row: str) -> None:
    hits = decide(table, PROBES[table][row]).hits
    assert hits == (row,) or (table in COLLECTING and row in hits)


@pytest.mark.parametrize("row", ["T10", "T11", "T12", "T13"])
def test_the_four_accepting_rows_of_triage_give_the_same_outcome(decide: Decide, row: str) -> None:
    assert decide("DT01", PROBES["DT01"][row]).value["outcome"] == "accept"


def test_each_other_row_of_triage_has_its_own_outcome(decide: Decide) -> None:
    others = [decide("DT01", facts).value["outcome"] for row, facts in PROBES["DT01"].items() if row not in ("T10", "T11", "T12", "T13")]
    assert others == [
        "emergency", "complaint", "merge", "no_further", "refuse", "cross_region", "suggestion", "guide", "negative_report", "manual",
    ]  # fmt: skip


def test_an_emergency_goes_before_everything_else(decide: Decide) -> None:
    facts = triage(emergency=True, nature="投诉", has_open_case=True, negative_code="N01")
    assert decide("DT01", facts).value == {
        "conclusion": "转紧急热线(N10)",
        "next_step": "结束;登记分流记录",
        "notice": "MSG-02",
        "outcome": "emergency",
    }


@pytest.mark.parametrize("code", ["-", None])
def test_no_entry_of_the_negative_list_is_no_refusal(decide: Decide, code: str | None) -> None:
    assert decide("DT01", triage(negative_code=code, department_count=3)).hits == ("T11",)


def test_an_entry_added_to_the_negative_list_later_is_a_refusal_too(decide: Decide) -> None:
    assert decide("DT01", triage(negative_code="N13")).hits == ("T05",)


def test_a_triage_without_all_facts_is_refused_instead_of_guessed(decide: Decide) -> None:
    facts = triage()
    del facts["triage_facts"]["has_policy_room"]
    with pytest.raises(ExpressionFailed, match="has_policy_room"):
        decide("DT01", facts)


@pytest.mark.parametrize(("fact", "value"), [("nature", "咨询"), ("cause", "天气")])
def test_a_code_outside_its_list_is_refused(decide: Decide, fact: str, value: str) -> None:
    with pytest.raises(ExpressionFailed, match=value):
        decide("DT01", triage(**{fact: value}))


def test_a_grade_is_what_a_second_failed_coordination_makes_it(decide: Decide) -> None:
    before, after = (decide("DT02", grading(department_count=3, coordination_count=n)).value["level"] for n in (1, 2))
    assert (before, after) == ("复杂", "重大")


def test_a_grading_without_all_facts_is_refused_instead_of_called_simple(decide: Decide) -> None:
    facts = grading()
    del facts["grading_facts"]["department_count"]
    with pytest.raises(ExpressionFailed, match="department_count"):
        decide("DT02", facts)


@pytest.mark.parametrize(
    ("level", "limits"),
    [
        ("简单", ["1工作小时", "4工作小时", "当日", "1个工作日", "3个工作日"]),
        ("复杂", ["1工作小时", "1个工作日", "24小时(自然)", "3个工作日", "7个工作日"]),
        ("重大", ["1工作小时", "1个工作日", "1个工作日", "5个工作日", "15个工作日"]),
    ],
)
def test_the_five_limits_of_a_grade(decide: Decide, level: str, limits: list[str]) -> None:
    value = decide("DT03", {"grade": {"level": level}}).value
    assert [value[name] for name in ("respond", "sign", "start", "conclude", "finish")] == limits


def test_every_limit_is_a_text_the_calendar_understands(decide: Decide) -> None:
    grades = [decide("DT03", facts).value for facts in PROBES["DT03"].values()]
    limits = [grade[name] for grade in grades for name in ("respond", "sign", "start", "conclude", "finish")]
    limits += [limit for facts in PROBES["DT07"].values() if (limit := decide("DT07", facts).value["limit"])]
    assert [limit for limit in limits if not LIMIT.fullmatch(limit)] == []


def test_the_responsibility_list_names_the_lead_before_any_other_source(decide: Decide) -> None:
    facts = candidates(responsibility="D06", one_thing="D01", first_received="D02")
    assert decide("DT05", facts).value == {"lead_department": "D06", "basis": "法律或权责清单明确牵头部门"}


def test_without_a_candidate_the_lead_is_ruled_on(decide: Decide) -> None:
    assert decide("DT05", candidates()).value == {"lead_department": None, "basis": "责任裁定"}


@pytest.mark.parametrize(
    ("facts", "code", "limit"),
    [
        (rated(5), "archive", None),
        (rated(0), "default_archive", "7个自然日"),
        (rated(1), "verify", "1个工作日"),
        (rated(1, "恶意"), "review", "3个工作日"),
        (rated(2, "不属实"), "explain_disagree", "3个工作日"),
        (rated(2, "属实", "缺", "清楚"), "explain", "5个工作日"),
        (rated(2, "部分属实", "有", "清楚"), "rectify_now", "5个工作日"),
        (rated(1, "属实", "有", "复杂"), "rectify_plan", "15个工作日"),
        (rated(1, "属实", "有", "复杂", reopened=2), "escalate", "1个工作日"),
    ],
)
def test_what_follows_a_rating(decide: Decide, facts: dict[str, Any], code: str, limit: str | None) -> None:
    value = decide("DT07", facts).value
    assert (value["code"], value["limit"]) == (code, limit)


def test_a_rating_nobody_has_verified_yet_needs_no_further_facts(decide: Decide) -> None:
    assert decide("DT07", {"rating": {"level": 2}, "reopen_count": 0, "verification": {}}).value["code"] == "verify"


@pytest.mark.parametrize("level", [0, 1, 2, 3, 4, 5])
@pytest.mark.parametrize("verdict", ["未核实", "属实", "部分属实", "不属实", "误评", "恶意"])
@pytest.mark.parametrize("situation", ["清楚", "复杂"])
def test_no_rating_stays_without_an_action(decide: Decide, level: int, verdict: str, situation: str) -> None:
    assert all(decide("DT07", rated(level, verdict, basis, situation)).hits for basis in ("有", "缺"))


@pytest.mark.parametrize(
    ("facts", "code", "lamp"),
    [
        ({}, "green", "绿灯"),
        ({"remaining_ratio": 0.1}, "warning", "黄灯预警"),
        ({"sign_overdue": True}, "yellow_step", "黄牌(环节)"),
        ({"overdue_days": 2}, "yellow", "黄牌"),
        ({"overdue_days": 3, "sign_overdue": True}, "red", "红牌"),
        ({"absences": 2}, "red", "红牌"),
    ],
)
def test_lamps_and_cards(decide: Decide, facts: dict[str, Any], code: str, lamp: str) -> None:
    value = decide("DT08", card(**facts)).value
    assert (value["code"], value["lamp"]) == (code, lamp)


def test_a_fact_that_is_not_given_brings_no_card(decide: Decide) -> None:
    assert decide("DT08", {"card_facts": {}}).value["code"] == "green"
    assert decide("DT08", {"card_facts": {"sign_overdue": True}}).value["code"] == "yellow_step"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_table_opens_in_a_desktop_modeler(file: Path) -> None:
    root = etree.parse(file).getroot()
    decision = root.find("d:decision", DMN)
    assert root.tag == f"{{{DMN['d']}}}definitions"
    assert decision.get("id") == file.name[:4]
    assert decision.get(f"{CAMUNDA}historyTimeToLive")
    drawn = {shape.get("dmnElementRef") for shape in root.iterfind(".//di:DMNShape", DMN)}
    assert drawn == {node.get("id") for node in root if node.tag.rpartition("}")[2] in ("decision", "inputData")}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_row_names_its_source_and_every_column_has_a_chinese_label(file: Path) -> None:
    table = etree.parse(file).getroot().find(".//d:decisionTable", DMN)
    labels = [column.get("label") for column in table if column.tag.rpartition("}")[2] in ("input", "output")]
    assert all(re.search(r"[一-鿿]", label) for label in labels)
    assert all(rule.findtext("d:description", namespaces=DMN) for rule in table.iterfind("d:rule", DMN))
    assert table.get("hitPolicy") in ("FIRST", "COLLECT")

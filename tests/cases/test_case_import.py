"""Importing cases: through the real processes at their stated times, repeatable, all or nothing when the file is wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select

from engine import runtime
from engine.actors import SYSTEM
from engine.assembly import Engine
from engine.case_opening import CASE_VARIABLES
from engine.clock import as_local
from engine.commands import case_import
from engine.db.case_tables import Case
from engine.errors import InvalidDefinition
from engine.queries import case_report
from tests.conftest import shared_data

RECORD = {
    "id": "K90",
    "received": "2026-11-26T16:50",
    "channel": "现场",
    "party": "企业",
    "name": "示例·测试公司",
    "matter": "M10",
    "text": "跨省投资项目三级部门都等上级,没有人动。",
    "triage_input": {"涉及部门数": 4, "原因": "部门不协调"},
    "grade_input": {"涉及政府层级数": 3, "涉及部门数": 4, "跨区域": "跨省"},
}


def read(*records: Any) -> tuple[case_import.CaseRecord, ...]:
    return case_import.read_cases(json.dumps(list(records), ensure_ascii=False, indent=1).encode(), "cases.json")


def test_the_sample_cases_get_exactly_the_rows_and_times_they_state(engine: Engine) -> None:
    path = shared_data("cases.json")
    if path is None:
        pytest.skip("the sample cases lie beside the project only where it is developed")
    expected = json.loads(path.read_text("utf-8"))
    imported = case_import.import_cases(engine, SYSTEM, case_import.read_cases(path.read_bytes(), path.name))
    assert len(imported) == len(expected) == 25
    for row in case_report.report(engine, [case["id"] for case in expected]):
        wanted = next(case["expect"] for case in expected if case["id"] == row["id"])
        assert row == {key: wanted.get(key) for key in row}


def test_facts_that_are_not_stated_have_their_defaults(engine: Engine) -> None:
    case_import.import_cases(engine, SYSTEM, read({**RECORD, "triage_input": None, "grade_input": None}))
    assert case_report.report(engine, ["K90"])[0]["triage"] == "T14"


def test_a_case_that_is_refused_has_no_grade(engine: Engine) -> None:
    case_import.import_cases(engine, SYSTEM, read({**RECORD, "triage_input": {"负面清单": "N01"}}))
    assert case_report.report(engine, ["K90"]) == [
        {"id": "K90", "triage": "T05", "grade": None, "level": None, "respond_by": "2026-11-27T09:50", "finish_by": None}
    ]


def test_importing_a_file_twice_registers_its_cases_once(engine: Engine) -> None:
    first = case_import.import_cases(engine, SYSTEM, read(RECORD))
    again = case_import.import_cases(engine, SYSTEM, read(RECORD))
    assert (first[0].is_new, again[0].is_new, first[0].case_no) == (True, False, again[0].case_no)


def test_cases_can_be_moved_to_another_day_with_the_time_between_them_kept() -> None:
    moved = case_import.moved_to(read(RECORD, {**RECORD, "id": "K91", "received": "2026-11-26T15:50"}), as_local("2027-01-04T10:00"))
    assert [record.intake.received_at for record in moved] == [as_local("2027-01-04T10:00"), as_local("2027-01-04T09:00")]


def test_numbers_follow_the_day_of_receipt(engine: Engine) -> None:
    imported = case_import.import_cases(engine, SYSTEM, read(RECORD, {**RECORD, "id": "K91"}))
    assert [case.case_no for case in imported] == ["BBC440103-20261126-0001", "BBC440103-20261126-0002"]


def test_an_unknown_matter_is_named_and_no_case_of_the_file_is_imported(engine: Engine) -> None:
    with pytest.raises(InvalidDefinition) as error:
        case_import.import_cases(engine, SYSTEM, read(RECORD, {**RECORD, "id": "K91", "matter": "M99"}))
    assert [(finding.element_id, "M99" in finding.message) for finding in error.value.findings] == [("K91", True)]
    assert case_report.report(engine, ["K90"]) == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"received": "gestern"}, "received"),
        ({"received": None}, "received"),
        ({"text": ""}, "text"),
        ({"name": 7}, "name"),
        ({"text": "长" * 2001}, "text"),
        ({"triage_input": {"涉及部门数": "四"}}, "triage_input.涉及部门数"),
        ({"triage_input": {"紧急": "也许"}}, "triage_input.紧急"),
        ({"grade_input": {"颜色": "红"}}, "grade_input.颜色"),
        ({"triage_input": {"性质": "闲聊"}}, "triage_input.性质"),
        ({"triage_input": {"原因": "天气"}}, "triage_input.原因"),
        ({"grade_input": {"跨区域": "跨国"}}, "grade_input.跨区域"),
        ({"grade_input": [1]}, "grade_input"),
    ],
)
def test_a_wrong_field_is_named_with_its_case_line_and_remedy(change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidDefinition) as error:
        read({**RECORD, **change})
    finding = error.value.findings[0]
    assert (finding.file, finding.element_id, finding.line) == ("cases.json", "K90", 3)
    assert field in finding.message
    assert finding.remedy


def test_every_fault_of_a_file_is_named_at_once() -> None:
    with pytest.raises(InvalidDefinition) as error:
        read({**RECORD, "text": ""}, {**RECORD, "id": "K91", "received": "x"}, RECORD, RECORD)
    assert [finding.element_id for finding in error.value.findings] == ["K90", "K91", "K90"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"[{]", "not-json"),
        (b'{"id": "K90"}', "not-a-list"),
        (b"\xff\xfe\x00", "unreadable"),
        (b"[" * 200_000, "unreadable"),
        (b'["K90"]', "case-file"),
    ],
)
def test_a_file_that_is_no_list_of_cases_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(InvalidDefinition) as error:
        case_import.read_cases(content, "cases.json")
    assert error.value.findings[0].code == code


def test_a_case_starts_with_every_variable_that_deployment_counts_on(engine: Engine) -> None:
    case_import.import_cases(engine, SYSTEM, read(RECORD))
    with engine.database.reading() as session:
        instance_id = session.scalars(select(Case.instance_id)).one()
        started = runtime.peek(engine, session, SYSTEM, instance_id).execution.variables
    assert CASE_VARIABLES <= started.keys()

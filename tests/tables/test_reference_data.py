"""The reference data: complete, coherent, valid by the standards it names."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date

import chinese_calendar
import pytest
from stdnum.cn import uscc

from .conftest import PROCESSES

Rows = list[dict[str, str]]
REFERENCE = PROCESSES / "reference"
COLUMNS = {
    "departments": "code,abbr,name,name_en,core12,share_items,uscc",
    "liaisons": "department,role,name",
    "matters": "code,name,name_en,tags,promise_wd",
    "materials": "id,matter,name,class,source,share_department,share_item,commit_ok,risk,licence,form,validity_days",
    "responsibilities": "matter,department,role,basis,one_thing,review",
    "negative_list": "code,name,name_en,definition,notice,refer_to,example,source",
    "experts": "id,name,type,type_en,domains,mode,account,duty,conflicts,licence_no,nda",
    "calendar": "date,type,source,confirmed",
    "case_kinds": "kind,name,name_en,prefix,process,start_form,openers,owner_group,public,applicant,description,description_en",
    "case_actions": "action,name,name_en,message,form,groups,kinds,statuses,public,confirm,description,description_en",
    "case_statuses": "status,name_en,closing",
    "clock_kinds": "kind,name,name_en,service",
}


def rows(name: str) -> Rows:
    with (REFERENCE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def column(name: str, field: str) -> list[str]:
    return [row[field] for row in rows(name)]


@pytest.mark.parametrize("name", COLUMNS)
def test_a_file_has_exactly_the_columns_its_readme_names(name: str) -> None:
    with (REFERENCE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file, strict=True))
    assert ",".join(lines[0]) == COLUMNS[name]
    assert {len(line) for line in lines} == {len(lines[0])}


@pytest.mark.parametrize(
    ("name", "key"),
    [("departments", "code"), ("matters", "code"), ("materials", "id"), ("negative_list", "code"), ("experts", "id"), ("calendar", "date")],
)
def test_no_code_is_given_twice(name: str, key: str) -> None:
    assert [code for code, times in Counter(column(name, key)).items() if times > 1] == []


def test_nothing_of_the_domain_is_left_out() -> None:
    counts = {name: len(rows(name)) for name in COLUMNS if not name.startswith(("case_", "clock_"))}
    assert counts == {
        "departments": 21,
        "liaisons": 42,
        "matters": 26,
        "materials": 106,
        "responsibilities": 84,
        "negative_list": 12,
        "experts": 8,
        "calendar": 13,
    }


def test_twelve_departments_are_core() -> None:
    assert column("departments", "core12").count("true") == 12


@pytest.mark.parametrize(
    ("name", "field", "target"),
    [
        ("liaisons", "department", "departments"),
        ("materials", "matter", "matters"),
        ("responsibilities", "matter", "matters"),
        ("responsibilities", "department", "departments"),
    ],
)
def test_every_reference_points_to_an_existing_code(name: str, field: str, target: str) -> None:
    assert set(column(name, field)) - set(column(target, "code")) == set()


def test_a_shared_material_names_an_item_its_department_shares() -> None:
    items = {row["code"]: row["share_items"].split(";") for row in rows("departments")}
    shared = [row for row in rows("materials") if row["source"] == "共享"]
    assert len(shared) > 30
    assert [row["id"] for row in shared if row["share_item"] not in items[row["share_department"]]] == []


def test_only_a_shared_material_names_a_department() -> None:
    assert [row["id"] for row in rows("materials") if row["source"] != "共享" and (row["share_department"] or row["share_item"])] == []


def test_classes_sources_and_roles_come_from_their_lists() -> None:
    assert set(column("materials", "class")) == {"核心", "可容缺"}
    assert set(column("materials", "source")) == {"申请人", "共享", "电子证照"}
    assert set(column("responsibilities", "role")) == {"牵头", "协办"}
    assert set(column("calendar", "type")) <= {"工作", "休息", "法定", "调休上班"}


def test_every_matter_has_exactly_one_lead_department_and_a_material() -> None:
    leads = Counter(row["matter"] for row in rows("responsibilities") if row["role"] == "牵头")
    assert leads == Counter(column("matters", "code"))
    assert set(column("materials", "matter")) == set(column("matters", "code"))


def test_no_department_takes_part_in_a_matter_twice() -> None:
    pairs = Counter((row["matter"], row["department"]) for row in rows("responsibilities"))
    assert [pair for pair, times in pairs.items() if times > 1] == []


def test_the_one_thing_list_names_leads_of_one_thing_matters_only() -> None:
    one_thing = {row["code"] for row in rows("matters") if "一件事" in row["tags"].split(";")}
    named = {(row["matter"], row["role"]) for row in rows("responsibilities") if row["one_thing"] == "true"}
    assert named == {(matter, "牵头") for matter in one_thing}


def test_every_department_has_an_a_and_a_b_liaison() -> None:
    assert Counter((row["department"], row["role"]) for row in rows("liaisons")) == Counter(
        (code, role) for code in column("departments", "code") for role in "AB"
    )


def test_the_credit_code_of_every_department_is_valid_and_that_of_an_authority() -> None:
    codes = column("departments", "uscc")
    assert [code for code in codes if not uscc.is_valid(code) or not code.startswith("11440103")] == []


@pytest.mark.parametrize(
    ("code", "valid"),
    [("91350100M000100Y43", True), ("91440103DEMA000136", True), ("91350100M000100Y4Z", False), ("91440103DEMA00013O", False)],
)
def test_the_check_of_credit_codes_is_that_of_the_standard(code: str, valid: bool) -> None:
    assert uscc.is_valid(code) is valid


def test_the_calendar_holds_only_days_the_package_does_not_know() -> None:
    for row in rows("calendar"):
        with pytest.raises(NotImplementedError):
            chinese_calendar.is_workday(date.fromisoformat(row["date"]))


def test_days_of_a_year_without_a_notice_are_not_confirmed() -> None:
    assert {(row["date"][:4], row["confirmed"]) for row in rows("calendar")} == {("2027", "false")}

"""A case is judged by the data files of its acceptance: the version in force then, the rows that held on that day, both on record."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import orjson
import pytest

from engine.db.case_tables import NegativeItem, Responsibility
from engine.db.tables import Evidence
from engine.errors import InvalidInput, NotFound
from engine.services import matters, negative_list, routing, rule_rows
from tests.services.conftest import MONDAY, World

DAY = timedelta(days=1)
MATTERS = "code,name,name_en,tags,promise_wd,successor,valid_from,valid_to\n"
MATERIALS = "id,matter,name,class,source,share_department,share_item,commit_ok,risk,valid_from,valid_to\n"
DUTIES = "matter,department,role,basis,one_thing,review,valid_from,valid_to\n"
NEGATIVE = "code,name,name_en,definition,notice,refer_to,example,source,valid_from,valid_to\n"
DEPARTMENTS = "code,abbr,name,name_en,core12,share_items,uscc,valid_from,valid_to\n"
LAST = "部门3,,true,,11440103DEMG00019G,,"
THREE = "".join(f"D0{number},X,部门{number},,true,,11440103DEMG00019G,,\n" for number in (1, 2, 3))


def hits(world: World) -> list[dict[str, Any]]:
    return [orjson.loads(row.facts) for row in world.rows(Evidence) if row.event == rule_rows.HIT]


def accepted(world: World, days: int) -> None:
    """The case came in so many days after Monday; it is always two weeks later now."""
    world.case.received_at = MONDAY + days * DAY
    world.now = MONDAY + 14 * DAY


@pytest.fixture
def lists(world: World) -> World:
    """Since ever one material; from the second day on another version, whose third material begins on the fifth day."""
    world.put_in_force("matters.csv", MATTERS + "M01,企业开办,,,1,,,\n")
    world.put_in_force("materials.csv", MATERIALS + "M01-01,M01,章程,核心,申请人,,,false,false,,\n")
    more = "M01-01,M01,章程,可容缺,申请人,,,false,false,,\nM01-02,M01,租约,核心,申请人,,,false,false,,2026-11-29\n"
    more += "M01-03,M01,承诺书,核心,申请人,,,false,false,2026-11-28,\n"
    world.put_in_force("materials.csv", MATERIALS + more, MONDAY + 2 * DAY)
    return world


@pytest.mark.parametrize(
    ("day", "asked", "version"),
    [
        (0, [("M01-01", "核心")], 1),
        (2, [("M01-01", "可容缺"), ("M01-02", "核心")], 2),
        (5, [("M01-01", "可容缺"), ("M01-02", "核心"), ("M01-03", "核心")], 2),
        (6, [("M01-01", "可容缺"), ("M01-02", "核心"), ("M01-03", "核心")], 2),
        (7, [("M01-01", "可容缺"), ("M01-03", "核心")], 2),
    ],
)
def test_materials_are_those_of_the_file_and_of_the_day_of_acceptance(
    lists: World, day: int, asked: list[tuple[str, str]], version: int
) -> None:
    accepted(lists, day)
    gaps = lists.call("materials-check", matter="M01", provided=[])["gaps"]
    assert [(gap["id"], gap["class"]) for gap in gaps] == asked
    matter, checked = hits(lists)
    assert (matter["file"], matter["lines"], matter["inputs"]) == ("matters", [2], {"matter": "M01"})
    assert (checked["file"], checked["version"], len(checked["lines"])) == ("materials", version, len(asked))
    assert (checked["on"], checked["reason"]) == ((MONDAY + day * DAY).date().isoformat(), "acceptance")


def test_a_list_put_in_force_for_open_cases_too_judges_those_accepted_before(lists: World) -> None:
    lists.put_in_force(
        "materials.csv", MATERIALS + "M01-09,M01,身份证明,核心,申请人,,,false,false,,\n", MONDAY + 9 * DAY, covers_open_cases=True
    )
    accepted(lists, 0)
    assert [gap["id"] for gap in lists.call("materials-check", matter="M01", provided=[])["gaps"]] == ["M01-09"]
    assert hits(lists)[-1]["reason"] == "open_cases"


def test_the_promised_limit_is_that_of_the_acceptance(lists: World) -> None:
    lists.put_in_force("matters.csv", MATTERS + "M01,企业开办,,,9,,,\n", MONDAY + DAY)
    for day, limit in ((0, 1), (1, 9)):
        accepted(lists, day)
        assert {gap["promise_days"] for gap in lists.call("materials-check", matter="M01", provided=[])["gaps"]} == {limit}


def test_departments_are_those_of_the_list_in_force_when_the_case_was_accepted(world: World) -> None:
    world.put_in_force("departments.csv", DEPARTMENTS + THREE)
    world.put_in_force("responsibilities.csv", DUTIES + "M01,D01,协办,权责清单,false,,,\nM01,D03,牵头,权责清单,false,,,\n")
    world.put_in_force("responsibilities.csv", DUTIES + "M01,D02,牵头,权责清单,false,,,\n", MONDAY + DAY)
    accepted(world, 0)
    departments, candidates = routing.departments_of(world.context(), "M01")
    assert [(entry["code"], entry["role"]) for entry in departments] == [("D03", "牵头"), ("D01", "协办")]
    assert candidates["responsibility"] == "D03"
    assert (hits(world)[-1]["file"], hits(world)[-1]["version"]) == ("responsibilities", 1)
    accepted(world, 1)
    assert [entry["code"] for entry in routing.departments_of(world.context(), "M01")[0]] == ["D02"]


def test_a_department_leads_until_a_day_and_helps_from_the_next_on(world: World) -> None:
    rows = "M01,D01,牵头,权责清单,false,,,2026-11-24\nM01,D01,协办,权责清单,false,,2026-11-25,\nM01,D02,牵头,权责清单,false,,2026-11-25,\n"
    world.put_in_force("responsibilities.csv", DUTIES + rows)
    for day, leads in ((1, [("D01", "牵头")]), (2, [("D02", "牵头"), ("D01", "协办")])):
        accepted(world, day)
        assert [(entry["code"], entry["role"]) for entry in routing.departments_of(world.context(), "M01")[0]] == leads


def test_silence_counts_as_consent_by_the_list_of_the_acceptance(world: World) -> None:
    world.put_in_force("responsibilities.csv", DUTIES + "M01,D01,牵头,权责清单,false,协调意见,,\n")
    world.put_in_force("responsibilities.csv", DUTIES + "M01,D01,牵头,权责清单,false,消防,,\n", MONDAY + DAY)
    for day, is_only in ((0, True), (1, False)):
        accepted(world, day)
        assert routing.is_only_coordination(world.context(), "D01") is is_only


def test_a_department_that_left_the_table_is_named_with_row_and_remedy_and_nothing_is_changed(world: World) -> None:
    world.put_in_force("departments.csv", DEPARTMENTS + THREE)
    world.put_in_force("responsibilities.csv", DUTIES + "M01,D02,牵头,权责清单,false,,,\nM01,D03,协办,权责清单,false,,,\n")
    world.put_in_force("departments.csv", DEPARTMENTS + THREE.replace("D03,X,部门3,,true,,11440103DEMG00019G,,", ""), MONDAY + DAY)
    accepted(world, 0)
    before = len(world.rows(Evidence))
    with pytest.raises(NotFound) as refused:
        world.call("departments-route", matter="M01")
    said = str(refused.value)
    assert "D03" in said and "responsibilities.csv (version 1, line 3)" in said and "departments.csv (version 2)" in said
    assert "Put its row back" in said and "then try again" in said
    assert len(world.rows(Evidence)) == before


@pytest.mark.parametrize("name", ["departments-set-lead", "sub-orders-dispatch"])
def test_no_work_goes_to_a_department_that_has_ended(world: World, name: str) -> None:
    world.put_in_force("departments.csv", DEPARTMENTS + THREE.replace(LAST, f"{LAST}2026-11-30"))
    accepted(world, 0)
    inputs: dict[str, Any] = {"departments": [{"code": "D01"}, {"code": "D03"}]}
    inputs |= {"lead_department": "D03"} if name == "departments-set-lead" else {"ask": "请核", "sign_limit": "4个工作小时"}
    with pytest.raises(NotFound, match=r"D03.*it ended on 2026-11-30"):
        world.call(name, **inputs)
    assert world.case.lead_department is None


def test_a_department_of_today_serves_a_case_of_spring(world: World) -> None:
    world.put_in_force("departments.csv", DEPARTMENTS + THREE.replace(LAST, f"{LAST[:-1]}2026-12-01,"))
    accepted(world, 0)
    (order,) = world.call("sub-orders-dispatch", departments=["D03"], ask="请核", sign_limit="4个工作小时")["sub_orders"]
    assert order["department"] == "D03" or order["code"] == "D03"


@pytest.mark.parametrize(("day", "is_hit"), [(0, True), (1, True), (2, False)])
def test_an_entry_of_the_negative_list_judges_only_cases_accepted_on_its_days(world: World, day: int, is_hit: bool) -> None:
    world.put_in_force("negative_list.csv", NEGATIVE + "N01,政策禁止,,定义,告知,,,,,2026-11-24\n")
    accepted(world, day)
    world.variables = {"triage_facts": {"negative_code": "N01"}}
    triage = {"rule": "R1", "conclusion": "不予受理"}
    if is_hit:
        world.call("case-record-triage", triage=triage)
        assert [(hit["file"], hit["lines"], hit["inputs"]) for hit in hits(world)] == [("negative_list", [2], {"negative_code": "N01"})]
    else:
        with pytest.raises(NotFound, match=r"triage_facts\.negative_code.*version 1.*2026-11-25.*'N01'"):
            world.call("case-record-triage", triage=triage)


@pytest.mark.parametrize("code", ["-", None, ""])
def test_no_entry_of_the_negative_list_leaves_no_row(world: World, code: str | None) -> None:
    world.put_in_force("negative_list.csv", NEGATIVE + "N01,政策禁止,,定义,告知,,,,,\n")
    world.variables = {"triage_facts": {"negative_code": code}}
    world.call("case-record-triage", triage={"rule": "R9", "conclusion": "受理"})
    assert hits(world) == []


def test_citizens_read_the_entries_of_the_day(world: World) -> None:
    for code, begin, end in (("N01", None, None), ("N02", None, date(2026, 11, 22)), ("N03", date(2026, 11, 24), None)):
        item = NegativeItem(code=code, name=code, definition="定义", notice="告知", refer_to="", valid_from=begin, valid_to=end)
        world.session.add(item)
    world.session.flush()
    assert [item.code for item in negative_list.entries_on(world.session, MONDAY.date())] == ["N01"]


ABOLISHED = "M01,企业开办,,,1,M02,,2026-11-24\nM02,一照通行,,,1,,2026-11-25,\nM03,停办,,,1,,,2026-11-24\n"


@pytest.mark.parametrize(
    ("code", "day", "words"),
    [
        ("M01", 2, ("M01 企业开办", "2026-11-25", "请改选“M02 一照通行”")),
        ("M02", 1, ("M02 一照通行", "自2026-11-25起才受理")),
        ("M03", 2, ("M03 停办", "2026-11-25", "请重新选择")),
        ("M77", 2, ("没有“M77”",)),
    ],
)
def test_a_matter_that_cannot_be_asked_for_is_refused_with_what_stands_in_its_place(
    world: World, code: str, day: int, words: tuple[str, ...]
) -> None:
    world.put_in_force("matters.csv", MATTERS + ABOLISHED)
    found = rule_rows.accepted_at(world.session, "matters", MONDAY + day * DAY, MONDAY + 9 * DAY)
    assert found is not None
    said = matters.refusal(found, code)
    assert said is not None and all(word in said for word in words)


def test_a_case_of_an_abolished_matter_goes_on(world: World) -> None:
    world.put_in_force("matters.csv", MATTERS + ABOLISHED)
    accepted(world, 1)
    assert matters.require_open(world.session, "M01", world.case.received_at, world.now).code == "M01"
    assert world.call("materials-check", matter="M01", provided=[])["complete"]
    accepted(world, 2)
    with pytest.raises(InvalidInput) as refused:
        matters.require_open(world.session, "M01", world.case.received_at, world.now)
    assert "M02 一照通行" in refused.value.fields["matter"][0]


def test_a_matter_that_was_not_there_at_the_acceptance_judges_nobody(lists: World) -> None:
    with pytest.raises(NotFound, match=r"matters\.csv on 2026-11-23, when the case was accepted, but got 'M06'"):
        lists.call("materials-check", matter="M06", provided=[])


def test_without_deployed_files_the_tables_answer(world: World) -> None:
    row = world.session.get(Responsibility, ("M01", "D02"))
    assert row is not None
    row.valid_to = MONDAY.date() - DAY
    assert [entry["code"] for entry in routing.departments_of(world.context(), "M01")[0]] == ["D01"]
    assert hits(world) == []


@pytest.mark.parametrize(("code", "day", "expected"), [("M01", 1, "M01"), ("M01", 2, "M02"), ("M03", 2, None), (None, 2, None)])
def test_a_case_that_comes_back_is_about_the_matter_that_took_the_place_of_its_own(
    world: World, code: str | None, day: int, expected: str | None
) -> None:
    world.put_in_force("matters.csv", MATTERS + ABOLISHED)
    assert matters.open_now(world.session, code, MONDAY + day * DAY) == expected


def test_matters_that_name_each_other_come_to_an_end(world: World) -> None:
    world.put_in_force("matters.csv", MATTERS + "M01,甲,,,1,M02,,2026-11-01\nM02,乙,,,1,M01,,2026-11-01\n")
    assert matters.open_now(world.session, "M01", MONDAY) is None

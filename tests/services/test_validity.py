"""Rows of data files that hold on some days only: what is refused, and which of them a day has."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from engine.db.case_tables import Department, Material, Matter
from engine.db.partner_tables import Partner
from engine.errors import Finding, InvalidDefinition
from engine.services import reference
from engine.services.csv_tables import CsvRow
from engine.services.validity import nearest, uncovered
from tests.conftest import PROJECT

from .conftest import MONDAY, World

TODAY = MONDAY.date()
SHIPPED = reference.files_in(PROJECT / "processes" / "reference")
DATED = ("departments", "liaisons", "matters", "materials", "responsibilities", "negative_list", "experts", "partners", "share_items")


def dated(name: str, *changes: tuple[str, str, str], more: str = "") -> dict[str, bytes]:
    """The shipped files, ``name``.csv with days: (beginning of a row, valid_from, valid_to), and more rows at its end."""
    head, *lines = SHIPPED[f"{name}.csv"].decode("utf-8-sig").splitlines()
    days = {line: next(((begin, end) for start, begin, end in changes if line.startswith(start)), ("", "")) for line in lines}
    assert sum(found != ("", "") for found in days.values()) >= len(changes)
    rows = [f"{line},{begin},{end}" for line, (begin, end) in days.items()]
    return {**SHIPPED, f"{name}.csv": "\n".join([f"{head},valid_from,valid_to", *rows, *filter(None, [more]), ""]).encode()}


def faults(files: dict[str, bytes]) -> list[Finding]:
    with pytest.raises(InvalidDefinition) as refused:
        reference.read(files)
    return list(refused.value.findings)


def first_row(name: str) -> str:
    return SHIPPED[f"{name}.csv"].decode("utf-8-sig").splitlines()[1]


@pytest.mark.parametrize("name", DATED)
def test_a_row_that_ends_before_it_begins_is_refused_in_every_file_with_days(name: str) -> None:
    (fault,) = faults(dated(name, (first_row(name), "2026-07-01", "2026-06-30")))
    assert (fault.file, fault.line, fault.element_id, fault.code) == (f"{name}.csv", 2, "valid_to", "validity")
    assert "2026-07-01" in fault.message and fault.remedy


@pytest.mark.parametrize("name", DATED)
def test_two_rows_of_a_key_on_the_same_day_are_refused_with_both_lines(name: str) -> None:
    row = first_row(name)
    begins, ends = ("2020-01-01", "2026-06-30") if name in ("experts", "partners", "share_items") else ("", "2026-06-30")
    (fault,) = faults(dated(name, (row, begins, ends), more=f"{row},2026-06-30,"))
    lines = len(SHIPPED[f"{name}.csv"].decode("utf-8-sig").splitlines())
    assert (fault.file, fault.line, fault.element_id, fault.code) == (f"{name}.csv", lines + 1, "valid_from", "overlap")
    assert "2026-06-30" in fault.message and "line 2" in fault.message and fault.remedy


@pytest.mark.parametrize("name", DATED)
def test_two_rows_of_a_key_may_hold_one_after_the_other(name: str) -> None:
    row = first_row(name)
    assert reference.read(dated(name, (row, "", "2026-06-30"), more=f"{row},2026-07-01,"))


def test_a_day_that_is_none_is_refused_with_its_cell() -> None:
    (fault,) = faults(dated("matters", ("M01,", "2026-02-30", "")))
    assert (fault.line, fault.element_id, fault.code) == (2, "valid_from", "value")


def test_a_department_that_ends_while_a_responsibility_goes_on_is_refused() -> None:
    found = faults(dated("departments", ("D01,", "", "2026-06-30")))
    assert {(fault.file, fault.element_id, fault.code) for fault in found} == {("responsibilities.csv", "department", "not-covered")}
    assert all("2026-07-01" in fault.message for fault in found)


def test_a_department_may_end_with_the_matters_it_is_responsible_for() -> None:
    rows = [line.split(",")[0] for line in SHIPPED["responsibilities.csv"].decode().splitlines() if line.split(",")[1] == "D01"]
    files = dated("departments", ("D01,", "", "2026-06-30"))
    ended = dated("matters", *[(f"{matter},", "", "2026-06-30") for matter in dict.fromkeys(rows)])
    assert reference.read({**files, "matters.csv": ended["matters.csv"]})


def test_a_matter_without_a_lead_on_some_day_is_refused() -> None:
    lead = next(line for line in SHIPPED["responsibilities.csv"].decode().splitlines() if line.startswith("M02,") and "牵头" in line)
    (fault,) = faults(dated("responsibilities", (lead, "", "2026-06-30")))
    assert (fault.file, fault.line, fault.code) == ("matters.csv", 3, "no-lead")
    assert "2026-07-01" in fault.message


@pytest.mark.parametrize(("successor", "code"), [("M99", "unknown-code"), ("M01", "successor")])
def test_a_successor_is_another_matter_of_the_file(successor: str, code: str) -> None:
    head, first, *rest = SHIPPED["matters.csv"].decode("utf-8-sig").splitlines()
    content = "\n".join([f"{head},successor", f"{first},{successor}", *(f"{line}," for line in rest)])
    (fault,) = faults({**SHIPPED, "matters.csv": content.encode()})
    assert (fault.line, fault.element_id, fault.code) == (2, "successor", code)


def test_the_tables_have_the_row_of_the_day(world: World) -> None:
    row = "M01,企业开办(新),Starting,,2"
    files = dated("matters", ("M01,", "", "2026-11-30"), more=f"{row},2026-12-01,")
    for on, name in ((TODAY, "企业开办(含社保登记)一件事"), (date(2026, 12, 1), "企业开办(新)")):
        reference.load(world.session, files, on)
        assert world.session.get_one(Matter, "M01").name == name


def test_names_of_what_has_ended_and_of_what_is_to_come_stay_known(world: World) -> None:
    files = dated("materials", ("M01-01,", "", "2026-01-31"), ("M01-02,", "2027-01-01", ""))
    reference.load(world.session, files, TODAY)
    assert world.session.get(Material, "M01-01") and world.session.get(Material, "M01-02")


def test_a_partner_is_there_on_its_days_only(world: World) -> None:
    files = dated("partners", ("12345,", "2026-12-01", ""))
    reference.load(world.session, files, TODAY)
    assert world.session.get(Partner, "12345") is None
    reference.load(world.session, files, date(2026, 12, 1))
    assert world.session.get(Partner, "12345")


def test_a_liaison_changes_on_a_day(world: World) -> None:
    files = dated("liaisons", ("D01,A,", "", "2026-11-30"), more="D01,A,示例·新联络,2026-12-01,")
    for on, is_new in ((TODAY, False), (date(2026, 12, 1), True)):
        reference.load(world.session, files, on)
        assert (world.session.get_one(Department, "D01").liaison_a == "示例·新联络") is is_new


def test_the_tables_change_next_on_the_first_day_that_some_row_begins_or_after_it_ends() -> None:
    files = dated("negative_list", ("N01,", "2027-01-01", ""), ("N02,", "2020-01-01", "2026-12-24"))
    assert reference.next_turn(files, TODAY) == date(2026, 12, 25)
    assert reference.next_turn(files, date(2026, 12, 25)) == date(2027, 1, 1)
    assert reference.next_turn(files, date(2027, 1, 1)) is None


def test_the_nearest_row_is_the_one_of_the_day_then_the_next_then_the_last() -> None:
    rows = [
        CsvRow(number, {"code": code, "valid_from": begin, "valid_to": end})
        for number, (code, begin, end) in enumerate(
            (
                ("a", None, TODAY - timedelta(days=9)),
                ("a", TODAY + timedelta(days=9), None),
                ("b", None, TODAY - timedelta(days=9)),
                ("b", TODAY - timedelta(days=5), TODAY - timedelta(days=2)),
                ("c", TODAY, TODAY),
            )
        )
    ]
    assert [row.line for row in nearest(rows, ("code",), TODAY)] == [1, 3, 4]


def test_days_are_covered_by_spans_that_follow_each_other() -> None:
    first, second = (date(2026, 1, 1), date(2026, 6, 30)), (date(2026, 7, 1), date.max)
    assert uncovered((date(2026, 2, 1), date.max), [second, first]) is None
    assert uncovered((date(2026, 2, 1), date.max), [first]) == date(2026, 7, 1)
    assert uncovered((date(2025, 2, 1), date.max), [first]) == date(2025, 2, 1)
    assert uncovered((date.min, date.max), [second]) is None
    assert uncovered((date.min, date.max), []) == date.min

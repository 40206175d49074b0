"""Registers: one list a kind, with counts, filters, pages and an export."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.actors import Actor
from engine.assembly import Engine
from engine.commands.cases import register_case

from .conftest import SIMPLE_CASE, Person

Persons = Callable[[str], Person]


@pytest.fixture
def many_cases(engine: Engine, clerk: Actor) -> list[str]:
    """More cases than a page shows."""
    return [register_case(engine, clerk, SIMPLE_CASE | {"title": f"第{n}件"}) for n in range(23)]


def test_every_kind_has_its_register_with_counts(person: Persons, simple_case: str) -> None:
    page = person("window-a").get("/registers")
    assert "工单" in page.words and "在办 1" in page.words and "共 1" in page.words


def test_a_register_lists_its_files(person: Persons, simple_case: str) -> None:
    page = person("window-a").get("/registers/case")
    assert simple_case in page.words and "工单台账" in page.words


def test_pages_follow_each_other_without_gap_or_repetition(person: Persons, many_cases: list[str]) -> None:
    clerk = person("window-a")
    first = clerk.get("/registers/case")
    second = clerk.get(str(first.find("//nav[@class='pager']/a/@href")[-1]))
    seen = [link.rsplit("/", 1)[1] for page in (first, second) for link in page.find("//tbody//a[contains(@class, 'row-link')]/@href")]
    assert seen == sorted(many_cases, reverse=True)


@pytest.mark.parametrize(
    ("filters", "is_found"),
    [
        ("q=0001", True), ("q=9999", False), ("state=open", True), ("state=closed", False), ("from=2026-11-23&to=2026-11-23", True),
        ("from=2026-11-24", False), ("to=2026-11-22", False), ("owner=window-a", True), ("owner=window-b", False), ("status=已归档", False),
        ("from=昨天", True), ("to=9999-12-31", True), ("department=D01", False),
    ],
)  # fmt: skip
def test_filters_find_what_they_say(person: Persons, simple_case: str, filters: str, is_found: bool) -> None:
    page = person("window-a").get(f"/registers/case?{filters}")
    assert page.status == 200 and bool(page.find(f"//tbody//a[text()='{simple_case}']")) is is_found


def test_an_empty_register_says_what_to_do(person: Persons) -> None:
    clerk = person("window-a")
    assert "还没有工单" in clerk.get("/registers/case").words and "发起第一件" in clerk.get("/registers/case").words
    assert "清除条件" in clerk.get("/registers/case?q=nothing").words


def test_the_export_holds_every_page_and_no_formula(person: Persons, many_cases: list[str]) -> None:
    answer = person("window-a").get("/registers/case/export.csv")
    assert answer.source.startswith("\ufeff编号,标题") and answer.source.count("BBC440103") == 23
    assert "张示例" not in answer.source


def test_the_export_follows_the_filters(person: Persons, many_cases: list[str]) -> None:
    assert person("window-a").get("/registers/case/export.csv?q=0007").source.count("BBC440103") == 1


def test_an_unknown_register_is_no_page(person: Persons) -> None:
    answer = person("window-a").get("/registers/nothing")
    assert answer.status == 404 and "没有这本台账" in answer.words


def test_a_page_link_of_another_list_is_explained(person: Persons) -> None:
    assert person("window-a").get("/registers/case?after=nonsense").status == 422


def test_a_department_sees_only_files_it_has_a_share_in(person: Persons, simple_case: str) -> None:
    page = person("d01").get("/registers/case")
    assert page.status == 200 and simple_case not in page.words

"""The inbox: whose tasks, in which order, found how, claimed and given back."""

from __future__ import annotations

from collections.abc import Callable

from engine.actors import Actor
from engine.assembly import Engine
from engine.clock import MovableClock
from engine.commands.cases import register_case

from .conftest import SIMPLE_CASE, Person

Persons = Callable[[str], Person]
Cards = "//table//tbody/tr"


def test_a_clerk_sees_the_task_of_the_case_she_registered(person: Persons, simple_case: str) -> None:
    page = person("window-a").get("/")
    assert len(page.find(Cards)) == 1
    assert simple_case in page.words and "直接协调" in page.words


def test_a_department_sees_only_its_own_tasks(person: Persons, simple_case: str, complex_case: str) -> None:
    page = person("d01").get("/")
    assert complex_case in page.words and simple_case not in page.words


def test_the_lamp_is_a_word_and_not_only_a_colour(person: Persons, simple_case: str, clock: MovableClock) -> None:
    clerk = person("window-a")
    assert "时限内" in clerk.get("/").find("//tbody//span[contains(@class,'lamp')]")[0].text_content()
    clock.advance(days=30)
    clerk = person("window-a")
    assert "已超期" in clerk.get("/").find("//tbody//span[contains(@class,'lamp')]")[0].text_content()


def test_a_task_is_found_by_a_part_of_its_case_number(person: Persons, engine: Engine, clerk: Actor) -> None:
    numbers = [register_case(engine, clerk, SIMPLE_CASE) for _ in range(3)]
    page = person("window-a").get(f"/?q={numbers[1][-6:]}")
    assert len(page.find(Cards)) == 1 and numbers[1] in page.words


def test_filters_keep_what_was_chosen(person: Persons, simple_case: str) -> None:
    page = person("window-a").get("/?lamp=normal&process=P06_simple&scope=mine")
    assert len(page.find(Cards)) == 1
    assert page.find("//select[@name='lamp']/option[@selected]/@value") == ["normal"]
    assert page.find("//select[@name='process']/option[@selected]/@value") == ["P06_simple"]
    assert len(person("window-a").get("/?lamp=overdue").find(Cards)) == 0


def test_what_is_no_filter_is_ignored(person: Persons, simple_case: str) -> None:
    assert len(person("window-a").get("/?scope=everything&lamp=purple").find(Cards)) == 1


def test_the_next_page_goes_on_where_this_one_ends(person: Persons, engine: Engine, clerk: Actor) -> None:
    numbers = {register_case(engine, clerk, SIMPLE_CASE) for _ in range(23)}
    reader = person("window-a")
    first = reader.get("/?scope=mine")
    second = reader.get(first.find("//nav[contains(@class,'pager')]/a/@href")[-1])
    shown = [page.find("//td//a[@class='number']/text()") for page in (first, second)]
    assert [len(part) for part in shown] == [20, 3]
    assert {number for part in shown for number in part} == numbers


def test_a_broken_page_link_says_what_to_do(person: Persons) -> None:
    answer = person("window-a").get("/?after=nonsense")
    assert answer.status == 422 and "内容需要更正" in answer.words


def test_claiming_takes_the_task_and_giving_back_returns_it(person: Persons, complex_case: str) -> None:
    liaison = person("d01")
    claim = liaison.get("/").find("//form[contains(@action,'/claim')]/@action")[0]
    assert liaison.post(claim, {"next": "/?scope=mine"}).location == "/?scope=mine"
    mine = liaison.get("/?scope=mine")
    assert "已认领" in mine.words and len(mine.find(Cards)) == 1
    assert liaison.post(claim.replace("/claim", "/unclaim"), {"next": "/"}).location == "/"
    assert len(liaison.get("/?scope=mine").find(Cards)) == 0
    assert len(liaison.get("/?scope=groups").find(Cards)) == 1


def test_a_task_of_another_group_cannot_be_claimed(person: Persons, complex_case: str) -> None:
    claim = person("d01").get("/").find("//form[contains(@action,'/claim')]/@action")[0]
    answer = person("d05").post(claim)
    assert answer.status == 403 and "这项任务属于其他岗位" in answer.words
    assert len(person("d01").get("/?scope=groups").find(Cards)) == 1


def test_an_empty_inbox_says_what_comes(person: Persons) -> None:
    assert "没有待办任务" in person("d05").get("/").words
    assert "您名下没有任务" in person("d05").get("/?scope=mine").words
    assert "没有符合条件的任务" in person("d05").get("/?q=BBC").words


def test_only_those_who_register_cases_are_offered_it(person: Persons) -> None:
    assert "登记来件" in person("window-a").get("/").words
    assert "登记来件" not in person("d05").get("/").words

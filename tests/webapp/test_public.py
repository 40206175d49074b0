"""The citizen's page: progress without personal data, confirmation, rating."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .conftest import Person

Persons = Callable[[str], Person]


@pytest.fixture
def link(person: Persons, simple_case: str) -> str:
    page = person("window-a").get(f"/cases/{simple_case}")
    return str(page.find("//p[@class='public-link']/a/@href")[0])


def answer_the_case(clerk: Person, case_no: str) -> None:
    """Take the case to the citizen: coordinate, draft the reply, give it."""
    texts = "经协调,建设局已容缺受理您的申请,请在五个工作日内补齐材料。"
    for fields in (
        {"contact_log": texts, "coordination_outcome": "已解决", "conclusion": texts},
        {"reply.result": "直接解决", "reply.done": texts, "reply.text": texts},
        {"reply.answered_by": "当面", "reply.answered_at": "2026-11-23T11:00"},
    ):
        address = clerk.get(f"/?q={case_no}").find("//a[starts-with(@href, '/tasks/')]/@href")[0]
        answer = clerk.post(address, {"version": clerk.get(address).value("version"), **fields})
        assert answer.status == 303, answer.words


def test_progress_is_shown_without_personal_data(stranger: Person, link: str, simple_case: str) -> None:
    page = stranger.get(link)
    assert page.status == 200 and simple_case in page.words and "示例·林晓" in page.words
    assert all(secret not in page.source for secret in ("张示例", "13800000000", "11010519491231002X"))


def test_an_unknown_link_says_what_to_do_and_shows_no_inner_page(stranger: Person) -> None:
    answer = stranger.get("/p/unknown")
    assert answer.status == 404 and "查询链接无效" in answer.words and "返回待办" not in answer.words


def test_nothing_is_asked_before_the_answer(stranger: Person, link: str) -> None:
    assert not stranger.get(link).find("//main//form[contains(@action, '/confirm') or contains(@action, '/rate')]")
    answer = stranger.post(f"{link}/confirm", {"confirmation": "已解决"})
    assert answer.status == 409 and "现在不需要您的答复" in answer.words


def test_a_citizen_confirms_and_rates(stranger: Person, person: Persons, link: str, simple_case: str) -> None:
    answer_the_case(person("window-a"), simple_case)
    page = stranger.get(link)
    assert "给您的答复" in page.words and "您的问题解决了吗" in page.words
    assert stranger.post(f"{link}/confirm", {"confirmation": "已解决"}).status == 303
    assert "非常满意" in stranger.get(link).words
    rating = {"rating.level": "5", "rating.tags": ["服务态度", "办理速度"], "rating.text": "谢谢"}
    assert stranger.post(f"{link}/rate", rating).status == 303
    page = stranger.get(link)
    assert "您的评价" in page.words and "非常满意" in page.words
    assert stranger.post(f"{link}/rate", rating).status == 409


def test_a_rating_without_a_level_is_explained_and_keeps_the_text(stranger: Person, person: Persons, link: str, simple_case: str) -> None:
    answer_the_case(person("window-a"), simple_case)
    stranger.post(f"{link}/confirm", {"confirmation": "已解决"})
    page = stranger.post(f"{link}/rate", {"rating.text": "等了很久"})
    assert page.status == 422 and "请从五个等级中选择一个" in page.words and page.value("rating.text") == "等了很久"


def test_a_confirmation_that_is_neither_is_explained(stranger: Person, person: Persons, link: str, simple_case: str) -> None:
    answer_the_case(person("window-a"), simple_case)
    page = stranger.post(f"{link}/confirm", {"confirmation": "也许"})
    assert page.status == 422 and page.find("//p[@role='alert']")


def test_the_citizens_page_speaks_english_too(stranger: Person, link: str) -> None:
    stranger.post("/language", {"language": "en", "next": link})
    assert "Your matter" in stranger.get(link).words

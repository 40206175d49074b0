"""Logging in and out, passwords, sessions."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from engine.assembly import Engine
from engine.commands.accounts import end_sessions

from .conftest import PASSWORD, Person


def test_a_stranger_is_asked_to_log_in_and_comes_back_to_the_page_asked_for(stranger: Person) -> None:
    asked = stranger.get("/cases?status=已受理")
    assert asked.status == 302 and asked.location.startswith("/login?next=")
    page = stranger.get(asked.location)
    back = stranger.log_in("window-a", next=page.value("next"))
    assert back.status == 303 and back.location.startswith("/cases?status=")


def test_a_wrong_password_says_what_to_do_and_keeps_the_account_typed(stranger: Person) -> None:
    page = stranger.log_in("window-a", "wrong")
    assert page.status == 401
    assert "账号或密码不正确" in page.words and page.value("login") == "window-a"
    assert stranger.get("/").status == 302


def test_an_unknown_account_is_answered_like_a_wrong_password(stranger: Person) -> None:
    assert "账号或密码不正确" in stranger.log_in("nobody", "wrong").words


@pytest.mark.parametrize("elsewhere", ["https://example.com/", "//example.com", "/\\example.com", "javascript:alert(1)", "\\\\example.com"])
def test_a_link_to_log_in_cannot_lead_to_another_site(stranger: Person, elsewhere: str) -> None:
    assert stranger.log_in("window-a", next=elsewhere).location == "/"


def test_guessing_passwords_is_stopped_after_ten_failures(stranger: Person) -> None:
    answers = [stranger.log_in("window-a", f"guess {number}").status for number in range(11)]
    assert answers == [401] * 10 + [429]
    assert "操作过于频繁" in stranger.log_in("window-a").words


def test_logging_in_often_is_not_guessing(site: Flask) -> None:
    assert {Person(site).log_in("window-a").status for _ in range(15)} == {303}


def test_logging_out_ends_the_session(person: Callable[[str], Person]) -> None:
    clerk = person("window-a")
    assert "已退出登录" in clerk.post("/logout").words
    assert clerk.get("/").status == 302


def test_changing_the_password_ends_the_sessions_on_other_devices(person: Callable[[str], Person]) -> None:
    here, elsewhere = person("window-a"), person("window-a")
    fields = {"old": PASSWORD, "password": "一句只有我才知道的话", "again": "一句只有我才知道的话"}
    assert here.post("/password", fields).status == 303
    assert here.get("/").status == 200
    assert elsewhere.get("/").status == 302


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"old": "wrong", "password": "一句只有我才知道的话", "again": "一句只有我才知道的话"}, "old"),
        ({"old": PASSWORD, "password": "short", "again": "short"}, "password"),
        ({"old": PASSWORD, "password": "一句只有我才知道的话", "again": "另一句话另一句话另一句"}, "again"),
    ],
)
def test_a_refused_password_is_explained_beside_its_field(person: Callable[[str], Person], fields: dict[str, str], field: str) -> None:
    page = person("window-a").post("/password", fields)
    assert page.status == 422
    assert page.find(f"//p[@id='{field}-error']")


def test_a_session_ended_by_an_administrator_is_over_at_the_next_click(person: Callable[[str], Person], engine: Engine) -> None:
    clerk = person("window-a")
    end_sessions(engine, "window-a")
    assert clerk.get("/").status == 302


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(stranger: Person) -> None:
    stranger.log_in("window-a")
    cookie = stranger.client.get_cookie("doudi")
    assert cookie is not None and cookie.http_only and cookie.same_site == "Lax"

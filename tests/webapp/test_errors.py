"""Refusals and failures: one table of statuses, each with words that say what to do."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from engine import errors
from webapp.errors import SITUATIONS, STATUS, status_of

from .conftest import Person


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.NotFound("x"), 404),
        (errors.NotAllowed("x"), 403),
        (errors.Conflict("x"), 409),
        (errors.InvalidInput("x"), 422),
        (errors.InvalidDefinition("x", []), 422),
        (errors.ExpressionFailed("x"), 422),
    ],
)
def test_every_refusal_has_its_status(error: errors.EngineError, status: int) -> None:
    assert status_of(error) == status


def test_every_kind_of_refusal_is_in_the_table() -> None:
    kinds = {kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.EngineError)}
    assert kinds - {errors.EngineError} == set(STATUS)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 413, 422, 429, 500])
def test_every_status_has_words_of_its_own(status: int) -> None:
    assert (status, "") in SITUATIONS


def test_an_unknown_address_says_so_to_strangers_too(stranger: Person) -> None:
    answer = stranger.get("/nowhere")
    assert answer.status == 404 and "没有这个页面" in answer.words


def test_an_address_for_forms_only_says_how_to_go_on(person: Callable[[str], Person]) -> None:
    answer = person("window-a").get("/tasks/1-1/claim")
    assert answer.status == 405 and "用页面上的按钮操作" in answer.words


def test_a_bug_shows_no_trace_and_is_not_taken_for_a_refusal(
    site: Flask, person: Callable[[str], Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk = person("window-a")
    site.config["PROPAGATE_EXCEPTIONS"] = False
    monkeypatch.setattr("webapp.notices.notices.outbox", lambda *_args, **_more: 1 / 0)
    answer = clerk.get("/notices")
    assert answer.status == 500 and "系统出了问题" in answer.words and "ZeroDivision" not in answer.source


def test_a_script_is_told_in_json_that_the_session_is_over(stranger: Person) -> None:
    answer = stranger.post("/tasks/1-1/conditions", Accept="application/json")
    assert answer.status == 401 and answer.json["error"] == "log_in"


def test_a_refusal_shows_what_was_typed_but_never_a_password(person: Callable[[str], Person], stranger: Person) -> None:
    answer = person("d05").post("/cases/new", {"text": "说了很久的事情", "applicant.name": ""})
    assert answer.status == 403 and "说了很久的事情" in answer.words
    for _ in range(11):
        answer = stranger.log_in("window-a", "a wrong secret")
    assert answer.status == 429 and "a wrong secret" not in answer.source

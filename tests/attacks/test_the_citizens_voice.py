"""What the citizen says is said by the citizen, once, at its time; nobody at the window says it for them."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from tests.attacks.conftest import SCRIPT, Persons, Rows, work_through
from tests.webapp.conftest import Person

Count = Callable[[], dict[str, int]]
YES = {"confirmation": "已解决"}


@pytest.fixture
def asked(person: Persons, simple_case: str, link: str) -> str:
    """The link of a case whose citizen is asked whether it is solved."""
    work_through(person("window-a"), simple_case)
    return link


def test_nobody_who_is_logged_in_answers_for_the_citizen(person: Persons, stranger: Person, asked: str, everything: Count) -> None:
    before = everything()
    for account in ("window-a", "window-head", "coordinator", "d06", "admin"):
        clerk = person(account)
        assert not clerk.get(asked).find("//main//form"), account
        assert clerk.post(f"{asked}/confirm", YES).status == 403
    assert everything() == before
    assert stranger.post(f"{asked}/confirm", YES).status == 303
    assert person("window-a").post(f"{asked}/rate", {"rating.level": "5"}).status == 403
    assert stranger.post(f"{asked}/rate", {"rating.level": "2"}).status == 303


def test_nothing_is_taken_before_its_time_or_a_second_time(stranger: Person, asked: str, rows: Rows) -> None:
    assert stranger.post(f"{asked}/rate", {"rating.level": "5"}).status == 409
    assert stranger.post(f"{asked}/confirm", YES).status == 303
    assert stranger.post(f"{asked}/confirm", YES).status == 409
    assert stranger.post(f"{asked}/confirm", {"confirmation": "未解决"}).status == 409
    assert [stranger.post(f"{asked}/rate", {"rating.level": level}).status for level in ("2", "5")] == [303, 409]
    assert rows("select level from rating") == [(2,)]


def test_of_four_ratings_at_the_same_moment_one_counts(site: Flask, stranger: Person, asked: str, rows: Rows) -> None:
    stranger.post(f"{asked}/confirm", YES)
    people = [Person(site) for _ in range(4)]
    tokens, gate, statuses = [somebody.token() for somebody in people], Barrier(4), []

    def rate(number: int) -> None:
        gate.wait()
        fields = {"csrf_token": tokens[number], "rating.level": str(number + 1)}
        statuses.append(people[number].client.post(f"{asked}/rate", data=fields).status_code)

    threads = [Thread(target=rate, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [303, 409, 409, 409] and len(rows("select level from rating")) == 1


def test_a_rating_outside_of_the_five_levels_is_refused(stranger: Person, asked: str, rows: Rows) -> None:
    stranger.post(f"{asked}/confirm", YES)
    for level in ("", "0", "6", "-1", "5.5", "true", "nan", "９", "5 or 1"):
        assert stranger.post(f"{asked}/rate", {"rating.level": level}).status == 422, level
    assert rows("select level from rating") == []


def test_what_a_program_posts_as_reasons_is_kept_small_and_without_numbers(stranger: Person, asked: str, rows: Rows) -> None:
    stranger.post(f"{asked}/confirm", YES)
    reasons = [("rating.tags", text) for text in [SCRIPT, "x" * 100_000, "电话13912345678", *("y" * 50,) * 500]]
    posted = MultiDict(
        [("csrf_token", stranger.token()), ("rating.level", "4"), ("rating.text", SCRIPT + "电话13912345678," * 500), *reasons]
    )
    assert stranger.client.post(f"{asked}/rate", data=posted).status_code == 303
    kept = "".join(map(str, rows("select tags, text from rating")[0]))
    assert len(kept) < 2_000 and "13912345678" not in kept
    assert stranger.get(asked).find("//script[not(@src)]") == []


def test_a_link_cannot_be_guessed_from_another(stranger: Person, asked: str) -> None:
    token = asked.removeprefix("/p/")
    guesses = [token[:-1], token + "A", token.swapcase(), token + "%20", f"{token}/", "%25", "_" * 32, "*", token[::-1], "' or 1=1--"]
    assert {stranger.get(f"/p/{guess}").status for guess in guesses} == {404}
    assert {stranger.post(f"/p/{guess}/confirm", YES).status for guess in guesses if "/" not in guess} == {404}


def test_links_are_not_tried_without_end(stranger: Person) -> None:
    assert 429 in [stranger.get(f"/p/{number:032}").status for number in range(125)]

"""Limits against guessing hold for the whole site, whichever of its processes answers, and keep nobody's address."""

from __future__ import annotations

from engine.assembly import Engine, build_engine
from engine.clock import MovableClock
from engine.commands import request_counts
from webapp import create_app

from .conftest import Person


def test_two_processes_count_together(engine: Engine, clock: MovableClock) -> None:
    other = build_engine(engine.settings, clock)
    people = [Person(create_app(one)) for one in (engine, other)]
    answers = [people[n % 2].post("/login", {"login": "window-a", "password": "wrong"}).status for n in range(11)]
    assert answers == [401] * 10 + [429]
    other.database.dispose()


def test_a_count_ends_with_its_span(engine: Engine, clock: MovableClock) -> None:
    assert [request_counts.count_request(engine, "k", 60) for _ in range(3)] == [1, 2, 3]
    clock.advance(seconds=61)
    assert request_counts.requests_counted(engine, "k").count == 0
    assert request_counts.count_request(engine, "k", 60) == 1


def test_neither_address_nor_login_is_kept(engine: Engine, stranger: Person) -> None:
    stranger.post("/login", {"login": "nobody-of-this-name", "password": "wrong"})
    kept = b"".join(path.read_bytes() for path in engine.settings.data_folder.glob("doudi.db*"))
    assert b"nobody-of-this-name" not in kept


def test_logging_in_writes_no_count(engine: Engine, stranger: Person) -> None:
    stranger.log_in("window-a")
    assert request_counts.forget_all_requests(engine) == 0

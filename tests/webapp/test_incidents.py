"""Incidents as people meet them: what stopped, where, and trying again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from engine.queries.incidents import IncidentView

from .conftest import Person

STOPPED = IncidentView(
    7, "BBC440103-20261123-0001", "notify_applicant", "短信网关没有应答", "Traceback", datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
)


@pytest.fixture
def stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.incidents.open_incidents", lambda *_engine_and_actor: (STOPPED,))


@pytest.mark.usefixtures("stopped")
def test_an_incident_says_where_why_and_since_when(person: Callable[[str], Person]) -> None:
    page = person("coordinator").get("/incidents")
    assert all(part in page.words for part in ("notify_applicant", "短信网关没有应答", "2026-11-23 10:00", "BBC440103-20261123-0001"))
    assert page.find("//form[@action='/incidents/7/retry']")


@pytest.mark.usefixtures("stopped")
def test_only_operators_are_offered_to_try_again(person: Callable[[str], Person]) -> None:
    assert not person("d05").get("/incidents").find("//form[@action='/incidents/7/retry']")


def test_trying_an_unknown_incident_again_says_so(person: Callable[[str], Person]) -> None:
    answer = person("coordinator").post("/incidents/999/retry")
    assert answer.status == 404 and "没有这个异常" in answer.words


def test_after_trying_again_one_is_back_where_one_was(person: Callable[[str], Person], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.incidents.retry_incident", lambda *_arguments: None)
    answer = person("coordinator").post("/incidents/7/retry", {"next": "/cases/BBC440103-20261123-0001"})
    assert answer.status == 303 and answer.location == "/cases/BBC440103-20261123-0001"

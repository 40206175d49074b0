"""Whom to call: name and telephone in clear for whoever works on the file, and every look kept."""

from __future__ import annotations

from collections.abc import Callable

from engine.actors import Actor
from engine.assembly import Engine
from engine.queries.evidence import recorded

from .conftest import Person

Persons = Callable[[str], Person]


def test_the_owner_sees_whom_to_call_and_the_look_is_kept(
    person: Persons, simple_case: str, engine: Engine, actor: Callable[[str], Actor]
) -> None:
    clerk = person("window-a")
    assert clerk.get(f"/cases/{simple_case}").find(f"//form[@action='/cases/{simple_case}/contact']")
    page = clerk.post(f"/cases/{simple_case}/contact")
    assert page.status == 200 and "张示例" in page.words and "13800000000" in page.words
    assert page.headers["Cache-Control"] == "no-store"
    events = recorded(engine, actor("auditor"), simple_case).items
    assert "party:reveal" in [one.event for one in events] and "13800000000" not in str(events)


def test_somebody_who_does_not_work_on_it_is_refused(person: Persons, simple_case: str) -> None:
    colleague = person("window-b")
    assert not colleague.get(f"/cases/{simple_case}").find(f"//form[@action='/cases/{simple_case}/contact']")
    page = colleague.post(f"/cases/{simple_case}/contact")
    assert page.status == 403 and "联系方式只给经办人看" in page.words and "张示例" not in page.source


def test_looking_needs_a_press_of_a_button(person: Persons, simple_case: str) -> None:
    assert person("window-a").get(f"/cases/{simple_case}/contact").status == 405

"""Who wants what belongs to another person, department or window is refused, and nothing is changed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.actors import SYSTEM, Actor
from engine.assembly import Engine
from engine.commands import incidents
from engine.commands.instances import start_instance
from engine.db.tables import Incident
from engine.errors import NotAllowed
from tests.attacks.conftest import Persons, Rows
from tests.webapp.conftest import Person

Count = Callable[[], dict[str, int]]
ACTIONS = ("", "/claim", "/unclaim", "/draft", "/entered", "/conditions", "/reassign")
#: Who has nothing to do with a case that only the window and departments D01, D02, D03, D04, D13 and D15 work on.
OUTSIDERS = ("d21", "rectifier", "lg-leader", "complaint")


def open_tasks(rows: Rows, case_no: str) -> list[str]:
    return [row[0] for row in rows("select id from user_task where business_key = :no and ended_at is null", no=case_no)]


def test_a_clerk_of_another_window_can_do_nothing_with_a_task(
    neighbour: Person, rows: Rows, everything: Count, simple_case: str, complex_case: str
) -> None:
    tasks = open_tasks(rows, simple_case) + open_tasks(rows, complex_case)
    before, looked = everything(), rows("select id, version, assignee, draft from user_task")
    assert len(tasks) > 5
    assert {task: neighbour.get(f"/tasks/{task}").status for task in tasks} == dict.fromkeys(tasks, 403)
    answers = {neighbour.post(f"/tasks/{task}{action}", {"assignee": "neighbour"}).status for task in tasks for action in ACTIONS}
    assert answers == {403}
    assert everything() == before and rows("select id, version, assignee, draft from user_task") == looked


def test_another_window_finds_no_case_no_notice_and_no_line_of_the_export(neighbour: Person, simple_case: str) -> None:
    assert neighbour.get(f"/cases/{simple_case}").status == 403
    for address in (f"/?q={simple_case}", f"/cases?q={simple_case}", "/cases/export.csv", "/notices", "/incidents"):
        page = neighbour.get(address)
        assert page.status == 200 and f"/cases/{simple_case}" not in page.source and f"\n{simple_case}" not in page.source, address


@pytest.mark.parametrize("outsider", OUTSIDERS)
def test_who_is_no_candidate_can_do_nothing_with_a_task(
    person: Persons, rows: Rows, everything: Count, complex_case: str, outsider: str
) -> None:
    somebody, tasks = person(outsider), open_tasks(rows, complex_case)
    before = everything()
    answers = {somebody.post(f"/tasks/{task}{action}", {"assignee": outsider}).status for task in tasks for action in ACTIONS}
    assert answers == {403} and everything() == before


def test_a_department_does_not_touch_the_task_of_another_department(person: Persons, rows: Rows, complex_case: str) -> None:
    of_d03 = rows("select id from user_task where business_key = :no and candidate_groups = '[\"D03\"]'", no=complex_case)[0][0]
    liaison = person("d01")
    assert {liaison.post(f"/tasks/{of_d03}{action}").status for action in ACTIONS} == {403}
    assert rows("select assignee, draft from user_task where id = :id", id=of_d03) == [(None, None)]


def test_a_department_reads_notices_of_its_own_cases_only(person: Persons, simple_case: str, complex_case: str) -> None:
    page = person("d02").get("/notices").source
    assert complex_case in page and simple_case not in page


def test_a_department_is_not_shown_the_link_of_the_citizen(person: Persons, rows: Rows, complex_case: str) -> None:
    token = rows("select public_token from case_file where no = :no", no=complex_case)[0][0]
    liaison = person("d02")
    for address in ("/notices", f"/cases/{complex_case}", "/cases", "/"):
        page = liaison.get(address)
        assert page.status == 200 and token not in page.source, address


def test_the_outbox_and_the_timeline_hide_the_link_of_the_citizen_from_staff(person: Persons, rows: Rows, simple_case: str) -> None:
    token = rows("select public_token from case_file where no = :no", no=simple_case)[0][0]
    clerk = person("window-a")
    assert token not in clerk.get("/notices").source
    assert clerk.get(f"/cases/{simple_case}").source.count(token) == 2, "Expected the one link that the clerk hands to the applicant."


def test_an_operator_of_another_window_retries_no_incident(
    engine: Engine, actor: Callable[[str], Actor], rows: Rows, neighbour: Person
) -> None:
    number = start_instance(engine, actor("coordinator"), "P00_case_spine", "nothing", {})
    with engine.database.transaction() as session:
        session.add(Incident(instance_id=number, element_id="x", message="stopped", created_at=engine.clock.now()))
    incident = rows("select id from incident order by id desc")[0][0]
    assert neighbour.post(f"/incidents/{incident}/retry").status == 403
    assert "stopped" not in neighbour.get("/incidents").source
    assert rows("select resolved_at from incident where id = :id", id=incident) == [(None,)]
    with pytest.raises(NotAllowed):
        incidents.retry_incident(engine, SYSTEM, incident)


def test_a_task_is_handed_over_inside_the_window_only(person: Persons, neighbour: Person, rows: Rows, simple_case: str) -> None:
    task = open_tasks(rows, simple_case)[0]
    head = person("window-head")
    assert "window-b" in head.get(f"/tasks/{task}").source and "neighbour" not in head.get(f"/tasks/{task}").source
    for receiver in ("neighbour", "system", "nobody", "", "window-b' or '1'='1"):
        assert head.post(f"/tasks/{task}/reassign", {"assignee": receiver}).status == 422
    assert rows("select assignee from user_task where id = :id", id=task) == [("window-a",)]
    assert neighbour.get(f"/tasks/{task}").status == 403


def test_another_window_is_not_even_told_that_a_task_is_claimed(neighbour: Person, rows: Rows, simple_case: str) -> None:
    assert neighbour.post(f"/tasks/{open_tasks(rows, simple_case)[0]}/claim").status == 403

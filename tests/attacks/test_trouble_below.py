"""A full disk, a locked or lost database, a clock set back, expressions without end: nothing half done, and work goes on afterwards."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event

from engine.actors import Actor
from engine.assembly import Engine
from engine.clock import MovableClock
from engine.commands import deployments, instances, jobs, user_tasks
from engine.queries.evidence import verify_evidence
from engine.queries.inbox import InboxQuery, inbox
from engine.queries.incidents import open_incidents
from engine.worker import Worker
from tests.attacks.conftest import REGISTRATION, Persons
from tests.commands.conftest import START_END, diagram, user_task
from tests.webapp.conftest import Person

Count = Callable[[], dict[str, int]]


@pytest.fixture
def in_service(site: Flask) -> Flask:
    """As served: a failure becomes a page instead of reaching the test."""
    site.config["PROPAGATE_EXCEPTIONS"] = False
    return site


def prepare_connections(engine: Engine, pragma: str) -> Callable[[], None]:
    """Every connection from now on begins with a PRAGMA; call what is returned to end that."""

    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(f"PRAGMA {pragma}")

    event.listen(engine.database.engine, "connect", prepare)
    engine.database.dispose()

    def undo() -> None:
        event.remove(engine.database.engine, "connect", prepare)
        engine.database.dispose()

    return undo


def test_a_full_disk_loses_nothing_and_says_so(
    in_service: Flask, engine: Engine, person: Persons, everything: Count, caplog: pytest.LogCaptureFixture
) -> None:
    clerk = person("window-a")
    assert clerk.post("/cases/new", REGISTRATION).status == 303
    with engine.database.reading() as session:
        pages = session.connection().exec_driver_sql("PRAGMA page_count").scalar_one()
    make_room, before = prepare_connections(engine, f"max_page_count={pages}"), everything()
    statuses = []
    while 500 not in statuses and len(statuses) < 20:
        before = everything()
        answer = clerk.post("/cases/new", REGISTRATION | {"text": "这段文字不应出现在日志里。" + "长" * 1500})
        statuses.append(answer.status)
    assert statuses[-1] == 500 and "Content-Security-Policy" in answer.headers and "系统出了问题" in answer.words
    assert everything() == before
    assert clerk.get("/").status == 200, "Expected reading to go on."
    assert "disk is full" in caplog.text and "这段文字" not in caplog.text and "司马探针" not in caplog.text
    make_room()
    assert clerk.post("/cases/new", REGISTRATION).status == 303 and verify_evidence(engine).faults == ()


def test_a_database_locked_by_another_program_is_waited_for_and_then_said(
    in_service: Flask, engine: Engine, person: Persons, everything: Count
) -> None:
    clerk = person("window-a")
    be_patient = prepare_connections(engine, "busy_timeout=100")
    before = everything()
    other = sqlite3.connect(engine.settings.data_folder / "doudi.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    answer = clerk.post("/cases/new", REGISTRATION)
    assert answer.status == 409 and REGISTRATION["text"] in answer.source, "Expected what was typed to stay."
    assert clerk.get("/").status == 200 and Worker(engine).run_once() == 0
    other.execute("ROLLBACK")
    other.close()
    assert everything() == before
    be_patient()
    assert clerk.post("/cases/new", REGISTRATION).status == 303


def test_a_lost_database_is_answered_with_a_page_and_ends_no_worker(
    in_service: Flask, engine: Engine, person: Persons, caplog: pytest.LogCaptureFixture
) -> None:
    clerk = person("window-a")
    engine.database.dispose()
    for file in Path(engine.settings.data_folder).glob("doudi.db*"):
        file.unlink()
    caplog.set_level(logging.CRITICAL + 1)
    for answer in (clerk.get("/"), clerk.get("/cases"), Person(in_service).get("/p/x")):
        assert answer.status == 500 and "系统出了问题" in answer.words and "Content-Security-Policy" in answer.headers
    assert Worker(engine).run_once() == 0


def test_a_clock_set_back_breaks_no_list_no_chain_and_fires_nothing_early(
    engine: Engine, clock: MovableClock, person: Persons, simple_case: str
) -> None:
    clerk, noon = person("window-a"), clock.now()
    clock.move_to(noon - timedelta(days=400))
    clerk = person("window-a")
    assert clerk.post("/cases/new", REGISTRATION).status == 303
    jobs.run_due_jobs(engine, "w")
    for address in ("/", "/cases", f"/cases/{simple_case}", "/notices"):
        assert clerk.get(address).status == 200
    clock.move_to(noon)
    assert f"/cases/{simple_case}" in person("window-a").get("/").source
    assert verify_evidence(engine).faults == ()


def script(key: str, expression: str) -> bytes:
    head = '<bpmn:scriptTask id="work" scriptFormat="feel" camunda:resultVariable="r">'
    step = f"{head}<bpmn:script>{expression}</bpmn:script></bpmn:scriptTask>"
    return diagram(key, START_END + user_task("first") + step + user_task("second"), "s>first first>work work>second second>e")


ENDLESS = {
    "a_loop": "=count(for i in 1..1000000000 return i)",
    "a_product": "=for a in 1..100000, b in 1..100000 return a * b",
    "a_text": '=string join(for i in 1..3000000 return "xxxxxxxxxxxxxxxx", "")',
    "a_pattern": '=matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "^(a+)+$")',
    "a_number": "=10 ** 400",
    "a_date": '=date("9999-12-31") + duration("P1D")',
    "a_name": "=nothing.at.all",
}


def test_an_expression_without_end_stops_its_own_process_only(engine: Engine, actor: Callable[[str], Actor]) -> None:
    admin, clerk = actor("admin"), actor("window-a")
    files = {f"{key}.bpmn": script(key, expression) for key, expression in (ENDLESS | {"harmless": "=1 + 1"}).items()}
    deployments.deploy(engine, admin, files, "hostile")
    for key in (*ENDLESS, "harmless"):
        instances.start_instance(engine, admin, key, f"BK-{key}", {"org_unit": clerk.org_unit})
    for task in inbox(engine, clerk, InboxQuery(limit=50)).items:
        user_tasks.complete_task(engine, clerk, task.task_id, {})
    Worker(engine).run_once()
    stopped = {incident.case_no: incident for incident in open_incidents(engine, admin)}
    assert set(stopped) == {f"BK-{key}" for key in ENDLESS} and {incident.element_id for incident in stopped.values()} == {"work"}
    assert [task.case_no for task in inbox(engine, clerk, InboxQuery()).items] == ["BK-harmless"]

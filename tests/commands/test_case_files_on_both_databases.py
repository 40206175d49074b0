"""Case files, their children and what is done on them work on SQLite and on PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from threading import Thread

import pytest

from engine.assembly import Engine, build_engine
from engine.clock import MovableClock
from engine.commands.case_actions import act
from engine.commands.case_files import open_case_file
from engine.db.base import Base
from engine.db.database import Database
from engine.db.tables import OrgUnit
from engine.errors import Conflict, EngineError
from engine.queries.evidence import verify_evidence
from engine.settings import Settings
from tests.commands.conftest import CLERK, WINDOW, diagram, user_task
from tests.commands.files_of_kinds import (
    BY_MESSAGE,
    END,
    START,
    add_action,
    add_kind,
    case,
    children,
    deploy,
    entries,
    instances,
    run_jobs,
    service,
    tasks,
)
from tests.commands.test_case_actions import SAID, WAITS
from tests.db.conftest import empty_database, postgres_server, postgres_url  # noqa: F401 - fixtures


@pytest.fixture
def engine(empty_database: Database, settings: Settings, clock: MovableClock) -> Iterator[Engine]:  # noqa: F811 - the fixture's name
    built = build_engine(replace(settings, database_url=empty_database.url), clock)
    Base.metadata.create_all(built.database.engine)
    with built.database.transaction() as session:
        session.add(OrgUnit(id=WINDOW, name="示例窗口", region="440103"))
    add_kind(built, "suggestion", "suggest")
    add_kind(built, "letter", "letters", prefix="LE", start_form=None)
    add_action(built, "ask", form="said")
    yield built
    built.database.dispose()


def test_a_file_is_opened_acted_on_and_has_a_child_and_a_ledger(engine: Engine) -> None:
    noted = service("note", "case-entry", kind="提问", facts="={words: text}") + service("open", "case-open", kind="letter", title="=text")
    deploy(
        engine,
        diagram("suggest", START + user_task("study") + END, "s>study study>e"),
        diagram("letters", START + user_task("write") + END, "s>write write>e"),
        diagram("ask", BY_MESSAGE + noted + END, "s>note note>open open>e"),
    )
    number = open_case_file(engine, CLERK, "suggestion", SAID)
    act(engine, CLERK, number, "ask", {"text": "为什么?"})
    run_jobs(engine)
    (child,) = children(engine, number)
    assert (child.title, child.facts, entries(engine, number)) == ("为什么?", {}, [("提问", {"words": "为什么?"})])
    assert {(item.case_no, item.element_id) for item in tasks(engine)} == {(number, "study"), (child.no, "write")}
    assert verify_evidence(engine).faults == ()


def test_of_two_people_who_act_at_the_same_moment_one_is_told_that_it_is_done(engine: Engine) -> None:
    deploy(engine, diagram("suggest", START + WAITS + user_task("study") + END, "s>wait wait>study study>e"))
    number, outcomes = open_case_file(engine, CLERK, "suggestion", SAID), list[object]()

    def one_acts() -> None:
        try:
            outcomes.append(act(engine, CLERK, number, "ask", {"text": "快些"}))
        except EngineError as refused:
            outcomes.append(type(refused))

    people = [Thread(target=one_acts) for _ in range(2)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert sorted(map(str, outcomes)) == sorted(map(str, [None, Conflict]))
    assert [item.element_id for item in tasks(engine)] == ["study"]
    assert case(engine, number).status == "办理中" and len(instances(engine, number)) == 1

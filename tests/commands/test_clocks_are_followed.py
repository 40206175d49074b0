"""What waits for a clock of the case moves with it, in every running process of the case, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import select

from engine.assembly import Engine, build_engine
from engine.clock import MovableClock, as_local
from engine.commands import instances, jobs, modification
from engine.db.base import NO_DUE_DATE, Base
from engine.db.case_tables import Case, CaseClock, Party
from engine.db.database import Database
from engine.db.tables import InboxEntry, Job, OrgUnit, UserTask
from engine.errors import InvalidDefinition
from engine.queries.inbox import InboxQuery, inbox
from engine.settings import Settings
from tests.commands.conftest import ADMIN, CLERK, START_END, WINDOW, deploy, diagram, user_task
from tests.db.conftest import empty_database, postgres_server, postgres_url  # noqa: F401 - fixtures

MONDAY = as_local("2026-11-23T10:00")
WATCHED = 'camunda:candidateGroups="window" camunda:dueDate="clock:finish"'
LATE = (
    '<bpmn:boundaryEvent id="late" name="到期" attachedToRef="work"><bpmn:timerEventDefinition>'
    '<bpmn:timeDate>="clock:finish+1个工作日"</bpmn:timeDate></bpmn:timerEventDefinition></bpmn:boundaryEvent>'
)
STEP = '<bpmn:serviceTask id="x" name="计时" camunda:type="external" camunda:topic="{topic}">{inputs}</bpmn:serviceTask>'


@pytest.fixture
def engine(empty_database: Database, settings: Settings) -> Iterator[Engine]:  # noqa: F811 - the fixture's name
    built = build_engine(replace(settings, database_url=empty_database.url), MovableClock(MONDAY))
    Base.metadata.create_all(built.database.engine)
    with built.database.transaction() as session:
        session.add(OrgUnit(id=WINDOW, name="示例窗口", region="440103"))
        session.add(Party(id=1, kind="自然人", name=b"", created_at=MONDAY))
        session.flush()
        session.add(_case("C-1"))
    deploy(built, diagram("watch", START_END + user_task("work", WATCHED) + LATE + user_task("after"), "s>work work>e late>after after>e"))
    yield built
    built.database.dispose()


@pytest.fixture
def watched(engine: Engine) -> Engine:
    """A task that is due with the case, and a deadline a working day later."""
    act(engine, "clock-start", kind="finish", limit="3个工作日")
    instances.start_instance(engine, ADMIN, "watch", "C-1", {})
    return engine


def _case(number: str) -> Case:
    return Case(
        no=number, org_unit=WINDOW, region="440103", channel="窗口", received_at=MONDAY, effective_at=MONDAY, applicant_id=1,
        title="示例", text="示例", status="办理中", public_token="t",
    )  # fmt: skip


def act(engine: Engine, topic: str, **inputs: str) -> None:
    """Another process of the case moves its clocks."""
    given = "".join(f'<camunda:inputParameter name="{name}">{value}</camunda:inputParameter>' for name, value in inputs.items())
    step = f"<bpmn:extensionElements><camunda:inputOutput>{given}</camunda:inputOutput></bpmn:extensionElements>" if given else ""
    key = topic.replace("-", "_")
    deploy(engine, diagram(key, START_END + STEP.format(topic=topic, inputs=step), "s>x x>e"))
    instances.start_instance(engine, ADMIN, key, "C-1", {})


def due_times(engine: Engine) -> tuple[datetime | None, datetime, datetime]:
    """(of the task, of its place in the inbox, of the deadline)"""
    with engine.database.reading() as session:
        task, place = session.scalars(select(UserTask.due_at)).one(), session.scalars(select(InboxEntry.due_key)).one()
        return task, place, session.scalars(select(Job.due_at).where(Job.kind == "timer")).one()


def open_tasks(engine: Engine) -> list[str]:
    return [item.element_id for item in inbox(engine, CLERK, InboxQuery()).items]


def at(engine: Engine, text: str) -> None:
    engine.clock.move_to(as_local(text))  # type: ignore[attr-defined]  # the clock of the tests
    while jobs.run_due_jobs(engine, "w"):
        pass


def test_tasks_and_timers_are_due_with_the_clock_of_their_case(watched: Engine) -> None:
    assert due_times(watched) == (as_local("2026-11-26T17:00"), as_local("2026-11-26T17:00"), as_local("2026-11-27T17:00"))
    at(watched, "2026-11-27T17:00")
    assert open_tasks(watched) == ["after"]


def test_an_extension_in_another_process_moves_what_waits_for_the_clock(watched: Engine) -> None:
    act(watched, "clock-extend", kind="finish", limit="2个工作日")
    at(watched, "2026-11-23T10:00")
    assert due_times(watched) == (as_local("2026-11-30T17:00"), as_local("2026-11-30T17:00"), as_local("2026-12-01T17:00"))
    at(watched, "2026-11-30T17:00")
    assert open_tasks(watched) == ["work"]


def test_nothing_falls_due_while_the_clock_rests_and_what_was_left_counts_after_it(watched: Engine) -> None:
    at(watched, "2026-11-24T10:00")
    act(watched, "clocks-pause", reason="待补正")
    at(watched, "2026-11-24T10:00")
    assert due_times(watched) == (None, NO_DUE_DATE, NO_DUE_DATE)
    at(watched, "2026-12-10T10:00")
    assert open_tasks(watched) == ["work"]
    act(watched, "clocks-resume")
    at(watched, "2026-12-10T10:00")
    assert due_times(watched) == (as_local("2026-12-14T17:00"), as_local("2026-12-14T17:00"), as_local("2026-12-15T17:00"))


def test_a_timer_that_fell_due_before_the_worker_heard_of_the_pause_does_not_fire(watched: Engine) -> None:
    watched.clock.move_to(as_local("2026-11-26T16:00"))  # type: ignore[attr-defined]
    act(watched, "clocks-pause", reason="待补正")
    with watched.database.transaction() as session:
        for job in session.scalars(select(Job).where(Job.kind == "rearm")):
            session.delete(job)
    at(watched, "2026-11-30T10:00")
    assert (open_tasks(watched), due_times(watched)) == (["work"], (None, NO_DUE_DATE, NO_DUE_DATE))


def test_a_task_that_waits_for_a_clock_not_started_yet_is_due_once_it_starts(engine: Engine) -> None:
    instances.start_instance(engine, ADMIN, "watch", "C-1", {})
    assert due_times(engine) == (None, NO_DUE_DATE, NO_DUE_DATE)
    act(engine, "clock-start", kind="finish", limit="1个工作日")
    at(engine, "2026-11-23T10:00")
    assert due_times(engine)[0] == as_local("2026-11-24T17:00")


def test_a_stopped_clock_makes_nothing_due(watched: Engine) -> None:
    act(watched, "clock-stop", kind="finish")
    at(watched, "2027-01-04T10:00")
    assert open_tasks(watched) == ["work"]


def test_a_reference_past_due_fires_at_once(engine: Engine) -> None:
    act(engine, "clock-start", kind="finish", limit="1个工作日")
    at(engine, "2026-12-01T10:00")
    instances.start_instance(engine, ADMIN, "watch", "C-1", {})
    at(engine, "2026-12-01T10:00")
    assert open_tasks(engine) == ["after"]


def test_a_suspended_instance_follows_the_clock_when_it_goes_on(watched: Engine) -> None:
    with watched.database.reading() as session:
        (number,) = session.scalars(select(UserTask.instance_id))
    modification.suspend_instance(watched, ADMIN, number, "示例原因")
    act(watched, "clock-extend", kind="finish", limit="2个工作日")
    at(watched, "2026-11-24T10:00")
    assert due_times(watched)[0] == as_local("2026-11-26T17:00")
    modification.resume_instance(watched, ADMIN, number, "示例原因")
    at(watched, "2026-11-24T10:00")
    assert due_times(watched)[0] == as_local("2026-11-30T17:00")


def test_another_case_is_left_alone_and_no_job_is_made_where_nobody_has_to_follow(engine: Engine) -> None:
    act(engine, "clock-start", kind="finish", limit="1个工作日")
    with engine.database.reading() as session:
        assert session.scalars(select(Job.kind)).all() == []
        assert len(session.scalars(select(CaseClock)).all()) == 1


@pytest.mark.parametrize(
    ("due", "code", "said"),
    [("clock:finish+3工作", "clock", "clock:finish+3工作"), ("=&quot;clock:lunch&quot;", "clock-kind", "lunch")],
)
def test_a_reference_that_cannot_be_read_or_names_no_clock_is_not_deployed(engine: Engine, due: str, code: str, said: str) -> None:
    task = user_task("work", f'camunda:candidateGroups="window" camunda:dueDate="{due}"')
    with pytest.raises(InvalidDefinition) as refused:
        deploy(engine, diagram("wrong", START_END + task, "s>work work>e"))
    (finding,) = [finding for finding in refused.value.findings if finding.severity == "error"]
    assert (finding.code, finding.element_id) == (code, "work") and said in finding.message

"""Processes that begin by themselves: by a message, a signal, at a time; always the newest version, each occasion once."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from engine.assembly import Engine
from engine.clock import MovableClock
from engine.commands import instances, jobs, messages
from engine.db.tables import Job, ProcessInstance
from engine.errors import InvalidDefinition, NotFound
from engine.queries.inbox import InboxQuery, inbox
from tests.commands.conftest import ADMIN, CLERK, START_END, deploy, diagram, user_task

END = '<bpmn:endEvent id="e" name="结束" />'
BY_MESSAGE = '<bpmn:startEvent id="s" name="来信"><bpmn:messageEventDefinition messageRef="m_go" /></bpmn:startEvent>'


def timed(kind: str, text: str) -> str:
    timer = f"<bpmn:timerEventDefinition><bpmn:{kind}>{text}</bpmn:{kind}></bpmn:timerEventDefinition>"
    return f'<bpmn:startEvent id="s" name="到点">{timer}</bpmn:startEvent>'


def begun(engine: Engine) -> int:
    with engine.database.reading() as session:
        return session.scalar(select(func.count()).select_from(ProcessInstance)) or 0


def test_a_message_that_nobody_waits_for_starts_the_process_that_begins_with_it(engine: Engine) -> None:
    deploy(engine, diagram("answer", BY_MESSAGE + END + user_task("read"), "s>read read>e"))
    messages.correlate_message(engine, ADMIN, "go", "C-7", {"text": "你好"})
    item = inbox(engine, CLERK, InboxQuery()).items[0]
    assert (item.element_id, item.case_no) == ("read", "C-7")


def test_a_message_that_starts_nothing_is_refused(engine: Engine) -> None:
    with pytest.raises(NotFound):
        messages.correlate_message(engine, ADMIN, "go", "C-7", {})


def test_a_message_thrown_by_one_process_starts_another(engine: Engine) -> None:
    sends = '<bpmn:messageEventDefinition messageRef="m_go" />'
    throw = f'<bpmn:intermediateThrowEvent id="t" name="寄信">{sends}</bpmn:intermediateThrowEvent>'
    deploy(
        engine,
        diagram("answer", BY_MESSAGE + END + user_task("read"), "s>read read>e"),
        diagram("write", START_END + throw, "s>t t>e"),
    )
    instances.start_instance(engine, ADMIN, "write", "C-1", {})
    jobs.run_due_jobs(engine, "w")
    assert [item.element_id for item in inbox(engine, CLERK, InboxQuery()).items] == ["read"]


def test_a_new_version_takes_over_the_start_events_of_the_old_one(engine: Engine) -> None:
    deploy(engine, diagram("answer", BY_MESSAGE + END + user_task("read"), "s>read read>e"))
    deploy(engine, diagram("answer", START_END + user_task("other"), "s>other other>e"))
    with pytest.raises(NotFound):
        messages.correlate_message(engine, ADMIN, "go", "C-7", {})


def test_a_cycle_starts_an_instance_at_each_occasion(engine: Engine, clock: MovableClock) -> None:
    deploy(engine, diagram("daily", timed("timeCycle", "R/PT24H") + END + user_task("work"), "s>work work>e"))
    for day in (1, 2, 3):
        clock.advance(hours=24)
        jobs.run_due_jobs(engine, "w")
        assert begun(engine) == day


def test_a_cycle_with_an_end_stops_after_it(engine: Engine, clock: MovableClock) -> None:
    deploy(engine, diagram("twice", timed("timeCycle", "R2/PT1H") + END + user_task("work"), "s>work work>e"))
    for _ in range(4):
        clock.advance(hours=1)
        jobs.run_due_jobs(engine, "w")
    assert begun(engine) == 2
    with engine.database.reading() as session:
        assert session.scalars(select(Job)).all() == []


def test_the_timer_of_an_old_version_starts_nothing_any_more(engine: Engine, clock: MovableClock) -> None:
    deploy(engine, diagram("once", timed("timeDuration", "PT1H") + END + user_task("work"), "s>work work>e"))
    deploy(engine, diagram("once", START_END + user_task("work"), "s>work work>e"))
    clock.advance(hours=1)
    jobs.run_due_jobs(engine, "w")
    assert begun(engine) == 0


def test_a_timer_that_names_no_moment_is_refused_at_deployment(engine: Engine) -> None:
    with pytest.raises(InvalidDefinition) as error:
        deploy(engine, diagram("never", timed("timeDate", "irgendwann") + END + user_task("work"), "s>work work>e"))
    assert error.value.findings[0].element_id == "s"
    assert begun(engine) == 0

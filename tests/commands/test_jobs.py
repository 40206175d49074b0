"""Timers and other jobs: due when they are due, once in effect, whatever dies."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from engine.assembly import Engine, build_engine
from engine.clock import MovableClock
from engine.commands import incidents, instances, jobs
from engine.db.tables import Incident, Job
from engine.errors import Conflict, NotAllowed
from engine.queries.inbox import InboxQuery, inbox
from tests.commands.conftest import ADMIN, CLERK


def start(engine: Engine) -> None:
    instances.start_instance(engine, ADMIN, "one_timer", "C-1", {})


def seen(engine: Engine) -> list[str]:
    return [item.element_id for item in inbox(engine, CLERK, InboxQuery()).items]


def test_a_timer_does_not_fire_before_it_is_due(one_timer: Engine, clock: MovableClock) -> None:
    start(one_timer)
    clock.advance(minutes=59)
    assert jobs.run_due_jobs(one_timer, "w") == 0
    assert seen(one_timer) == []


def test_a_due_timer_fires_once_and_the_process_goes_on(one_timer: Engine, clock: MovableClock) -> None:
    start(one_timer)
    clock.advance(hours=1)
    assert jobs.run_due_jobs(one_timer, "w") == 1
    assert jobs.run_due_jobs(one_timer, "w") == 0
    assert seen(one_timer) == ["after"]


def test_a_timer_survives_a_restart(one_timer: Engine, clock: MovableClock) -> None:
    start(one_timer)
    one_timer.database.dispose()
    clock.advance(hours=2)
    restarted = build_engine(one_timer.settings, clock)
    assert jobs.run_due_jobs(restarted, "w") == 1
    assert seen(restarted) == ["after"]
    restarted.database.dispose()


def test_a_job_of_a_dead_worker_is_taken_over_when_its_lease_ends(one_timer: Engine, clock: MovableClock) -> None:
    start(one_timer)
    clock.advance(hours=1)
    held = jobs.claim_jobs(one_timer, "dead", 16)
    assert jobs.run_due_jobs(one_timer, "alive") == 0
    clock.advance(seconds=one_timer.settings.lease_seconds)
    assert jobs.run_due_jobs(one_timer, "alive") == 1
    jobs.execute_job(one_timer, held[0])  # the dead worker comes back: what it holds is gone
    assert seen(one_timer) == ["after"]


def test_a_job_that_fails_spends_its_retries_and_becomes_an_incident(
    one_timer: Engine, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(one_timer)
    monkeypatch.setitem(jobs.HANDLERS, "timer", _broken)
    for _ in range(jobs.RETRIES):
        clock.advance(hours=1)
        assert jobs.run_due_jobs(one_timer, "w") == 1
    clock.advance(hours=1)
    assert jobs.run_due_jobs(one_timer, "w") == 0
    monkeypatch.undo()
    incident = _incident(one_timer)
    assert "RuntimeError: the disk is on fire" in incident.message
    incidents.retry_incident(one_timer, ADMIN, incident.id)
    assert jobs.run_due_jobs(one_timer, "w") == 1
    assert seen(one_timer) == ["after"]


def test_a_conflict_spends_no_retry(one_timer: Engine, clock: MovableClock, monkeypatch: pytest.MonkeyPatch) -> None:
    start(one_timer)
    monkeypatch.setitem(jobs.HANDLERS, "timer", _contested)
    clock.advance(hours=1)
    jobs.run_due_jobs(one_timer, "w")
    with one_timer.database.reading() as session:
        job = session.scalars(select(Job)).one()
    assert (job.attempts, job.owner, job.error) == (0, None, None)


def test_only_operators_retry_incidents(one_timer: Engine) -> None:
    with pytest.raises(NotAllowed):
        incidents.retry_incident(one_timer, CLERK, 1)


def test_the_worker_knows_how_long_it_may_sleep(one_timer: Engine, clock: MovableClock) -> None:
    assert jobs.next_due(one_timer) is None
    start(one_timer)
    clock.advance(minutes=20)
    assert jobs.next_due(one_timer) == timedelta(minutes=40).total_seconds()


def _broken(engine: Engine, session: object, job: object) -> None:
    raise RuntimeError("the disk is on fire")


def _contested(engine: Engine, session: object, job: object) -> None:
    raise Conflict("somebody else was quicker")


def _incident(engine: Engine) -> Incident:
    with engine.database.reading() as session:
        return session.scalars(select(Incident).where(Incident.resolved_at.is_(None))).one()

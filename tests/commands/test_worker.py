"""The worker: does what is due, seals the evidence, outlives failures, stops when told."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from benchmarks.timers import counted
from engine.assembly import Engine
from engine.clock import MovableClock
from engine.commands import instances, jobs
from engine.db.tables import EvidenceSeal
from engine.queries.evidence import verify_evidence
from engine.worker import LONGEST_NAP, SEAL_EVERY, Worker
from tests.commands.conftest import ADMIN


def seals(engine: Engine) -> int:
    with engine.database.reading() as session:
        return session.scalar(select(func.count()).select_from(EvidenceSeal)) or 0


def test_a_round_executes_what_is_due(one_timer: Engine, clock: MovableClock) -> None:
    instances.start_instance(one_timer, ADMIN, "one_timer", "C-1", {})
    clock.advance(hours=1)
    worker = Worker(one_timer)
    assert (worker.run_once(), worker.run_once()) == (1, 0)


def test_new_evidence_is_sealed_every_hour_and_the_seals_hold(one_timer: Engine, clock: MovableClock) -> None:
    worker = Worker(one_timer)
    worker.run_once()
    first = seals(one_timer)
    instances.start_instance(one_timer, ADMIN, "one_timer", "C-1", {})
    worker.run_once()
    assert seals(one_timer) == first
    clock.advance(seconds=SEAL_EVERY.total_seconds())
    worker.run_once()
    assert seals(one_timer) == first + 1
    assert verify_evidence(one_timer).faults == ()


def test_a_round_that_fails_is_followed_by_the_next(one_timer: Engine, clock: MovableClock, monkeypatch: pytest.MonkeyPatch) -> None:
    instances.start_instance(one_timer, ADMIN, "one_timer", "C-1", {})
    clock.advance(hours=1)
    worker = Worker(one_timer)
    monkeypatch.setattr(jobs, "run_due_jobs", _away)
    assert worker.run_once() == 0
    monkeypatch.undo()
    assert worker.run_once() == 1


def test_an_idle_worker_asks_the_database_one_question_a_nap(one_timer: Engine, clock: MovableClock) -> None:
    instances.start_instance(one_timer, ADMIN, "one_timer", "C-1", {})
    worker = Worker(one_timer)
    worker.run_once()
    with counted(one_timer) as statements:
        worker.run_once()
    assert len(statements) == 1
    assert worker._nap == LONGEST_NAP == 1.0


def test_a_worker_wakes_when_the_next_timer_falls_due(one_timer: Engine, clock: MovableClock) -> None:
    instances.start_instance(one_timer, ADMIN, "one_timer", "C-1", {})
    worker = Worker(one_timer)
    clock.advance(minutes=59, seconds=59.75)
    worker.run_once()
    assert worker._nap == 0.25


def test_a_started_worker_stops_when_told(one_timer: Engine) -> None:
    worker = Worker(one_timer)
    worker.start()
    worker.stop()
    assert worker._thread is not None and not worker._thread.is_alive()


def _away(engine: Engine, worker_id: str, limit: int = 16) -> int:
    raise ConnectionError("the database is away")

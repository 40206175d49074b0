"""The machine's clock jumps by a day: timers fire once, a job runs once in effect, seals go on."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from engine.assembly import Engine
from engine.clock import MovableClock
from engine.commands import instances, jobs
from engine.db.tables import Evidence, EvidenceSeal
from engine.queries.evidence import verify_evidence
from engine.queries.inbox import InboxQuery, inbox
from engine.worker import Worker
from tests.commands.conftest import ADMIN, CLERK, engine, one_timer  # noqa: F401 - fixtures


@pytest.fixture
def waiting(one_timer: Engine) -> Engine:  # noqa: F811 - the fixture's name
    """One instance whose timer is due in an hour."""
    instances.start_instance(one_timer, ADMIN, "one_timer", "C-1", {})
    return one_timer


def fired(engine: Engine) -> int:  # noqa: F811
    with engine.database.reading() as session:
        return session.scalar(select(func.count()).select_from(Evidence).where(Evidence.event == "timer:fire")) or 0


def is_done_once(engine: Engine) -> bool:  # noqa: F811
    seen = [item.element_id for item in inbox(engine, CLERK, InboxQuery()).items]
    return (seen, fired(engine), verify_evidence(engine).faults) == (["after"], 1, ())


def test_a_timer_that_fired_early_by_a_clock_set_forward_does_not_fire_again_when_it_is_set_right(
    waiting: Engine, clock: MovableClock
) -> None:
    clock.advance(days=1)
    assert jobs.run_due_jobs(waiting, "w") == 1
    clock.advance(days=-1)
    clock.advance(hours=2)
    assert jobs.run_due_jobs(waiting, "w") == 0
    assert is_done_once(waiting)


def test_a_timer_waits_for_its_own_moment_when_the_clock_is_set_back(waiting: Engine, clock: MovableClock) -> None:
    clock.advance(days=-1)
    clock.advance(hours=1)
    assert jobs.run_due_jobs(waiting, "w") == 0
    clock.advance(days=1)
    assert jobs.run_due_jobs(waiting, "w") == 1
    assert is_done_once(waiting)


def test_a_lease_that_a_jump_ends_early_lets_the_slow_worker_do_nothing(waiting: Engine, clock: MovableClock) -> None:
    clock.advance(hours=1)
    (held,) = jobs.claim_jobs(waiting, "slow", 16)
    clock.advance(days=1)
    assert jobs.run_due_jobs(waiting, "quick") == 1
    jobs.execute_job(waiting, held)
    assert is_done_once(waiting)


def test_of_a_job_claimed_twice_by_a_jump_the_later_claim_counts(waiting: Engine, clock: MovableClock) -> None:
    clock.advance(hours=1)
    (slow,) = jobs.claim_jobs(waiting, "slow", 16)
    clock.advance(days=1)
    (quick,) = jobs.claim_jobs(waiting, "quick", 16)
    jobs.execute_job(waiting, slow)
    assert fired(waiting) == 0
    jobs.execute_job(waiting, quick)
    assert is_done_once(waiting)


def test_a_clock_set_back_during_a_lease_lets_the_living_worker_finish(waiting: Engine, clock: MovableClock) -> None:
    clock.advance(hours=1)
    (held,) = jobs.claim_jobs(waiting, "alive", 16)
    clock.advance(days=-1)
    jobs.execute_job(waiting, held)
    assert is_done_once(waiting)


def test_a_job_whose_worker_died_before_the_clock_was_set_back_waits_until_the_clock_is_where_it_was(
    waiting: Engine, clock: MovableClock
) -> None:
    clock.advance(hours=1)
    assert len(jobs.claim_jobs(waiting, "dead", 16)) == 1
    clock.advance(days=-1)
    assert jobs.run_due_jobs(waiting, "other") == 0
    clock.advance(days=1, seconds=waiting.settings.lease_seconds)
    assert jobs.run_due_jobs(waiting, "other") == 1
    assert is_done_once(waiting)


def test_seals_go_on_when_the_clock_is_set_back(waiting: Engine, clock: MovableClock) -> None:
    worker = Worker(waiting)
    clock.advance(hours=1)
    worker.run_once()
    clock.advance(days=-1)
    instances.start_instance(waiting, ADMIN, "one_timer", "C-2", {})
    worker.run_once()
    with waiting.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(EvidenceSeal)) == 2
    assert verify_evidence(waiting).faults == ()

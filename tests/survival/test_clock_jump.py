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
from tests.commands.conftest import ADMIN, CLERK, START_END, deploy, diagram, engine, one_timer, user_task  # noqa: F401 - fixtures


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


def broken(_engine: Engine, _session: object, _job: object) -> None:
    raise RuntimeError("the disk is on fire")


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


def test_a_job_whose_worker_died_before_the_clock_was_set_back_is_taken_over_after_one_lease(waiting: Engine, clock: MovableClock) -> None:
    living = Worker(waiting)
    clock.advance(hours=1)
    living.run_once()
    instances.start_instance(waiting, ADMIN, "one_timer", "C-2", {})
    clock.advance(hours=1)
    assert len(jobs.claim_jobs(waiting, "dead", 16)) == 1
    clock.advance(days=-1)
    assert living.run_once() == 0
    clock.advance(seconds=waiting.settings.lease_seconds)
    assert living.run_once() == 1
    assert fired(waiting) == 2


def test_a_worker_that_starts_after_the_clock_was_set_back_takes_over_what_a_dead_one_held(waiting: Engine, clock: MovableClock) -> None:
    clock.advance(hours=1)
    assert len(jobs.claim_jobs(waiting, "dead", 16)) == 1
    clock.advance(days=-1)
    newcomer = Worker(waiting)
    assert newcomer.run_once() == 0
    clock.advance(seconds=waiting.settings.lease_seconds)
    assert newcomer.run_once() == 1
    assert is_done_once(waiting)


def test_a_shortened_lease_lets_the_living_worker_finish_and_counts_once(waiting: Engine, clock: MovableClock) -> None:
    clock.advance(hours=1)
    (held,) = jobs.claim_jobs(waiting, "alive", 16)
    clock.advance(days=-1)
    assert jobs.shorten_waits(waiting) == 1
    jobs.execute_job(waiting, held)
    clock.advance(days=2)
    assert jobs.run_due_jobs(waiting, "other") == 0
    assert is_done_once(waiting)


def test_a_pause_after_a_failure_does_not_last_a_day_longer_when_the_clock_is_set_back(
    waiting: Engine, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(jobs.HANDLERS, "timer", broken)
    clock.advance(hours=1)
    assert jobs.run_due_jobs(waiting, "w") == 1
    monkeypatch.undo()
    clock.advance(days=-1)
    assert jobs.shorten_waits(waiting) == 1
    clock.advance(seconds=max(waiting.settings.lease_seconds, jobs.LONGEST_PAUSE.total_seconds()))
    assert jobs.run_due_jobs(waiting, "w") == 1
    assert is_done_once(waiting)


def test_a_step_in_the_background_does_not_wait_a_day_when_the_clock_is_set_back(engine: Engine, clock: MovableClock) -> None:  # noqa: F811
    in_background = user_task("after", 'camunda:candidateGroups="window" camunda:asyncBefore="true"')
    deploy(engine, diagram("background", START_END + in_background, "s>after after>e"))
    instances.start_instance(engine, ADMIN, "background", "C-1", {})
    clock.advance(days=-1)
    assert jobs.run_due_jobs(engine, "w") == 0
    assert jobs.shorten_waits(engine) == 1
    clock.advance(seconds=engine.settings.lease_seconds)
    assert jobs.run_due_jobs(engine, "w") == 1
    assert [item.element_id for item in inbox(engine, CLERK, InboxQuery()).items] == ["after"]


def test_shortening_waits_leaves_timers_and_jobs_out_of_retries_alone(
    waiting: Engine, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    instances.start_instance(waiting, ADMIN, "one_timer", "C-2", {})
    monkeypatch.setitem(jobs.HANDLERS, "timer", broken)
    for _ in range(jobs.RETRIES):
        clock.advance(hours=1)
        jobs.run_due_jobs(waiting, "w", limit=2)
    monkeypatch.undo()
    instances.start_instance(waiting, ADMIN, "one_timer", "C-3", {})
    clock.advance(days=-1)
    assert jobs.shorten_waits(waiting) == 0


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

"""A job that always fails, and one that ends its worker each time: an incident for it, and the others go on."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from engine.assembly import Engine
from engine.clock import MovableClock
from engine.commands import incidents, instances, jobs
from engine.db.tables import Incident
from engine.queries.evidence import verify_evidence
from engine.queries.inbox import InboxQuery, inbox
from tests.commands.conftest import ADMIN, CLERK, engine, one_timer  # noqa: F401 - fixtures

OTHERS = 5


class PowerCut(BaseException):
    """The worker's process ends in the middle: nothing of ours runs any more."""


@pytest.fixture
def poisoned(one_timer: Engine, clock: MovableClock) -> int:  # noqa: F811 - the fixture's name
    """The first of several instances whose timers are due now; the earliest one is the poison."""
    first = instances.start_instance(one_timer, ADMIN, "one_timer", "C-poison", {})
    clock.advance(seconds=1)
    for number in range(OTHERS):
        instances.start_instance(one_timer, ADMIN, "one_timer", f"C-{number}", {})
    clock.advance(hours=1)
    return first


def poison(instance: int, error: BaseException) -> Callable[..., None]:
    harmless = jobs.HANDLERS["timer"]

    def handle(engine: Engine, session: object, job: object) -> None:  # noqa: F811
        if job.instance_id == instance:  # type: ignore[attr-defined]
            raise error
        harmless(engine, session, job)  # type: ignore[arg-type]

    return handle


def done(engine: Engine) -> set[str]:  # noqa: F811
    return {item.case_no for item in inbox(engine, CLERK, InboxQuery()).items}


def open_incident(engine: Engine) -> list[Incident]:  # noqa: F811
    with engine.database.reading() as session:
        return list(session.scalars(select(Incident).where(Incident.resolved_at.is_(None))))


@pytest.mark.parametrize("error", [RuntimeError("broken"), MemoryError(), RecursionError()], ids=lambda error: type(error).__name__)
def test_a_job_that_always_fails_becomes_an_incident_and_the_others_go_on_at_once(
    one_timer: Engine,  # noqa: F811
    poisoned: int,
    clock: MovableClock,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    monkeypatch.setitem(jobs.HANDLERS, "timer", poison(poisoned, error))
    jobs.run_due_jobs(one_timer, "w")
    assert done(one_timer) == {f"C-{number}" for number in range(OTHERS)}
    for _ in range(jobs.RETRIES):
        clock.advance(hours=1)
        jobs.run_due_jobs(one_timer, "w")
    (incident,) = open_incident(one_timer)
    assert incident.instance_id == poisoned and type(error).__name__ in incident.message
    assert verify_evidence(one_timer).faults == ()


def test_a_job_that_ends_its_worker_each_time_becomes_an_incident_and_takes_no_other_with_it(
    one_timer: Engine,  # noqa: F811
    poisoned: int,
    clock: MovableClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(jobs.HANDLERS, "timer", poison(poisoned, PowerCut()))
    lives = 0
    while not open_incident(one_timer) and lives < 100:
        lives += 1
        try:
            if not jobs.run_due_jobs(one_timer, f"life-{lives}"):
                clock.advance(seconds=one_timer.settings.lease_seconds)
        except PowerCut:
            continue
    (incident,) = open_incident(one_timer)
    assert incident.instance_id == poisoned and "each one ended while it ran" in incident.message
    assert done(one_timer) == {f"C-{number}" for number in range(OTHERS)}
    monkeypatch.undo()
    incidents.retry_incident(one_timer, ADMIN, incident.id)
    assert jobs.run_due_jobs(one_timer, "mended") == 1
    assert "C-poison" in done(one_timer)

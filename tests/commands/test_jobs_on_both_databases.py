"""Claiming, leases and their shortening hold on SQLite and on PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from engine.assembly import Engine, build_engine
from engine.clock import MovableClock
from engine.commands import instances, jobs
from engine.db.base import Base
from engine.db.database import Database
from engine.db.tables import OrgUnit
from engine.queries.inbox import InboxQuery, inbox
from engine.settings import Settings
from tests.commands.conftest import ADMIN, CLERK, WINDOW, one_timer  # noqa: F401 - fixtures
from tests.db.conftest import empty_database, postgres_server, postgres_url  # noqa: F401 - fixtures

TIMERS = 5


@pytest.fixture
def engine(empty_database: Database, settings: Settings, clock: MovableClock) -> Iterator[Engine]:  # noqa: F811 - the fixture's name
    built = build_engine(replace(settings, database_url=empty_database.url), clock)
    Base.metadata.create_all(built.database.engine)
    with built.database.transaction() as session:
        session.add(OrgUnit(id=WINDOW, name="示例窗口", region="440103"))
    yield built
    built.database.dispose()


@pytest.fixture
def due(one_timer: Engine, clock: MovableClock) -> Engine:  # noqa: F811
    """Several timers, due now; the first started is due first."""
    for number in range(TIMERS):
        instances.start_instance(one_timer, ADMIN, "one_timer", f"C-{number}", {})
        clock.advance(seconds=1)
    clock.advance(hours=1)
    return one_timer


def test_the_earliest_are_claimed_first_and_by_one_worker_only(due: Engine) -> None:
    first, second = jobs.claim_jobs(due, "first", 3), jobs.claim_jobs(due, "second", 3)
    assert [job.instance_id for job in first] == sorted(job.instance_id or 0 for job in first)
    assert (len(first), len(second)) == (3, 2) and max(job.due_at for job in first) < min(job.due_at for job in second)
    assert jobs.claim_jobs(due, "third", 3) == []


def test_what_a_dead_worker_held_before_the_clock_was_set_back_is_done_after_one_lease(due: Engine, clock: MovableClock) -> None:
    held = jobs.claim_jobs(due, "dead", TIMERS)
    clock.advance(days=-1)
    assert (jobs.run_due_jobs(due, "other"), jobs.shorten_waits(due), jobs.shorten_waits(due)) == (0, TIMERS, 0)
    clock.advance(seconds=due.settings.lease_seconds)
    assert jobs.next_due(due) == 0
    assert jobs.run_due_jobs(due, "other") == TIMERS
    for job in held:
        jobs.execute_job(due, job)
    assert len(inbox(due, CLERK, InboxQuery()).items) == TIMERS
    assert jobs.next_due(due) is None

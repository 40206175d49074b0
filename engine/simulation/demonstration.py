"""Three months of a centre that never were, in an empty installation: lists, charts and reports then have something true to show."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from sqlalchemy import func, select

from engine.actors import SYSTEM
from engine.assembly import Engine
from engine.clock import LOCAL_ZONE, MovableClock, local
from engine.commands import demo, deployments, reference
from engine.db.case_tables import Case
from engine.db.tables import Account, Definition
from engine.errors import Conflict, InvalidInput
from engine.queries.accounts import actor_from
from engine.simulation.acting import Tally
from engine.simulation.caseload import arrivals
from engine.simulation.habits import ORDINARY, Habits
from engine.simulation.playing import Simulation

MOST_DAYS, MOST_CASES = 730, 20_000

Progress = Callable[[datetime], None]


@dataclass(frozen=True)
class History:
    """What was played: from when to when, how many case files there are, and what people did."""

    begun_at: datetime
    ended_at: datetime
    cases: int
    tally: Tally


def beginning(engine: Engine, days: int) -> datetime:
    """The morning on which a history of so many days begins."""
    if not 1 <= days <= MOST_DAYS:
        raise InvalidInput(f"Expected 1 to {MOST_DAYS} days to play but got {days}.")
    return datetime.combine(local(engine.clock.now()).date() - timedelta(days=days), time(8), LOCAL_ZONE)


def play_history(
    engine: Engine, files: Mapping[str, bytes], days: int, count: int, seed: int, progress: Progress, habits: Habits = ORDINARY
) -> History:
    """Put ``files`` in force ``days`` ago and play ``count`` arrivals up to now. Raises Conflict where anything is deployed already."""
    if not 0 <= count <= MOST_CASES:
        raise InvalidInput(f"Expected at most {MOST_CASES:,} cases to play but got {count:,}.")
    begun_at, now = beginning(engine, days), engine.clock.now()
    with engine.database.reading() as session:
        if session.scalar(select(Definition.id).limit(1)) is not None:
            message = "Expected an empty installation to play in but this one has procedures in force."
            raise Conflict(f"{message} Set DOUDI_DATA (or DOUDI_DATABASE_URL) to a new place.")
    clock = MovableClock(begun_at)
    past = replace(engine, clock=clock)
    past.database.hasten()  # whoever loses the machine meanwhile plays it again
    reference.load_reference(past, SYSTEM, engine.settings.processes_folder / "reference")
    deployments.install(past, SYSTEM, files, "doudi demo")
    demo.create_demo_accounts(past)
    with past.database.reading() as session:
        people = [actor_from(session, row) for row in session.scalars(select(Account).order_by(Account.id))]
        calendar = past.reference.read(session).calendar
    simulation = Simulation(past, clock, people, habits, seed)
    first, last = begun_at.date(), local(now).date()
    simulation.expect(one for one in arrivals(simulation.chance, calendar, first, last, count) if one.at < now)
    simulation.run_until(now, progress)
    with past.database.reading() as session:
        total = session.scalar(select(func.count()).select_from(Case)) or 0
    return History(begun_at, now, total, simulation.tally)

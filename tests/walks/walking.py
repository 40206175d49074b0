"""Random walks of people without habits through every process, and what must hold on the way and in the end. Prints nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from engine.actors import SYSTEM
from engine.assembly import Engine, build_engine
from engine.clock import MovableClock, as_local
from engine.commands import demo, deployments, reference
from engine.db.case_tables import Case, CaseClock, Material
from engine.db.partner_tables import Partner
from engine.db.revisions import upgrade
from engine.db.tables import Account, ElementRun, Incident, Job, ProcessInstance, Subscription, UserTask
from engine.queries.accounts import actor_from
from engine.queries.evidence import verify_evidence
from engine.settings import Settings, read_settings
from engine.simulation.caseload import WORDS, arrivals
from engine.simulation.habits import CURIOUS, Habits, going_home
from engine.simulation.playing import Simulation

PROJECT = Path(__file__).absolute().parents[2]
#: Not long before the turn of the year: what happens once a year is come by in short walks, too.
BEGIN = as_local("2026-11-23T08:00")
#: A case that is not at its end so long after the last arrival never comes to one.
PATIENCE = timedelta(days=420)
#: With a fault the rest is played on for so long, as what is left of the case with the fault may never end.
PATIENCE_WITH_FAULTS = timedelta(days=120)
#: So few that a thousand cases come in for half a year, and what happens every quarter happens among many.
CASES_A_DAY = 6
LOOK_EVERY = timedelta(days=7)
#: Then there is enough to mend; as long as cases come in, the others go on.
MOST_FAULTS = 60
#: A partner that takes no message: somebody tells it by hand.
DEAF = "GRID"
#: Waiting between the last service and the archive is nobody's work.
WAITS = (Job, Subscription)


@dataclass
class Walk:
    """What came of it: case files by status, faults in words, which elements were come by and which actions taken how often."""

    files: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    visits: Counter[str] = field(default_factory=Counter)
    actions: Counter[str] = field(default_factory=Counter)
    steps: int = 0


def walk(folder: Path, cases: int, seed: int, say: Callable[[str], None] = lambda line: None) -> Walk:
    """Play ``cases`` arrivals through every process of the project in which every choice behind triage is equally likely.

    The folder is new, or holds what ``install`` prepared.
    """
    clock = MovableClock(BEGIN)
    engine = _installation(folder, clock)
    try:
        simulation = _simulation(engine, clock, seed)
        days = max(5, cases // CASES_A_DAY)
        with engine.database.reading() as session:
            calendar = engine.reference.read(session).calendar
        simulation.expect(arrivals(simulation.chance, calendar, BEGIN.date(), BEGIN.date() + timedelta(days=days), cases))
        found = Walk()
        is_over = _play(engine, clock, simulation, BEGIN + timedelta(days=days + 1), found, say)
        found.faults += [f"trouble: {trouble}" for trouble in simulation.tally.troubles]
        done = simulation.tally.done
        found.actions.update({what.removeprefix("action."): number for what, number in done.items() if what.startswith("action.")})
        found.steps = sum(number for what, number in done.items() if "." in what)
        _judge_the_end(engine, BEGIN + timedelta(days=days + 1) if is_over else BEGIN, found)
        return found
    finally:
        engine.database.dispose()


def install(folder: Path) -> None:
    """An installation of the project's files with nobody's case in it yet."""
    folder.mkdir(parents=True, exist_ok=True)
    engine = build_engine(_settings(folder), MovableClock(BEGIN))
    upgrade(engine.database)
    reference.load_reference(engine, SYSTEM, PROJECT / "processes" / "reference")
    deployments.install(engine, SYSTEM, deployments.read_folders(PROJECT / "processes", PROJECT / "forms"), "walks")
    demo.create_demo_accounts(engine)
    with engine.database.transaction() as session:
        session.get_one(Partner, DEAF).address = "nowhere"
    engine.database.dispose()


def _installation(folder: Path, clock: MovableClock) -> Engine:
    if not folder.exists():
        install(folder)
    return build_engine(_settings(folder), clock)


def _settings(folder: Path) -> Settings:
    secret = "the key of the walks, long enough for everything"
    return read_settings({"DOUDI_DATA": str(folder), "DOUDI_SECRET_KEY": secret, "DOUDI_FOUR_EYES": "0"})


def _simulation(engine: Engine, clock: MovableClock, seed: int) -> Simulation:
    with engine.database.reading() as session:
        people = [actor_from(session, row) for row in session.scalars(select(Account).order_by(Account.id))]
        habits = _at_the_counter(session)
    return Simulation(engine, clock, people, habits, seed)


def _at_the_counter(session: Session) -> Habits:
    """Where materials are missing, it is mostly those that may follow later or be promised: all others came on paper."""
    needed = select(Material.id).where(Material.material_class == "核心", Material.matter_code.in_(WORDS))
    received = ";".join(session.scalars(needed.order_by(Material.id)))
    return replace(CURIOUS, wishes={**CURIOUS.wishes, "received": [(received, 0.8), ("", 0.2)]})


def _play(engine: Engine, clock: MovableClock, simulation: Simulation, last: datetime, found: Walk, say: Callable[[str], None]) -> bool:
    """False when it was left early, with more faults than anybody mends at once; what has not ended then says nothing."""
    while clock.now() < last + PATIENCE:
        simulation.run_until(clock.now() + LOOK_EVERY)
        with engine.database.reading() as session:
            fresh = [fault for fault in faults_on_the_way(session) if fault not in found.faults]
            running = session.scalar(_unfinished(last)) or 0
        found.faults += fresh
        say("\n     now ".join([f"{clock.now():%Y-%m-%d} {running} unfinished, {len(found.faults)} faults", *fresh]))
        if len(found.faults) > MOST_FAULTS or (clock.now() > last + PATIENCE_WITH_FAULTS and found.faults):
            return False
        if clock.now() > last and not running:
            break
        if clock.now() > last:
            simulation.crowd.take_on(going_home(simulation.habits))
    return True


def faults_on_the_way(session: Session) -> Iterator[str]:
    """Incidents; instances that wait for nothing; open cases without an owner; open cases without a clock, a task or a timer."""
    for incident in session.scalars(select(Incident).where(Incident.resolved_at.is_(None))):
        where = f"{incident.element_id} (instance {incident.instance_id})"
        yield f"incident at {where}: {incident.message[:300]}"
    has_task = exists().where(UserTask.instance_id == ProcessInstance.id, UserTask.ended_at.is_(None))
    waits = [exists().where(table.instance_id == ProcessInstance.id) for table in WAITS]
    waits.append(exists().where(Incident.instance_id == ProcessInstance.id, Incident.resolved_at.is_(None)))  # said already
    stuck = select(ProcessInstance).where(ProcessInstance.status == "active", ~has_task, *(~wait for wait in waits))
    for instance in session.scalars(stuck):
        yield f"instance {instance.id} of {instance.business_key} waits for nothing"
    is_open = Case.closed_at.is_(None)
    for no in session.scalars(select(Case.no).where(is_open, Case.kind == "case", Case.owner_id.is_(None))):
        yield f"case {no} has no owner"
    runs = exists().where(CaseClock.case_no == Case.no, CaseClock.stopped_at.is_(None), CaseClock.replaced_at.is_(None))
    worked_on = exists().where(UserTask.business_key == Case.no, UserTask.ended_at.is_(None))
    of_case = select(ProcessInstance.id).where(ProcessInstance.business_key == Case.no, ProcessInstance.status == "active")
    waited_for = exists().where(Job.instance_id.in_(of_case))
    for no, status in session.execute(select(Case.no, Case.status).where(is_open, ~runs, ~worked_on, ~waited_for)):
        yield f"{no} ({status}) is open without a clock, a task or a timer"


def _unfinished(last: datetime):
    begun = select(func.count()).select_from(ProcessInstance)
    return begun.where(ProcessInstance.status == "active", ProcessInstance.started_at <= last)


def _judge_the_end(engine: Engine, last: datetime, found: Walk) -> None:
    with engine.database.reading() as session:
        for key, number in session.execute(
            select(ProcessInstance.business_key, ProcessInstance.id).where(
                ProcessInstance.status == "active", ProcessInstance.started_at <= last
            )
        ):
            found.faults.append(f"instance {number} of {key} never ends")
        found.statuses.update(session.scalars(select(Case.status)))
        found.files = sum(found.statuses.values())
        visits = select(ElementRun.process_key, ElementRun.element_id, func.count()).group_by(ElementRun.process_key, ElementRun.element_id)
        for process, element, number in session.execute(visits):
            found.visits[f"{process}.{element}"] = number
    report = verify_evidence(engine)
    found.faults += [f"evidence: {fault}" for fault in report.faults]

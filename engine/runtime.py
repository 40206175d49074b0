"""The one bridge between a BPMN execution and its rows: start, load, store. Opens no transaction of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from engine.actors import Actor
from engine.assembly import Engine
from engine.bpmn.execution import Execution
from engine.bpmn.waits import ElementRun as ElementVisit
from engine.bpmn.waits import Thrown, Waits
from engine.db import statements
from engine.db.database import change_row
from engine.db.driver import batch
from engine.db.rows import InstanceRow
from engine.errors import Conflict, NotFound
from engine.host import CommandHost
from engine.services import evidence
from engine.versions import Place, latest, require_startable
from engine.wait_rows import WARNING_SHARE, write_changes

__all__ = [
    "WARNING_SHARE",
    "Running",
    "Suspended",
    "get_ready",
    "load",
    "peek",
    "record_cancel",
    "schedule_deliveries",
    "start",
    "start_at",
    "store",
    "take_up",
]

NO_WAITS = Waits({}, {}, {}, {}, {})


class Suspended(Conflict):
    """The instance rests until an administrator resumes it. Nothing was changed."""


@dataclass
class Running:
    """A process instance taken up for one command: its row, its execution, and the waits it had before.

    ``ended`` are the tokens whose user task the command has ended itself; other tasks that go away were withdrawn.
    """

    instance: InstanceRow
    execution: Execution
    before: Waits
    actor: Actor
    ended: set[int] = field(default_factory=set)


def get_ready(engine: Engine, session: Session, process_key: str, org_unit: str) -> None:
    """Parse what ``start`` will need, before anybody has to wait for it. Raises NotFound as ``start`` does."""
    place = Place(org_unit, engine.clock.now())
    engine.definitions.process(session, latest(session, "process", process_key, place).id)


def start(engine: Engine, session: Session, actor: Actor, process_key: str, business_key: str, variables: dict[str, Any]) -> InstanceRow:
    """Start the version of a process that is in force and run it until it waits."""
    place = Place(str(variables.get("org_unit", "")), engine.clock.now())
    return start_at(engine, session, actor, latest(session, "process", process_key, place).id, None, business_key, variables)


def start_at(
    engine: Engine, session: Session, actor: Actor, definition_id: int, element_id: str | None, business_key: str, variables: dict[str, Any]
) -> InstanceRow:
    """Start a version at one of its start events (None: the one that nothing triggers) and run it until it waits."""
    require_startable(session, definition_id)
    instance = _add_instance(session, definition_id, business_key, str(variables.get("org_unit", "")), engine.clock.now())
    host = CommandHost(engine, session, instance, actor)
    definition = host.definition(definition_id)
    execution = Execution.start(definition_id, definition, host, variables, at=element_id)
    facts = {"instance": instance.id, "process": definition.key, "definition": definition_id}
    with batch(session):
        evidence.record(session, engine.clock.now(), actor, instance.chain, "instance:start", **facts)
        store(engine, session, Running(instance, execution, NO_WAITS, actor))
    return instance


def load(engine: Engine, session: Session, actor: Actor, instance_id: int) -> Running:
    """Take up a running instance. Raises NotFound or, when it has ended, Conflict."""
    row = statements.INSTANCE_TO_CHANGE.first(session, instance_id=instance_id)
    if row is None:
        raise NotFound(f"Expected process instance {instance_id} to exist but it does not.")
    return take_up(engine, session, actor, InstanceRow(*row))


def take_up(engine: Engine, session: Session, actor: Actor, instance: InstanceRow) -> Running:
    """Take up an instance whose row was read and locked already. Raises Conflict when it has ended, Suspended while it rests."""
    if instance.status == "suspended":
        raise Suspended(f"Expected process instance {instance.id} to go on but it is suspended. An administrator can resume it.")
    if instance.status != "active":
        raise Conflict(f"Expected process instance {instance.id} to be running but it has ended.")
    return _running(engine, session, actor, instance)


def peek(engine: Engine, session: Session, actor: Actor, instance_id: int) -> Running:
    """Look into an instance without taking it up for a change."""
    (row,) = statements.INSTANCE.all(session, instance_id=instance_id)
    return _running(engine, session, actor, InstanceRow(*row))


def store(engine: Engine, session: Session, running: Running) -> None:
    """Write the state back and make the wait rows match it, in the caller's transaction."""
    instance, execution, now = running.instance, running.execution, engine.clock.now()
    execution.follow_clocks()
    with batch(session):
        change_row(session, statements.CHANGE_INSTANCE, instance, state=execution.dump(), **_end(execution, now))
        if execution.completed:
            facts = {"instance": instance.id, "end_event": _end_event(execution)}
            evidence.record(session, now, running.actor, instance.chain, "instance:end", **facts)
        write_changes(session, instance, running.before, execution.waits(), now, running.ended)
        statements.WRITE_ELEMENT_RUN.change_each(session, [_element_run(running, run) for run in execution.element_runs()])
        for thrown in execution.thrown():
            schedule_deliveries(session, thrown, now)


def record_cancel(engine: Engine, session: Session, running: Running, reason: str) -> None:
    """Keep as evidence that the instance was ended by hand; the reason itself stays outside the chain."""
    facts = {"instance": running.instance.id, "reason_digest": evidence.digest(reason)}
    evidence.record(session, engine.clock.now(), running.actor, running.instance.chain, "instance:cancel", **facts)


def schedule_deliveries(session: Session, thrown: Thrown, now: datetime) -> int:
    """Queue a job for each token that waits for the event, and for each process that it starts.

    A message reaches one token, or else starts one process; a signal reaches all.
    """
    starts: list[tuple[Any, ...]] = []
    if thrown.kind == "message":
        receivers = statements.MESSAGE_RECEIVER.all(session, event=thrown.name, correlation_key=thrown.correlation_key)
        if not receivers:
            starts = statements.MESSAGE_START.all(session, event=thrown.name)
    else:
        receivers = statements.SIGNAL_RECEIVERS.all(session, event=thrown.name)
        starts = statements.SIGNAL_STARTS.all(session, event=thrown.name)
    variables, soon = dict(thrown.variables), {"due_at": now, "run_at": now, "attempts": 0}
    jobs = [
        {"kind": "delivery", "instance_id": instance, "token": token, "element_id": element, "payload": {"variables": variables}, **soon}
        for instance, token, element in receivers
    ]
    for definition_id, element in starts:
        payload = {"definition": definition_id, "element": element, "key": thrown.correlation_key or "", "variables": variables}
        jobs.append({"kind": "start", "instance_id": None, "token": None, "element_id": element, "payload": payload, **soon})
    statements.ADD_JOB.change_each(session, jobs)
    return len(jobs)


def _add_instance(session: Session, definition_id: int, business_key: str, org_unit: str, now: datetime) -> InstanceRow:
    values: dict[str, Any] = {
        "definition_id": definition_id,
        "business_key": business_key,
        "org_unit": org_unit,
        "status": "active",
        "state": b"",
        "version": 1,
        "started_at": now,
    }
    ((number,),) = statements.ADD_INSTANCE.all(session, **values)
    return InstanceRow(id=number, **values)


def _running(engine: Engine, session: Session, actor: Actor, instance: InstanceRow) -> Running:
    execution = Execution.load(instance.state, CommandHost(engine, session, instance, actor))
    return Running(instance, execution, execution.waits(), actor)


def _end(execution: Execution, now: datetime) -> dict[str, Any]:
    if not execution.completed:
        return {}
    return {"status": "ended", "ended_at": now, "end_event": _end_event(execution)}


def _end_event(execution: Execution) -> str:
    return ",".join(execution.end_events)[:120]


def _element_run(running: Running, run: ElementVisit) -> dict[str, Any]:
    return {
        "instance_id": running.instance.id,
        "token": run.token,
        "definition_id": run.definition_id,
        "process_key": run.process_key,
        "element_id": run.element_id,
        "element_name": run.element_name,
        "type": run.type,
        "entered_at": run.entered_at,
        "left_at": run.left_at,
        "outcome": run.outcome,
        "actor": running.actor.id,
    }

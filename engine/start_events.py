"""Start events that something outside triggers: which version watches for what, and its start. In the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine import runtime
from engine.actors import SYSTEM, Actor
from engine.assembly import Engine
from engine.bpmn.model import ProcessDefinition, TimerStart
from engine.bpmn.schedule import Occasion, first_occasion, next_occasion
from engine.clock import local
from engine.db import statements
from engine.db.case_tables import Case
from engine.db.rows import InstanceRow
from engine.db.tables import Definition, Job, ProcessInstance, StartEvent
from engine.errors import Conflict, ExpressionFailed, Finding, InvalidDefinition
from engine.host import CommandHost
from engine.services import case_files
from engine.services.case_kinds import Kind

#: What a message cannot say otherwise about the file it starts a process on.
_OF_THE_FILE = ("case_no", "kind", "parent", "org_unit", "owner", "received_at")


def watch(engine: Engine, session: Session, definition_id: int, process: ProcessDefinition) -> None:
    """From now on this version, and no earlier one, starts by its message, signal and timer start events.

    Raises InvalidDefinition when a timer names no moment.
    """
    watch_nothing(session, process.key)
    for kind, starts in (("message", process.message_starts), ("signal", process.signal_starts)):
        for name, element_id in starts.items():
            session.add(StartEvent(definition_id=definition_id, element_id=element_id, process_key=process.key, kind=kind, name=name))
    for start in process.timer_starts:
        session.add(StartEvent(definition_id=definition_id, element_id=start.element_id, process_key=process.key, kind="timer", name=""))
        _schedule(session, definition_id, start.element_id, _first(engine, session, definition_id, process, start))
    session.flush()


def watch_nothing(session: Session, process_key: str) -> None:
    """No version of the process starts by itself any more; the occasions its timers had planned are forgotten."""
    session.execute(delete(StartEvent).where(StartEvent.process_key == process_key))
    versions = set(session.scalars(select(Definition.id).where(Definition.kind == "process", Definition.key == process_key)))
    for job in session.scalars(select(Job).where(Job.kind == "start")):
        if "interval" in job.payload and job.payload["definition"] in versions:
            session.delete(job)
    session.flush()


def started_by_message(engine: Engine, session: Session, actor: Actor, name: str, key: str, variables: Mapping[str, Any]) -> int | None:
    """Start the process whose message start event has this name; returns the instance's number, or None when none has.

    Raises Conflict when it runs already and only once at a time.
    """
    found = statements.MESSAGE_START.first(session, event=name)
    if found is None:
        return None
    definition_id, element_id = found
    require_free(engine, session, name, key)
    return _start(engine, session, actor, definition_id, element_id, key, variables)


def require_free(engine: Engine, session: Session, name: str, key: str) -> None:
    """Raises Conflict naming what runs already when the message begins a process that runs only once at a time beside a file (``once``)."""
    found = statements.MESSAGE_START.first(session, event=name) if key else None
    if found is None:
        return
    process = engine.definitions.process(session, found[0])
    begun = _running_since(session, process.key, key) if process.elements[found[1]].is_once else None
    if begun is not None:
        since = f"{local(begun):%Y-%m-%d %H:%M}"
        reason = f"Expected no “{process.name}” to run beside {key} but one has been running since {since}."
        raise Conflict(reason).coded("procedure-runs", process=process.name, since=since)


def _running_since(session: Session, process_key: str, key: str) -> datetime | None:
    running = select(ProcessInstance.started_at).join(Definition, Definition.id == ProcessInstance.definition_id)
    running = running.where(Definition.key == process_key, ProcessInstance.business_key == key)
    running = running.where(ProcessInstance.status.in_(("active", "suspended")))
    return session.scalar(running.order_by(ProcessInstance.id).limit(1))


def start_due(engine: Engine, session: Session, payload: Mapping[str, Any], due_at: datetime) -> None:
    """What a job of kind “start” asks for. A version that no longer watches starts nothing; a timer sets its next occasion."""
    definition_id, element_id = int(payload["definition"]), str(payload["element"])
    if statements.START_EVENT.first(session, definition_id=definition_id, element_id=element_id) is None:
        return
    if "interval" in payload:
        occasion = Occasion(due_at, payload["left"], payload["interval"])
        following = next_occasion(occasion, _host(engine, session, definition_id))
        if following is not None:
            _schedule(session, definition_id, element_id, following)
    variables = payload.get("variables", {})
    key = str(payload.get("key") or variables.get("case_no") or "")  # a signal has no key; what it carries may name the file
    _start(engine, session, SYSTEM, definition_id, element_id, key, variables)


def _start(
    engine: Engine, session: Session, actor: Actor, definition_id: int, element_id: str, key: str, variables: Mapping[str, Any]
) -> int:
    """On a file of its own when the process is that of a kind, else beside the process of the file that the key names."""
    case = session.get(Case, key) if key else None
    kind = engine.reference.read(session).kinds.by_process.get(engine.definitions.process(session, definition_id).key)
    if kind is not None and (case is None or case.kind != kind.kind):
        case = _new_file(engine, session, actor, kind, case, variables)
    if case is None:
        values = {"org_unit": actor.org_unit or engine.settings.org_unit, **variables}
        return runtime.start_at(engine, session, actor, definition_id, element_id, key, values).id
    known = case_files.own_variables(case) if kind is not None else case_files.beside_variables(session, case)
    values = {**known, **variables, **{name: known[name] for name in _OF_THE_FILE}}
    number = runtime.start_at(engine, session, actor, definition_id, element_id, case.no, values).id
    if kind is not None:
        case.instance_id = number
    session.flush()
    return number


def _new_file(engine: Engine, session: Session, actor: Actor, kind: Kind, parent: Case | None, variables: Mapping[str, Any]) -> Case:
    """The file of a process that something outside starts; what it brings are its first facts."""
    now = engine.clock.now()
    opening = case_files.Opening(
        kind=kind,
        org_unit=parent.org_unit if parent else actor.org_unit or engine.settings.org_unit,
        region=parent.region if parent else engine.settings.region,
        received_at=now,
        title=str(variables.get("title") or f"{kind.name} {local(now):%Y-%m-%d}"),
        text=str(variables.get("text") or ""),
        facts={name: value for name, value in variables.items() if name not in (*_OF_THE_FILE, "title", "text")},
        applicant_id=parent.applicant_id if parent and kind.applicant == "required" else None,
        matter_code=parent.matter_code if parent else None,
        parent_no=parent.no if parent else None,
        opener=actor.id if actor.org_unit else None,
    )
    case = case_files.create_file(session, engine.reference.read(session).calendar, opening)
    case_files.record_opening(session, now, actor, case)
    return case


def _first(engine: Engine, session: Session, definition_id: int, process: ProcessDefinition, start: TimerStart) -> Occasion:
    try:
        return first_occasion(start, _host(engine, session, definition_id))
    except ExpressionFailed as error:
        element = process.elements[start.element_id]
        remedy = "Write a date, a duration such as PT1H, a cycle such as R/P1D, or FEEL that gives one."
        finding = Finding(process.file, start.line, start.element_id, element.name, "start-timer", str(error), remedy)
        raise InvalidDefinition("Expected a timer start event to name a moment but it does not.", [finding]) from error


def _schedule(session: Session, definition_id: int, element_id: str, occasion: Occasion) -> None:
    payload = {"definition": definition_id, "element": element_id, "left": occasion.left, "interval": occasion.interval}
    session.add(Job(kind="start", element_id=element_id, payload=payload, due_at=occasion.due_at, run_at=occasion.due_at))


def _host(engine: Engine, session: Session, definition_id: int) -> CommandHost:
    """Answers for a process that has no instance yet."""
    nobody = InstanceRow(0, definition_id, "", engine.settings.org_unit, "active", b"", 0, engine.clock.now())
    return CommandHost(engine, session, nobody, SYSTEM)

"""Instances by case, the elements of their diagrams, and each visit of an instance to one. Changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.actors import Actor
from engine.assembly import Engine
from engine.bpmn.model import Element
from engine.db.case_tables import NoticeTemplate
from engine.db.tables import Definition, ElementRun, ProcessInstance
from engine.errors import NotAllowed, NotFound
from engine.queries.cursors import is_row_number
from engine.queries.names import names_of
from engine.queries.operate import require_reader


@dataclass(frozen=True)
class InstanceOfCase:
    """One instance in a list of those found by their case."""

    id: int
    business_key: str
    process_key: str
    name: str
    version: int
    definition_id: int
    status: str
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class Visit:
    """One visit of a token to an element; ``seconds`` is None while it lasts."""

    token: int
    process_key: str
    element_id: str
    element_name: str
    type: str
    entered_at: datetime
    left_at: datetime | None
    outcome: str
    actor_name: str
    seconds: float | None


def instances_of_case(engine: Engine, actor: Actor, text: str, limit: int = 50) -> tuple[InstanceOfCase, ...]:
    """Instances of the actor's scope whose business key begins or ends with ``text``; the newest first."""
    require_reader(actor)
    key = ProcessInstance.business_key
    wanted = (
        select(ProcessInstance, Definition)
        .join(Definition, Definition.id == ProcessInstance.definition_id)
        .where(key.startswith(text, autoescape=True) | key.endswith(text, autoescape=True))
        .where(ProcessInstance.org_unit.in_([*sorted(actor.scope), ""]))
        .order_by(ProcessInstance.id.desc())
        .limit(limit)
    )
    with engine.database.reading() as session:
        return tuple(_line(row, definition) for row, definition in session.execute(wanted))


def elements(engine: Engine, definition_id: int) -> tuple[Element, ...]:
    """The elements of a process as they were drawn."""
    with engine.database.reading() as session:
        row = session.get(Definition, definition_id) if is_row_number(definition_id) else None
        if row is None or row.kind != "process":
            raise NotFound(f"Expected process definition {definition_id} to be deployed but it is not.")
        return tuple(engine.definitions.process(session, definition_id).elements.values())


def visits(engine: Engine, actor: Actor, instance_id: int, limit: int = 500) -> tuple[Visit, ...]:
    """What an instance went through, the latest first."""
    require_reader(actor)
    wanted = select(ElementRun).where(ElementRun.instance_id == instance_id)
    with engine.database.reading() as session:
        _require_in_scope(session, actor, instance_id)
        rows = session.scalars(wanted.order_by(ElementRun.entered_at.desc(), ElementRun.token.desc()).limit(limit)).all()
        names = names_of(session, (row.actor for row in rows if row.actor))
        return tuple(_visit(row, names.get(row.actor or "", "")) for row in rows)


def notice_templates(engine: Engine) -> tuple[tuple[str, str], ...]:
    """The notices in force: id, and the event they tell."""
    with engine.database.reading() as session:
        return tuple((row.id, row.event) for row in session.scalars(select(NoticeTemplate).order_by(NoticeTemplate.id)))


def _require_in_scope(session: Session, actor: Actor, instance_id: int) -> None:
    row = session.get(ProcessInstance, instance_id) if is_row_number(instance_id) else None
    if row is None:
        raise NotFound(f"Expected process instance {instance_id} to exist but it does not.")
    if row.org_unit and row.org_unit not in actor.scope:
        raise NotAllowed(f"Expected process instance {instance_id} to belong to your windows but it does not.")


def _line(row: ProcessInstance, of: Definition) -> InstanceOfCase:
    return InstanceOfCase(row.id, row.business_key, of.key, of.name, of.version, of.id, row.status, row.started_at, row.ended_at)


def _visit(row: ElementRun, actor_name: str) -> Visit:
    return Visit(
        token=row.token,
        process_key=row.process_key,
        element_id=row.element_id,
        element_name=row.element_name,
        type=row.type,
        entered_at=row.entered_at,
        left_at=row.left_at,
        outcome=row.outcome,
        actor_name=actor_name,
        seconds=(row.left_at - row.entered_at).total_seconds() if row.left_at is not None else None,
    )

"""Separation of duties: who completed one step of a case may not complete another that names it. Knows no diagram's purpose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from engine.assembly import Engine
from engine.db.tables import ElementRun, UserTask
from engine.errors import NotAllowed

_DEFINITIONS = (
    select(UserTask.id, UserTask.element_id, UserTask.business_key, UserTask.instance_id, ElementRun.definition_id)
    .join(ElementRun, (ElementRun.instance_id == UserTask.instance_id) & (ElementRun.token == UserTask.token))
    .where(UserTask.id.in_(bindparam("tasks", expanding=True)))
)
_COMPLETED = (
    select(UserTask.element_id, UserTask.name)
    .where(UserTask.outcome == "completed", UserTask.completed_by == bindparam("person"))
    .where(UserTask.element_id.in_(bindparam("elements", expanding=True)))
    .order_by(UserTask.ended_at)
)
_OF_CASE = _COMPLETED.where(UserTask.business_key == bindparam("key"))
_OF_INSTANCE = _COMPLETED.where(UserTask.instance_id == bindparam("key"))


@dataclass(frozen=True)
class Step:
    """A step that somebody has completed."""

    element_id: str
    name: str


def require_separate(engine: Engine, session: Session, task_id: str, task_name: str, person: str) -> None:
    """Refuse a task to who completed a step of the same case that the diagram keeps apart from it."""
    for step in barring(engine, session, [task_id], person).get(task_id, ()):
        message = f"Expected {task_name!r} to be done by somebody else but you completed {step.name!r} of the same case."
        raise NotAllowed(message).coded("four-eyes", task=task_name, step=step.name)


def barring(engine: Engine, session: Session, task_ids: Iterable[str], person: str) -> Mapping[str, tuple[Step, ...]]:
    """By task the steps of its case for which ``person`` may not do it; tasks that nothing bars are left out."""
    found: dict[str, tuple[Step, ...]] = {}
    for row in session.connection().execute(_DEFINITIONS, {"tasks": list(task_ids)}):
        element = engine.definitions.process(session, row.definition_id).elements.get(row.element_id)
        if element is None or not element.not_completed_by:
            continue
        steps, key = (_OF_CASE, row.business_key) if row.business_key else (_OF_INSTANCE, row.instance_id)
        named = {"person": person, "elements": list(element.not_completed_by), "key": key}
        if done := tuple(Step(*step) for step in session.connection().execute(steps, named)):
            found[row.id] = done
    return found

"""Separation of duties: who completed one step of a case may not complete another that names it. Knows no diagram's purpose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from engine.assembly import Engine
from engine.bpmn.model import Element
from engine.db.rows import TaskRow
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


def require_separate(engine: Engine, session: Session, task: TaskRow, person: str) -> None:
    """Refuse a task to who completed a step of the same case that the diagram keeps apart from it."""
    for step in barring(engine, session, [task.id], person).get(task.id, ()):
        raise _refusal(task, step)


def require_separate_element(session: Session, task: TaskRow, element: Element, person: str) -> None:
    """The same where the element is at hand: hardly any keeps steps apart, and then nothing is asked of the database."""
    if not element.not_completed_by:
        return
    for step in _done(session, element.not_completed_by, task.business_key, task.instance_id, person):
        raise _refusal(task, step)


def barring(engine: Engine, session: Session, task_ids: Iterable[str], person: str) -> Mapping[str, tuple[Step, ...]]:
    """By task the steps of its case for which ``person`` may not do it; tasks that nothing bars are left out."""
    found: dict[str, tuple[Step, ...]] = {}
    for row in session.connection().execute(_DEFINITIONS, {"tasks": list(task_ids)}):
        element = engine.definitions.process(session, row.definition_id).elements.get(row.element_id)
        if element is None or not element.not_completed_by:
            continue
        if done := _done(session, element.not_completed_by, row.business_key, row.instance_id, person):
            found[row.id] = done
    return found


def _done(session: Session, elements: tuple[str, ...], business_key: str, instance_id: int, person: str) -> tuple[Step, ...]:
    """Which of the elements the person has completed, of the case or of an instance without one."""
    steps, key = (_OF_CASE, business_key) if business_key else (_OF_INSTANCE, instance_id)
    named = {"person": person, "elements": list(elements), "key": key}
    return tuple(Step(*step) for step in session.connection().execute(steps, named))


def _refusal(task: TaskRow, step: Step) -> NotAllowed:
    message = f"Expected {task.name!r} to be done by somebody else but you completed {step.name!r} of the same case."
    return NotAllowed(message).coded("four-eyes", task=task.name, step=step.name)

"""Claim, hand over, draft and complete user tasks. Refuses who may not and what has ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from engine import forms, runtime
from engine.actors import Actor
from engine.assembly import Engine
from engine.db import statements
from engine.db.database import change_row
from engine.db.driver import batch
from engine.db.rows import InstanceRow, TaskRow
from engine.db.tables import Account
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound
from engine.queries.visibility import require_not_against
from engine.separation import barring, require_separate, require_separate_element
from engine.services import evidence, negative_list, rule_rows
from engine.services.people import complained_of
from engine.versions import Place, latest
from engine.wait_rows import refresh_inbox

#: Groups that may hand a task of their window to somebody else.
HAND_OVER_GROUPS = ("window_head", "admin")

INSTANCE_WIDTH = len(fields(InstanceRow))


@dataclass(frozen=True)
class Completion:
    """What came of completing a task: its case, and the next task of the case that the same person may do."""

    case_no: str
    next_task_id: str | None


@dataclass(frozen=True, slots=True)
class _Checked:
    """A completion that nothing refuses, as long as task and instance stay as they were read."""

    task: TaskRow
    running: runtime.Running
    variables: dict[str, Any]
    schema: Mapping[str, Any]
    values: dict[str, Any]


def claim_task(engine: Engine, actor: Actor, task_id: str, version: int | None = None) -> None:
    """Take an unassigned task; from then on only ``actor`` sees it."""
    with engine.database.transaction() as session:
        task, _ = _taken_up(session, task_id)
        require_open(task)
        require_version(task, version)
        require_candidate(task, actor)
        require_not_against(session, task.business_key, actor)
        require_separate(engine, session, task, actor.id)
        _assign(session, task, actor.id, engine.clock.now())
        _record(engine, session, actor, task, "user_task:claim")


def unclaim_task(engine: Engine, actor: Actor, task_id: str, version: int | None = None) -> None:
    """Put a task back to its candidates."""
    with engine.database.transaction() as session:
        task, _ = _taken_up(session, task_id)
        require_open(task)
        require_version(task, version)
        require_assignee(task, actor)
        if not task.candidate_groups and not task.candidate_users:
            raise NotAllowed(
                f"Expected {task.name!r} to have candidates to go back to but it is for you alone. Ask the window head to hand it over."
            )
        _assign(session, task, None, None)
        _record(engine, session, actor, task, "user_task:unclaim")


def reassign_task(engine: Engine, actor: Actor, task_id: str, assignee: str) -> None:
    """Hand a task to another active account of the same scope (window heads only)."""
    with engine.database.transaction() as session:
        task, _ = _taken_up(session, task_id)
        require_open(task)
        require_in_scope(task, actor)
        if not actor.has_group(*HAND_OVER_GROUPS):
            raise NotAllowed("Expected a window head to hand over tasks but you are not one.")
        require_not_against(session, task.business_key, actor)
        receiver = session.get(Account, assignee)
        if receiver is None or not receiver.is_active or receiver.org_unit not in actor.scope:
            problem = {"assignee": ["本窗口没有这个在用账号,请重新选择。"]}
            raise InvalidInput(f"Expected an active account of your window but {assignee!r} is none.", problem)
        if receiver.id in complained_of(session, task.business_key):
            problem = {"assignee": [f"本件投诉的是{receiver.name}或其所在的单位,请选择他人。"]}
            raise InvalidInput(f"Expected somebody whom {task.business_key} is not against but it is against {receiver.id!r}.", problem)
        if steps := barring(engine, session, [task.id], receiver.id).get(task.id):
            problem = {"assignee": [f"{receiver.name}办过“{steps[0].name}”,这一步须由另一人办理,请选择他人。"]}
            raise InvalidInput(f"Expected somebody who did not complete {steps[0].name!r} but {receiver.id!r} did.", problem)
        _assign(session, task, receiver.id, engine.clock.now())
        _record(engine, session, actor, task, "user_task:reassign", assignee=receiver.id)


def save_draft(engine: Engine, actor: Actor, task_id: str, submission: Mapping[str, Any]) -> None:
    """Keep what was typed so far. Nothing is validated, the process does not move, and no page of the task gets stale."""
    with engine.database.transaction() as session:
        task, _ = _taken_up(session, task_id)
        require_open(task)
        require_may_complete(task, actor)
        statements.KEEP_DRAFT.change(session, task_id=task.id, draft=dict(submission))


def complete_task(engine: Engine, actor: Actor, task_id: str, submission: Mapping[str, Any], version: int | None = None) -> Completion:
    """Complete a user task with what its form submitted and run the process until it waits again.

    Raises InvalidInput with the form's errors by field key; nothing is changed then.
    """
    with engine.database.transaction_after_reading() as work:
        session = work.session
        checked = _checked(engine, session, actor, task_id, submission, version)
        if work.start_writing() and not _is_as_read(session, checked):
            checked = _checked(engine, session, actor, task_id, submission, version)
        task, running = checked.task, checked.running
        with batch(session):
            _end(engine, session, running, task, checked.values)
            running.execution.complete(task.token, merged(checked.variables, checked.values))
            _record(engine, session, actor, task, "user_task:complete")
            _keep_entries(engine, session, actor, task, checked)
            runtime.store(engine, session, running)
            return Completion(task.business_key, _next_task_id(session, task, actor))


def require_open(task: TaskRow) -> None:
    if task.ended_at is not None:
        how = "was completed" if task.outcome == "completed" else "was withdrawn"
        raise Conflict(f"Expected {task.name!r} to be open but it {how}.")


def require_version(task: TaskRow, version: int | None) -> None:
    if version is not None and version != task.version:
        raise Conflict(f"Expected {task.name!r} as you saw it but it has changed meanwhile. Reload the page.")


def require_in_scope(task: TaskRow, actor: Actor) -> None:
    if task.org_unit not in actor.scope:
        raise NotAllowed(f"Expected {task.name!r} to belong to your window but it does not.")


def require_candidate(task: TaskRow, actor: Actor) -> None:
    """The task is free and ``actor`` is one of its candidates."""
    if not is_candidate(task, actor) and task.assignee != actor.id:
        raise NotAllowed(
            f"Expected you to be a candidate for {task.name!r} but it is for {', '.join(task.candidate_groups) or 'somebody else'}."
        )
    if task.assignee is not None and task.assignee != actor.id:
        raise Conflict(f"Expected {task.name!r} to be free but somebody has claimed it.")


def require_assignee(task: TaskRow, actor: Actor) -> None:
    if task.assignee != actor.id:
        raise NotAllowed(f"Expected {task.name!r} to be yours but it is not.")


def require_may_complete(task: TaskRow, actor: Actor) -> None:
    """Its assignee may, or a candidate while nobody has claimed it."""
    if task.assignee is not None:
        require_assignee(task, actor)
    else:
        require_candidate(task, actor)


def is_candidate(task: TaskRow, actor: Actor) -> bool:
    if actor.id in task.candidate_users:
        return True
    return task.org_unit in actor.scope and actor.has_group(*task.candidate_groups)


def merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """New values over old ones; contexts are merged member by member, so a form may show a part of a context."""
    result = {key: value for key, value in new.items() if not isinstance(value, Mapping)}
    for key, value in new.items():
        if isinstance(value, Mapping):
            known = old.get(key)
            result[key] = {**known, **merged(known, value)} if isinstance(known, Mapping) else dict(value)
    return result


def _taken_up(session: Session, task_id: str) -> tuple[TaskRow, InstanceRow]:
    """The task and its instance, both locked where the database locks rows."""
    row = statements.TASK_TO_CHANGE.first(session, task_id=task_id)
    if row is None:
        raise NotFound(f"Expected user task {task_id} to exist but it does not.")
    return TaskRow(*row[INSTANCE_WIDTH:]), InstanceRow(*row[:INSTANCE_WIDTH])


def _checked(engine: Engine, session: Session, actor: Actor, task_id: str, submission: Mapping[str, Any], version: int | None) -> _Checked:
    """Everything that may refuse a completion, and what takes long: the state loaded, the form validated."""
    task, instance = _taken_up(session, task_id)
    require_open(task)
    require_version(task, version)
    require_may_complete(task, actor)
    running = runtime.take_up(engine, session, actor, instance)
    drawn = engine.definitions.process(session, running.before.user_tasks[task.token].definition_id)
    require_separate_element(session, task, drawn.elements[task.element_id], actor.id)
    variables = running.execution.variables_of(task.token)
    schema = _schema(engine, session, task)
    return _Checked(task, running, variables, schema, _validated(engine, session, task, schema, submission, variables))


def _is_as_read(session: Session, checked: _Checked) -> bool:
    """Nobody has changed the task or its instance since they were read."""
    versions = statements.VERSIONS_OF_TASK.first(session, task_id=checked.task.id)
    return versions == (checked.task.version, checked.running.instance.version)


def _assign(session: Session, task: TaskRow, assignee: str | None, claimed_at: datetime | None) -> None:
    change_row(session, statements.CHANGE_TASK, task, assignee=assignee, claimed_at=claimed_at)
    refresh_inbox(session, replace(task, assignee=assignee))


def _schema(engine: Engine, session: Session, task: TaskRow) -> Mapping[str, Any]:
    if task.form_key is None:
        return {}
    form_id = task.form_definition_id or latest(session, "form", task.form_key, Place(task.org_unit, engine.clock.now())).id
    return forms.form(engine, session, form_id, task.business_key)


def _validated(
    engine: Engine, session: Session, task: TaskRow, schema: Mapping[str, Any], submission: Mapping[str, Any], variables: Mapping[str, Any]
) -> dict[str, Any]:
    if task.form_key is None:
        return dict(submission)
    values = forms.validated(engine, schema, submission, task.name, variables)
    forms.require_known(session, schema, values, but_not=task.business_key)
    return values


def _keep_entries(engine: Engine, session: Session, actor: Actor, task: TaskRow, checked: _Checked) -> None:
    """Evidence of the entries of the negative list that somebody named, as in a refusal."""
    for code in forms.chosen(checked.schema, checked.values, negative_list.KEY):
        for facts in negative_list.facts_of(session, task.business_key, code, engine.clock.now()):
            evidence.record(session, engine.clock.now(), actor, task.chain, rule_rows.HIT, element=task.element_id, **facts)


def _end(engine: Engine, session: Session, running: runtime.Running, task: TaskRow, values: dict[str, Any]) -> None:
    person = running.actor.id
    end = {"assignee": task.assignee or person, "ended_at": engine.clock.now(), "outcome": "completed", "completed_by": person}
    change_row(session, statements.CHANGE_TASK, task, submitted=values, draft=None, **end)
    running.ended.add(task.token)


def _next_task_id(session: Session, task: TaskRow, actor: Actor) -> str | None:
    if not task.business_key:
        return None
    audiences = set(actor.audiences())
    entries = statements.ENTRIES_OF_CASE.all(session, case_no=task.business_key)
    return next((waiting for waiting, audience in entries if audience in audiences), None)


def _record(engine: Engine, session: Session, actor: Actor, task: TaskRow, event: str, **facts: Any) -> None:
    evidence.record(session, engine.clock.now(), actor, task.chain, event, task=task.id, element=task.element_id, **facts)

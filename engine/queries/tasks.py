"""One user task as its page shows it: the form, what is filled in already, who may act."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy.orm import Session

from engine import forms, runtime
from engine.actors import Actor
from engine.assembly import Engine
from engine.db.tables import Account, UserTask
from engine.errors import NotAllowed, NotFound
from engine.queries.case_summaries import CaseSummary, case_summary
from engine.queries.inbox import InboxItem, group_names, inbox_items, marked
from engine.queries.visibility import require_not_against
from engine.versions import Place, latest


@dataclass(frozen=True)
class TaskPage:
    """Everything the page of a task shows. ``form`` is the form-js schema, ``variables`` what it is filled from."""

    task: InboxItem
    version: int
    form_key: str | None
    form: dict[str, Any] | None
    variables: dict[str, Any]
    draft: dict[str, Any] | None
    case: CaseSummary | None
    can_complete: bool
    candidate_names: tuple[str, ...]
    documentation: str
    state: Literal["open", "completed", "cancelled"]
    completed_by: str | None
    ended_at: datetime | None


def task_page(engine: Engine, actor: Actor, task_id: str) -> TaskPage:
    """The page of one task. Raises NotFound, or NotAllowed when the task is none of the actor's business."""
    now = engine.clock.now()
    with engine.database.reading() as session:
        task = session.get(UserTask, task_id)
        if task is None:
            raise NotFound(f"Expected user task {task_id} to exist but it does not.")
        (item,) = marked(engine, session, actor, inbox_items(session, actor, now, [task.id]))
        require_may_see(task, item, actor)
        require_not_against(session, task.business_key, actor)
        form, variables, documentation = _content(engine, session, actor, task)
        names = group_names(session, task.candidate_groups)
        return TaskPage(
            task=item,
            version=task.version,
            form_key=task.form_key,
            form=form,
            variables=variables,
            draft=task.draft,
            case=case_summary(session, task.business_key, now),
            can_complete=task.ended_at is None and not item.barred_by and (item.is_mine or item.can_claim),
            candidate_names=tuple(names.get(group, group) for group in task.candidate_groups),
            documentation=documentation,
            state="open" if task.ended_at is None else ("completed" if task.outcome == "completed" else "cancelled"),
            completed_by=_name(session, task.completed_by),
            ended_at=task.ended_at,
        )


def require_may_see(task: UserTask, item: InboxItem, actor: Actor) -> None:
    """Its assignee and candidates see a task; so do the heads of its window, and those who took part."""
    if item.is_mine or item.can_claim or task.completed_by == actor.id:
        return
    is_candidate = actor.has_group(*task.candidate_groups) and task.org_unit in actor.scope
    if is_candidate or (task.org_unit in actor.scope and actor.has_group("window_head", "coordinator", "admin")):
        return
    raise NotAllowed(f"Expected {task.name!r} to be a task of yours or of your groups but it is not.")


def _content(engine: Engine, session: Session, actor: Actor, task: UserTask) -> tuple[dict[str, Any] | None, dict[str, Any], str]:
    form = None
    if task.form_key:
        form_id = task.form_definition_id or latest(session, "form", task.form_key, Place(task.org_unit, engine.clock.now())).id
        form = forms.form(engine, session, form_id, task.business_key)
    if task.ended_at is not None:
        return form, dict(task.submitted or {}), ""
    execution = runtime.peek(engine, session, actor, task.instance_id).execution
    wait = execution.waits().user_tasks[task.token]
    return form, dict(execution.variables_of(task.token)), wait.documentation


def _name(session: Session, account_id: str | None) -> str | None:
    account = session.get(Account, account_id) if account_id else None
    return account.name if account else account_id

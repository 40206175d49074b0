"""The inbox: open user tasks a person may see, by due time. One index range a person's audience, keyset pages."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Integer, Row, Select, bindparam, column, distinct, func, or_, select
from sqlalchemy.orm import Session

from engine.actors import Actor
from engine.assembly import Engine
from engine.db.case_tables import Case
from engine.db.tables import Account, CandidateGroup, InboxEntry, UserTask
from engine.errors import InvalidInput
from engine.queries.cursors import read_moment
from engine.separation import barring

Lamp = Literal["red", "yellow", "green", "grey"]
#: Counts stop here: nobody needs to know whether it is 4,812 or 4,813.
COUNT_CAP = 1000

RANGE = (
    select(InboxEntry.due_key, InboxEntry.task_id)
    .where(InboxEntry.audience == bindparam("audience"))
    .order_by(InboxEntry.due_key, InboxEntry.task_id)
    .limit(bindparam("rows", type_=Integer))
)
COUNT = select(func.count(distinct(column("task_id")))).select_from(
    select(InboxEntry.task_id)
    .where(InboxEntry.audience.in_(bindparam("audiences", expanding=True)))
    .limit(bindparam("entries", type_=Integer))
    .subquery()
)
ITEMS = (
    select(
        UserTask.id,
        UserTask.name,
        UserTask.business_key,
        UserTask.process_key,
        UserTask.element_id,
        UserTask.org_unit,
        UserTask.assignee,
        UserTask.candidate_users,
        UserTask.candidate_groups,
        UserTask.due_at,
        UserTask.warn_at,
        UserTask.created_at,
        UserTask.ended_at,
        Case.title,
        Case.level,
        Account.name.label("assignee_name"),
    )
    .outerjoin(Case, Case.no == UserTask.business_key)
    .outerjoin(Account, Account.id == UserTask.assignee)
    .where(UserTask.id.in_(bindparam("task_ids", expanding=True)))
)
GROUPS = select(CandidateGroup.id, CandidateGroup.name).where(CandidateGroup.id.in_(bindparam("groups", expanding=True)))


@dataclass(frozen=True)
class InboxQuery:
    """What to show. ``after`` is the cursor of the page before; ``text`` a case number or a part of one."""

    scope: Literal["mine", "groups", "all"] = "all"
    lamp: Literal["overdue", "warning", "normal"] | None = None
    process_key: str | None = None
    text: str = ""
    after: str | None = None
    limit: int = 20


@dataclass(frozen=True)
class InboxItem:
    """One open task as a row of the inbox. ``barred_by``: steps that the person did, for which another one has to do this."""

    task_id: str
    name: str
    case_no: str
    case_title: str
    process_key: str
    element_id: str
    assignee: str | None
    assignee_name: str | None
    candidate_groups: tuple[str, ...]
    group_names: tuple[str, ...]
    due_at: datetime | None
    lamp: Lamp
    created_at: datetime
    level: str | None
    can_claim: bool
    is_mine: bool
    barred_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class InboxPage:
    """A page of the inbox and how much there is in all (capped at ``COUNT_CAP``)."""

    items: tuple[InboxItem, ...]
    next_cursor: str | None
    mine: int
    groups: int


def inbox(engine: Engine, actor: Actor, query: InboxQuery) -> InboxPage:
    """The page of ``query`` for ``actor``, earliest due first, tasks without a due time last."""
    own, shared = actor.audiences()[:1], actor.audiences()[1:]
    audiences = {"mine": own, "groups": shared, "all": own + shared}[query.scope]
    now = engine.clock.now()
    with engine.database.reading() as session:
        keys = _page_keys(session, query, audiences, now)
        items = marked(engine, session, actor, inbox_items(session, actor, now, [task_id for _, task_id in keys[: query.limit]]))
        more = len(keys) > query.limit
        cursor = _cursor(*keys[query.limit - 1]) if more else None
        return InboxPage(items, cursor, _count(session, own), _count(session, shared))


def inbox_items(session: Session, actor: Actor, now: datetime, task_ids: list[str]) -> tuple[InboxItem, ...]:
    """The rows for these tasks, in the order given."""
    if not task_ids:
        return ()
    rows = {row.id: row for row in session.connection().execute(ITEMS, {"task_ids": task_ids})}
    names = group_names(session, {group for row in rows.values() for group in row.candidate_groups})
    return tuple(_item(actor, now, names, rows[task_id]) for task_id in task_ids if task_id in rows)


def marked(engine: Engine, session: Session, actor: Actor, items: tuple[InboxItem, ...]) -> tuple[InboxItem, ...]:
    """The rows, those that somebody else has to do marked: nobody claims what a diagram keeps from him."""
    barred = barring(engine, session, [item.task_id for item in items], actor.id) if items else {}
    return tuple(
        replace(item, can_claim=False, barred_by=tuple(dict.fromkeys(step.name for step in barred[item.task_id])))
        if item.task_id in barred
        else item
        for item in items
    )


def group_names(session: Session, groups: Iterable[str]) -> dict[str, str]:
    """Chinese names of candidate groups."""
    return {row.id: row.name for row in session.connection().execute(GROUPS, {"groups": list(groups)})}


def lamp_of(now: datetime, due_at: datetime | None, warn_at: datetime | None) -> Lamp:
    """Red when overdue, yellow in the last fifth of the time (DT08 row K7), green before, grey without a limit."""
    if due_at is None:
        return "grey"
    if now > due_at:
        return "red"
    return "yellow" if warn_at is not None and now >= warn_at else "green"


def _page_keys(session: Session, query: InboxQuery, audiences: list[str], now: datetime) -> list[tuple[datetime, str]]:
    """(due key, task id) of the page and one more. Each audience is one range of the primary key; the ranges are merged here."""
    wanted, connection = _range(query, now), session.connection()
    found = {
        (row.due_key, row.task_id)
        for audience in audiences
        for row in connection.execute(wanted, {"audience": audience, "rows": query.limit + 1})
    }
    return sorted(found)[: query.limit + 1]


def _range(query: InboxQuery, now: datetime) -> Select[tuple[datetime, str]]:
    """What an audience sees. The plain first page is a constant, so that nothing has to be built for it."""
    wanted = RANGE
    if query.after:
        due_key, task_id = _read_cursor(query.after)
        wanted = wanted.where(InboxEntry.due_key >= due_key, or_(InboxEntry.due_key > due_key, InboxEntry.task_id > task_id))
    if query.lamp == "overdue":
        wanted = wanted.where(InboxEntry.due_key < now)
    if query.lamp in ("warning", "normal"):
        wanted = wanted.where(InboxEntry.due_key >= now)
    if query.lamp or query.process_key or query.text.strip():
        wanted = _filtered(wanted, query, now)
    return wanted


def _filtered(wanted: Select[tuple[datetime, str]], query: InboxQuery, now: datetime) -> Select[tuple[datetime, str]]:
    wanted = wanted.join(UserTask, UserTask.id == InboxEntry.task_id)
    if query.process_key:
        wanted = wanted.where(UserTask.process_key == query.process_key)
    if query.text.strip():
        wanted = wanted.where(UserTask.business_key.contains(query.text.strip(), autoescape=True))
    if query.lamp == "warning":
        wanted = wanted.where(UserTask.warn_at <= now)
    if query.lamp == "normal":
        wanted = wanted.where(or_(UserTask.warn_at.is_(None), UserTask.warn_at > now))
    return wanted


def _count(session: Session, audiences: list[str]) -> int:
    """Different tasks, up to ``COUNT_CAP``. A task has at most one entry an audience, so that many entries hold enough tasks."""
    if not audiences:
        return 0
    entries = {"audiences": audiences, "entries": COUNT_CAP * len(audiences)}
    return min(COUNT_CAP, session.connection().execute(COUNT, entries).scalar_one())


def _item(actor: Actor, now: datetime, names: dict[str, str], task: Row[Any]) -> InboxItem:
    is_candidate = actor.id in task.candidate_users or (task.org_unit in actor.scope and actor.has_group(*task.candidate_groups))
    return InboxItem(
        task_id=task.id,
        name=task.name,
        case_no=task.business_key,
        case_title=task.title or "",
        process_key=task.process_key,
        element_id=task.element_id,
        assignee=task.assignee,
        assignee_name=task.assignee_name,
        candidate_groups=tuple(task.candidate_groups),
        group_names=tuple(names.get(group, group) for group in task.candidate_groups),
        due_at=task.due_at,
        lamp=lamp_of(now, task.due_at, task.warn_at),
        created_at=task.created_at,
        level=task.level,
        can_claim=task.assignee is None and task.ended_at is None and is_candidate,
        is_mine=task.assignee == actor.id,
    )


def _cursor(due_key: datetime, task_id: str) -> str:
    return urlsafe_b64encode(f"{due_key.isoformat()} {task_id}".encode()).decode()


def _read_cursor(cursor: str) -> tuple[datetime, str]:
    try:
        due_key, task_id = urlsafe_b64decode(cursor.encode()).decode().split(" ", 1)
        return read_moment(due_key), task_id
    except ValueError as error:
        raise InvalidInput("Expected a page link of this inbox but got something else. Go back to the first page.") from error

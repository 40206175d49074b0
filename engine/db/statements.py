"""The statements of the hot path, by noun, each written once. Runs none of them.

A constant statement keeps its cache key and its compiled text; building one anew costs many times what SQLite needs to execute it.
They are executed on ``session.connection()``, in the transaction of everything else the session does, but past its unit of work.
What an update sets is not listed here: a parameter that names a column sets it.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any, cast

from sqlalchemy import Table, TextClause, bindparam, delete, insert, select, text, update

from engine.db.base import Base
from engine.db.rows import InstanceRow, TaskRow
from engine.db.tables import ElementRun, Evidence, InboxEntry, Incident, Job, ProcessInstance, Subscription, UserTask


def table_of(rows: type[Base]) -> Table:
    return cast(Table, rows.__table__)


def _upsert(table: Table, *changing: str) -> TextClause:
    """Insert; where a row with the same primary key exists, update ``changing`` instead. As text: SQLAlchemy does not keep ON CONFLICT."""
    names = ", ".join(table.columns.keys())
    values = ", ".join(f":{name}" for name in table.columns.keys())  # noqa: SIM118 - iterating it gives columns
    key = ", ".join(column.name for column in table.primary_key)
    updates = ", ".join(f"{name} = excluded.{name}" for name in changing)
    statement = text(f"INSERT INTO {table.name} ({names}) VALUES ({values}) ON CONFLICT ({key}) DO UPDATE SET {updates}")
    return statement.bindparams(*(bindparam(column.name, type_=column.type) for column in table.columns))


def _columns(table: Table, row: type[Any]) -> list[Any]:
    return [table.c[field.name] for field in fields(row)]


_instance, _task, _entry = table_of(ProcessInstance), table_of(UserTask), table_of(InboxEntry)
_job, _subscription, _incident = table_of(Job), table_of(Subscription), table_of(Incident)
_run, _evidence = table_of(ElementRun), table_of(Evidence)

# --- process instances: columns of InstanceRow ----------------------------------------------------------------------------------------

INSTANCE = select(*_columns(_instance, InstanceRow)).where(_instance.c.id == bindparam("instance_id"))
INSTANCE_TO_CHANGE = INSTANCE.with_for_update()
ADD_INSTANCE = insert(_instance)
CHANGE_INSTANCE = (
    update(_instance)
    .where(_instance.c.id == bindparam("row_id"), _instance.c.version == bindparam("version_read"))
    .values(version=_instance.c.version + 1)
)

# --- user tasks: columns of InstanceRow, then of TaskRow ------------------------------------------------------------------------------

#: The instance comes first, so that PostgreSQL locks it first: every command takes these locks in this order.
TASK_TO_CHANGE = (
    select(*_columns(_instance, InstanceRow), *_columns(_task, TaskRow))
    .select_from(_instance.join(_task, _task.c.instance_id == _instance.c.id))
    .where(_task.c.id == bindparam("task_id"))
    .with_for_update()
)
ADD_TASK = insert(_task)
CHANGE_TASK = (
    update(_task).where(_task.c.id == bindparam("row_id"), _task.c.version == bindparam("version_read")).values(version=_task.c.version + 1)
)
WITHDRAW_TASKS = (
    update(_task)
    .where(_task.c.id.in_(bindparam("task_ids", expanding=True)), _task.c.ended_at.is_(None))
    .values(outcome="cancelled", version=_task.c.version + 1)
)
#: (task, audience) of every inbox entry of a case, earliest due first.
ENTRIES_OF_CASE = (
    select(_task.c.id, _entry.c.audience)
    .join(_entry, _entry.c.task_id == _task.c.id)
    .where(_task.c.business_key == bindparam("case_no"), _task.c.ended_at.is_(None))
    .order_by(_entry.c.due_key, _task.c.id)
)

# --- the inbox ------------------------------------------------------------------------------------------------------------------------

ADD_INBOX_ENTRY = insert(_entry)
REMOVE_INBOX_ENTRIES = delete(_entry).where(_entry.c.task_id == bindparam("task"))

# --- jobs -----------------------------------------------------------------------------------------------------------------------------

ADD_JOB = insert(_job)
REMOVE_JOBS_OF_TOKENS = delete(_job).where(
    _job.c.instance_id == bindparam("instance_id"),
    _job.c.token.in_(bindparam("tokens", expanding=True)),
    _job.c.kind.in_(("timer", "continuation")),
)

# --- subscriptions --------------------------------------------------------------------------------------------------------------------

ADD_SUBSCRIPTION = insert(_subscription)
REMOVE_SUBSCRIPTIONS = delete(_subscription).where(
    _subscription.c.instance_id == bindparam("instance_id"), _subscription.c.token.in_(bindparam("tokens", expanding=True))
)
_RECEIVERS = select(_subscription.c.instance_id, _subscription.c.token, _subscription.c.element_id)
SIGNAL_RECEIVERS = _RECEIVERS.where(_subscription.c.kind == "signal", _subscription.c.name == bindparam("event"))
MESSAGE_RECEIVER = _RECEIVERS.where(
    _subscription.c.kind == "message",
    _subscription.c.name == bindparam("event"),
    _subscription.c.correlation_key.is_not_distinct_from(bindparam("correlation_key")),
).limit(1)

# --- incidents ------------------------------------------------------------------------------------------------------------------------

ADD_INCIDENT = insert(_incident)
RESOLVE_INCIDENTS = update(_incident).where(
    _incident.c.instance_id == bindparam("of_instance"),
    _incident.c.token.in_(bindparam("tokens", expanding=True)),
    _incident.c.resolved_at.is_(None),
)

# --- history --------------------------------------------------------------------------------------------------------------------------

#: A visit that a command ends but did not begin has its row already.
WRITE_ELEMENT_RUN = _upsert(_run, "left_at", "outcome", "actor")

# --- evidence -------------------------------------------------------------------------------------------------------------------------

ADD_EVIDENCE = insert(_evidence)
EVIDENCE_HEAD = (
    select(_evidence.c.sequence, _evidence.c.hash)
    .where(_evidence.c.chain == bindparam("chain"))
    .order_by(_evidence.c.sequence.desc())
    .limit(1)
)

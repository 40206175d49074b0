"""The statements of the hot path, by noun, each written once. Runs none of them.

They run in the transaction of everything else the session does, but past its unit of work. What an insert or an update sets is not listed
here: a parameter that names a column sets it.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any, cast

from sqlalchemy import Integer, String, Table, TextClause, and_, bindparam, delete, func, insert, or_, select, text, update

from engine.db.base import Base
from engine.db.case_tables import Case
from engine.db.prepared import Prepared
from engine.db.rows import InstanceRow, JobRow, TaskRow
from engine.db.tables import (
    DecisionRun,
    ElementRun,
    Evidence,
    InboxEntry,
    Incident,
    Job,
    ProcessInstance,
    StartEvent,
    Subscription,
    UserTask,
)


def table_of(rows: type[Base]) -> Table:
    return cast(Table, rows.__table__)


def _add(table: Table) -> Prepared:
    return Prepared(insert(table).inline())  # no row number is asked for


def _upsert(table: Table, *changing: str) -> TextClause:
    """Insert; where a row with the same primary key exists, update ``changing`` instead. As text: each dialect of Core has its own word."""
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
_start = table_of(StartEvent)
_run, _decision, _evidence = table_of(ElementRun), table_of(DecisionRun), table_of(Evidence)

# --- process instances: columns of InstanceRow ----------------------------------------------------------------------------------------

_by_id = select(*_columns(_instance, InstanceRow)).where(_instance.c.id == bindparam("instance_id"))
INSTANCE = Prepared(_by_id)
INSTANCE_TO_CHANGE = Prepared(_by_id.with_for_update())
#: Those that run; the others have nothing to move.
INSTANCES_OF_CASE = Prepared(
    select(_instance.c.id)
    .where(_instance.c.business_key == bindparam("business_key"), _instance.c.status == "active")
    .order_by(_instance.c.id)
)
#: Whether anybody but the instance itself would have to follow.
OTHERS_OF_CASE = Prepared(
    select(_instance.c.id)
    .where(
        _instance.c.business_key == bindparam("business_key"),
        _instance.c.id != bindparam("but_not"),
        or_(_instance.c.status == "active", _instance.c.status == "suspended"),
    )
    .limit(1)
)
LOCK_INSTANCE = Prepared(select(_instance.c.id).where(_instance.c.id == bindparam("instance_id")).with_for_update())
#: Returns its number.
ADD_INSTANCE = Prepared(insert(_instance).returning(_instance.c.id))
CHANGE_INSTANCE = Prepared(
    update(_instance)
    .where(_instance.c.id == bindparam("row_id"), _instance.c.version == bindparam("version_read"))
    .values(version=_instance.c.version + 1)
)

# --- cases ----------------------------------------------------------------------------------------------------------------------------

_case = table_of(Case)
#: When the case was accepted: that decides by which rules it is judged.
ACCEPTANCE = Prepared(select(_case.c.received_at).where(_case.c.no == bindparam("case_no")))

# --- user tasks: columns of InstanceRow, then of TaskRow ------------------------------------------------------------------------------

#: The instance comes first, so that PostgreSQL locks it first: every command takes these locks in this order.
TASK_TO_CHANGE = Prepared(
    select(*_columns(_instance, InstanceRow), *_columns(_task, TaskRow))
    .select_from(_instance.join(_task, _task.c.instance_id == _instance.c.id))
    .where(_task.c.id == bindparam("task_id"))
    .with_for_update()
)
#: (version of the task, version of its instance)
VERSIONS_OF_TASK = Prepared(
    select(_task.c.version, _instance.c.version)
    .select_from(_task.join(_instance, _task.c.instance_id == _instance.c.id))
    .where(_task.c.id == bindparam("task_id"))
)
ADD_TASK = _add(_task)
CHANGE_TASK = Prepared(
    update(_task).where(_task.c.id == bindparam("row_id"), _task.c.version == bindparam("version_read")).values(version=_task.c.version + 1)
)
#: Leaves the version alone: what somebody types makes nobody's page stale.
KEEP_DRAFT = Prepared(update(_task).where(_task.c.id == bindparam("task_id")))
#: Leaves the version alone, too.
MOVE_TASK = Prepared(update(_task).where(_task.c.id == bindparam("task_id"), _task.c.ended_at.is_(None)))
WITHDRAW_TASK = Prepared(
    update(_task)
    .where(_task.c.id == bindparam("task_id"), _task.c.ended_at.is_(None))
    .values(outcome="cancelled", version=_task.c.version + 1)
)
#: (task, audience) of every inbox entry of a case, earliest due first.
ENTRIES_OF_CASE = Prepared(
    select(_task.c.id, _entry.c.audience)
    .join(_entry, _entry.c.task_id == _task.c.id)
    .where(_task.c.business_key == bindparam("case_no"), _task.c.ended_at.is_(None))
    .order_by(_entry.c.due_key, _task.c.id)
)

# --- the inbox ------------------------------------------------------------------------------------------------------------------------

ADD_INBOX_ENTRY = _add(_entry)
MOVE_INBOX_ENTRIES = Prepared(update(_entry).where(_entry.c.task_id == bindparam("task")))
REMOVE_INBOX_ENTRIES = Prepared(delete(_entry).where(_entry.c.task_id == bindparam("task")))

# --- jobs: columns of JobRow ----------------------------------------------------------------------------------------------------------

ADD_JOB = _add(_job)
EARLIEST_JOB = Prepared(select(func.min(_job.c.run_at)))
_due = select(_job.c.id).where(_job.c.run_at <= bindparam("now")).order_by(_job.c.run_at, _job.c.id)
_chosen = _due.limit(bindparam("most", type_=Integer)).with_for_update(skip_locked=True).cte("due")
CLAIM_JOBS = Prepared(
    update(_job)
    .where(_job.c.id.in_(select(_chosen.c.id)))
    .values(run_at=bindparam("until"), owner=bindparam("worker"), attempts=_job.c.attempts + 1)
    .returning(*_columns(_job, JobRow))
)
#: A job belongs to who claimed it, in the attempt in which he did.
_held = (_job.c.id == bindparam("row_id"), _job.c.owner == bindparam("held_by"), _job.c.attempts == bindparam("in_attempt"))
REMOVE_JOB = Prepared(delete(_job).where(*_held))
CHANGE_JOB = Prepared(update(_job).where(*_held))
#: PostgreSQL: this transaction's commit is answered before it is on the disk.
COMMIT_WITHOUT_WAITING = Prepared(text("SET LOCAL synchronous_commit TO off"))
#: Claimed, tried before, or of no kind that has a moment of its own; never those out of retries.
_beyond = (_job.c.run_at > bindparam("latest"), _job.c.run_at < bindparam("never"))
_at_once = or_(_job.c.attempts > 0, and_(_job.c.kind != "timer", _job.c.kind != "start", _job.c.kind != "activation"))
JOBS_WAITING_BEYOND = Prepared(select(_job.c.id).where(*_beyond, _at_once))
SHORTEN_WAIT = Prepared(update(_job).where(_job.c.id == bindparam("row_id"), *_beyond))
REMOVE_JOB_OF_TOKEN = Prepared(
    delete(_job).where(
        _job.c.instance_id == bindparam("instance_id"),
        _job.c.token == bindparam("token"),
        or_(_job.c.kind == "timer", _job.c.kind == "continuation"),
    )
)

# --- subscriptions --------------------------------------------------------------------------------------------------------------------

ADD_SUBSCRIPTION = _add(_subscription)
REMOVE_SUBSCRIPTION = Prepared(
    delete(_subscription).where(_subscription.c.instance_id == bindparam("instance_id"), _subscription.c.token == bindparam("token"))
)
#: (instance, token, element) of whom an event reaches.
_receivers = select(_subscription.c.instance_id, _subscription.c.token, _subscription.c.element_id)
SIGNAL_RECEIVERS = Prepared(_receivers.where(_subscription.c.kind == "signal", _subscription.c.name == bindparam("event")))
MESSAGE_RECEIVER = Prepared(
    _receivers.where(
        _subscription.c.kind == "message",
        _subscription.c.name == bindparam("event"),
        _subscription.c.correlation_key.is_not_distinct_from(bindparam("correlation_key")),
    ).limit(1)
)

# --- start events: (definition, element) ----------------------------------------------------------------------------------------------

_watched = select(_start.c.definition_id, _start.c.element_id)
MESSAGE_START = Prepared(_watched.where(_start.c.kind == "message", _start.c.name == bindparam("event")).limit(1))
SIGNAL_STARTS = Prepared(_watched.where(_start.c.kind == "signal", _start.c.name == bindparam("event")))
START_EVENT = Prepared(_watched.where(_start.c.definition_id == bindparam("definition_id"), _start.c.element_id == bindparam("element_id")))

# --- incidents ------------------------------------------------------------------------------------------------------------------------

ADD_INCIDENT = _add(_incident)
RESOLVE_INCIDENT = Prepared(
    update(_incident).where(
        _incident.c.instance_id == bindparam("of_instance"), _incident.c.token == bindparam("of_token"), _incident.c.resolved_at.is_(None)
    )
)

# --- history --------------------------------------------------------------------------------------------------------------------------

#: A visit that a command ends but did not begin has its row already.
WRITE_ELEMENT_RUN = Prepared(_upsert(_run, "left_at", "outcome", "actor"))
ADD_DECISION_RUN = _add(_decision)

# --- evidence -------------------------------------------------------------------------------------------------------------------------

ADD_EVIDENCE = _add(_evidence)
#: PostgreSQL only: two commands of one chain append to it one after the other. SQLite has one writer at a time.
LOCK_CHAIN = Prepared(select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("chain", type_=String), 0))))
#: (sequence, hash) of the newest row of a chain.
EVIDENCE_HEAD = Prepared(
    select(_evidence.c.sequence, _evidence.c.hash)
    .where(_evidence.c.chain == bindparam("chain"))
    .order_by(_evidence.c.sequence.desc())
    .limit(1)
)

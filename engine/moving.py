"""Moves running instances to another version: the rows of one in the caller's transaction, and batch by batch for the worker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

import orjson
from sqlalchemy import Integer, bindparam, select, update
from sqlalchemy.orm import Session

from engine import runtime
from engine.actors import Actor
from engine.assembly import Engine
from engine.bpmn.migration import Migrated, MigrationPlan, Move, Obstacle, Obstacles, migrate
from engine.bpmn.migration.moving import Timers, run_on
from engine.bpmn.waits import UserTaskWait, Waits
from engine.db import statements
from engine.db.prepared import Prepared
from engine.db.rows import InstanceRow, TaskRow
from engine.db.statements import table_of
from engine.db.tables import ElementRun, Incident, ProcessInstance, UserTask
from engine.db.version_tables import Migration, MigrationItem
from engine.errors import Conflict, NotFound
from engine.services import evidence
from engine.wait_rows import refresh_inbox, task_columns, task_id

#: So many instances a turn: then timers that have fallen due meanwhile have theirs.
BATCH = 20
#: How often an instance is tried that somebody else was changing, or that was next when workers ended.
TRIES = 3

ItemStatus = Literal["pending", "moved", "kept", "refused"]
#: Of these there is nothing left to move.
NOTHING_TO_DO = ("elsewhere", "ended")

_items, _runs, _tasks = table_of(MigrationItem), table_of(ElementRun), table_of(UserTask)
_instances, _incidents, _migrations = table_of(ProcessInstance), table_of(Incident), table_of(Migration)
_one_item = (_items.c.migration_id == bindparam("of_migration"), _items.c.instance_id == bindparam("of_instance"))
_ITEM = Prepared(select(_items.c.status).where(*_one_item).with_for_update())
_TRIED = Prepared(select(_items.c.detail).where(*_one_item))
_END_ITEM = Prepared(update(_items).where(*_one_item))
_NEXT_ITEMS = Prepared(
    select(_items.c.instance_id)
    .where(_items.c.migration_id == bindparam("of_migration"), _items.c.status == "pending")
    .order_by(_items.c.instance_id)
    .limit(bindparam("most", type_=Integer))
)
_STATUS = Prepared(select(_migrations.c.status).where(_migrations.c.id == bindparam("of_migration")))
_PIN = Prepared(update(_instances).where(_instances.c.id == bindparam("of_instance")))
_open_runs = (_runs.c.instance_id == bindparam("of_instance"), _runs.c.left_at.is_(None))
_MOVE_RUNS = Prepared(update(_runs).where(*_open_runs, _runs.c.definition_id == bindparam("source")))
_RENAME_RUN = Prepared(update(_runs).where(*_open_runs, _runs.c.token == bindparam("of_token")))
_CLAIM = Prepared(select(_tasks.c.assignee, _tasks.c.claimed_at).where(_tasks.c.id == bindparam("of_task")))
_CHANGE_TASK = Prepared(update(_tasks).where(_tasks.c.id == bindparam("of_task")).values(version=_tasks.c.version + 1))
_MOVE_INCIDENT = Prepared(
    update(_incidents).where(
        _incidents.c.instance_id == bindparam("of_instance"),
        _incidents.c.token == bindparam("of_token"),
        _incidents.c.resolved_at.is_(None),
    )
)

#: What of a task's row follows the new version; claim, draft and age stay.
_FOLLOWING = (
    *("element_id", "name", "process_key", "lane", "candidate_users", "candidate_groups"),
    *("due_at", "warn_at", "follow_up_at", "priority", "form_key", "form_definition_id"),
)


@dataclass(frozen=True)
class Journey:
    """What all instances of one migration have in common."""

    source_id: int
    target_id: int
    plan: MigrationPlan
    timers: Timers


def move_instance(engine: Engine, session: Session, actor: Actor, instance_id: int, journey: Journey, migration_id: int) -> Migrated:
    """Move one instance with all its rows. Raises Obstacles; the transaction is to be given up then."""
    running, found = _moved(engine, session, actor, statements.INSTANCE_TO_CHANGE.first(session, instance_id=instance_id), journey)
    run_on(running.execution)
    if found.is_outermost:
        _PIN.change(session, of_instance=instance_id, definition_id=journey.target_id)
    running.before = _rewrite(session, running, engine.clock.now())
    runtime.store(engine, session, running)
    _MOVE_RUNS.change(session, of_instance=instance_id, source=journey.source_id, definition_id=journey.target_id)
    for step in found.moved:
        names = {"element_id": step.target, "element_name": step.name, "type": step.type}
        _RENAME_RUN.change(session, of_instance=instance_id, of_token=step.token, **names)
    facts = {"instance": instance_id, "migration": migration_id, "source": journey.source_id, "target": journey.target_id}
    evidence.record(session, engine.clock.now(), actor, running.instance.chain, "instance:migrate", **facts)
    return found


def look_ahead(engine: Engine, session: Session, actor: Actor, instance_id: int, journey: Journey) -> Migrated:
    """What moving it would come to. Changes nothing and lets nothing run. Raises Obstacles."""
    return _moved(engine, session, actor, statements.INSTANCE.first(session, instance_id=instance_id), journey)[1]


def run_batch(engine: Engine, migration_id: int, is_suspect: bool) -> bool:
    """Move the next instances of a migration, each in its own transaction. True when there are more.

    ``is_suspect``: workers have ended in the middle of a batch, perhaps because of the one that is next now.
    """
    with engine.database.reading() as session:
        migration = session.get(Migration, migration_id)
        if migration is None or migration.status != "running":
            return False
        journey = journey_of(migration)
        actor = Actor(migration.created_by, migration.created_by)
        waiting = [number for (number,) in _NEXT_ITEMS.all(session, of_migration=migration_id, most=BATCH)]
    if is_suspect and waiting and not _count_try(engine, migration_id, waiting[0]):
        _refuse(engine, migration_id, waiting.pop(0), Obstacle("fault", facts={"found": "the worker ended each time"}))
    for instance_id in waiting:
        if not _move_item(engine, actor, migration_id, instance_id, journey):
            return False
    return not _is_ended(engine, migration_id)


def journey_of(migration: Migration) -> Journey:
    timers: Timers = "recompute" if migration.timers == "recompute" else "keep"
    return Journey(migration.source_id, migration.target_id, MigrationPlan.from_json(migration.plan), timers)


# --- one instance ---------------------------------------------------------------------------------------------------------------------


def _moved(
    engine: Engine, session: Session, actor: Actor, row: tuple[Any, ...] | None, journey: Journey
) -> tuple[runtime.Running, Migrated]:
    if row is None:
        raise Obstacles([Obstacle("ended")])
    instance = InstanceRow(*row)
    if instance.status != "active":
        raise Obstacles([Obstacle("suspended" if instance.status == "suspended" else "ended")])
    if instance.definition_id == journey.source_id:
        instance = replace(instance, definition_id=journey.target_id)  # what the new version binds is bound to it from here on
    target = engine.definitions.process(session, journey.target_id)
    move = Move(journey.source_id, journey.target_id, target, journey.plan, journey.timers, instance.started_at)
    try:
        running = runtime.take_up(engine, session, actor, instance)
    except (NotFound, Conflict) as error:
        raise Obstacles([Obstacle("missing", facts={"found": str(error)})]) from error
    return running, migrate(running.execution, move)


def _rewrite(session: Session, running: runtime.Running, now: datetime) -> Waits:
    """Change the rows of what goes on waiting, otherwise than before. Gives the waits whose rows are right then."""
    before, after, instance = running.before, running.execution.waits(), running.instance
    for token, wait in after.user_tasks.items():
        known = before.user_tasks.get(token)
        if known is not None and (known != wait or wait.form_binding == "deployment"):
            _rewrite_task(session, instance, wait, now)
    changed = {token for token, wait in after.subscriptions.items() if before.subscriptions.get(token, wait) != wait}
    rows = [{"instance_id": instance.id, "token": token} for token in changed]
    statements.REMOVE_SUBSCRIPTION.change_each(session, rows)
    subscriptions = {token: wait for token, wait in before.subscriptions.items() if token not in changed}
    failures = dict(before.failures)
    for token in before.failures.keys() & after.failures.keys():
        failures[token] = after.failures[token]
        _MOVE_INCIDENT.change(session, of_instance=instance.id, of_token=token, element_id=after.failures[token].element_id)
    return replace(before, subscriptions=subscriptions, failures=failures)


def _rewrite_task(session: Session, instance: InstanceRow, wait: UserTaskWait, now: datetime) -> None:
    number = task_id(instance.id, wait.token)
    columns = task_columns(session, instance, wait, now)
    assignee, claimed_at = _CLAIM.first(session, of_task=number) or (None, None)
    holder = assignee if claimed_at is not None else wait.assignee
    _CHANGE_TASK.change(session, of_task=number, assignee=holder, **{name: columns[name] for name in _FOLLOWING})
    refresh_inbox(session, _task_row(columns, holder))


def _task_row(columns: Mapping[str, Any], assignee: str | None) -> TaskRow:
    """As much of the row as the inbox asks for."""
    given = {name: columns[name] for name in TaskRow.__slots__ if name in columns}
    return TaskRow(**{**given, "assignee": assignee, "ended_at": None, "outcome": None})


# --- a batch --------------------------------------------------------------------------------------------------------------------------


def _move_item(engine: Engine, actor: Actor, migration_id: int, instance_id: int, journey: Journey) -> bool:
    """False when the migration was paused or stopped meanwhile."""
    for _ in range(TRIES):
        try:
            with engine.database.transaction() as session:
                return _move_pending(engine, session, actor, migration_id, instance_id, journey)
        except Obstacles as refused:
            _refuse(engine, migration_id, instance_id, *refused.obstacles)
            return True
        except Conflict:
            continue
        except Exception as error:  # whatever is wrong with this one, the others come to their turn
            _refuse(engine, migration_id, instance_id, Obstacle("fault", facts={"found": f"{type(error).__name__}: {error}"[:500]}))
            return True
    _refuse(engine, migration_id, instance_id, Obstacle("busy"))
    return True


def _count_try(engine: Engine, migration_id: int, instance_id: int) -> bool:
    """Note that a worker is about to risk its life with this instance; False when it has cost too many already."""
    with engine.database.transaction() as session:
        (detail,) = _TRIED.first(session, of_migration=migration_id, of_instance=instance_id) or ("",)
        tried = int(detail or 0)
        if tried < TRIES:
            _END_ITEM.change(session, of_migration=migration_id, of_instance=instance_id, detail=str(tried + 1))
        return tried < TRIES


def _move_pending(engine: Engine, session: Session, actor: Actor, migration_id: int, instance_id: int, journey: Journey) -> bool:
    statements.LOCK_INSTANCE.all(session, instance_id=instance_id)
    if _STATUS.first(session, of_migration=migration_id) != ("running",):
        return False
    if _ITEM.first(session, of_migration=migration_id, of_instance=instance_id) == ("pending",):
        found = move_instance(engine, session, actor, instance_id, journey, migration_id)
        _end_item(engine, session, migration_id, instance_id, "moved", orjson.dumps(summary(found)).decode())
    return True


def _refuse(engine: Engine, migration_id: int, instance_id: int, *obstacles: Obstacle) -> None:
    status: ItemStatus = "kept" if all(obstacle.code in NOTHING_TO_DO for obstacle in obstacles) else "refused"
    detail = orjson.dumps({"obstacles": [obstacle.as_json() for obstacle in obstacles]}).decode()
    with engine.database.transaction() as session:
        if _ITEM.first(session, of_migration=migration_id, of_instance=instance_id) == ("pending",):
            _end_item(engine, session, migration_id, instance_id, status, detail)


def _end_item(engine: Engine, session: Session, migration_id: int, instance_id: int, status: ItemStatus, detail: str) -> None:
    now = engine.clock.now()
    _END_ITEM.change(session, of_migration=migration_id, of_instance=instance_id, status=status, detail=detail, ended_at=now)


def _is_ended(engine: Engine, migration_id: int) -> bool:
    with engine.database.transaction() as session:
        if _NEXT_ITEMS.first(session, of_migration=migration_id, most=1) is not None:
            return False
        migration = session.get_one(Migration, migration_id, with_for_update=True)
        if migration.status == "running":
            migration.status, migration.ended_at = "done", engine.clock.now()
        session.flush()
    return True


def summary(found: Migrated) -> dict[str, Any]:
    """What moving came to, as kept with the item; empty when nothing but the version has changed."""
    steps = [{"from": step.source, "to": step.target} for step in found.moved if step.source != step.target]
    anew = [{"from": step.source, "to": step.target} for step in found.restarted]
    parts = {"steps": steps, "anew": anew, "armed": found.armed, "disarmed": found.disarmed}
    return {name: part for name, part in parts.items() if part}

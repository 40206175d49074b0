"""Migrations of running instances: try without changing anything, start, pause, go on, stop, take back. For administrators."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from engine import moving
from engine.actors import Actor
from engine.assembly import Engine
from engine.bpmn.findings import Language
from engine.bpmn.migration import Migrated, MigrationPlan, Obstacle, Obstacles, inverse
from engine.bpmn.migration.moving import Timers
from engine.db.tables import Definition, Job, ProcessInstance
from engine.db.version_tables import Migration, MigrationItem
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound
from engine.queries.cursors import is_row_number
from engine.queries.migrations import ObstacleView, Selection, obstacle_view, plan_for, require_versions, selected
from engine.services import evidence

#: Who rolls versions out.
ADMINISTRATORS = ("admin",)
#: States in which pending instances will still be moved.
UNDER_WAY = ("running", "paused")
#: So many instances a look: a page asks again for what is left.
MOST_TRIED = 10_000


@dataclass(frozen=True)
class Trial:
    """What a migration would come to for one instance: it moves (some work stands elsewhere then), keeps its places, or is refused.

    What has nothing left to move keeps its places, too, with the reason among its obstacles.
    """

    instance_id: int
    business_key: str
    result: str
    steps: tuple[tuple[str, str], ...]
    anew: tuple[tuple[str, str], ...]
    armed: tuple[str, ...]
    disarmed: tuple[str, ...]
    obstacles: tuple[ObstacleView, ...]


@dataclass(frozen=True)
class DryRun:
    """Trials in the order of the instances' numbers; ``next_after`` when there are more, ``total`` of all selected."""

    trials: tuple[Trial, ...]
    counts: Mapping[str, int]
    total: int
    next_after: int | None


def dry_run(
    engine: Engine,
    actor: Actor,
    source_id: int,
    target_id: int,
    edits: Mapping[str, str | None] | None = None,
    selection: Selection = Selection(),  # noqa: B008  # frozen
    timers: Timers = "keep",
    language: Language = "zh",
    after: int = 0,
    limit: int = MOST_TRIED,
) -> DryRun:
    """What would come of each instance. Nothing is changed, nothing goes on."""
    require_administrator(actor)
    with engine.database.reading() as session:
        journey = _journey(engine, session, source_id, target_id, edits or {}, timers)
        numbers = selected(session, actor, source_id, selection)
        asked = [number for number in numbers if number > after][:limit]
        keys = _business_keys(session, asked)
        trials = tuple(_trial(engine, session, actor, number, keys[number], journey, language) for number in asked)
        session.rollback()
    counts = {result: sum(trial.result == result for trial in trials) for result in ("moves", "keeps", "refused")}
    return DryRun(trials, counts, len(numbers), asked[-1] if asked and asked[-1] != numbers[-1] else None)


def create_migration(
    engine: Engine,
    actor: Actor,
    source_id: int,
    target_id: int,
    edits: Mapping[str, str | None] | None = None,
    selection: Selection = Selection(),  # noqa: B008  # frozen
    timers: Timers = "keep",
    reason: str = "",
) -> int:
    """Begin to move all selected instances in the background; returns the number of the migration."""
    require_administrator(actor)
    if timers not in ("keep", "recompute"):
        raise InvalidInput(f"Expected timers to be kept or recomputed but found {timers!r}.")
    with engine.database.transaction() as session:
        journey = _journey(engine, session, source_id, target_id, edits or {}, timers)
        numbers = selected(session, actor, source_id, selection)
        if not numbers:
            raise InvalidInput("Expected instances to move but the selection has none.")
        _require_not_moving(session, source_id, numbers)
        return _begin(engine, session, actor, journey, numbers, reason, None)


def pause_migration(engine: Engine, actor: Actor, migration_id: int) -> None:
    """Begin no further instance until it is resumed."""
    _set_status(engine, actor, migration_id, ("running",), "paused", "migration:pause")


def resume_migration(engine: Engine, actor: Actor, migration_id: int) -> None:
    """Go on with the instances that are pending."""
    _set_status(engine, actor, migration_id, ("paused",), "running", "migration:resume")


def stop_migration(engine: Engine, actor: Actor, migration_id: int) -> None:
    """Leave the pending instances as they are, for good. What has moved stays moved: see ``undo_migration``."""
    _set_status(engine, actor, migration_id, ("running", "paused"), "stopped", "migration:stop")


def undo_migration(engine: Engine, actor: Actor, migration_id: int, reason: str = "") -> int:
    """Move back what it has moved, by the inverse plan; what has gone on since is judged by that plan. Returns the new migration."""
    require_administrator(actor)
    with engine.database.transaction() as session:
        undone = _to_change(session, migration_id)
        if undone.status == "running":
            raise Conflict(f"Expected migration {migration_id} to have ended but it is running. Pause or stop it first.")
        _require_not_undoing(session, migration_id)
        source, target = require_versions(engine, session, undone.source_id, undone.target_id)
        back = inverse(MigrationPlan.from_json(undone.plan), source, target)
        moved = select(MigrationItem.instance_id).where(MigrationItem.migration_id == migration_id, MigrationItem.status == "moved")
        numbers = sorted(session.scalars(moved))
        if not numbers:
            raise Conflict(f"Expected migration {migration_id} to have moved something but it has not.")
        journey = moving.Journey(undone.target_id, undone.source_id, back, moving.journey_of(undone).timers)
        return _begin(engine, session, actor, journey, numbers, reason, migration_id)


def require_administrator(actor: Actor) -> None:
    if not actor.has_group(*ADMINISTRATORS):
        raise NotAllowed("Expected an administrator to migrate cases but you are none.")


def _journey(
    engine: Engine, session: Session, source_id: int, target_id: int, edits: Mapping[str, str | None], timers: Timers
) -> moving.Journey:
    source, target = require_versions(engine, session, source_id, target_id)
    return moving.Journey(source_id, target_id, plan_for(source, target, edits), timers)


def _business_keys(session: Session, numbers: list[int]) -> dict[int, str]:
    rows = select(ProcessInstance.id, ProcessInstance.business_key).where(ProcessInstance.id.in_(numbers))
    return {number: key for number, key in session.execute(rows)}  # noqa: C416  # rows are no pairs to mypy


def _trial(
    engine: Engine, session: Session, actor: Actor, instance_id: int, business_key: str, journey: moving.Journey, language: Language
) -> Trial:
    try:
        found = moving.look_ahead(engine, session, actor, instance_id, journey)
    except Obstacles as refused:
        is_kept = all(obstacle.code in moving.NOTHING_TO_DO for obstacle in refused.obstacles)
        return _trial_of(instance_id, business_key, "keeps" if is_kept else "refused", Migrated(), refused.obstacles, language)
    except Exception as error:  # a trial of one must not hide those of the others
        problem = Obstacle("fault", facts={"found": f"{type(error).__name__}: {error}"[:500]})
        return _trial_of(instance_id, business_key, "refused", Migrated(), (problem,), language)
    return _trial_of(instance_id, business_key, "moves" if found.is_changed else "keeps", found, (), language)


def _trial_of(
    instance_id: int, business_key: str, result: str, found: Migrated, obstacles: tuple[Obstacle, ...], language: Language
) -> Trial:
    return Trial(
        instance_id=instance_id,
        business_key=business_key,
        result=result,
        steps=tuple((step.source, step.target) for step in found.moved),
        anew=tuple((step.source, step.target) for step in found.restarted),
        armed=tuple(found.armed),
        disarmed=tuple(found.disarmed),
        obstacles=tuple(obstacle_view(obstacle, language) for obstacle in obstacles),
    )


def _begin(
    engine: Engine, session: Session, actor: Actor, journey: moving.Journey, numbers: list[int], reason: str, undo_of: int | None
) -> int:
    now = engine.clock.now()
    key = engine.definitions.process(session, journey.target_id).key
    row = Migration(process_key=key, source_id=journey.source_id, target_id=journey.target_id, plan=journey.plan.as_json())
    row.timers, row.status, row.reason, row.undo_of = journey.timers, "running", reason, undo_of
    row.total, row.created_at, row.created_by = len(numbers), now, actor.id
    session.add(row)
    session.flush()
    items = [{"migration_id": row.id, "instance_id": number, "status": "pending", "detail": ""} for number in numbers]
    session.execute(insert(MigrationItem), items)
    _schedule(session, row.id, engine)
    content = evidence.digest({"plan": row.plan["mapping"], "timers": row.timers, "reason": reason})
    facts = {"migration": row.id, "source": row.source_id, "target": row.target_id, "instances": row.total, "digest": content}
    evidence.record(session, now, actor, "deployments", "migration:create", **facts)
    return row.id


def _set_status(engine: Engine, actor: Actor, migration_id: int, expected: tuple[str, ...], status: str, event: str) -> None:
    require_administrator(actor)
    with engine.database.transaction() as session:
        row = _to_change(session, migration_id)
        if row.status not in expected:
            raise Conflict(f"Expected migration {migration_id} to be {' or '.join(expected)} but it is {row.status}.")
        row.status = status
        if status == "stopped":
            row.ended_at = engine.clock.now()
        session.flush()
        if status == "running":
            _schedule(session, row.id, engine)
        evidence.record(session, engine.clock.now(), actor, "deployments", event, migration=row.id)


def _schedule(session: Session, migration_id: int, engine: Engine) -> None:
    now = engine.clock.now()
    session.add(Job(kind="migration", payload={"migration": migration_id}, due_at=now, run_at=now))
    session.flush()


def _require_not_moving(session: Session, source_id: int, numbers: list[int]) -> None:
    """Two people, or one who clicks twice, must not move the same instances: the version is locked while its instances are counted."""
    session.get_one(Definition, source_id, with_for_update=True)
    going = (
        select(MigrationItem.migration_id, MigrationItem.instance_id)
        .join(Migration, Migration.id == MigrationItem.migration_id)
        .where(Migration.status.in_(UNDER_WAY), MigrationItem.status == "pending")
    )
    wanted = set(numbers)
    for migration_id, instance_id in session.execute(going):
        if instance_id in wanted:
            raise Conflict(
                f"Expected instances that nothing else moves but migration {migration_id} is to move {instance_id}. Stop it first."
            )


def _require_not_undoing(session: Session, migration_id: int) -> None:
    same = (Migration.undo_of == migration_id, Migration.status.in_(UNDER_WAY))
    found = session.scalar(select(Migration.id).where(*same).limit(1))
    if found is not None:
        raise Conflict(f"Expected migration {migration_id} to be taken back once but migration {found} does it already.")


def _to_change(session: Session, migration_id: int) -> Migration:
    row = session.get(Migration, migration_id, with_for_update=True) if is_row_number(migration_id) else None
    if row is None:
        raise NotFound(f"Expected migration {migration_id} to exist but it does not.")
    return row

"""Plans, selections and progress of migrations: what would move where, what has, and what stands in the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from engine.actors import Actor
from engine.assembly import Engine
from engine.bpmn.findings import Language
from engine.bpmn.migration import MigrationPlan, Obstacle, edited, obstacle_texts, propose
from engine.bpmn.model import ProcessDefinition
from engine.db.tables import Definition, ElementRun, OrgUnit, ProcessInstance
from engine.db.version_tables import Migration, MigrationItem
from engine.errors import InvalidInput, NotFound
from engine.queries.cursors import is_row_number
from engine.queries.names import names_of

LIVING = ("active", "suspended")


@dataclass(frozen=True)
class Selection:
    """Which instances of a version: of an org unit and those below, with work at an element, started before, or only these."""

    org_unit: str = ""
    element: str = ""
    started_before: datetime | None = None
    ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class ObstacleView:
    """Why an instance stays, and what to do."""

    code: str
    element_id: str
    element_name: str
    token: int | None
    message: str
    remedy: str


@dataclass(frozen=True)
class PlanLine:
    """One element of the old version and where it goes; ``standing`` counts the tokens there now."""

    source: str
    name: str
    type: str
    target: str | None
    target_name: str
    note: str
    standing: int


@dataclass(frozen=True)
class Proposal:
    """A plan with what it concerns. ``fresh`` are elements of the new version that no old one becomes."""

    source_id: int
    target_id: int
    lines: tuple[PlanLine, ...]
    fresh: tuple[str, ...]
    instances: int


@dataclass(frozen=True)
class ItemView:
    """One instance of a migration: pending, moved, kept (nothing was left to move) or refused."""

    instance_id: int
    business_key: str
    status: str
    steps: tuple[tuple[str, str], ...]
    anew: tuple[tuple[str, str], ...]
    armed: tuple[str, ...]
    disarmed: tuple[str, ...]
    obstacles: tuple[ObstacleView, ...]
    ended_at: datetime | None


@dataclass(frozen=True)
class MigrationView:
    """A migration and how far it is; ``counts`` by status of its instances."""

    id: int
    process_key: str
    source_id: int
    source_version: int
    target_id: int
    target_version: int
    timers: str
    status: str
    reason: str
    undo_of: int | None
    total: int
    counts: Mapping[str, int]
    created_at: datetime
    created_by: str
    created_by_name: str
    ended_at: datetime | None
    mapping: Mapping[str, str | None]
    items: tuple[ItemView, ...] = ()
    next_after: int | None = None
    causes: tuple[tuple[ObstacleView, int], ...] = field(default=())

    @property
    def is_undoable(self) -> bool:
        return self.status != "running" and self.counts.get("moved", 0) > 0


def proposal(engine: Engine, actor: Actor, source_id: int, target_id: int, edits: Mapping[str, str | None] | None = None) -> Proposal:
    """The plan that the engine would take, with a person's ``edits`` on top. Raises InvalidInput for edits that cannot be."""
    with engine.database.reading() as session:
        source, target = require_versions(engine, session, source_id, target_id)
        plan = plan_for(source, target, edits or {})
        standing = _standing(session, source_id)
        lines = tuple(_line(source, target, plan, key, standing.get(key, 0)) for key in plan.mapping)
        fresh = tuple(key for key in target.elements if key not in plan.mapping.values())
        return Proposal(source_id, target_id, lines, fresh, len(selected(session, actor, source_id, Selection())))


def migrations(engine: Engine, limit: int = 50) -> tuple[MigrationView, ...]:
    """The latest migrations, newest first, without their instances."""
    with engine.database.reading() as session:
        rows = session.scalars(select(Migration).order_by(Migration.id.desc()).limit(limit)).all()
        return tuple(_view(session, row) for row in rows)


def migration(
    engine: Engine, migration_id: int, status: str | None = None, after: int = 0, limit: int = 50, language: Language = "zh"
) -> MigrationView:
    """One migration with a page of its instances, and the causes of refusals with their numbers."""
    with engine.database.reading() as session:
        row = session.get(Migration, migration_id) if is_row_number(migration_id) else None
        if row is None:
            raise NotFound(f"Expected migration {migration_id} to exist but it does not.")
        found = (
            select(MigrationItem, ProcessInstance.business_key)
            .join(ProcessInstance, ProcessInstance.id == MigrationItem.instance_id)
            .where(MigrationItem.migration_id == row.id, MigrationItem.instance_id > after)
            .order_by(MigrationItem.instance_id)
            .limit(limit + 1)
        )
        if status:
            found = found.where(MigrationItem.status == status)
        items = [_item(item, key, language) for item, key in session.execute(found)]
        more = items[limit - 1].instance_id if len(items) > limit else None
        return _view(session, row, tuple(items[:limit]), more, _causes(session, row.id, language))


# --- for the commands -----------------------------------------------------------------------------------------------------------------


def selected(session: Session, actor: Actor, source_id: int, selection: Selection) -> list[int]:
    """The living instances in the actor's scope that run a version, as the process itself or called by another one."""
    itself = select(ProcessInstance.id).where(ProcessInstance.definition_id == source_id, *_filters(actor, selection))
    inside = (
        select(ProcessInstance.id)
        .join(ElementRun, ElementRun.instance_id == ProcessInstance.id)
        .where(ElementRun.definition_id == source_id, ElementRun.left_at.is_(None), *_filters(actor, selection))
    )
    if selection.element:
        numbers = set(session.scalars(inside.where(ElementRun.element_id == selection.element)))
    else:
        numbers = set(session.scalars(itself)) | set(session.scalars(inside))
    return sorted(numbers & set(selection.ids) if selection.ids else numbers)


def require_versions(engine: Engine, session: Session, source_id: int, target_id: int) -> tuple[ProcessDefinition, ProcessDefinition]:
    """Two versions of one process."""
    rows = [session.get(Definition, number) if is_row_number(number) else None for number in (source_id, target_id)]
    for row, number in zip(rows, (source_id, target_id), strict=True):
        if row is None or row.kind != "process":
            raise NotFound(f"Expected process definition {number} to be deployed but it is not.")
    old, new = rows
    assert old is not None and new is not None
    if old.key != new.key:
        raise InvalidInput(f"Expected two versions of one process but {old.key!r} and {new.key!r} are two processes.")
    if old.id == new.id:
        raise InvalidInput("Expected two different versions but both are the same.")
    return engine.definitions.process(session, source_id), engine.definitions.process(session, target_id)


def plan_for(source: ProcessDefinition, target: ProcessDefinition, edits: Mapping[str, str | None]) -> MigrationPlan:
    plan = propose(source, target)
    return edited(plan, source, target, edits) if edits else plan


def obstacle_view(obstacle: Obstacle, language: Language) -> ObstacleView:
    message, remedy = obstacle_texts(obstacle, language)
    return ObstacleView(obstacle.code, obstacle.element_id, obstacle.element_name, obstacle.token, message, remedy)


# --- inside ---------------------------------------------------------------------------------------------------------------------------


def _filters(actor: Actor, selection: Selection) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [ProcessInstance.status.in_(LIVING), ProcessInstance.org_unit.in_([*sorted(actor.scope), ""])]
    if selection.org_unit:
        below = select(OrgUnit.id).where((OrgUnit.id == selection.org_unit) | (OrgUnit.parent_id == selection.org_unit))
        further = select(OrgUnit.id).where(OrgUnit.parent_id.in_(below))
        found.append(ProcessInstance.org_unit.in_(below) | ProcessInstance.org_unit.in_(further))
    if selection.started_before is not None:
        found.append(ProcessInstance.started_at < selection.started_before)
    return found


def _standing(session: Session, source_id: int) -> dict[str, int]:
    rows = (
        select(ElementRun.element_id, func.count())
        .join(ProcessInstance, ProcessInstance.id == ElementRun.instance_id)
        .where(ProcessInstance.status.in_(LIVING), ElementRun.definition_id == source_id, ElementRun.left_at.is_(None))
        .group_by(ElementRun.element_id)
    )
    return _pairs(session, rows)


def _line(source: ProcessDefinition, target: ProcessDefinition, plan: MigrationPlan, key: str, standing: int) -> PlanLine:
    element, image = source.elements[key], plan.mapping[key]
    return PlanLine(key, element.name, element.type, image, target.elements[image].name if image else "", plan.notes[key], standing)


def _item(row: MigrationItem, key: str, language: Language) -> ItemView:
    detail: dict[str, Any] = orjson.loads(row.detail) if row.detail and row.status != "pending" else {}
    steps, anew = ([(step["from"], step["to"]) for step in detail.get(name, ())] for name in ("steps", "anew"))
    return ItemView(
        instance_id=row.instance_id,
        business_key=key,
        status=row.status,
        steps=tuple(steps),
        anew=tuple(anew),
        armed=tuple(detail.get("armed", ())),
        disarmed=tuple(detail.get("disarmed", ())),
        obstacles=tuple(obstacle_view(Obstacle.from_json(one), language) for one in detail.get("obstacles", ())),
        ended_at=row.ended_at,
    )


def _causes(session: Session, migration_id: int, language: Language) -> tuple[tuple[ObstacleView, int], ...]:
    """Refusals by what stands in the way, the most frequent first; the token of one stands for all."""
    details = select(MigrationItem.detail).where(MigrationItem.migration_id == migration_id, MigrationItem.status == "refused")
    counted: dict[tuple[str, str], list[Obstacle]] = {}
    for detail in session.scalars(details):
        for one in _distinct(map(Obstacle.from_json, orjson.loads(detail)["obstacles"])):
            counted.setdefault((one.code, one.element_id), []).append(one)
    groups = sorted(counted.values(), key=len, reverse=True)
    return tuple((obstacle_view(group[0], language), len(group)) for group in groups)


def _distinct(obstacles: Iterable[Obstacle]) -> list[Obstacle]:
    return list({(one.code, one.element_id): one for one in obstacles}.values())


def _pairs(session: Session, rows: Select[Any]) -> dict[Any, int]:
    return {key: count for key, count in session.execute(rows)}  # noqa: C416  # rows are no pairs to mypy


def _view(
    session: Session,
    row: Migration,
    items: tuple[ItemView, ...] = (),
    next_after: int | None = None,
    causes: tuple[tuple[ObstacleView, int], ...] = (),
) -> MigrationView:
    by_status = select(MigrationItem.status, func.count()).where(MigrationItem.migration_id == row.id).group_by(MigrationItem.status)
    numbers = select(Definition.id, Definition.version).where(Definition.id.in_([row.source_id, row.target_id]))
    versions = _pairs(session, numbers)
    return MigrationView(
        id=row.id,
        process_key=row.process_key,
        source_id=row.source_id,
        source_version=versions[row.source_id],
        target_id=row.target_id,
        target_version=versions[row.target_id],
        timers=row.timers,
        status=row.status,
        reason=row.reason,
        undo_of=row.undo_of,
        total=row.total,
        counts=_pairs(session, by_status),
        created_at=row.created_at,
        created_by=row.created_by,
        created_by_name=names_of(session, [row.created_by])[row.created_by],
        ended_at=row.ended_at,
        mapping=row.plan["mapping"],
        items=items,
        next_after=next_after,
        causes=causes,
    )

"""Versions and releases: what is in force where, what waits for approval, how versions differ, what an instance is pinned to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from engine.archives import packed
from engine.assembly import Engine
from engine.bpmn.diff import DiagramDiff, diff_processes
from engine.bpmn.model import CalledElement, DecisionRef, FormRef
from engine.db import statements
from engine.db.tables import Definition, Deployment, DeploymentItem, ElementRun, OrgUnit, ProcessInstance, Resource
from engine.db.version_tables import Activation, ChangeSet, Suspension
from engine.deploying import BEGINNING
from engine.deployment_checks.differences import Table, TableDifference, compare_texts, rows_of
from engine.errors import InvalidInput, NotFound
from engine.queries.cursors import is_row_number
from engine.queries.differences import differing_rows
from engine.queries.names import names_of
from engine.versions import Place, resolve

#: checked: waits for a second person · approved: may be activated · planned: from a moment to come · replaced: was in force.
State = Literal["checked", "approved", "refused", "planned", "pilot", "active", "replaced"]

#: How many releases a list shows, newest first.
MOST_SHOWN = 200


@dataclass(frozen=True)
class SpanView:
    """A time in which a version was, is or will be in force; ``active_from`` None: since ever, ``org_unit`` empty: everywhere."""

    org_unit: str
    org_unit_name: str
    active_from: datetime | None
    active_until: datetime | None
    by_name: str
    reason: str
    end_reason: str
    covers_open_cases: bool = False


@dataclass(frozen=True)
class VersionView:
    """One version of a definition, and where it stands. ``running``: instances that run in it, called ones too."""

    definition_id: int
    kind: str
    key: str
    version: int
    name: str
    tag: str | None
    file: str
    sha256: str
    state: State
    spans: tuple[SpanView, ...]
    is_layout_only: bool
    running: int
    deployment_id: int
    deployed_at: datetime
    deployed_by_name: str
    reason: str


@dataclass(frozen=True)
class ReleaseView:
    """A deployment on its way to being in force."""

    id: int
    name: str
    reason: str
    state: State
    created_at: datetime
    created_by: str
    created_by_name: str
    reviewed_at: datetime | None
    reviewed_by_name: str
    review: str
    checks: Mapping[str, Any]
    change_set_id: int | None
    items: tuple[VersionView, ...]


@dataclass(frozen=True)
class SuspensionView:
    process_key: str
    definition_id: int | None
    suspended_at: datetime
    by_name: str
    reason: str


@dataclass(frozen=True)
class Comparison:
    """Two versions side by side. ``tables`` is empty for diagrams, ``diagram`` None for everything else."""

    old: VersionView
    new: VersionView
    old_content: bytes
    new_content: bytes
    tables: tuple[TableDifference, ...]
    text: tuple[str, ...]
    diagram: DiagramDiff | None = None


@dataclass(frozen=True)
class PinnedView:
    """What one reference of a running instance's diagram means now, and why."""

    process_key: str
    process_version: int
    element_id: str
    kind: str
    key: str
    binding: str
    resolved_version: int | None
    resolved_id: int | None


def releases(engine: Engine) -> tuple[ReleaseView, ...]:
    """The newest deployments first."""
    with engine.database.reading() as session:
        rows = session.scalars(select(Deployment).order_by(Deployment.id.desc()).limit(MOST_SHOWN)).all()
        return tuple(_releases(session, rows, engine.clock.now()))


def release(engine: Engine, deployment_id: int) -> ReleaseView:
    with engine.database.reading() as session:
        row = session.get(Deployment, deployment_id) if is_row_number(deployment_id) else None
        if row is None:
            raise NotFound(f"Expected deployment {deployment_id} to exist but it does not.")
        return next(iter(_releases(session, [row], engine.clock.now())))


def versions_before(engine: Engine, held: ReleaseView) -> dict[int, int]:
    """Of each version that the release brought: the row number of the version before it, if there is one."""
    numbers = {(view.kind, view.key): view for view in held.items if view.deployment_id == held.id}
    with engine.database.reading() as session:
        rows = select(Definition.kind, Definition.key, Definition.version, Definition.id)
        known = {(kind, key, number): found for kind, key, number, found in session.execute(rows)}
    found = {view.definition_id: known.get((kind, key, view.version - 1)) for (kind, key), view in numbers.items()}
    return {number: before for number, before in found.items() if before is not None}


def versions_of(engine: Engine, kind: str, key: str) -> tuple[VersionView, ...]:
    """Every version of a definition, the highest first. Raises NotFound when there is none."""
    with engine.database.reading() as session:
        found = _views(session, select(Definition).where(Definition.kind == kind, Definition.key == key), engine.clock.now())
    if not found:
        raise NotFound(f"Expected {kind} {key!r} to be deployed but it is not.")
    return tuple(sorted(found, key=lambda one: -one.version))


def version(engine: Engine, definition_id: int) -> VersionView:
    with engine.database.reading() as session:
        return _one(session, definition_id, engine.clock.now())


def every_version(engine: Engine) -> tuple[VersionView, ...]:
    """Every version of every definition: by kind and key, the highest first."""
    with engine.database.reading() as session:
        return tuple(_views(session, select(Definition), engine.clock.now()))


def content(engine: Engine, definition_id: int) -> bytes:
    """The file of a version exactly as it was deployed."""
    with engine.database.reading() as session:
        return _content(session, _one(session, definition_id, engine.clock.now()))


def contents(engine: Engine, views: Collection[VersionView]) -> dict[int, bytes]:
    """The same of many versions at once, by their ids."""
    wanted = select(Resource.sha256, Resource.content).where(Resource.sha256.in_({view.sha256 for view in views}))
    with engine.database.reading() as session:
        found = {row.sha256: row.content for row in session.execute(wanted)}
    return {view.definition_id: found[view.sha256] for view in views}


def tables(view: VersionView, file: bytes) -> dict[str, Table]:
    """The rows of a table, a form or a data file, to be shown; nothing for diagrams and scenarios."""
    return rows_of(view.kind, view.file, file)


def comparison(engine: Engine, old_id: int, new_id: int) -> Comparison:
    """What differs between two versions of the same kind."""
    with engine.database.reading() as session:
        old, new = (_one(session, number, engine.clock.now()) for number in (old_id, new_id))
        before, after = _content(session, old), _content(session, new)
    if old.kind != new.kind:
        raise InvalidInput(
            f"Expected two versions of one kind but got a {old.kind} and a {new.kind}.", {"new": ["请选择同一类的两个版本。"]}
        )
    diagram = diff_processes(before, after) if new.kind == "process" else None
    return Comparison(old, new, before, after, differing_rows(new.kind, new.file, before, after), compare_texts(before, after), diagram)


def archive(engine: Engine, deployment_id: int) -> bytes:
    """The files of a deployment and their SHA-256 as a ZIP; the same deployment gives the same bytes."""
    held = release(engine, deployment_id)
    with engine.database.reading() as session:
        files = {view.file: session.get_one(Resource, view.sha256).content for view in held.items}
    return packed(held.name, held.reason, files)


def suspensions(engine: Engine) -> tuple[SuspensionView, ...]:
    """Processes that may not start now."""
    with engine.database.reading() as session:
        rows = session.scalars(select(Suspension).where(Suspension.lifted_at.is_(None)).order_by(Suspension.id)).all()
        names = names_of(session, (row.suspended_by for row in rows))
        return tuple(
            SuspensionView(row.process_key, row.definition_id, row.suspended_at, names[row.suspended_by], row.reason) for row in rows
        )


def org_units(engine: Engine) -> tuple[tuple[str, str], ...]:
    """(id, name) of every place a pilot may hold in."""
    with engine.database.reading() as session:
        return tuple((row.id, row.name) for row in session.scalars(select(OrgUnit).order_by(OrgUnit.id)))


def pinned(engine: Engine, instance_id: int) -> tuple[PinnedView, ...]:
    """What the diagrams of an instance call, decide and show, by their bindings, as it would be resolved now."""
    with engine.database.reading() as session:
        instance = session.get(ProcessInstance, instance_id) if is_row_number(instance_id) else None
        if instance is None:
            raise NotFound(f"Expected process instance {instance_id} to exist but it does not.")
        (accepted_at,) = statements.ACCEPTANCE.first(session, case_no=instance.business_key) or (None,)
        place = Place(instance.org_unit, engine.clock.now(), accepted_at)
        open_in = select(ElementRun.definition_id).where(ElementRun.instance_id == instance_id, ElementRun.left_at.is_(None)).distinct()
        numbers = sorted({instance.definition_id, *session.scalars(open_in)})
        return tuple(view for number in numbers for view in _pinned(engine, session, number, place))


def _pinned(engine: Engine, session: Session, definition_id: int, place: Place) -> Iterable[PinnedView]:
    row, process = session.get_one(Definition, definition_id), engine.definitions.process(session, definition_id)
    wanted: list[tuple[str, tuple[CalledElement | DecisionRef | FormRef, ...]]]
    wanted = [("process", process.called), ("decision", process.decisions), ("form", process.forms)]
    for kind, references in wanted:
        for ref in references:
            found = None
            if not ref.key.startswith("="):
                try:
                    where = place if kind == "decision" else replace(place, accepted_at=None)
                    found = resolve(session, kind, ref.key, ref.binding, ref.version, definition_id, where)
                except NotFound:
                    found = None
            numbers = (found.version, found.id) if found else (None, None)
            yield PinnedView(row.key, row.version, ref.element_id, kind, ref.key, ref.binding, *numbers)


def _content(session: Session, view: VersionView) -> bytes:
    return session.get_one(Resource, view.sha256).content


def _one(session: Session, definition_id: int, now: datetime) -> VersionView:
    found = _views(session, select(Definition).where(Definition.id == definition_id), now) if is_row_number(definition_id) else []
    if not found:
        raise NotFound(f"Expected definition {definition_id} to be deployed but it is not.")
    return found[0]


def _releases(session: Session, rows: Iterable[Deployment], now: datetime) -> Iterable[ReleaseView]:
    given = list(rows)
    numbers = [row.id for row in given]
    held = select(DeploymentItem.deployment_id, DeploymentItem.definition_id).where(DeploymentItem.deployment_id.in_(numbers))
    items = defaultdict[int, list[int]](list)
    for deployment_id, definition_id in session.execute(held):
        items[deployment_id].append(definition_id)
    wanted = select(Definition).where(Definition.id.in_({number for held_ones in items.values() for number in held_ones}))
    views = {view.definition_id: view for view in _views(session, wanted, now)}
    spans = defaultdict[int | None, list[Activation]](list)
    for span in session.scalars(select(Activation).where(Activation.deployment_id.in_(numbers))):
        spans[span.deployment_id].append(span)
    names = names_of(session, (name for row in given for name in (row.created_by, row.reviewed_by or "") if name))
    sets = {number: found for found, number in session.execute(select(ChangeSet.id, ChangeSet.deployment_id))}
    for row in given:
        held_views = tuple(views[number] for number in sorted(items[row.id]))
        state = _release_state(row, spans[row.id], now)
        reviewer = names.get(row.reviewed_by or "", "")
        by = (row.created_by, names[row.created_by], row.reviewed_at, reviewer, row.review)
        yield ReleaseView(row.id, row.name, row.reason, state, row.created_at, *by, row.checks, sets.get(row.id), held_views)


def _release_state(row: Deployment, spans: list[Activation], now: datetime) -> State:
    open_spans = [span for span in spans if span.active_until is None]
    if not spans:
        return row.status  # type: ignore[return-value]  # one of the three
    if not open_spans:
        return "replaced"
    return _span_state(open_spans, now)


def _span_state(open_spans: list[Activation], now: datetime) -> State:
    begun = [span for span in open_spans if span.active_from <= now]
    if not begun:
        return "planned"
    return "pilot" if all(span.org_unit for span in begun) else "active"


def _views(session: Session, wanted: Select[tuple[Definition]], now: datetime) -> list[VersionView]:
    rows = session.scalars(wanted.order_by(Definition.kind.desc(), Definition.key, Definition.version.desc())).all()
    keys = {(row.kind, row.key) for row in rows}
    activations = select(Activation).where(Activation.key.in_({key for _kind, key in keys})).order_by(Activation.id)
    spans = [span for span in session.scalars(activations) if (span.kind, span.key) in keys]
    by_version = defaultdict[int, list[Activation]](list)
    for span in spans:
        by_version[span.definition_id].append(span)
    winners = _winners(spans, now)
    deployments = {row.id: row for row in session.scalars(select(Deployment).where(Deployment.id.in_({row.deployment_id for row in rows})))}
    people = {row.created_by for row in deployments.values()} | {span.activated_by for span in spans}
    names, running = names_of(session, people), _running(session)
    units = {unit.id: unit.name for unit in session.scalars(select(OrgUnit))}
    return [
        VersionView(
            row.id,
            row.kind,
            row.key,
            row.version,
            row.name,
            row.version_tag,
            row.file,
            row.sha256,
            _state(deployments[row.deployment_id], by_version[row.id], winners, now),
            tuple(_span(span, names, units) for span in by_version[row.id]),
            row.is_layout_only,
            running.get(row.id, 0),
            row.deployment_id,
            row.created_at,
            names[deployments[row.deployment_id].created_by],
            deployments[row.deployment_id].reason,
        )
        for row in rows
    ]


def _winners(spans: list[Activation], now: datetime) -> set[int]:
    """Of each place the span that counts now."""
    best: dict[tuple[str, str, str], Activation] = {}
    for span in spans:
        if span.active_from <= now and (span.active_until is None or span.active_until > now):
            place = (span.kind, span.key, span.org_unit)
            if place not in best or (best[place].active_from, best[place].id) < (span.active_from, span.id):
                best[place] = span
    return {span.id for span in best.values()}


def _state(deployment: Deployment, spans: list[Activation], winners: set[int], now: datetime) -> State:
    winning = [span for span in spans if span.id in winners]
    if winning:
        return _span_state(winning, now)
    if any(span.active_until is None and span.active_from > now for span in spans):
        return "planned"
    return "replaced" if spans else deployment.status  # type: ignore[return-value]  # one of the three


def _span(span: Activation, names: Mapping[str, str], units: Mapping[str, str]) -> SpanView:
    since = None if span.active_from == BEGINNING else span.active_from
    name = units.get(span.org_unit, span.org_unit)
    words = (names[span.activated_by], span.reason, span.end_reason or "")
    return SpanView(span.org_unit, name, since, span.active_until, *words, span.covers_open_cases)


def _running(session: Session) -> dict[int, int]:
    """Instances by the version they stand in, themselves or in a process they called."""
    is_running = ProcessInstance.status.in_(("active", "suspended"))
    own = select(ProcessInstance.definition_id.label("definition"), ProcessInstance.id.label("instance")).where(is_running)
    called = (
        select(ElementRun.definition_id, ElementRun.instance_id)
        .join(ProcessInstance, ProcessInstance.id == ElementRun.instance_id)
        .where(ElementRun.left_at.is_(None), is_running)
    )
    both = own.union(called).subquery()
    return dict(session.execute(select(both.c.definition, func.count()).group_by(both.c.definition)).all())  # type: ignore[arg-type]

"""Running instances for who looks after them: live diagrams, variables by scope, times of elements, incidents by cause."""

from __future__ import annotations

import re
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import runtime
from engine.actors import Actor
from engine.assembly import Engine
from engine.bpmn.inspection import Scope, StandingToken, scopes
from engine.db.tables import Definition, ElementRun, Incident, ProcessInstance
from engine.errors import NotAllowed, NotFound
from engine.queries.cursors import is_row_number
from engine.queries.incidents import IncidentView

__all__ = ["Scope", "StandingToken", "definition_statistics", "incident_groups", "instance", "instances"]

#: Who may look into running processes.
READERS = ("admin", "analyst", "auditor", "coordinator", "window_head")
#: Durations are those of the latest so many visits.
MOST_RUNS = 50_000
#: So many instances are named with a cause.
MOST_NAMED = 200

_NUMBERS = re.compile(r"\d+")


@dataclass(frozen=True)
class ActiveElement:
    """An element at which tokens stand; ``since`` is the earliest arrival."""

    element_id: str
    tokens: tuple[int, ...]
    since: datetime | None
    has_failed: bool


@dataclass(frozen=True)
class LiveDiagram:
    """A diagram the instance is or was in: where tokens stand, and how often each element was completed."""

    definition_id: int
    key: str
    name: str
    version: int
    active: tuple[ActiveElement, ...]
    done: Mapping[str, int]


@dataclass(frozen=True)
class InstanceView:
    """Everything the page of an instance shows. ``scopes`` is empty when it has ended."""

    id: int
    business_key: str
    process_key: str
    name: str
    definition_id: int
    version: int
    org_unit: str
    status: str
    started_at: datetime
    ended_at: datetime | None
    end_event: str | None
    diagrams: tuple[LiveDiagram, ...]
    scopes: tuple[Scope, ...]
    incidents: tuple[IncidentView, ...]


@dataclass(frozen=True)
class InstanceLine:
    """One instance in a list."""

    id: int
    business_key: str
    org_unit: str
    status: str
    started_at: datetime
    elements: tuple[str, ...]


@dataclass(frozen=True)
class ElementStatistics:
    """``count`` completed visits, ``running`` tokens now, seconds a completed visit; ``heat`` 0…1: all its time by that of the hottest."""

    count: int
    running: int
    failed: int
    median: float | None
    p90: float | None
    heat: float


@dataclass(frozen=True)
class IncidentGroup:
    """Open incidents of one cause: the same element and message, numbers aside."""

    process_key: str
    element_id: str
    element_name: str
    message: str
    count: int
    oldest: datetime
    newest: datetime
    instance_ids: tuple[int, ...]
    incident_ids: tuple[int, ...]


def instance(engine: Engine, actor: Actor, instance_id: int) -> InstanceView:
    """One instance with its live diagrams at all levels."""
    require_reader(actor)
    with engine.database.reading() as session:
        row = session.get(ProcessInstance, instance_id) if is_row_number(instance_id) else None
        if row is None:
            raise NotFound(f"Expected process instance {instance_id} to exist but it does not.")
        if row.org_unit and row.org_unit not in actor.scope:
            raise NotAllowed(f"Expected process instance {instance_id} to belong to your windows but it does not.")
        is_living = row.ended_at is None
        found = scopes(runtime.peek(engine, session, actor, row.id).execution) if is_living else ()
        definition = session.get_one(Definition, row.definition_id)
        return InstanceView(
            id=row.id,
            business_key=row.business_key,
            process_key=definition.key,
            name=definition.name,
            definition_id=definition.id,
            version=definition.version,
            org_unit=row.org_unit,
            status=row.status,
            started_at=row.started_at,
            ended_at=row.ended_at,
            end_event=row.end_event,
            diagrams=_diagrams(session, row, found),
            scopes=found,
            incidents=_incidents(session, row),
        )


def instances(
    engine: Engine, actor: Actor, definition_id: int, element: str = "", after: int = 0, limit: int = 100
) -> tuple[InstanceLine, ...]:
    """Living instances that run a version at any level, perhaps only those with work at an element; oldest first."""
    require_reader(actor)
    standing = (
        select(ElementRun.instance_id, ElementRun.element_id)
        .join(ProcessInstance, ProcessInstance.id == ElementRun.instance_id)
        .where(ElementRun.definition_id == definition_id, ElementRun.left_at.is_(None), ElementRun.instance_id > after)
        .where(ProcessInstance.ended_at.is_(None), ProcessInstance.org_unit.in_([*sorted(actor.scope), ""]))
        .order_by(ElementRun.instance_id)
    )
    with engine.database.reading() as session:
        elements: dict[int, dict[str, None]] = defaultdict(dict)
        for number, name in session.execute(standing):
            elements[number][name] = None
        chosen = [number for number, names in elements.items() if not element or element in names][:limit]
        rows = {row.id: row for row in session.scalars(select(ProcessInstance).where(ProcessInstance.id.in_(chosen)))}
        return tuple(
            InstanceLine(row.id, row.business_key, row.org_unit, row.status, row.started_at, tuple(elements[row.id]))
            for row in (rows[number] for number in chosen)
        )


def definition_statistics(engine: Engine, actor: Actor, definition_id: int) -> dict[str, ElementStatistics]:
    """Counts and times of each element that was ever visited in a version."""
    require_reader(actor)
    latest = (
        select(ElementRun.element_id, ElementRun.entered_at, ElementRun.left_at, ElementRun.outcome)
        .where(ElementRun.definition_id == definition_id)
        .order_by(ElementRun.instance_id.desc())
        .limit(MOST_RUNS)
    )
    with engine.database.reading() as session:
        running = _running(session, definition_id)
        seconds: dict[str, list[float]] = defaultdict(list)
        failed: Counter[str] = Counter()
        for element, entered_at, left_at, outcome in session.execute(latest):
            failed[element] += outcome == "failed"
            if outcome == "completed" and left_at is not None:
                seconds[element].append((left_at - entered_at).total_seconds())
    hottest = max((sum(times) for times in seconds.values()), default=0.0) or 1.0
    names = sorted({*seconds, *running, *failed})
    return {name: _statistics(seconds.get(name, []), running.get(name, 0), failed[name], hottest) for name in names}


def incident_groups(engine: Engine, actor: Actor) -> tuple[IncidentGroup, ...]:
    """Open incidents of the actor's scope by cause, the most frequent first."""
    require_reader(actor)
    rows = (
        select(Incident, ElementRun.process_key, ElementRun.element_name)
        .outerjoin(ProcessInstance, ProcessInstance.id == Incident.instance_id)
        .outerjoin(ElementRun, (ElementRun.instance_id == Incident.instance_id) & (ElementRun.token == Incident.token))
        .where(Incident.resolved_at.is_(None))
        .where(ProcessInstance.org_unit.in_([*sorted(actor.scope), ""]) | ProcessInstance.id.is_(None))
        .order_by(Incident.created_at, Incident.id)
    )
    groups: dict[tuple[str, str, str], list[tuple[Incident, str]]] = defaultdict(list)
    with engine.database.reading() as session:
        for row, key, name in session.execute(rows):
            groups[key or "", row.element_id or "", _NUMBERS.sub("#", row.message)].append((row, name or ""))
    found = [_group(key, element, members) for (key, element, _), members in groups.items()]
    return tuple(sorted(found, key=lambda group: (-group.count, group.oldest)))


def require_reader(actor: Actor) -> None:
    if not actor.has_group(*READERS):
        raise NotAllowed("Expected somebody who looks after processes but you are not one.")


# --- inside ---------------------------------------------------------------------------------------------------------------------------


def _diagrams(session: Session, row: ProcessInstance, found: Iterable[Scope]) -> tuple[LiveDiagram, ...]:
    """The innermost one in which something stands comes first; those the instance has left come last."""
    standing: dict[int, list[StandingToken]] = defaultdict(list)
    for scope in found:
        standing[scope.definition_id] += [token for token in scope.tokens if not token.beside]
    counted = (
        select(ElementRun.definition_id, ElementRun.element_id, func.count())
        .where(ElementRun.instance_id == row.id, ElementRun.outcome == "completed")
        .group_by(ElementRun.definition_id, ElementRun.element_id)
    )
    done: dict[int, dict[str, int]] = defaultdict(dict)
    for number, element, count in session.execute(counted):
        done[number][element] = count
    numbers = list(reversed(standing)) + [number for number in sorted(done, reverse=True) if number not in standing]
    rows = {one.id: one for one in session.scalars(select(Definition).where(Definition.id.in_(numbers)))}
    return tuple(
        LiveDiagram(number, rows[number].key, rows[number].name, rows[number].version, _active(standing[number]), done.get(number, {}))
        for number in numbers
    )


def _active(tokens: Iterable[StandingToken]) -> tuple[ActiveElement, ...]:
    by_element: dict[str, list[StandingToken]] = defaultdict(list)
    for token in tokens:
        by_element[token.element_id].append(token)
    return tuple(
        ActiveElement(
            element_id=element,
            tokens=tuple(token.token for token in members),
            since=min((token.since for token in members if token.since is not None), default=None),
            has_failed=any(token.waits_for == "failure" for token in members),
        )
        for element, members in by_element.items()
    )


def _incidents(session: Session, row: ProcessInstance) -> tuple[IncidentView, ...]:
    rows = select(Incident).where(Incident.instance_id == row.id, Incident.resolved_at.is_(None)).order_by(Incident.id)
    return tuple(
        IncidentView(one.id, row.business_key, one.element_id, one.message, one.detail, one.created_at) for one in session.scalars(rows)
    )


def _running(session: Session, definition_id: int) -> dict[str, int]:
    rows = (
        select(ElementRun.element_id, func.count())
        .join(ProcessInstance, ProcessInstance.id == ElementRun.instance_id)
        .where(ProcessInstance.ended_at.is_(None), ElementRun.definition_id == definition_id, ElementRun.left_at.is_(None))
        .group_by(ElementRun.element_id)
    )
    return {element: count for element, count in session.execute(rows)}  # noqa: C416  # rows are no pairs to mypy


def _statistics(seconds: list[float], running: int, failed: int, hottest: float) -> ElementStatistics:
    if not seconds:
        return ElementStatistics(0, running, failed, None, None, 0.0)
    p90 = statistics.quantiles(seconds, n=10, method="inclusive")[-1] if len(seconds) > 1 else seconds[0]
    return ElementStatistics(len(seconds), running, failed, statistics.median(seconds), p90, sum(seconds) / hottest)


def _group(process_key: str, element: str, members: list[tuple[Incident, str]]) -> IncidentGroup:
    rows = [row for row, _ in members]
    numbers = dict.fromkeys(row.instance_id for row in rows if row.instance_id is not None)
    return IncidentGroup(
        process_key=process_key,
        element_id=element,
        element_name=members[-1][1],
        message=rows[-1].message,
        count=len(rows),
        oldest=rows[0].created_at,
        newest=rows[-1].created_at,
        instance_ids=tuple(numbers)[:MOST_NAMED],
        incident_ids=tuple(row.id for row in rows)[:MOST_NAMED],
    )

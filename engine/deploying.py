"""Keeping deployed files as immutable versions, and putting versions in force. In the caller's transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import PurePath
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import calendar_moving, start_events
from engine.activations import BEGINNING as BEGINNING
from engine.activations import Scope as Scope
from engine.activations import add_span
from engine.actors import Actor
from engine.assembly import Engine
from engine.clock import LOCAL_ZONE, local
from engine.db.tables import Definition, Deployment, DeploymentItem, Job, Resource
from engine.db.version_tables import Activation
from engine.deployment_checks import ParsedFile, is_only_layout
from engine.errors import Conflict, NotFound
from engine.services import evidence, reference
from engine.versions import Place, is_in_force, latest

#: Kinds whose content fills tables of the database while it is in force.
TABLE_KINDS = ("reference", "notice")


@dataclass(frozen=True)
class Stored:
    """What keeping a set of files came to: None and no fresh versions when every file was known already."""

    deployment: Deployment | None
    fresh: tuple[Definition, ...]
    unchanged: tuple[Definition, ...]


def store(
    engine: Engine, session: Session, actor: Actor, parsed: list[ParsedFile], name: str, reason: str, status: str, checks: Mapping[str, Any]
) -> Stored:
    """Keep what is new in ``parsed`` as next versions under one deployment. Puts nothing in force.

    Bytes that a version of the key had before are that version again. Nothing is kept when all of it is in force already.
    """
    now = engine.clock.now()
    highest = newest(session)
    entries = [(file, *definition) for file in parsed for definition in file.definitions]
    known = {(kind, key): _same_bytes(session, kind, key, file.sha256) for file, kind, key, _, _ in entries}
    if all(row is not None and is_in_force(session, row, Place("", now)) for row in known.values()):
        return Stored(None, (), tuple(row for row in known.values() if row is not None))
    deployment = Deployment(name=name, reason=reason, created_at=now, created_by=actor.id, status=status, checks=dict(checks))
    session.add(deployment)
    session.flush()
    fresh, unchanged = [], []
    for file in parsed:
        keep_content(session, file.content)
    for file, kind, key, title, tag in entries:
        same, before = known[kind, key], highest.get((kind, key))
        if same is not None:
            unchanged.append(same)
            continue
        row = Definition(kind=kind, key=key, version=(before.version if before else 0) + 1, name=title, version_tag=tag)
        row.file, row.sha256, row.deployment_id, row.created_at = _place(file, before), file.sha256, deployment.id, now
        row.is_layout_only = before is not None and is_only_layout(kind, session.get_one(Resource, before.sha256).content, file.content)
        session.add(row)
        fresh.append(row)
    session.flush()
    session.add_all(DeploymentItem(deployment_id=deployment.id, definition_id=row.id) for row in [*fresh, *unchanged])
    evidence.record(session, now, actor, "deployments", "deployment:create", deployment=deployment.id, digest=_digest(parsed))
    return Stored(deployment, tuple(fresh), tuple(unchanged))


def activate(engine: Engine, session: Session, actor: Actor, rows: Iterable[Definition], scope: Scope) -> None:
    """Put versions in force. What was in force before is found again when the span ends.

    Raises Conflict for reference data and notices of a pilot: their tables know no place.
    """
    now, given = engine.clock.now(), list(rows)
    if scope.org_unit and any(row.kind in TABLE_KINDS for row in given):
        raise Conflict("Expected no reference data or notices in a pilot but found some: they hold everywhere. Deploy them by themselves.")
    for row in given:
        add_span(session, now, actor, row, scope)
    if scope.active_from is None or scope.active_from <= now:
        take_effect(engine, session, actor, given)


def end_activations(engine: Engine, session: Session, actor: Actor, spans: Iterable[Activation], reason: str) -> None:
    """What was in force before the spans is in force again."""
    now, ended = engine.clock.now(), []
    for span in spans:
        span.active_until, span.ended_by, span.end_reason = now, actor.id, reason
        facts = {"definition": span.definition_id, "org_unit": span.org_unit}
        evidence.record(session, now, actor, "deployments", "definition:deactivate", **facts)
        ended.append(session.get_one(Definition, span.definition_id))
    session.flush()
    take_effect(engine, session, actor, ended)


def take_effect(engine: Engine, session: Session, actor: Actor, rows: Iterable[Definition]) -> None:
    """What follows when other versions of these keys are in force: start events are watched, reference data loaded."""
    given = list(rows)
    for key in dict.fromkeys(row.key for row in given if row.kind == "process"):
        watch_in_force(engine, session, key)
    if any(row.kind in TABLE_KINDS for row in given):
        load_tables(engine, session, actor)


def load_tables(engine: Engine, session: Session, actor: Actor) -> dict[str, int]:
    """Bring the reference data in line with the files in force; due times that a new calendar moves are moved.

    On the next day from which other rows hold, they are brought in line again.
    """
    rows = _tables_in_force(session, engine.clock.now())
    files = {PurePath(row.file).name: session.get_one(Resource, row.sha256).content for row in rows}
    before, today = engine.reference.read(session).calendar, local(engine.clock.now()).date()
    counts = reference.load(session, files, today)
    if turn := reference.next_turn(files, today):
        _load_again(session, rows[0].id, datetime.combine(turn, time(), LOCAL_ZONE))
    session.flush()
    digest = evidence.digest({name: evidence.digest(content.decode("utf-8-sig")) for name, content in sorted(files.items())})
    evidence.record(session, engine.clock.now(), actor, "reference", "reference:load", digest=digest)
    # Only now: the evidence of this load is what tells the calendar that it has changed.
    calendar_moving.begin(engine, session, actor, before, engine.reference.read(session).calendar, digest)
    return counts


def _tables_in_force(session: Session, now: datetime) -> list[Definition]:
    keys = session.execute(select(Definition.kind, Definition.key).where(Definition.kind.in_(TABLE_KINDS)).distinct()).all()
    return [session.get_one(Definition, latest(session, kind, key, Place("", now)).id) for kind, key in keys]


def _load_again(session: Session, definition_id: int, moment: datetime) -> None:
    """A job at the moment, unless one that loads tables is due then already."""
    due = session.scalars(select(Job.payload).where(Job.kind == "activation", Job.due_at == moment))
    kinds = {session.get_one(Definition, int(payload["definition"])).kind for payload in due}
    if not kinds & set(TABLE_KINDS):
        session.add(Job(kind="activation", payload={"definition": definition_id}, due_at=moment, run_at=moment))


def watch_in_force(engine: Engine, session: Session, process_key: str) -> None:
    """Message, signal and timer start events are those of the version that is in force everywhere."""
    try:
        version = latest(session, "process", process_key, Place("", engine.clock.now()))
    except NotFound:
        start_events.watch_nothing(session, process_key)
        return
    start_events.watch(engine, session, version.id, engine.definitions.process(session, version.id))


def keep_content(session: Session, content: bytes) -> str:
    """The bytes once, whatever number of versions and drafts hold them; gives their SHA-256."""
    sha256 = hashlib.sha256(content).hexdigest()
    if session.get(Resource, sha256) is None:
        session.add(Resource(sha256=sha256, content=content))
        session.flush()
    return sha256


def newest(session: Session) -> dict[tuple[str, str], Definition]:
    """The highest version of each key, in force or not."""
    numbers = (
        select(Definition.kind, Definition.key, func.max(Definition.version).label("version"))
        .group_by(Definition.kind, Definition.key)
        .subquery()
    )
    same = (Definition.kind == numbers.c.kind) & (Definition.key == numbers.c.key) & (Definition.version == numbers.c.version)
    return {(row.kind, row.key): row for row in session.scalars(select(Definition).join(numbers, same))}


def _place(file: ParsedFile, before: Definition | None) -> str:
    """A file that is deployed alone keeps the folder that it had among the others."""
    return before.file if before is not None and PurePath(before.file).name == file.name else file.name


def _same_bytes(session: Session, kind: str, key: str, sha256: str) -> Definition | None:
    same = (Definition.kind == kind, Definition.key == key, Definition.sha256 == sha256)
    return session.scalar(select(Definition).where(*same).order_by(Definition.version.desc()).limit(1))


def _digest(parsed: list[ParsedFile]) -> str:
    listing = "\n".join(f"{file.sha256}  {file.name}" for file in parsed)
    return hashlib.sha256(listing.encode()).hexdigest()

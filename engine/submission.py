"""How a set of files becomes a deployment: judged, kept, put in force. In the caller's transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import deploying
from engine.actors import Actor
from engine.assembly import Engine
from engine.bpmn.findings import Language
from engine.db.tables import Definition
from engine.db.version_tables import Activation
from engine.deployment_checks import ParsedFile, check_set, check_writing, parse_files
from engine.errors import Finding, InvalidDefinition
from engine.surroundings import surroundings_of
from engine.versions import Place, is_in_force


@dataclass(frozen=True)
class DeployedDefinition:
    """One definition of a deployment: new in it, or unchanged since an earlier one."""

    kind: str
    key: str
    version: int
    file: str


@dataclass(frozen=True)
class DeploymentResult:
    """What a deployment did; ``id`` is None when every file was in force already and no deployment was made.

    One that waits is in force once an administrator activates it; with four eyes (``DOUDI_FOUR_EYES``) a second person approves it first.
    """

    id: int | None
    deployed: tuple[DeployedDefinition, ...]
    unchanged: tuple[DeployedDefinition, ...]
    warnings: tuple[Finding, ...] = ()
    is_waiting: bool = False


def findings_of(engine: Engine, session: Session, files: Mapping[str, bytes], language: Language) -> tuple[Finding, ...]:
    """Every finding about ``files`` as drafts.

    Names are only looked up when every file could be read: a file that could not may define them.
    """
    read, findings = parse_files(engine.feel, files, language)
    if findings:
        return (*findings, *check_writing(engine.feel, read, language))
    return tuple(check_set(engine.feel, read, surroundings_of(session), language))


def require_no_errors(files: Collection[Any], findings: Sequence[Finding]) -> None:
    errors = sum(finding.severity == "error" for finding in findings)
    if errors:
        raise InvalidDefinition(f"Expected {len(files)} files to deploy but {errors} findings have to be mended first.", findings)


def parsed(engine: Engine, files: Mapping[str, bytes], language: Language) -> list[ParsedFile]:
    """The files as they can be judged together. Raises InvalidDefinition when one cannot be read."""
    read, findings = parse_files(engine.feel, files, language)
    require_no_errors(files, findings)
    return read


def judged(engine: Engine, session: Session, files: list[ParsedFile], language: Language) -> tuple[Finding, ...]:
    """The warnings about a set. Raises InvalidDefinition with every finding when there are errors."""
    findings = check_set(engine.feel, files, surroundings_of(session), language)
    require_no_errors(files, findings)
    return tuple(findings)


@dataclass(frozen=True)
class Label:
    """What a deployment is called, why it is made, and what was tried out and checked before."""

    name: str
    reason: str
    checks: Mapping[str, Any]


def keep(engine: Engine, session: Session, actor: Actor, files: list[ParsedFile], label: Label) -> DeploymentResult:
    """Keep a set that was judged. It has to be approved by a second person where four eyes are asked for; an administrator activates it."""
    status = "checked" if engine.settings.four_eyes else "approved"
    stored = deploying.store(engine, session, actor, files, label.name, label.reason, status, label.checks)
    return replace(_result(stored), is_waiting=stored.deployment is not None)


def install(engine: Engine, session: Session, actor: Actor, files: list[ParsedFile], label: Label) -> DeploymentResult:
    """Keep a set that was judged, in force from now on."""
    stored = deploying.store(engine, session, actor, files, label.name, label.reason, "approved", label.checks)
    if stored.deployment is not None:
        here = Place("", engine.clock.now())
        rows = [*stored.fresh, *(row for row in stored.unchanged if not is_in_force(session, row, here))]
        deploying.activate(engine, session, actor, rows, deploying.Scope(reason=label.reason, deployment_id=stored.deployment.id))
    return _result(stored)


def take_in(engine: Engine, session: Session, actor: Actor, files: list[ParsedFile], label: Label) -> DeploymentResult:
    """In force from now on, unless four eyes have to approve it. The first processes of an installation need none: nobody works yet."""
    first = session.scalar(select(Activation.id).where(Activation.kind == "process").limit(1))
    way = keep if engine.settings.four_eyes and first is not None else install
    return way(engine, session, actor, files, label)


def _result(stored: deploying.Stored) -> DeploymentResult:
    fresh, unchanged = tuple(map(_deployed, stored.fresh)), tuple(map(_deployed, stored.unchanged))
    return DeploymentResult(stored.deployment.id if stored.deployment else None, fresh, unchanged)


def _deployed(row: Definition) -> DeployedDefinition:
    return DeployedDefinition(row.kind, row.key, row.version, row.file)

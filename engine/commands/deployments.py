"""Deploy files as new definition versions: all of a set, or nothing. Knows what a set must hold to be complete."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import start_events
from engine.actors import Actor
from engine.assembly import Engine
from engine.bpmn.findings import Language
from engine.case_opening import CASE_VARIABLES
from engine.db.tables import CandidateGroup, Definition, Deployment, DeploymentItem, Resource
from engine.deployment_checks import ParsedFile, Surroundings, check_set, check_writing, parse_files, variables_set_by
from engine.errors import Finding, InvalidDefinition, NotFound
from engine.services import evidence
from engine.vocabulary import CANDIDATE_GROUPS, OPERATIONS

SUFFIXES = (".bpmn", ".dmn", ".form")
LARGEST_FILE = 10_000_000


@dataclass(frozen=True)
class DeployedDefinition:
    """One definition of a deployment: new in it, or unchanged since an earlier one."""

    kind: str
    key: str
    version: int
    file: str


@dataclass(frozen=True)
class DeploymentResult:
    """What a deployment did; ``id`` is None when every file was unchanged and no deployment was made."""

    id: int | None
    deployed: tuple[DeployedDefinition, ...]
    unchanged: tuple[DeployedDefinition, ...]
    warnings: tuple[Finding, ...] = ()


def deploy(
    engine: Engine, actor: Actor, files: Mapping[str, bytes], name: str, reason: str = "", language: Language = "zh"
) -> DeploymentResult:
    """Deploy ``files`` (name → bytes) in one piece.

    The same bytes make no new version. Raises InvalidDefinition with every finding of every file; nothing is deployed then.
    Warnings refuse nothing: they are in the result.
    """
    parsed, findings = parse_files(engine.feel, files, language)
    _require_no_errors(files, findings)
    with engine.database.transaction() as session:
        findings = check_set(engine.feel, parsed, _surroundings(session), language)
        _require_no_errors(files, findings)
        return replace(_store(engine, session, actor, parsed, name, reason), warnings=tuple(findings))


def check(engine: Engine, files: Mapping[str, bytes], language: Language = "zh") -> tuple[Finding, ...]:
    """Every finding about ``files`` as drafts; nothing is deployed.

    Names are only looked up when every file could be read: a file that could not may define them.
    """
    parsed, findings = parse_files(engine.feel, files, language)
    if findings:
        return (*findings, *check_writing(engine.feel, parsed, language))
    with engine.database.reading() as session:
        return tuple(check_set(engine.feel, parsed, _surroundings(session), language))


def _require_no_errors(files: Mapping[str, bytes], findings: list[Finding]) -> None:
    errors = sum(finding.severity == "error" for finding in findings)
    if errors:
        raise InvalidDefinition(f"Expected {len(files)} files to deploy but {errors} findings have to be mended first.", findings)


def read_folders(*folders: Path) -> dict[str, bytes]:
    """Every deployable file below the folders, by its name relative to the folder's parent."""
    files: dict[str, bytes] = {}
    for folder in folders:
        add_files(files, folder)
    return files


def add_files(files: dict[str, bytes], folder: Path) -> None:
    """Read every deployable file below a folder into ``files``, as ``add_file`` does."""
    if not folder.is_dir():
        raise NotFound(f"Expected a folder {folder} with .bpmn, .dmn or .form files but there is none.")
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in SUFFIXES:
            add_file(files, str(path.relative_to(folder.parent)), path)


def add_file(files: dict[str, bytes], name: str, path: Path) -> None:
    """Read a file into ``files``. Raises InvalidDefinition when it cannot be read, or when another file has its name."""
    problem = "Another file of this deployment has the same name." if name in files else _unreadable(path)
    if problem:
        finding = Finding(str(path), None, None, None, "unreadable-file", problem, "Rename, repair or remove it, then deploy again.")
        raise InvalidDefinition(f"Expected a file that can be deployed at {path} but it cannot be read.", [finding])
    files[name] = path.read_bytes()


def _unreadable(path: Path) -> str | None:
    if path.is_dir():
        return "This is a folder, not a file."
    try:
        if not path.is_file():
            return "This is no file, or a link to nothing."
        with path.open("rb"):
            size = path.stat().st_size
    except OSError as error:
        return f"It cannot be read: {error.strerror}."
    return f"It has {size:,} bytes; at most {LARGEST_FILE:,} are read." if size > LARGEST_FILE else None


def _surroundings(session: Session) -> Surroundings:
    keys = {
        kind: frozenset(session.scalars(select(Definition.key).where(Definition.kind == kind).distinct()))
        for kind in ("process", "decision", "form")
    }
    groups = frozenset(session.scalars(select(CandidateGroup.id))) | frozenset(CANDIDATE_GROUPS)
    return Surroundings(keys["process"], keys["decision"], keys["form"], groups, frozenset(OPERATIONS), _variables_known(session))


def _variables_known(session: Session) -> frozenset[str]:
    """What operations answer, what the opening of a case gives to its process, and what deployed files set."""
    outputs = (output for operation in OPERATIONS.values() for output in operation.outputs)
    newest = {(row.sha256, row.file) for row in _newest(session)}
    deployed = (variables_set_by(file, session.get_one(Resource, sha256).content) for sha256, file in newest)
    return frozenset(outputs).union(CASE_VARIABLES, *deployed)


def _store(engine: Engine, session: Session, actor: Actor, parsed: list[ParsedFile], name: str, reason: str) -> DeploymentResult:
    known = {(row.kind, row.key): row for row in _newest(session)}
    changed = [file for file in parsed if any(_is_new(known, file, kind, key) for kind, key, _, _ in file.definitions)]
    now = engine.clock.now()
    if not changed:
        return DeploymentResult(None, (), tuple(_deployed(known[kind, key]) for file in parsed for kind, key, _, _ in file.definitions))
    deployment = Deployment(name=name, reason=reason, created_at=now, created_by=actor.id)
    session.add(deployment)
    session.flush()
    fresh, unchanged = [], []
    for file in parsed:
        _keep_resource(session, file)
        for kind, key, title, tag in file.definitions:
            row = known.get((kind, key))
            if _is_new(known, file, kind, key):
                row = Definition(kind=kind, key=key, version=(row.version if row else 0) + 1, name=title, version_tag=tag)
                row.file, row.sha256, row.deployment_id, row.created_at = file.name, file.sha256, deployment.id, now
                session.add(row)
                fresh.append(row)
            elif row is not None:
                unchanged.append(row)
    session.flush()
    processes = {process.key: process for file in parsed for process in file.processes}
    for row in fresh:
        if row.kind == "process":
            start_events.watch(engine, session, row.id, processes[row.key])
    session.add_all(DeploymentItem(deployment_id=deployment.id, definition_id=row.id) for row in [*fresh, *unchanged])
    evidence.record(session, now, actor, "deployments", "deployment:create", deployment=deployment.id, digest=_digest(parsed))
    return DeploymentResult(deployment.id, tuple(map(_deployed, fresh)), tuple(map(_deployed, unchanged)))


def _newest(session: Session) -> list[Definition]:
    newest = (
        select(Definition.kind, Definition.key, func.max(Definition.version).label("version"))
        .group_by(Definition.kind, Definition.key)
        .subquery()
    )
    same = (Definition.kind == newest.c.kind) & (Definition.key == newest.c.key) & (Definition.version == newest.c.version)
    return list(session.scalars(select(Definition).join(newest, same)))


def _is_new(known: Mapping[tuple[str, str], Definition], file: ParsedFile, kind: str, key: str) -> bool:
    row = known.get((kind, key))
    return row is None or row.sha256 != file.sha256


def _keep_resource(session: Session, file: ParsedFile) -> None:
    if session.get(Resource, file.sha256) is None:
        session.add(Resource(sha256=file.sha256, content=file.content))
        session.flush()


def _deployed(row: Definition) -> DeployedDefinition:
    return DeployedDefinition(row.kind, row.key, row.version, row.file)


def _digest(parsed: list[ParsedFile]) -> str:
    listing = "\n".join(f"{file.sha256}  {file.name}" for file in parsed)
    return hashlib.sha256(listing.encode()).hexdigest()

"""Deploy files as new definition versions: all of a set, or nothing. Knows what a set must hold to be complete."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import deploying
from engine.actors import Actor
from engine.assembly import Engine
from engine.bpmn.findings import Language
from engine.db.tables import Definition
from engine.db.version_tables import Activation
from engine.deployment_checks import check_set, check_writing, parse_files
from engine.errors import Finding, InvalidDefinition, NotFound
from engine.surroundings import surroundings_of

SUFFIXES = (".bpmn", ".dmn", ".form", ".csv", ".toml")
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
    """What a deployment did; ``id`` is None when every file was in force already and no deployment was made.

    With four eyes (``DOUDI_FOUR_EYES``) a deployment waits until a second person has approved it.
    """

    id: int | None
    deployed: tuple[DeployedDefinition, ...]
    unchanged: tuple[DeployedDefinition, ...]
    warnings: tuple[Finding, ...] = ()
    is_waiting: bool = False


def deploy(
    engine: Engine, actor: Actor, files: Mapping[str, bytes], name: str, reason: str = "", language: Language = "zh"
) -> DeploymentResult:
    """Deploy ``files`` (name → bytes) in one piece.

    The same bytes make no new version. What is new is in force from now on, unless four eyes have to approve it first.
    Raises InvalidDefinition with every finding of every file; nothing is deployed then. Warnings refuse nothing: they are
    in the result.
    """
    return _deploy(engine, actor, files, Purpose(name, reason, engine.settings.four_eyes), language)


def install(engine: Engine, actor: Actor, files: Mapping[str, bytes], name: str, language: Language = "zh") -> DeploymentResult:
    """Deploy in one piece and put it in force whatever four eyes ask for: the files that a demonstration begins with."""
    return _deploy(engine, actor, files, Purpose(name, "", False), language)


@dataclass(frozen=True)
class Purpose:
    """What a deployment is called, why it is made, and whether a second person has to approve it."""

    name: str
    reason: str
    asks_approval: bool


def _deploy(engine: Engine, actor: Actor, files: Mapping[str, bytes], purpose: Purpose, language: Language) -> DeploymentResult:
    parsed, findings = parse_files(engine.feel, files, language)
    _require_no_errors(files, findings)
    with engine.database.transaction() as session:
        findings = check_set(engine.feel, parsed, surroundings_of(session), language)
        _require_no_errors(files, findings)
        waits = purpose.asks_approval and _has_processes(session)
        status = "checked" if waits else "approved"
        stored = deploying.store(engine, session, actor, parsed, purpose.name, purpose.reason, status, {"files": len(files)})
        if stored.deployment is not None and not waits:
            deploying.activate(engine, session, actor, _not_in_force(engine, session, stored), reason=purpose.reason)
        return _result(stored, tuple(findings))


def _has_processes(session: Session) -> bool:
    """The first processes of an installation need no approval: nobody could work before."""
    return session.scalar(select(Activation.id).where(Activation.kind == "process").limit(1)) is not None


def _not_in_force(engine: Engine, session: Session, stored: deploying.Stored) -> list[Definition]:
    now = engine.clock.now()
    return [*stored.fresh, *(row for row in stored.unchanged if not deploying.is_in_force(session, row, now))]


def _result(stored: deploying.Stored, warnings: tuple[Finding, ...]) -> DeploymentResult:
    deployment = stored.deployment
    is_waiting = deployment is not None and deployment.status == "checked"
    fresh, unchanged = tuple(map(_deployed, stored.fresh)), tuple(map(_deployed, stored.unchanged))
    return DeploymentResult(deployment.id if deployment else None, fresh, unchanged, warnings, is_waiting)


def check(engine: Engine, files: Mapping[str, bytes], language: Language = "zh") -> tuple[Finding, ...]:
    """Every finding about ``files`` as drafts; nothing is deployed.

    Names are only looked up when every file could be read: a file that could not may define them.
    """
    parsed, findings = parse_files(engine.feel, files, language)
    if findings:
        return (*findings, *check_writing(engine.feel, parsed, language))
    with engine.database.reading() as session:
        return tuple(check_set(engine.feel, parsed, surroundings_of(session), language))


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
        raise NotFound(f"Expected a folder {folder} with files to deploy but there is none.")
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


def _deployed(row: Definition) -> DeployedDefinition:
    return DeployedDefinition(row.kind, row.key, row.version, row.file)

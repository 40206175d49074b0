"""Deploy files as new definition versions: all of a set, or nothing. Knows what a set must hold to be complete."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sqlalchemy.orm import Session

from engine import submission
from engine.actors import Actor
from engine.archives import unpacked
from engine.assembly import Engine
from engine.bpmn.findings import Language
from engine.deployment_checks import ParsedFile
from engine.errors import Finding, InvalidDefinition, NotAllowed, NotFound
from engine.submission import DeploymentResult

SUFFIXES = (".bpmn", ".dmn", ".form", ".csv", ".toml")
#: Templates of documents lie in a folder of this name; other texts in Markdown are for people.
DOCUMENTS = "documents"
LARGEST_FILE = 10_000_000

#: How a judged set becomes a deployment: one of the three of ``submission``.
Way = Callable[[Engine, Session, Actor, list[ParsedFile], submission.Label], DeploymentResult]


def deploy(
    engine: Engine,
    actor: Actor,
    files: Mapping[str, bytes],
    name: str,
    reason: str = "",
    language: Language = "zh",
    proof: Mapping[str, Any] = MappingProxyType({}),
) -> DeploymentResult:
    """Deploy ``files`` (name → bytes) in one piece; ``proof`` is what was tried out beforehand, kept with the deployment.

    The same bytes make no new version. What is new is in force from now on, unless four eyes have to approve it first.
    Raises InvalidDefinition with every finding of every file; nothing is deployed then. Warnings refuse nothing: they are
    in the result.
    """
    label = submission.Label(name, reason, {**proof, "files": len(files)})
    return _deployed(engine, actor, files, label, submission.take_in, language)


def install(engine: Engine, actor: Actor, files: Mapping[str, bytes], name: str, language: Language = "zh") -> DeploymentResult:
    """Deploy in one piece and put it in force whatever four eyes ask for: the files that a demonstration begins with."""
    return _deployed(engine, actor, files, submission.Label(name, "", {"files": len(files)}), submission.install, language)


def import_archive(engine: Engine, actor: Actor, content: bytes, reason: str = "", language: Language = "zh") -> DeploymentResult:
    """Deploy what another installation packed; the hashes of the files are the same here. An administrator activates it.

    Raises InvalidInput when it is no such archive, InvalidDefinition with every finding about its files.
    """
    if not actor.has_group("admin"):
        raise NotAllowed("Expected an administrator to import an archive but you are not one.")
    archive = unpacked(content)
    checks = {"files": len(archive.files), "imported": True}
    label = submission.Label(archive.name[:200], reason or archive.reason, checks)
    return _deployed(engine, actor, archive.files, label, submission.keep, language)


def check(engine: Engine, files: Mapping[str, bytes], language: Language = "zh") -> tuple[Finding, ...]:
    """Every finding about ``files`` as drafts; nothing is deployed."""
    with engine.database.reading() as session:
        return submission.findings_of(engine, session, files, language)


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
        if path.suffix.lower() in SUFFIXES or is_template(path):
            add_file(files, str(path.relative_to(folder.parent)), path)


def is_template(path: Path) -> bool:
    """The template of a document, not a text about the folder it lies in."""
    return path.suffix.lower() == ".md" and path.parent.name == DOCUMENTS and path.stem != "README"


def add_file(files: dict[str, bytes], name: str, path: Path) -> None:
    """Read a file into ``files``. Raises InvalidDefinition when it cannot be read, or when another file has its name."""
    problem = "Another file of this deployment has the same name." if name in files else _unreadable(path)
    if problem:
        finding = Finding(str(path), None, None, None, "unreadable-file", problem, "Rename, repair or remove it, then deploy again.")
        raise InvalidDefinition(f"Expected a file that can be deployed at {path} but it cannot be read.", [finding])
    files[name] = path.read_bytes()


def _deployed(
    engine: Engine, actor: Actor, files: Mapping[str, bytes], label: submission.Label, way: Way, language: Language
) -> DeploymentResult:
    parsed = submission.parsed(engine, files, language)
    with engine.database.transaction() as session:
        warnings = submission.judged(engine, session, parsed, language)
        return replace(way(engine, session, actor, parsed, label), warnings=warnings)


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

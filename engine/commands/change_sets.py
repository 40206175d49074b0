"""Drafts and the change sets they belong to, up to their submission as a deployment. Never overwrites what somebody else saved."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import deploying, submission
from engine.actors import Actor
from engine.assembly import Engine
from engine.bpmn.findings import Language
from engine.db.tables import Account, Definition, Resource
from engine.db.version_tables import ChangeSet, Draft, DraftRevision
from engine.draft_files import require_content, require_file_name
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound
from engine.queries.cursors import is_row_number
from engine.services.typed_text import readable
from engine.submission import DeploymentResult

#: Groups that may draw; auditors read.
AUTHORS = ("analyst", "admin")
#: Whose submission may come into force by itself; anybody else's waits for an administrator.
ACTIVATORS = ("admin",)

LONGEST_TITLE = 200
LONGEST_REASON = 4_000
LONGEST_NOTE = 200
MOST_DRAFTS = 200
#: In a proof: the digest of the drafts that were tried out.
PROVED = "files_sha256"


class DraftConflict(Conflict):
    """Somebody else saved the draft since it was read: what stands there now, and what both began with."""

    def __init__(self, message: str, theirs_version: int, theirs: bytes, base: bytes, by: str, at: datetime):
        super().__init__(message)
        self.theirs_version, self.theirs, self.base, self.by, self.at = theirs_version, theirs, base, by, at


def create_change_set(engine: Engine, actor: Actor, title: str, reason: str) -> int:
    """Begin a set of drafts; ``reason`` says why the procedure changes."""
    title, reason = _title(title), _reason(reason)
    with _transaction(engine, actor) as session:
        now = engine.clock.now()
        change_set = ChangeSet(title=title, reason=reason, created_at=now, created_by=actor.id, updated_at=now)
        session.add(change_set)
        session.flush()
        return change_set.id


def rename(engine: Engine, actor: Actor, change_set_id: int, title: str, reason: str, version: int | None) -> None:
    """Give an open change set another title and reason."""
    title, reason = _title(title), _reason(reason)
    with _transaction(engine, actor) as session:
        change_set = _open_change_set(session, change_set_id)
        if version is not None and version != change_set.version:
            raise Conflict(f"Expected change set {change_set_id} in version {version} but somebody changed it meanwhile. Reload it.")
        change_set.title, change_set.reason, change_set.updated_at = title, reason, engine.clock.now()


def abandon(engine: Engine, actor: Actor, change_set_id: int) -> None:
    """Give a change set up; its drafts stay readable."""
    with _transaction(engine, actor) as session:
        change_set = _open_change_set(session, change_set_id)
        change_set.status, change_set.updated_at = "abandoned", engine.clock.now()


def add_draft(engine: Engine, actor: Actor, change_set_id: int, file: str, content: bytes | None = None) -> int:
    """Take a file into a change set: its newest deployed content (None), or a new or uploaded one."""
    with _transaction(engine, actor) as session:
        change_set = _open_change_set(session, change_set_id)
        _require_room(session, change_set, file)
        deployed = _newest_content(session, file)
        if deployed is None:
            require_file_name(file)
        if content is None and deployed is None:
            raise NotFound(f"Expected {file} to be deployed but it is not. Give its content.")
        content = deployed if content is None else content
        assert content is not None
        require_content(content)
        now = engine.clock.now()
        draft = Draft(change_set_id=change_set.id, file=file, created_at=now, updated_at=now, updated_by=actor.id)
        draft.base_sha256 = deploying.keep_content(session, deployed) if deployed is not None else None
        draft.sha256 = deploying.keep_content(session, content)
        session.add(draft)
        session.flush()
        _remember(session, draft, "")
        return draft.id


def save_draft(engine: Engine, actor: Actor, draft_id: int, content: bytes, version: int, note: str = "") -> int:
    """Save what was typed over ``version``; gives the new version, or the old one when nothing changed.

    Raises DraftConflict when somebody else has saved something different since that version.
    """
    require_content(content)
    with _transaction(engine, actor) as session:
        draft = _open_draft(session, draft_id)
        if session.get_one(Resource, draft.sha256).content == content:
            return draft.version
        if draft.version != version:
            raise _conflict(session, draft, version)
        return _write(engine, session, actor, draft, deploying.keep_content(session, content), note)


def restore_revision(engine: Engine, actor: Actor, draft_id: int, number: int, version: int) -> int:
    """Make an earlier state the newest one again; nothing of the history is lost."""
    with _transaction(engine, actor) as session:
        draft = _open_draft(session, draft_id)
        revision = session.get(DraftRevision, (draft.id, number)) if is_row_number(number) else None
        if revision is None:
            raise NotFound(f"Expected draft {draft_id} to have a revision {number} but it does not.")
        if draft.version != version:
            raise _conflict(session, draft, version)
        if draft.sha256 == revision.sha256:
            return draft.version
        return _write(engine, session, actor, draft, revision.sha256, f"← {number}")


def remove_draft(engine: Engine, actor: Actor, draft_id: int, version: int | None) -> None:
    """Take a file out of its change set, with its history."""
    with _transaction(engine, actor) as session:
        draft = _open_draft(session, draft_id)
        if version is not None and draft.version != version:
            raise _conflict(session, draft, version)
        for revision in session.scalars(select(DraftRevision).where(DraftRevision.draft_id == draft.id)):
            session.delete(revision)
        session.flush()
        session.delete(draft)


def submit(engine: Engine, actor: Actor, change_set_id: int, proof: Mapping[str, Any], language: Language = "zh") -> DeploymentResult:
    """Check the drafts again and keep them as a deployment, in force at once for an administrator where nobody has to approve it.

    The change set changes no more. ``proof`` is what was tried out beforehand, kept with the deployment.
    Raises InvalidDefinition with every finding.
    """
    require_author(actor)
    with engine.database.reading() as session:
        files = _contents(session, _open_change_set(session, change_set_id))
    if proof.get(PROVED) not in (None, digest(files)):
        raise Conflict("Expected the drafts as they were tried out but somebody saved one meanwhile. Submit again.")
    if not files:
        raise InvalidInput("Expected at least one file to submit but the change set is empty. Add a file.", {"files": ["empty"]})
    parsed = submission.parsed(engine, files, language)
    with _transaction(engine, actor) as session:
        change_set = _open_change_set(session, change_set_id)
        if _contents(session, change_set) != files:
            raise Conflict("Expected the drafts as they were checked but somebody saved one meanwhile. Check and submit again.")
        warnings = submission.judged(engine, session, parsed, language)
        label = submission.Label(change_set.title, change_set.reason, {**proof, "files": len(files), "change_set": change_set.id})
        way = submission.take_in if actor.has_group(*ACTIVATORS) else submission.keep
        result = way(engine, session, actor, parsed, label)
        if result.id is None:
            raise InvalidInput("Expected at least one changed file but all of them are in force already.", {"files": ["unchanged"]})
        change_set.status, change_set.deployment_id, change_set.updated_at = "submitted", result.id, engine.clock.now()
        return replace(result, warnings=warnings)


def digest(files: Mapping[str, bytes]) -> str:
    """One fingerprint of several files and their names."""
    lines = (f"{file} {hashlib.sha256(content).hexdigest()}" for file, content in sorted(files.items()))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def require_author(actor: Actor) -> None:
    if not actor.has_group(*AUTHORS):
        raise NotAllowed("Expected a process analyst or an administrator to change drafts but you are neither.")


def _transaction(engine: Engine, actor: Actor) -> AbstractContextManager[Session]:
    require_author(actor)
    return engine.database.transaction()


def _open_change_set(session: Session, change_set_id: int) -> ChangeSet:
    """Locked until the end of the command: a submission must not run beside a save."""
    change_set = session.get(ChangeSet, change_set_id, with_for_update=True) if is_row_number(change_set_id) else None
    if change_set is None:
        raise NotFound(f"Expected change set {change_set_id} to exist but it does not.")
    if change_set.status != "open":
        raise Conflict(f"Expected change set {change_set_id} to be open but it is {change_set.status}. Begin a new one.")
    return change_set


def _open_draft(session: Session, draft_id: int) -> Draft:
    draft = session.get(Draft, draft_id) if is_row_number(draft_id) else None
    if draft is None:
        raise NotFound(f"Expected draft {draft_id} to exist but it does not.")
    _open_change_set(session, draft.change_set_id)
    session.refresh(draft)
    return draft


def _require_room(session: Session, change_set: ChangeSet, file: str) -> None:
    drafts = select(func.count()).select_from(Draft).where(Draft.change_set_id == change_set.id)
    if (session.scalar(drafts) or 0) >= MOST_DRAFTS:
        raise InvalidInput(f"Expected at most {MOST_DRAFTS} files in a change set. Submit it, or begin another.", {"file": ["too-many"]})
    if session.scalar(drafts.where(Draft.file == file)):
        raise Conflict(f"Expected {ascii(file)[:80]} once in a change set but it is in it already. Open that draft.")


def _newest_content(session: Session, file: str) -> bytes | None:
    """What was deployed last under this file name."""
    rows = select(Definition.sha256).where(Definition.file == file).order_by(Definition.id.desc()).limit(1)
    sha256 = session.scalar(rows)
    return session.get_one(Resource, sha256).content if sha256 else None


def _write(engine: Engine, session: Session, actor: Actor, draft: Draft, sha256: str, note: str) -> int:
    draft.sha256, draft.updated_at, draft.updated_by = sha256, engine.clock.now(), actor.id
    session.flush()
    _remember(session, draft, note)
    return draft.version


def _remember(session: Session, draft: Draft, note: str) -> None:
    revision = DraftRevision(draft_id=draft.id, number=draft.version, sha256=draft.sha256, note=_line(note, LONGEST_NOTE))
    revision.saved_at, revision.saved_by = draft.updated_at, draft.updated_by
    session.add(revision)


def _conflict(session: Session, draft: Draft, version: int) -> DraftConflict:
    base = session.get(DraftRevision, (draft.id, version)) if is_row_number(version) else None
    first = session.get_one(DraftRevision, (draft.id, 1))
    theirs = session.get_one(Resource, draft.sha256).content
    by = session.scalar(select(Account.name).where(Account.id == draft.updated_by)) or draft.updated_by
    message = f"Expected {draft.file} in version {version} but {by} saved version {draft.version} meanwhile. Nothing was overwritten."
    return DraftConflict(message, draft.version, theirs, session.get_one(Resource, (base or first).sha256).content, by, draft.updated_at)


def _contents(session: Session, change_set: ChangeSet) -> dict[str, bytes]:
    drafts = session.scalars(select(Draft).where(Draft.change_set_id == change_set.id).order_by(Draft.file))
    return {draft.file: session.get_one(Resource, draft.sha256).content for draft in drafts}


def _title(title: str) -> str:
    title = _line(title, LONGEST_TITLE)
    if not title:
        raise InvalidInput("Expected a title of the change but got none.", {"title": ["empty"]})
    return title


def _reason(reason: str) -> str:
    return readable(reason).strip()[:LONGEST_REASON]


def _line(text: str, longest: int) -> str:
    return " ".join(readable(text).split())[:longest]

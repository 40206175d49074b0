"""Change sets, drafts and what is deployed, for those who draw. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import deploying, submission
from engine.assembly import Engine
from engine.bpmn.findings import Language
from engine.db.tables import Account, Definition, Resource
from engine.db.version_tables import ChangeSet, Draft, DraftRevision
from engine.draft_files import kind_of
from engine.errors import Finding, NotFound
from engine.queries.cursors import is_row_number

#: How many change sets a list shows, newest first.
MOST_SHOWN = 200


@dataclass(frozen=True)
class DraftView:
    """A file of a change set. ``is_moved``: another version was deployed since the draft began."""

    id: int
    file: str
    kind: str
    is_new: bool
    is_changed: bool
    is_moved: bool
    version: int
    updated_at: datetime
    updated_by_name: str


@dataclass(frozen=True)
class ChangeSetView:
    """``status`` is open, submitted or abandoned."""

    id: int
    title: str
    reason: str
    status: str
    created_by_name: str
    created_at: datetime
    updated_at: datetime
    files: tuple[DraftView, ...]
    deployment_id: int | None
    version: int


@dataclass(frozen=True)
class RevisionView:
    number: int
    at: datetime
    by_name: str
    note: str
    sha256: str


@dataclass(frozen=True)
class DraftContent:
    """A draft as it is now; ``base`` is the deployed content it began with, None for a new file."""

    id: int
    change_set_id: int
    file: str
    kind: str
    content: bytes
    base: bytes | None
    version: int
    updated_at: datetime
    updated_by_name: str
    history: tuple[RevisionView, ...]


@dataclass(frozen=True)
class DeployedFile:
    """The newest version of a file; the first of its definitions names it."""

    file: str
    kind: str
    key: str
    name: str
    version: int
    definition_id: int
    deployed_at: datetime


def change_sets(engine: Engine, status: str | None = None) -> tuple[ChangeSetView, ...]:
    """The change sets of a status (None: of all), newest first."""
    wanted = select(ChangeSet).order_by(ChangeSet.id.desc()).limit(MOST_SHOWN)
    if status is not None:
        wanted = wanted.where(ChangeSet.status == status)
    with engine.database.reading() as session:
        rows = list(session.scalars(wanted))
        return _views(session, rows)


def change_set(engine: Engine, change_set_id: int) -> ChangeSetView:
    with engine.database.reading() as session:
        return _views(session, [_change_set(session, change_set_id)])[0]


def draft(engine: Engine, draft_id: int) -> DraftContent:
    """A draft with its history, newest first."""
    with engine.database.reading() as session:
        row = _draft(session, draft_id)
        rows = session.scalars(select(DraftRevision).where(DraftRevision.draft_id == row.id).order_by(DraftRevision.number.desc()))
        revisions = list(rows)
        names = _names(session, [row.updated_by, *(revision.saved_by for revision in revisions)])
        return DraftContent(
            id=row.id,
            change_set_id=row.change_set_id,
            file=row.file,
            kind=kind_of(row.file),
            content=session.get_one(Resource, row.sha256).content,
            base=session.get_one(Resource, row.base_sha256).content if row.base_sha256 else None,
            version=row.version,
            updated_at=row.updated_at,
            updated_by_name=names[row.updated_by],
            history=tuple(RevisionView(one.number, one.saved_at, names[one.saved_by], one.note, one.sha256) for one in revisions),
        )


def revision(engine: Engine, draft_id: int, number: int) -> bytes:
    """What a draft was after a save."""
    with engine.database.reading() as session:
        found = session.get(DraftRevision, (draft_id, number)) if is_row_number(draft_id) and is_row_number(number) else None
        if found is None:
            raise NotFound(f"Expected draft {draft_id} to have a revision {number} but it does not.")
        return session.get_one(Resource, found.sha256).content


def deployed_files(engine: Engine) -> tuple[DeployedFile, ...]:
    """Every file that is deployed, in its newest version, by kind and name."""
    with engine.database.reading() as session:
        newest: dict[str, Definition] = {}
        for row in sorted(deploying.newest(session).values(), key=lambda row: row.id):
            known = newest.get(row.file)
            if known is None or row.deployment_id > known.deployment_id:
                newest[row.file] = row
        views = (DeployedFile(row.file, row.kind, row.key, row.name, row.version, row.id, row.created_at) for row in newest.values())
        return tuple(sorted(views, key=lambda view: (view.kind, view.file)))


def checked(engine: Engine, change_set_id: int, language: Language = "zh") -> tuple[Finding, ...]:
    """Every finding about the drafts, beside everything that is deployed."""
    with engine.database.reading() as session:
        drafts = _drafts(session, [_change_set(session, change_set_id).id])
        files = {row.file: session.get_one(Resource, row.sha256).content for row in drafts}
        findings = submission.findings_of(engine, session, files, language)
        moved = [row.file for row in drafts if _is_moved(row, _newest_shas(session, [row.file]))]
    return (*findings, *(_moved(file, language) for file in moved))


def _moved(file: str, language: Language) -> Finding:
    message, remedy = {
        "zh": (
            "这份草稿开始之后，这个文件又部署了新版本；提交会用草稿盖过那一版。",
            "与新版本比较，把那一版的改动并入草稿，或者重新从新版本开始。",
        ),
        "en": (
            "Another version of this file was deployed after the draft began; submitting would replace it.",
            "Compare with that version and take its changes over, or begin again from it.",
        ),
    }[language]
    return Finding(file, None, None, None, "base-moved", message, remedy, "warning")


def _views(session: Session, rows: list[ChangeSet]) -> tuple[ChangeSetView, ...]:
    drafts = _drafts(session, [row.id for row in rows])
    names = _names(session, [*(row.created_by for row in rows), *(one.updated_by for one in drafts)])
    newest = _newest_shas(session, [one.file for one in drafts])
    by_set: dict[int, list[DraftView]] = {row.id: [] for row in rows}
    for one in drafts:
        by_set[one.change_set_id].append(_draft_view(one, names, newest))
    return tuple(_view(row, tuple(by_set[row.id]), names) for row in rows)


def _view(row: ChangeSet, files: tuple[DraftView, ...], names: Mapping[str, str]) -> ChangeSetView:
    updated_at = max([row.updated_at, *(file.updated_at for file in files)])
    return ChangeSetView(
        row.id, row.title, row.reason, row.status, names[row.created_by], row.created_at, updated_at, files, row.deployment_id, row.version
    )


def _draft_view(row: Draft, names: Mapping[str, str], newest: Mapping[str, str]) -> DraftView:
    return DraftView(
        id=row.id,
        file=row.file,
        kind=kind_of(row.file),
        is_new=row.base_sha256 is None,
        is_changed=row.sha256 != row.base_sha256,
        is_moved=_is_moved(row, newest),
        version=row.version,
        updated_at=row.updated_at,
        updated_by_name=names[row.updated_by],
    )


def _is_moved(row: Draft, newest: Mapping[str, str]) -> bool:
    return row.file in newest and newest[row.file] not in (row.base_sha256, row.sha256)


def _drafts(session: Session, change_set_ids: list[int]) -> list[Draft]:
    return list(session.scalars(select(Draft).where(Draft.change_set_id.in_(change_set_ids)).order_by(Draft.change_set_id, Draft.file)))


def _newest_shas(session: Session, files: list[str]) -> dict[str, str]:
    """File name → SHA-256 of what was deployed last under it."""
    rows = session.execute(select(Definition.file, Definition.sha256).where(Definition.file.in_(files)).order_by(Definition.id))
    return {row[0]: row[1] for row in rows}


def _names(session: Session, accounts: Iterable[str]) -> dict[str, str]:
    wanted = sorted(set(accounts))
    found = {row[0]: row[1] for row in session.execute(select(Account.id, Account.name).where(Account.id.in_(wanted)))}
    return {account: found.get(account, account) for account in wanted}


def _change_set(session: Session, change_set_id: int) -> ChangeSet:
    row = session.get(ChangeSet, change_set_id) if is_row_number(change_set_id) else None
    if row is None:
        raise NotFound(f"Expected change set {change_set_id} to exist but it does not.")
    return row


def _draft(session: Session, draft_id: int) -> Draft:
    row = session.get(Draft, draft_id) if is_row_number(draft_id) else None
    if row is None:
        raise NotFound(f"Expected draft {draft_id} to exist but it does not.")
    return row

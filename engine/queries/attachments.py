"""Attachments of a case, and one of them to be fetched. Whoever may see the case may see them; the applicant sees what is shared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from engine.actors import Actor
from engine.assembly import Engine
from engine.db.file_tables import Attachment
from engine.errors import NotFound
from engine.queries.names import names_of
from engine.queries.visibility import require_may_see
from engine.services import attachments, cases
from engine.services.attachments import APPLICANT
from engine.services.public_links import case_behind


@dataclass(frozen=True)
class AttachmentView:
    """An attachment on a page. ``by`` is None for the applicant; a removed one says who removed it, when and why."""

    id: int
    name: str
    media_type: str
    size: int
    scan: str
    material: str | None
    is_shared: bool
    by: str | None
    uploaded_at: datetime
    removed_at: datetime | None
    removed_by: str | None
    removal_reason: str | None


@dataclass(frozen=True)
class FetchedFile:
    """A content to be saved under a name."""

    name: str
    media_type: str
    content: bytes


def attachments_of(engine: Engine, actor: Actor, case_no: str) -> tuple[AttachmentView, ...]:
    """Every attachment of a case, oldest first, removed ones too."""
    with engine.database.reading() as session:
        require_may_see(session, cases.get_case(session, case_no), actor)
        rows = attachments.of_case(session, case_no)
        names = names_of(session, {name for row in rows for name in (row.uploaded_by, row.removed_by) if name})
        return tuple(_view(engine, row, names) for row in rows)


def public_attachments(engine: Engine, public_token: str) -> tuple[AttachmentView, ...]:
    """What the applicant put to the case, and what staff shares with the applicant."""
    with engine.database.reading() as session:
        rows = attachments.of_case(session, case_behind(session, public_token).no)
        return tuple(_view(engine, row, {}) for row in rows if row.is_shared and row.removed_at is None)


def attachment_file(engine: Engine, actor: Actor, attachment_id: int) -> FetchedFile:
    """The content of an attachment. Raises NotFound for a removed one, NotAllowed, StorageFailed."""
    with engine.database.reading() as session:
        row = attachments.find(session, attachment_id)
        require_may_see(session, cases.get_case(session, row.case_no), actor)
    return _fetched(engine, row)


def public_attachment_file(engine: Engine, public_token: str, attachment_id: int) -> FetchedFile:
    """The same for the applicant. Raises NotFound for what is not the applicant's to see."""
    with engine.database.reading() as session:
        row = _shared(session, public_token, attachment_id)
    return _fetched(engine, row)


def _shared(session: Session, public_token: str, attachment_id: int) -> Attachment:
    case, row = case_behind(session, public_token), attachments.find(session, attachment_id)
    if row.case_no != case.no or not row.is_shared:
        raise NotFound(f"Expected attachment {attachment_id} to belong to the link but it does not.")
    return row


def _fetched(engine: Engine, row: Attachment) -> FetchedFile:
    if row.removed_at is not None:
        raise NotFound(f"Expected attachment {row.id} to be there but it was removed.")
    return FetchedFile(engine.secrets.decrypt(row.name, attachments.PURPOSE), row.media_type, engine.files.get(row.address))


def _view(engine: Engine, row: Attachment, names: dict[str, str]) -> AttachmentView:
    return AttachmentView(
        id=row.id,
        name=engine.secrets.decrypt(row.name, attachments.PURPOSE),
        media_type=row.media_type,
        size=row.size,
        scan=row.scan,
        material=row.material,
        is_shared=row.is_shared,
        by=None if row.uploaded_by == APPLICANT else names.get(row.uploaded_by, row.uploaded_by),
        uploaded_at=row.uploaded_at,
        removed_at=row.removed_at,
        removed_by=names.get(row.removed_by, row.removed_by) if row.removed_by else None,
        removal_reason=row.removal_reason,
    )

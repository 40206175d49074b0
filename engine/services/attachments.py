"""Attachments of a case: what is known of a file, its cleaned name, its link with a material. The content lies in ``files``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from engine.db.case_tables import Case
from engine.db.file_tables import Attachment
from engine.errors import Conflict, InvalidInput, NotFound
from engine.services import materials
from engine.services.documents import content_digest
from engine.services.file_types import FileType, refused, type_of
from engine.services.identity import mask_text
from engine.services.secrets import Secrets
from engine.services.typed_text import readable

PURPOSE = "attachment.name"
LONGEST_NAME, LONGEST_REASON = 100, 200
#: Who put a file there from the page behind the link.
APPLICANT = "applicant"


@dataclass(frozen=True)
class NewFile:
    """A content that was looked at and may be kept: its type follows from it, its name is cleaned, ``scan`` says what the scanner said."""

    content: bytes
    name: str
    type: FileType
    digest: str
    scan: str


def examined(content: bytes, name: str, largest: int) -> NewFile:
    """A file that may go to the scanner. Raises InvalidInput (field ``file``) with the code of what is wrong."""
    if len(content) > largest:
        raise refused("too-large", f"at most {largest:,} bytes", f"it has {len(content):,}")
    kind = type_of(content)
    return NewFile(content, clean_name(name, kind), kind, content_digest(content), "unscanned")


def clean_name(name: str, kind: FileType) -> str:
    """The last part of a name in one line, without what a file system or a shell takes otherwise; its suffix is that of the content."""
    last = PurePosixPath(readable(name).replace("\\", "/").replace("\n", " ").replace("\t", " ")).name
    stem = last.rpartition(".")[0] or last
    kept = "".join(sign for sign in stem if sign not in "<>:\"|?*/%;`$&'").strip(" .")
    return f"{mask_text(kept)[:LONGEST_NAME] or '附件'}.{kind.suffix}"


def add(
    session: Session, secrets: Secrets, now: datetime, case: Case, file: NewFile, address: str, material: str | None, by: str, most: int
) -> Attachment:
    """Put a kept content to a case; an equal one that is there already stays the only one."""
    require_material(session, now, case, material)
    same = session.scalar(select(Attachment).where(_of(case.no), Attachment.address == address).limit(1))
    if same is not None:
        same.material = material or same.material
        return same
    count = session.scalar(select(func.count()).select_from(Attachment).where(_of(case.no))) or 0
    if count >= most:
        raise refused("too-many", f"at most {most} files with a case", f"there are {count}")
    row = Attachment(
        case_no=case.no,
        material=material,
        name=secrets.encrypt(file.name, PURPOSE),
        address=address,
        digest=file.digest,
        media_type=file.type.media_type,
        size=len(file.content),
        scan=file.scan,
        is_shared=by == APPLICANT,
        uploaded_by=by,
        uploaded_at=now,
    )
    session.add(row)
    session.flush()
    return row


def remove(session: Session, row: Attachment, now: datetime, by: str, reason: str) -> None:
    """Take a file from a case; that it was there stays on record."""
    if row.removed_at is not None:
        raise Conflict(f"Expected attachment {row.id} to be there but it was removed already.")
    if not 2 <= len(reason) <= LONGEST_REASON:
        raise InvalidInput(f"Expected a reason of 2 to {LONGEST_REASON} characters.", {"reason": ["length"]})
    row.removed_at, row.removed_by, row.removal_reason = now, by, reason
    session.flush()


def find(session: Session, attachment_id: int) -> Attachment:
    """The attachment, also a removed one; raises NotFound."""
    row = session.get(Attachment, attachment_id)
    if row is None:
        raise NotFound(f"Expected attachment {attachment_id} to exist but it does not.")
    return row


def of_case(session: Session, case_no: str) -> list[Attachment]:
    """Every attachment of a case, removed ones too, oldest first."""
    return list(session.scalars(select(Attachment).where(Attachment.case_no == case_no).order_by(Attachment.id)))


def require_material(session: Session, now: datetime, case: Case, material: str | None) -> None:
    if material and material not in {one.id for one in materials.case_materials(session, case, now)}:
        raise InvalidInput(f"Expected a material of the matter of {case.no} but got {ascii(material)[:40]}.", {"material": ["unknown"]})


def _of(case_no: str) -> ColumnElement[bool]:
    return (Attachment.case_no == case_no) & Attachment.removed_at.is_(None)

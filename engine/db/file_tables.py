"""Tables of what is kept on paper or as a file with a case: attachments, documents and their numbers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.db.base import Base, Moment, RowId


class Attachment(Base):
    """A file that somebody put to a case. Name and content are sealed; ``address`` tells where, ``digest`` is of the content."""

    __tablename__ = "attachment"
    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    case_no: Mapped[str] = mapped_column(ForeignKey("case_file.no"), index=True)
    material: Mapped[str | None] = mapped_column(String(20))
    name: Mapped[bytes] = mapped_column(LargeBinary)
    address: Mapped[str] = mapped_column(String(64), index=True)
    digest: Mapped[str] = mapped_column(String(64))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    scan: Mapped[str] = mapped_column(String(12), default="unscanned")  # unscanned | clean
    is_shared: Mapped[bool] = mapped_column(default=False)  # the applicant may see it
    uploaded_by: Mapped[str] = mapped_column(String(80))
    uploaded_at: Mapped[datetime] = mapped_column(Moment)
    removed_at: Mapped[datetime | None] = mapped_column(Moment)
    removed_by: Mapped[str | None] = mapped_column(String(80))
    removal_reason: Mapped[str | None] = mapped_column(String(200))


class Document(Base):
    """A document that the window issued (文书): its filled text, sealed, and its PDF, kept at ``address``."""

    __tablename__ = "document"
    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    case_no: Mapped[str] = mapped_column(ForeignKey("case_file.no"), index=True)
    template: Mapped[str] = mapped_column(String(60))
    definition_id: Mapped[int | None] = mapped_column(RowId)
    number: Mapped[str] = mapped_column(String(60), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    title_en: Mapped[str] = mapped_column(String(200), default="")
    content: Mapped[bytes] = mapped_column(LargeBinary)
    is_applicants: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(10), default="queued", index=True)  # queued | printed | void
    address: Mapped[str | None] = mapped_column(String(64))
    digest: Mapped[str | None] = mapped_column(String(64), index=True)
    size: Mapped[int] = mapped_column(default=0)
    pages: Mapped[int] = mapped_column(default=0)
    element_id: Mapped[str | None] = mapped_column(String(120))
    issued_by: Mapped[str] = mapped_column(String(80))
    issued_at: Mapped[datetime] = mapped_column(Moment)
    printed_at: Mapped[datetime | None] = mapped_column(Moment)
    voided_by: Mapped[str | None] = mapped_column(String(80))
    voided_at: Mapped[datetime | None] = mapped_column(Moment)
    void_reason: Mapped[str | None] = mapped_column(String(200))


class DocumentNumber(Base):
    """The last number given out to documents of a kind in a year."""

    __tablename__ = "document_number"
    key: Mapped[str] = mapped_column(String(60), primary_key=True)
    last: Mapped[int]

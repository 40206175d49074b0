"""Tables of forms on their way in: drafts, what was already sent, how often somebody asked. Nothing here belongs to a case yet."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.db.base import Base, Moment


class FormDraft(Base):
    """What an account typed into a form that opens a file or acts on one. ``content`` is sealed: it may hold personal data."""

    __tablename__ = "form_draft"
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), primary_key=True)
    form: Mapped[str] = mapped_column(String(160), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    saved_at: Mapped[datetime] = mapped_column(Moment)


class Submission(Base):
    """A form of the public pages that was sent: the same page sent twice gives the same file."""

    __tablename__ = "submission"
    token: Mapped[str] = mapped_column(String(64), primary_key=True)
    case_no: Mapped[str | None] = mapped_column(String(40))
    received_at: Mapped[datetime] = mapped_column(Moment, index=True)


class RequestCount(Base):
    """How often somebody asked for something within a span that ends at ``ends_at``; shared by all processes of the site."""

    __tablename__ = "request_count"
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    count: Mapped[int]
    ends_at: Mapped[datetime] = mapped_column(Moment, index=True)

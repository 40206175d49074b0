"""Tables of the partners that send orders or share a case: hotline, portals, windows of other regions, and what went to and fro."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.db.base import Base, Json, Moment, RowId


class Partner(Base):
    """Somebody outside who sends orders (来源渠道) or handles a case elsewhere (协同窗口). Without an address, nothing leaves."""

    __tablename__ = "partner"
    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(160), default="")
    kind: Mapped[str] = mapped_column(String(10))
    region: Mapped[str] = mapped_column(String(12), default="", index=True)
    level: Mapped[str] = mapped_column(String(4), default="")
    phone: Mapped[str] = mapped_column(String(20), default="")
    address: Mapped[str] = mapped_column(String(200), default="")
    position: Mapped[int] = mapped_column(default=0)


class PartnerKey(Base):
    """A key a partner signs with, sealed; ``mark`` tells keys apart without showing them. One without an end holds until further notice."""

    __tablename__ = "partner_key"
    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    partner: Mapped[str] = mapped_column(String(20), index=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    mark: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[datetime] = mapped_column(Moment)
    created_by: Mapped[str] = mapped_column(String(60))
    valid_until: Mapped[datetime | None] = mapped_column(Moment)


class PartnerMessage(Base):
    """One message from or to a partner. ``facts`` hold no personal data; ``nonce`` is used once.

    ``state``: received | queued | sent | failed. A failed one has been tried as often as it may be.
    """

    __tablename__ = "partner_message"
    __table_args__ = (UniqueConstraint("partner", "nonce"),)
    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    partner: Mapped[str] = mapped_column(String(20))
    direction: Mapped[str] = mapped_column(String(3))  # in | out
    nonce: Mapped[str] = mapped_column(String(64))
    case_no: Mapped[str | None] = mapped_column(String(40), index=True)
    external_no: Mapped[str | None] = mapped_column(String(60))
    event: Mapped[str] = mapped_column(String(20))
    facts: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    state: Mapped[str] = mapped_column(String(10), index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Moment)
    done_at: Mapped[datetime | None] = mapped_column(Moment)

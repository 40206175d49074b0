"""Which keys partners have, without the keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from engine.assembly import Engine
from engine.db.partner_tables import Partner, PartnerKey
from engine.services import partner_keys


@dataclass(frozen=True)
class KeyView:
    """One key of a partner. ``mark`` is empty where it was given none."""

    partner: str
    name: str
    mark: str
    created_at: datetime | None
    valid_until: datetime | None
    holds: bool


def keys(engine: Engine) -> list[KeyView]:
    """Every partner of the register with its keys, oldest first."""
    now = engine.clock.now()
    found: list[KeyView] = []
    with engine.database.reading() as session:
        for partner in session.scalars(select(Partner).order_by(Partner.position)):
            rows = partner_keys.keys_of(session, partner.code)
            found += [_view(partner, row, now) for row in rows] or [KeyView(partner.code, partner.name, "", None, None, False)]
    return found


def _view(partner: Partner, row: PartnerKey, now: datetime) -> KeyView:
    return KeyView(partner.code, partner.name, row.mark, row.created_at, row.valid_until, partner_keys.is_valid(row, now))

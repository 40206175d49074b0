"""The keys partners sign with: sealed at rest, replaced in good order. Signs nothing, sends nothing."""

from __future__ import annotations

import hashlib
import secrets as chance
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.db.partner_tables import PartnerKey
from engine.errors import Conflict
from engine.services.partners import get_partner
from engine.services.secrets import Secrets

KEY_BYTES = 32
_PURPOSE = "partner_key.sealed"


def derived_key(secrets: Secrets, partner: str) -> str:
    """The key of a partner that was given none: nobody knows it who does not hold the secret key of the installation."""
    return secrets.derive(f"partner:{partner}").hex()


def accepted_keys(session: Session, secrets: Secrets, partner: str, now: datetime) -> list[str]:
    """The keys whose signatures are believed now, oldest first."""
    rows = keys_of(session, partner)
    if not rows:
        return [derived_key(secrets, partner)]
    return [secrets.decrypt(row.sealed, _PURPOSE) for row in rows if is_valid(row, now)]


def own_key(session: Session, secrets: Secrets, partner: str, now: datetime) -> str:
    """The key we sign with: the old one as long as it holds, so that the partner can change in its own time."""
    return accepted_keys(session, secrets, partner, now)[0]  # the newest never ends, so there is one


def keys_of(session: Session, partner: str) -> list[PartnerKey]:
    """Every key a partner was given, oldest first."""
    return list(session.scalars(select(PartnerKey).where(PartnerKey.partner == partner).order_by(PartnerKey.id)))


def is_valid(row: PartnerKey, now: datetime) -> bool:
    """Whether a key holds at a moment."""
    return row.valid_until is None or now < row.valid_until


def create(session: Session, secrets: Secrets, partner: str, now: datetime, actor: str) -> tuple[PartnerKey, str]:
    """The first key of a partner, and the row that keeps it. Raises NotFound, or Conflict when it has one."""
    get_partner(session, partner)
    if keys_of(session, partner):
        raise Conflict(f"Expected partner {partner} to have no key yet but it has one. Replace it: doudi partner-key rotate {partner}.")
    return _add(session, secrets, partner, now, actor)


def rotate(session: Session, secrets: Secrets, partner: str, now: datetime, until: datetime, actor: str) -> tuple[PartnerKey, str]:
    """A new key; those before it hold until ``until`` at most. Raises NotFound, or Conflict when there is none to replace."""
    get_partner(session, partner)
    if not (rows := keys_of(session, partner)):
        raise Conflict(f"Expected partner {partner} to have a key but it has none. Make one: doudi partner-key create {partner}.")
    for row in rows:
        row.valid_until = until if row.valid_until is None else min(row.valid_until, until)
    return _add(session, secrets, partner, now, actor)


def _add(session: Session, secrets: Secrets, partner: str, now: datetime, actor: str) -> tuple[PartnerKey, str]:
    key = chance.token_hex(KEY_BYTES)
    mark = hashlib.sha256(key.encode()).hexdigest()[:8]
    row = PartnerKey(partner=partner, sealed=secrets.encrypt(key, _PURPOSE), mark=mark, created_at=now, created_by=actor, valid_until=None)
    session.add(row)
    session.flush()
    return row, key

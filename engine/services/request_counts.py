"""How often somebody asked within a span, counted for all processes of the site. Keeps keyed digests: no address, no log-in name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine.db.form_tables import RequestCount
from engine.services.secrets import Secrets


@dataclass(frozen=True)
class Count:
    """So many in the span that ends then."""

    count: int
    ends_at: datetime


def add(session: Session, secrets: Secrets, key: str, now: datetime, span: timedelta, amount: int) -> int:
    """Count `amount` more; a span that has ended begins anew. Gives the count."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    first = dialect.insert(RequestCount).values(key=_digest(secrets, key), count=amount, ends_at=now + span)
    has_ended = RequestCount.ends_at <= now
    count = case((has_ended, amount), else_=RequestCount.count + amount)
    ends_at = case((has_ended, now + span), else_=RequestCount.ends_at)
    counted = first.on_conflict_do_update(index_elements=["key"], set_={"count": count, "ends_at": ends_at})
    total = int(session.execute(counted.returning(RequestCount.count)).scalar_one())
    if total == amount:
        session.execute(delete(RequestCount).where(RequestCount.ends_at <= now))
    return total


def read(session: Session, secrets: Secrets, key: str, now: datetime) -> Count:
    row = session.get(RequestCount, _digest(secrets, key))
    return Count(row.count, row.ends_at) if row and row.ends_at > now else Count(0, now)


def forget(session: Session, secrets: Secrets, key: str) -> None:
    session.execute(delete(RequestCount).where(RequestCount.key == _digest(secrets, key)))


def forget_all(session: Session) -> int:
    """Gives how many there were."""
    return len(session.execute(delete(RequestCount).returning(RequestCount.key)).all())


def _digest(secrets: Secrets, key: str) -> str:
    return secrets.blind_index(key, "request_count.key")

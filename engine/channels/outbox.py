"""The channels inside the building: the visible outbox page and station messages. Nothing leaves the machine."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from engine.db.case_tables import Notice

#: Channels whose messages have arrived when they stand on a page.
INSIDE = ("outbox", "station")


def send_queued(session: Session, now: datetime) -> None:
    """Mark what is queued as delivered to its page."""
    queued = update(Notice).where(Notice.state == "queued", Notice.channel.in_(INSIDE))
    session.execute(queued.values(state="sent", sent_at=now, next_attempt_at=None).execution_options(synchronize_session=False))

"""The embedded channel: a notice counts as sent when it stands on the visible outbox page. Nothing leaves the machine."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from engine.db.case_tables import Notice


def send_queued(session: Session, now: datetime) -> None:
    """Mark what is queued as delivered to the outbox page."""
    queued = update(Notice).where(Notice.state == "queued", Notice.channel == "outbox")
    session.execute(queued.values(state="sent", sent_at=now).execution_options(synchronize_session=False))

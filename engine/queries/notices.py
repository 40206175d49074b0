"""The visible outbox: what was said to whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from engine.actors import Actor
from engine.assembly import Engine
from engine.db.case_tables import Case, Notice
from engine.queries.cursors import is_row_number
from engine.queries.visibility import is_visible, without_link


@dataclass(frozen=True)
class NoticeView:
    """One notice as it went out."""

    id: int
    case_no: str | None
    template: str
    audience: str
    body: str
    channel: str
    state: str
    created_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True)
class NoticePage:
    """A page of notices, newest first; ``next_after`` is the cursor of the next page."""

    items: tuple[NoticeView, ...]
    next_after: int | None


def outbox(engine: Engine, actor: Actor, after: int | None = None, limit: int = 50) -> NoticePage:
    """Notices about cases the actor may see."""
    rows = select(Notice).join(Case, Case.no == Notice.case_no).where(is_visible(actor)).order_by(Notice.id.desc())
    if after is not None and is_row_number(after):
        rows = rows.where(Notice.id < after)
    with engine.database.reading() as session:
        found = [notice_view(row) for row in session.scalars(rows.limit(limit + 1))]
    return NoticePage(tuple(found[:limit]), found[limit - 1].id if len(found) > limit else None)


def notice_view(row: Notice) -> NoticeView:
    """A notice as staff may read it, without the applicant's link."""
    body = without_link(row.body)
    return NoticeView(row.id, row.case_no, row.template, row.audience, body, row.channel, row.state, row.created_at, row.sent_at)

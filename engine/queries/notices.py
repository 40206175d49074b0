"""The visible outbox: what was said to whom, how far it is, filtered, counted, exported; station messages; what an applicant declined."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import Session

from engine.actors import Actor
from engine.assembly import Engine
from engine.db.case_tables import Case, Notice, NoticePreference, NoticeRead, NoticeTemplate
from engine.errors import NotAllowed, NotFound
from engine.queries.cursors import is_row_number
from engine.queries.names import audience_names
from engine.queries.visibility import is_visible, require_may_see, without_link
from engine.services import receivers

#: An export stops here; whoever needs more narrows it down.
MOST_ROWS = 20_000
#: The bell counts no further.
MOST_UNREAD = 99


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
    delivered_at: datetime | None = None
    attempts: int = 0
    next_attempt_at: datetime | None = None
    error: str | None = None
    is_critical: bool = False
    audience_name: str = ""


@dataclass(frozen=True)
class OutboxQuery:
    """Which notices; an empty filter is none."""

    state: str = ""
    channel: str = ""
    template: str = ""
    case_no: str = ""
    after: int | None = None
    limit: int = 50


@dataclass(frozen=True)
class NoticePage:
    """A page of notices, newest first; ``next_after`` is the cursor of the next page; ``counts`` by state, whatever state is asked for."""

    items: tuple[NoticeView, ...]
    next_after: int | None
    counts: tuple[tuple[str, int], ...] = ()
    templates: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class StationMessage:
    """A notice to a person of the staff."""

    notice: NoticeView
    is_read: bool


@dataclass(frozen=True)
class Preferences:
    """By which channels an applicant hears what is not critical."""

    case_no: str
    chosen: tuple[str, ...]
    channels: tuple[str, ...] = receivers.CITIZEN_CHANNELS


def outbox(engine: Engine, actor: Actor, query: OutboxQuery | None = None) -> NoticePage:
    """Notices about cases the actor may see."""
    wanted = query or OutboxQuery()
    rows = _filtered(_visible(actor), wanted, wanted.state).order_by(Notice.id.desc())
    if wanted.after is not None and is_row_number(wanted.after):
        rows = rows.where(Notice.id < wanted.after)
    with engine.database.reading() as session:
        found = notice_views(session, session.scalars(rows.limit(wanted.limit + 1)))
        cursor = found[wanted.limit - 1].id if len(found) > wanted.limit else None
        return NoticePage(found[: wanted.limit], cursor, _counts(session, actor, wanted), _templates(session))


def export(engine: Engine, actor: Actor, query: OutboxQuery) -> Iterator[NoticeView]:
    """The filtered notices, newest first, up to ``MOST_ROWS``."""
    rows = _filtered(_visible(actor), query, query.state).order_by(Notice.id.desc()).limit(MOST_ROWS)
    with engine.database.reading() as session:
        yield from notice_views(session, session.scalars(rows))


def notice(engine: Engine, actor: Actor, notice_id: int) -> NoticeView:
    """One notice, as it may be printed for the applicant. Raises NotFound, NotAllowed."""
    with engine.database.reading() as session:
        row = session.get(Notice, notice_id) if is_row_number(notice_id) else None
        if row is None:
            raise NotFound(f"Expected notice {notice_id} to exist but it does not.")
        case = session.get(Case, row.case_no) if row.case_no else None
        if case is None:
            raise NotAllowed(f"Expected notice {notice_id} to belong to a case but it belongs to none.")
        require_may_see(session, case, actor)
        return notice_views(session, [row])[0]


def station(engine: Engine, actor: Actor, after: int | None = None, limit: int = 50) -> tuple[tuple[StationMessage, ...], int | None]:
    """Messages to the actor, to his posts and his departments, newest first, and the cursor of the next page."""
    read = exists().where(NoticeRead.notice_id == Notice.id, NoticeRead.account_id == actor.id)
    rows = select(Notice, read).where(station_audience(actor)).order_by(Notice.id.desc())
    if after is not None and is_row_number(after):
        rows = rows.where(Notice.id < after)
    with engine.database.reading() as session:
        told = session.execute(rows.limit(limit + 1)).tuples().all()
        views = notice_views(session, (row for row, _is_read in told))
        found = [StationMessage(view, is_read) for view, (_row, is_read) in zip(views, told, strict=True)]
    return tuple(found[:limit]), found[limit - 1].notice.id if len(found) > limit else None


def unread(engine: Engine, actor: Actor) -> int:
    """How many station messages the actor has not read, up to ``MOST_UNREAD``: for the bell on every page."""
    known = exists().where(NoticeRead.notice_id == Notice.id, NoticeRead.account_id == actor.id)
    some = select(Notice.id).where(station_audience(actor), ~known).limit(MOST_UNREAD).subquery()
    with engine.database.reading() as session:
        return int(session.scalar(select(func.count()).select_from(some)) or 0)


def station_audience(actor: Actor) -> ColumnElement[bool]:
    """Notices that stand in a person's station messages. A post of another window is not his."""
    groups = [f"{kind}:{group}" for group in sorted(actor.groups) for kind in ("group", "department")]
    of_scope = Notice.case_no.in_(select(Case.no).where(Case.org_unit.in_(actor.scope))) | Notice.case_no.is_(None)
    inside = Notice.channel.in_(("outbox", "station"))
    return inside & or_(Notice.audience == f"user:{actor.id}", Notice.audience.in_(groups) & of_scope)


def preferences(engine: Engine, public_token: str) -> Preferences:
    """What the applicant behind a link has chosen. Raises NotFound."""
    with engine.database.reading() as session:
        case = session.scalar(select(Case).where(Case.public_token == public_token))
        if case is None or case.applicant_id is None:
            raise NotFound("Expected a link that belongs to a case but it belongs to none.")
        declined = set(session.scalars(select(NoticePreference.channel).where(NoticePreference.party_id == case.applicant_id)))
        return Preferences(case.no, tuple(channel for channel in receivers.CITIZEN_CHANNELS if channel not in declined))


def notice_views(session: Session, rows: Iterable[Notice]) -> tuple[NoticeView, ...]:
    """Notices as staff may read them, each with the name of whom it is for."""
    found = list(rows)
    names = audience_names(session, {row.audience for row in found})
    return tuple(_view(row, names[row.audience]) for row in found)


def _view(row: Notice, audience_name: str) -> NoticeView:
    """Without the applicant's link and without the address it goes to."""
    return NoticeView(
        id=row.id,
        case_no=row.case_no,
        template=row.template,
        audience=row.audience,
        body=without_link(row.body),
        channel=row.channel,
        state=row.state,
        created_at=row.created_at,
        sent_at=row.sent_at,
        delivered_at=row.delivered_at,
        attempts=row.attempts,
        next_attempt_at=row.next_attempt_at,
        error=row.error,
        is_critical=row.is_critical,
        audience_name=audience_name,
    )


def _visible(actor: Actor) -> Select[tuple[Notice]]:
    return select(Notice).join(Case, Case.no == Notice.case_no).where(is_visible(actor))


def _filtered(rows: Select[tuple[Notice]], query: OutboxQuery, state: str) -> Select[tuple[Notice]]:
    for column, value in ((Notice.state, state), (Notice.channel, query.channel), (Notice.template, query.template)):
        if value:
            rows = rows.where(column == value)
    return rows.where(Notice.case_no.contains(query.case_no.strip(), autoescape=True)) if query.case_no.strip() else rows


def _counts(session: Session, actor: Actor, query: OutboxQuery) -> tuple[tuple[str, int], ...]:
    """Of everything that the other filters leave."""
    counted = _filtered(_visible(actor), query, "").with_only_columns(Notice.state, func.count()).group_by(Notice.state)
    return tuple(sorted(session.execute(counted).tuples().all()))


def _templates(session: Session) -> tuple[tuple[str, str, str], ...]:
    rows = select(NoticeTemplate.id, NoticeTemplate.event, NoticeTemplate.name_en).order_by(NoticeTemplate.id)
    return tuple((row.id, row.event, row.name_en or row.event) for row in session.execute(rows))

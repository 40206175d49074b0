"""What the citizen sees behind the link that was sent to them: no personal data, no internal names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.assembly import Engine
from engine.db.case_tables import Case, Notice, Rating
from engine.db.tables import Subscription, UserTask
from engine.errors import NotFound
from engine.queries.case_summaries import case_summaries


@dataclass(frozen=True)
class PublicCase:
    """A case as its applicant may see it."""

    no: str
    title: str
    status: str
    level: str | None
    owner_name: str | None
    lead_department_name: str | None
    finish_by: datetime | None
    steps: tuple[tuple[datetime, str], ...]
    can_confirm: bool
    can_rate: bool
    reply: str | None
    rating: int | None


def public_case(engine: Engine, public_token: str) -> PublicCase:
    """The case behind a public link. Raises NotFound when the link is unknown."""
    with engine.database.reading() as session:
        case = session.scalar(select(Case).where(Case.public_token == public_token))
        if case is None:
            raise NotFound("Expected a link that the centre sent but this one is unknown.")
        summary = case_summaries(session, [case], engine.clock.now())[0]
        waiting = set(session.scalars(select(Subscription.name).where(Subscription.correlation_key == case.no)))
        return PublicCase(
            no=case.no,
            title=case.title,
            status=case.status,
            level=case.level,
            owner_name=summary.owner_name,
            lead_department_name=summary.lead_department_name,
            finish_by=summary.finish_by,
            steps=_steps(session, case),
            can_confirm="case_confirmed" in waiting,
            can_rate="case_rated" in waiting,
            reply=_reply(session, case),
            rating=session.scalar(select(Rating.level).where(Rating.case_no == case.no).order_by(Rating.id.desc()).limit(1)),
        )


def _steps(session: Session, case: Case) -> tuple[tuple[datetime, str], ...]:
    told = select(Notice.created_at, Notice.body).where(Notice.case_no == case.no, Notice.audience == "applicant").order_by(Notice.id)
    return tuple((row[0], row[1]) for row in session.execute(told))


def _reply(session: Session, case: Case) -> str | None:
    """The confirmed answer; a draft that the first-contact owner has not confirmed stays inside."""
    confirmed = (
        select(UserTask.submitted)
        .where(UserTask.business_key == case.no, UserTask.element_id == "confirm_reply", UserTask.outcome == "completed")
        .order_by(UserTask.ended_at.desc())
        .limit(1)
    )
    if session.scalar(confirmed) is None:
        return None
    drafted = (
        select(UserTask.submitted)
        .where(UserTask.business_key == case.no, UserTask.element_id == "draft_reply", UserTask.outcome == "completed")
        .order_by(UserTask.ended_at.desc())
        .limit(1)
    )
    submitted = session.scalar(drafted) or {}
    reply = submitted.get("reply", {})
    return str(reply.get("text") or reply.get("result") or "") if isinstance(reply, dict) else str(reply)

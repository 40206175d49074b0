"""What the citizen sees behind the link that was sent to them: no personal data, no internal names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.assembly import Engine
from engine.db.case_tables import Case, Notice, Party, Rating
from engine.db.tables import Subscription, UserTask
from engine.errors import NotFound
from engine.queries.case_summaries import case_summaries
from engine.queries.file_parts import KindName, kind_name
from engine.services import cases, parties


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
    next_by: datetime | None
    steps: tuple[tuple[datetime, str, str], ...]  # when, in Chinese, and in English where the text has it
    can_confirm: bool
    can_rate: bool
    reply: str | None
    rating: int | None
    kind: KindName
    is_closed: bool


def public_case(engine: Engine, public_token: str) -> PublicCase:
    """The case behind a public link. Raises NotFound when the link is unknown."""
    with engine.database.reading() as session:
        case = session.scalar(select(Case).where(Case.public_token == public_token))
        if case is None:
            raise NotFound("Expected a link that the centre sent but this one is unknown.")
        main = cases.main_case(session, case.no)  # whoever was merged hears of it, confirms and rates it all the same
        summary = case_summaries(session, [main], engine.clock.now())[0]
        waiting = set(session.scalars(select(Subscription.name).where(Subscription.correlation_key == main.no)))
        return PublicCase(
            no=case.no,
            title=case.title,
            status=main.status,
            level=main.level,
            owner_name=summary.owner_name,
            lead_department_name=summary.lead_department_name,
            finish_by=summary.finish_by,
            next_by=None if summary.finish_by or main.closed_at else summary.due_at,
            steps=_steps(session, case),
            can_confirm="case_confirmed" in waiting,
            can_rate="case_rated" in waiting,
            reply=_without_applicant(engine, session, main, _reply(session, main)),
            rating=session.scalar(select(Rating.level).where(Rating.case_no == case.no).order_by(Rating.id.desc()).limit(1)),
            kind=kind_name(engine, session, case.kind),
            is_closed=main.closed_at is not None,
        )


def _without_applicant(engine: Engine, session: Session, case: Case, reply: str | None) -> str | None:
    """Whoever knows the link sees the page: what a clerk wrote by mistake about the applicant is masked."""
    party = session.get(Party, case.applicant_id) if case.applicant_id else None
    return parties.without_details(reply, parties.revealed(engine.secrets, party)) if reply and party else reply


def _steps(session: Session, case: Case) -> tuple[tuple[datetime, str, str], ...]:
    told = (
        select(Notice.created_at, Notice.body, Notice.body_en)
        .where(Notice.case_no == case.no, Notice.audience == "applicant")
        .order_by(Notice.id)
    )
    return tuple((at, body, body_en or "") for at, body, body_en in session.execute(told))


def _reply(session: Session, case: Case) -> str | None:
    """The confirmed answer, or the refusal with its reasons and remedy; a draft nobody has confirmed stays inside."""
    confirmed = _latest(session, case, "confirm_reply")
    if confirmed is None:
        refused = _latest(session, case, "refusal_notice")
        return _refusal(refused) if refused else None
    drafted = _latest(session, case, "draft_reply", before=confirmed.ended_at)
    reply = (drafted.submitted or {}).get("reply", {}) if drafted else {}
    parts = [reply.get("text"), reply.get("basis"), reply.get("remedy"), reply.get("next_step")]
    return "\n".join(part for part in parts if part) or None


def _refusal(task: UserTask) -> str:
    """不予受理告知书: why, by which rule, and where to go instead."""
    told = (task.submitted or {}).get("refusal", {})
    parts = [told.get("explanation"), f"依据:{told['basis']}" if told.get("basis") else None, told.get("remedy")]
    return "\n".join(part for part in parts if part)


def _latest(session: Session, case: Case, element_id: str, before: datetime | None = None) -> UserTask | None:
    done = select(UserTask).where(UserTask.business_key == case.no, UserTask.element_id == element_id, UserTask.outcome == "completed")
    if before is not None:
        done = done.where(UserTask.ended_at <= before)
    return session.scalar(done.order_by(UserTask.ended_at.desc()).limit(1))

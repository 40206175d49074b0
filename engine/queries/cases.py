"""The case page and the list of cases. Personal data appear masked only."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from engine import runtime
from engine.actors import Actor
from engine.assembly import Engine
from engine.db.case_tables import Card, Case, CaseClock, Department, Notice, Party, Rating, SubOrder
from engine.db.tables import Evidence, Incident, ProcessInstance, UserTask
from engine.errors import NotFound
from engine.queries.case_actions import ActionView, actions_in
from engine.queries.case_clocks import CaseClocks, clocks_of
from engine.queries.case_diagrams import DiagramView, diagrams
from engine.queries.case_kinds import CASE
from engine.queries.case_summaries import CaseSummary, case_summaries
from engine.queries.cursors import cursor_of, latest_first
from engine.queries.decisions import DecisionView
from engine.queries.file_parts import EntryView, KindName, children_of, entries_of, facts_of, kind_name, parent_of
from engine.queries.inbox import COUNT_CAP, InboxItem, Lamp, inbox_items, lamp_of
from engine.queries.incidents import IncidentView
from engine.queries.names import names_of
from engine.queries.notices import NoticeView, notice_views
from engine.queries.rule_rows import decided_by
from engine.queries.timelines import TimelineEntry, timeline
from engine.queries.visibility import has_post, is_visible, require_may_see
from engine.services import parties
from engine.services.materials import case_materials

CLOCK_TITLES = {
    "respond": "首次响应",
    "sign": "部门签收",
    "start": "启动协调",
    "conclude": "协调结论",
    "finish": "办结",
    "contact": "差评回访",
    "rectify": "整改",
    "confirm": "申请人确认",
    "rating": "评价",
}


@dataclass(frozen=True)
class PartyView:
    """An applicant with every personal field masked."""

    kind: str
    name: str
    cert_no: str
    phone: str


@dataclass(frozen=True)
class ClockView:
    """One limit of a case; ``lamp`` is as of now, or as it was when the clock stopped."""

    kind: str
    title: str
    limit_text: str
    started_at: datetime
    due_at: datetime
    stopped_at: datetime | None
    lamp: Lamp
    is_provisional: bool
    is_replaced: bool
    reason: str | None


@dataclass(frozen=True)
class MaterialView:
    """A material of the case's matter."""

    name: str
    material_class: str
    source: str
    is_commitment_allowed: bool
    is_risk: bool


@dataclass(frozen=True)
class SubOrderView:
    """A department's share and its answer."""

    department: str
    name: str
    role: str
    sign_due_at: datetime
    signed_at: datetime | None
    is_deemed_signed: bool
    opinion_due_at: datetime
    opinion: str | None
    basis: str | None
    reply: str | None


@dataclass(frozen=True)
class CardView:
    """A lamp or card that was issued."""

    lamp: str
    code: str
    against: str
    reason: str
    issued_at: datetime


@dataclass(frozen=True)
class RatingView:
    """A rating; 0 is the default after seven days of silence."""

    level: int
    tags: tuple[str, ...]
    text: str
    is_second: bool
    rated_at: datetime


@dataclass(frozen=True)
class CasePage:
    """Everything the page of a case shows."""

    summary: CaseSummary
    applicant: PartyView | None
    holders: tuple[InboxItem, ...]
    clocks: tuple[ClockView, ...]
    limits: CaseClocks
    timeline: tuple[TimelineEntry, ...]
    decisions: tuple[DecisionView, ...]
    materials: tuple[MaterialView, ...]
    departments: tuple[SubOrderView, ...]
    notices: tuple[NoticeView, ...]
    cards: tuple[CardView, ...]
    ratings: tuple[RatingView, ...]
    incidents: tuple[IncidentView, ...]
    diagrams: tuple[DiagramView, ...]
    merged: tuple[str, ...]
    tried: tuple[str, ...]
    evidence_count: int
    kind: KindName
    facts: tuple[tuple[str, str], ...]
    entries: tuple[EntryView, ...]
    actions: tuple[ActionView, ...]
    parent: CaseSummary | None
    children: tuple[CaseSummary, ...]


@dataclass(frozen=True)
class CaseQuery:
    """Filters of the case list; ``text`` is looked for in number, title and external number, among files of every kind."""

    status: str | None = None
    level: str | None = None
    text: str = ""
    after: str | None = None
    limit: int = 20


@dataclass(frozen=True)
class CaseListPage:
    """A page of cases, latest received first; ``total`` is capped."""

    items: tuple[CaseSummary, ...]
    next_cursor: str | None
    total: int


def case_page(engine: Engine, actor: Actor, case_no: str) -> CasePage:
    """The page of one case. Raises NotFound, or NotAllowed outside the actor's scope and departments."""
    now = engine.clock.now()
    with engine.database.reading() as session:
        case = session.get(Case, case_no)
        if case is None:
            raise NotFound(f"Expected case {case_no} to exist but it does not. Check the number.")
        require_may_see(session, case, actor)
        open_tasks = session.scalars(
            select(UserTask.id).where(UserTask.business_key == case.no, UserTask.ended_at.is_(None)).order_by(UserTask.due_at)
        )
        return CasePage(
            summary=_summary(session, case, actor, now),
            applicant=_applicant(engine, session, case),
            holders=inbox_items(session, actor, now, list(open_tasks)),
            clocks=_clocks(engine, session, case, now),
            limits=clocks_of(engine, session, case, now),
            timeline=timeline(engine, session, case),
            decisions=decided_by(engine, session, case.no),
            materials=_materials(session, case, now),
            departments=_sub_orders(session, case),
            notices=notice_views(session, session.scalars(select(Notice).where(Notice.case_no == case.no).order_by(Notice.id))),
            cards=_cards(session, case),
            ratings=_ratings(session, case),
            incidents=_incidents(session, case),
            diagrams=diagrams(engine, session, actor, case.no),
            merged=tuple(session.scalars(select(Case.no).where(Case.merged_into == case.no).order_by(Case.no))),
            tried=tuple(map(_tried, case.tried)),
            evidence_count=session.scalar(select(func.count()).select_from(Evidence).where(Evidence.chain == case.no)) or 0,
            kind=kind_name(engine, session, case.kind),
            facts=facts_of(engine, session, case),
            entries=entries_of(engine, session, case),
            actions=actions_in(engine, session, actor, case),
            parent=parent_of(session, case, actor, now),
            children=children_of(session, case, actor, now),
        )


def case_list(engine: Engine, actor: Actor, query: CaseQuery) -> CaseListPage:
    """Cases of the actor's scope, latest received first."""
    wanted = select(Case).where(is_visible(actor))
    if query.status:
        wanted = wanted.where(Case.status == query.status)
    if query.level:
        wanted = wanted.where(Case.level == query.level)
    text = query.text.strip()
    if not text:
        wanted = wanted.where(Case.kind == CASE)
    else:
        wanted = wanted.where(or_(*(column.contains(text, autoescape=True) for column in (Case.no, Case.title, Case.external_no))))
    with engine.database.reading() as session:
        rows = list(session.scalars(latest_first(wanted, query.after).limit(query.limit + 1)))
        total = session.scalar(select(func.count()).select_from(wanted.with_only_columns(Case.no).limit(COUNT_CAP).subquery())) or 0
        shown = rows[: query.limit]
        cursor = cursor_of(shown[-1]) if len(rows) > query.limit else None
        return CaseListPage(case_summaries(session, shown, engine.clock.now()), cursor, total)


def _summary(session: Session, case: Case, actor: Actor, now: datetime) -> CaseSummary:
    """The applicant's link is handed out by the window; a department has no use for it."""
    summary = case_summaries(session, [case], now)[0]
    return summary if has_post(actor) else replace(summary, public_token="")


def _applicant(engine: Engine, session: Session, case: Case) -> PartyView | None:
    if case.applicant_id is None:
        return None
    masked = parties.masked(engine.secrets, session.get_one(Party, case.applicant_id))
    return PartyView(masked.kind, masked.name, masked.cert_no or "", masked.phone or "")


def _clocks(engine: Engine, session: Session, case: Case, now: datetime) -> tuple[ClockView, ...]:
    kinds = engine.reference.read(session).kinds.clocks
    titles = {**{clock.kind: clock.name for clock in kinds.values()}, **CLOCK_TITLES}
    rows = session.scalars(select(CaseClock).where(CaseClock.case_no == case.no).order_by(CaseClock.started_at, CaseClock.id))
    return tuple(_clock(row, titles.get(row.kind, row.kind), now) for row in rows)


def _clock(row: CaseClock, title: str, now: datetime) -> ClockView:
    seen_at = row.stopped_at or row.replaced_at or now
    warn_at = row.started_at + (row.due_at - row.started_at) * runtime.WARNING_SHARE
    lamp = lamp_of(seen_at, row.due_at, None if row.stopped_at else warn_at)
    return ClockView(
        row.kind,
        title,
        row.limit_text,
        row.started_at,
        row.due_at,
        row.stopped_at,
        lamp,
        row.is_provisional,
        row.replaced_at is not None,
        row.reason,
    )


def _materials(session: Session, case: Case, now: datetime) -> tuple[MaterialView, ...]:
    rows = case_materials(session, case, now)
    return tuple(MaterialView(row.name, row.material_class, row.source, row.is_commitment_allowed, row.is_risk) for row in rows)


def _tried(row: dict[str, Any]) -> str:
    """Where the applicant had been before, in one line: channel, day, place, reason given."""
    day = str(row.get("date") or "")[:10]
    return " · ".join(str(part) for part in (row.get("channel"), day, row.get("place"), row.get("reason")) if part)


def _sub_orders(session: Session, case: Case) -> tuple[SubOrderView, ...]:
    rows = (
        select(SubOrder, Department.name)
        .outerjoin(Department, Department.code == SubOrder.department)
        .where(SubOrder.case_no == case.no)
        .order_by(SubOrder.id)
    )
    return tuple(
        SubOrderView(
            row.department, name or row.department, row.role, row.sign_due_at, row.signed_at, row.is_deemed_signed,
            row.opinion_due_at, row.opinion, row.basis, row.reply,
        )
        for row, name in session.execute(rows)
    )  # fmt: skip


def _cards(session: Session, case: Case) -> tuple[CardView, ...]:
    rows = session.scalars(select(Card).where(Card.case_no == case.no).order_by(Card.id)).all()
    names = names_of(session, (row.against for row in rows))
    return tuple(CardView(row.lamp, row.code, names[row.against], row.reason, row.issued_at) for row in rows)


def _ratings(session: Session, case: Case) -> tuple[RatingView, ...]:
    rows = session.scalars(select(Rating).where(Rating.case_no == case.no).order_by(Rating.id))
    return tuple(RatingView(row.level, tuple(row.tags), row.text, row.is_second, row.rated_at) for row in rows)


def _incidents(session: Session, case: Case) -> tuple[IncidentView, ...]:
    rows = (
        select(Incident)
        .join(ProcessInstance, ProcessInstance.id == Incident.instance_id)
        .where(ProcessInstance.business_key == case.no, Incident.resolved_at.is_(None))
        .order_by(Incident.id)
    )
    return tuple(IncidentView(row.id, case.no, row.element_id, row.message, row.detail, row.created_at) for row in session.scalars(rows))

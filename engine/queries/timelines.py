"""The story of a case in the order it happened: registration, work done, tables asked, cards, notices, the citizen's answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.assembly import Engine
from engine.db.case_tables import Card, Case, Notice, NoticeTemplate, Rating
from engine.db.tables import Account, Evidence, UserTask
from engine.queries.answers import Question, answers, questions_of
from engine.queries.decisions import decisions_of
from engine.queries.names import audience_names, names_of
from engine.queries.visibility import without_link

#: What tables answer for diagrams to branch on; people read the words beside it.
_CODE = re.compile(r"[a-z]+(_[a-z]+)*")

RATING_WORDS = {0: "系统默认(基本满意)", 1: "非常不满意", 2: "不满意", 3: "基本满意", 4: "满意", 5: "非常满意"}


@dataclass(frozen=True)
class TimelineEntry:
    """One event: ``kind`` is registered, task, decision, card, notice, confirmation, rating or closed; a task may have been taken back.

    ``title`` is Chinese. In other languages it is made of the kind, the element, and ``about``: a decision's table and row, a card's
    lamp and whom it is against, a notice's template and English name, a rating's level, the answer, the status.
    """

    at: datetime
    kind: str
    title: str
    actor_name: str | None
    process_key: str | None
    element_id: str | None
    detail: tuple[tuple[str, str], ...]
    is_withdrawn: bool = False
    about: tuple[str, ...] = ()


def timeline(engine: Engine, session: Session, case: Case) -> tuple[TimelineEntry, ...]:
    """Everything that happened to ``case``, oldest first."""
    entries = [
        TimelineEntry(case.received_at, "registered", "收到反映", None, None, None, (("渠道", case.channel),)),
        *_tasks(engine, session, case),
        *_decisions(engine, session, case),
        *_cards(session, case),
        *_notices(session, case),
        *_ratings(session, case),
        *_confirmations(session, case),
    ]
    if case.closed_at is not None:
        entries.append(
            TimelineEntry(case.closed_at, "closed", case.status, None, None, None, (("结果", case.result or "—"),), about=(case.status,))
        )
    return tuple(sorted(entries, key=lambda entry: entry.at))


def _tasks(engine: Engine, session: Session, case: Case) -> Iterator[TimelineEntry]:
    ended = (
        select(UserTask, Account.name)
        .outerjoin(Account, Account.id == UserTask.completed_by)
        .where(UserTask.business_key == case.no, UserTask.ended_at.is_not(None))
        .order_by(UserTask.ended_at)
    )
    known: dict[str | None, dict[str, Question]] = {None: {}}
    for task, name in session.execute(ended):
        if task.form_key is not None and task.form_key not in known:
            known[task.form_key] = questions_of(engine, session, task.form_key, case.no)
        detail = tuple(answers(task.submitted or {}, known[task.form_key]))
        is_withdrawn = task.outcome != "completed"
        yield TimelineEntry(task.ended_at, "task", task.name, name, task.process_key, task.element_id, detail, is_withdrawn)


def _decisions(engine: Engine, session: Session, case: Case) -> Iterator[TimelineEntry]:
    for view in decisions_of(engine, session, case.no):
        title, said = f"{view.name}:命中 {view.row}", tuple(pair for pair in view.outputs if not _CODE.fullmatch(pair[1]))
        yield TimelineEntry(view.decided_at, "decision", title, None, None, view.element_id, said, about=(view.decision_key, view.row))


def _cards(session: Session, case: Case) -> Iterator[TimelineEntry]:
    cards = session.scalars(select(Card).where(Card.case_no == case.no)).all()
    names = names_of(session, (card.against for card in cards))
    for card in cards:
        title = f"{card.lamp} {names[card.against]}"
        about = (card.lamp, names[card.against])
        yield TimelineEntry(card.issued_at, "card", title, None, None, card.element_id, (("原因", card.reason),), about=about)


def _notices(session: Session, case: Case) -> Iterator[TimelineEntry]:
    told = select(Notice, NoticeTemplate.event, NoticeTemplate.name_en).outerjoin(NoticeTemplate, NoticeTemplate.id == Notice.template)
    rows = session.execute(told.where(Notice.case_no == case.no)).tuples().all()
    names = audience_names(session, {notice.audience for notice, _event, _name_en in rows})
    for notice, event, name_en in rows:
        detail = (("发给", names[notice.audience]), ("内容", without_link(notice.body)))
        title, about = f"通知:{event or notice.template}", (notice.template, name_en or "")
        yield TimelineEntry(notice.created_at, "notice", title, None, None, None, detail, about=about)


def _ratings(session: Session, case: Case) -> Iterator[TimelineEntry]:
    for rating in session.scalars(select(Rating).where(Rating.case_no == case.no)):
        kind, level = "追评" if rating.is_second else "评价", RATING_WORDS.get(rating.level, rating.level)
        detail = (("意见", rating.text),) if rating.text else ()
        yield TimelineEntry(rating.rated_at, "rating", f"{kind}:{level}", None, None, None, detail, about=(kind, str(rating.level)))


def _confirmations(session: Session, case: Case) -> Iterator[TimelineEntry]:
    """What the applicant said about the answer, or that they said nothing: silence is not consent (domain P16.4)."""
    said = select(Evidence).where(Evidence.chain == case.no, Evidence.event.in_(("case:confirm", "timer:fire"))).order_by(Evidence.sequence)
    for row in session.scalars(said):
        facts = orjson.loads(row.facts)
        answer = facts.get("confirmation") or ("未确认(到期未答)" if facts.get("element") == "confirmation_overdue" else None)
        if answer:
            at = datetime.fromisoformat(row.recorded_at)
            yield TimelineEntry(at, "confirmation", f"申请人确认:{answer}", None, None, None, (), about=(answer,))

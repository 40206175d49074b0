"""The case library: drafts an article from a closed case without its people, and finds articles about the like. Publishes nothing itself.

An article is in the facts of its file (kind ``knowledge``) once it is published; nothing in it tells who the case was about.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.actors import Actor
from engine.clock import local
from engine.db.case_tables import Case, CaseEntry, Department, Material, Matter, Meeting, Rating, SubOrder
from engine.db.tables import UserTask
from engine.errors import NotFound
from engine.services import parties
from engine.services.context import OperationContext
from engine.services.identity import mask_name, mask_text
from engine.services.similarity import closeness

#: The status an article has while the library shows it.
PUBLISHED = "已发布"
PUBLIC, INTERNAL = "公开", "内部"

#: The line in the ledger of a case that an article was of use for.
USED = "引用案例"

#: Whoever the case was about is called so.
_SOMEBODY = "申请人"

#: From here on an article is about the like; about the same matter less is needed.
ALIKE, ALIKE_IN_MATTER = 0.3, 0.05

_READ = 500


def candidate(context: OperationContext) -> dict[str, Any]:
    """What the conditions of P21 ask of the closed case: its level, its rating, and whether its row of DT01 or its cause is new here."""
    case = context.case()
    last = select(Rating.level).where(Rating.case_no == case.no, Rating.level > 0).order_by(Rating.id.desc()).limit(1)
    return {
        "level": case.level or "",
        "rating": context.session.scalar(last) or 0,
        "new_row": case.triage_row is not None and _is_first(context, case, Case.triage_row == case.triage_row),
        "new_tag": _is_first(context, case, (Case.matter_code == case.matter_code) & (Case.cause == case.cause)),
        "already_drafted": _is_drafted(context, case),
    }


def draft(context: OperationContext) -> dict[str, Any]:
    """An article about the case this file came from: problem, cause, path, basis, days, materials, tags, and its result."""
    parent = source(context)
    matter = context.session.get(Matter, parent.matter_code) if parent.matter_code else None
    orders = list(context.session.scalars(select(SubOrder).where(SubOrder.case_no == parent.no).order_by(SubOrder.id)))
    article = {
        "title": f"{matter.name if matter else parent.title}:{parent.cause}",
        "problem": parent.text,
        "cause": parent.cause,
        "path": _path(context, parent, orders),
        "basis": "\n".join(dict.fromkeys(order.basis for order in orders if order.basis)),
        "result": "\n".join(filter(None, (parent.result, _reply(context, parent)))),
        "days": _days(context, parent),
        "materials": "、".join(_materials(context, parent)),
        "tags": "、".join(dict.fromkeys([parent.cause, *(matter.tags if matter else []), *filter(None, [parent.level])])),
    }
    return {key: _without_people(context, parent, value) if isinstance(value, str) else value for key, value in article.items()}


def source(context: OperationContext) -> Case:
    """The case that this file of the library came from; raises NotFound."""
    file = context.case()
    parent = context.session.get(Case, file.parent_no) if file.parent_no else None
    if parent is None:
        raise NotFound(f"Expected {file.no} to come from a case but it has no parent.")
    return parent


def similar(session: Session, org_unit: str, matter: str | None, text: str, limit: int = 3) -> list[Case]:
    """Published articles about the like, the closest first; about the same matter before others."""
    published = select(Case).where(Case.kind == "knowledge", Case.org_unit == org_unit, Case.status == PUBLISHED)
    ranked = [
        (_alike(article, matter, text), article) for article in session.scalars(published.order_by(Case.received_at.desc()).limit(_READ))
    ]
    found = sorted((pair for pair in ranked if pair[0] > 0), key=lambda pair: (-pair[0], pair[1].no))
    return [article for _, article in found[:limit]]


def count_similar(context: OperationContext) -> int:
    """How many published articles are about the like of this one: from three on it becomes a standard (C-15 P5)."""
    case = context.case()
    about = article_of(case)
    found = similar(context.session, case.org_unit, str(case.facts.get("matter") or "") or None, _words(about) or case.text, _READ)
    return len([other for other in found if other.no != case.no])


def published(session: Session, number: str, *, is_internal_too: bool) -> Case:
    """The article by its number; raises NotFound."""
    article = session.get(Case, number)
    if article is None or article.kind != "knowledge" or article.status != PUBLISHED:
        raise NotFound(f"Expected a published article but {number!r} is none.")
    if article.facts.get("visibility") != PUBLIC and not is_internal_too:
        raise NotFound(f"Expected a public article but {number!r} is for the window only.")
    return article


def used_in(session: Session, case_no: str) -> frozenset[str]:
    """The articles that somebody found of use for this case."""
    entries = session.scalars(select(CaseEntry.facts).where(CaseEntry.case_no == case_no, CaseEntry.kind == USED))
    return frozenset(str(facts.get("article")) for facts in entries)


def use(session: Session, now: datetime, actor: Actor, case: Case, article: Case) -> bool:
    """Keep in the ledger of the case that the article was of use, and count it there; False when it was kept before."""
    if article.no in used_in(session, case.no):
        return False
    entry = CaseEntry(case_no=case.no, kind=USED, facts={"article": article.no, "title": article.title})
    entry.recorded_at, entry.actor = now, actor.id
    session.add(entry)
    article.facts = {**article.facts, "reuse": int(article.facts.get("reuse") or 0) + 1}
    return True


def article_of(case: Case) -> Mapping[str, Any]:
    """The article a file of the library holds; empty before there is one."""
    article = case.facts.get("article")
    return article if isinstance(article, Mapping) else {}


def _alike(article: Case, matter: str | None, text: str) -> float:
    same_matter = bool(matter) and article.facts.get("matter") == matter
    found = closeness(_words(article_of(article)), text)
    if found < (ALIKE_IN_MATTER if same_matter else ALIKE):
        return 0.0
    return found + (1 if same_matter else 0)


def _words(article: Mapping[str, Any]) -> str:
    return "".join(str(article.get(key) or "") for key in ("title", "problem", "cause"))


def _is_first(context: OperationContext, case: Case, alike: Any) -> bool:
    before = select(Case.no).where(Case.kind == case.kind, Case.org_unit == case.org_unit, alike, Case.received_at < case.received_at)
    return context.session.scalar(before.where(Case.closed_at.is_not(None)).limit(1)) is None


def _is_drafted(context: OperationContext, case: Case) -> bool:
    drafted = select(Case.no).where(Case.parent_no == case.no, Case.kind == "knowledge", Case.status != "已退回").limit(1)
    return context.session.scalar(drafted) is not None


def _path(context: OperationContext, case: Case, orders: list[SubOrder]) -> str:
    names: dict[str, str] = dict(context.session.execute(select(Department.code, Department.name)).tuples().all())
    lead = case.lead_department
    steps = [f"{case.level or '一般'}件,{'牵头:' + names.get(lead, lead) if lead else '窗口直接办理'}"]
    steps += [f"{names.get(order.department, order.department)}({order.role}):{order.opinion}" for order in orders if order.opinion]
    held = context.session.execute(select(Meeting.kind, Meeting.record).where(Meeting.case_no == case.no).order_by(Meeting.id))
    steps += [f"{kind}:{record.get('resolution') or '已研究'}" for kind, record in held]
    return "\n".join(steps)


def _reply(context: OperationContext, case: Case) -> str:
    written = select(UserTask.submitted).where(UserTask.business_key == case.no, UserTask.element_id == "draft_reply")
    submitted = context.session.scalar(written.where(UserTask.outcome == "completed").order_by(UserTask.ended_at.desc()).limit(1))
    return str(((submitted or {}).get("reply") or {}).get("text") or "")


def _days(context: OperationContext, case: Case) -> int:
    ended_at = case.closed_at or context.now
    return context.calendar.working_days_between(local(case.effective_at), local(ended_at))


def _materials(context: OperationContext, case: Case) -> list[str]:
    if case.matter_code is None:
        return []
    return list(context.session.scalars(select(Material.name).where(Material.matter_code == case.matter_code).order_by(Material.id)))


def _without_people(context: OperationContext, case: Case, text: str) -> str:
    """Neither the applicant, firm or person, nor numbers of telephones, documents and files."""
    text = text.replace(case.no, "本件")
    if case.applicant_id is not None:
        details = parties.revealed(context.secrets, parties.get_party(context.session, case.applicant_id))
        name = details["name"].strip()
        if len(name) >= parties.SHORTEST_NAME:
            text = text.replace(name, _SOMEBODY).replace(mask_name(name), _SOMEBODY)
        text = parties.without_details(text, details)
    return mask_text(text)

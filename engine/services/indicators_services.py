"""Figures of complaints, policy suggestions, the case library and improvement. Sources: E of the domain, 建设方案 6.4, 2.2, 3.4, 5.2."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.db.case_tables import Case, CaseEntry
from engine.services.indicator_sql import closed, kept, latest_clock, number, rate, received
from engine.services.knowledge import PUBLISHED
from engine.services.periods import Period

#: What the study of a suggestion may end with; the first two count as adopted.
ADOPTED = ("采纳", "部分采纳")

#: The status of a project that reached its aim and became a standard.
FIXED = "已固化"

#: As many articles of the library are looked at.
MOST_ARTICLES = 2000


def complaints(session: Session, org_unit: str, period: Period) -> dict[str, Any]:
    """投诉24小时响应率, 3日办结率 of the complaints of the period; 反馈率 and 满意度 of those closed in it.

    反馈率: with a written reply in the ledger / answered. 满意度: satisfied / called back and reached.
    """
    mine = received(org_unit, period, "complaint")
    ended = closed(org_unit, period, "complaint")
    findings = Counter[str]()
    satisfied = Counter[str]()
    kinds = Counter[str]()
    for facts in session.scalars(select(Case.facts).where(ended)):
        findings[str(facts.get("finding") or "")] += 1
        satisfied[str(facts.get("satisfied") or "")] += 1
    for facts in session.scalars(select(Case.facts).where(mine)):
        kinds[str((facts.get("complaint") or {}).get("kind") or facts.get("kind") or "其他")] += 1
    answered = findings.total() - findings[""]
    replied = select(func.count(func.distinct(CaseEntry.case_no))).join(Case, Case.no == CaseEntry.case_no)
    return {
        "complaint_count": kinds.total(),
        "complaint_kinds": dict(kinds.most_common()),
        "complaint_findings": {finding: count for finding, count in findings.most_common() if finding},
        "complaint_contact_rate": _in_time(session, org_unit, period, "complaint_contact"),
        "complaint_on_time_rate": _in_time(session, org_unit, period, "complaint_close"),
        "complaint_reply_rate": rate(session.scalar(replied.where(ended, CaseEntry.kind == "反馈")), answered),
        "complaint_satisfaction": rate(satisfied["满意"], satisfied["满意"] + satisfied["不满意"]),
    }


def suggestions(session: Session, org_unit: str, period: Period) -> dict[str, Any]:
    """政策建议采纳率: adopted in full or part / answered. Counted when they were answered."""
    answered = select(CaseEntry.facts).join(Case, Case.no == CaseEntry.case_no)
    mine = answered.where(Case.org_unit == org_unit, Case.kind == "suggestion", CaseEntry.kind == "建议答复")
    results = Counter(str(facts.get("adopted")) for facts in session.scalars(mine.where(_recorded(period))))
    count = select(func.count()).where(received(org_unit, period, "suggestion"))
    return {
        "suggestion_count": session.scalar(count) or 0,
        "suggestion_replies": results.total(),
        "suggestion_results": dict(results.most_common()),
        "adoption_rate": rate(sum(results[name] for name in ADOPTED), results.total()),
    }


def library(session: Session, org_unit: str, period: Period) -> dict[str, Any]:
    """Articles the library shows, those of the period, and how many are about the same matter and cause at most (C-15 P5)."""
    shown = select(Case.received_at, Case.matter_code, Case.facts).where(Case.kind == "knowledge", Case.org_unit == org_unit)
    rows = session.execute(shown.where(Case.status == PUBLISHED).order_by(Case.received_at.desc()).limit(MOST_ARTICLES)).all()
    alike = Counter((matter or facts.get("matter"), (facts.get("article") or {}).get("cause")) for _, matter, facts in rows)
    return {
        "articles": len(rows),
        "new_articles": sum(period.begins_at <= received_at < period.ends_at for received_at, _, _ in rows),
        "most_alike": max(alike.values(), default=0),
    }


def improvement(session: Session, org_unit: str, period: Period) -> dict[str, Any]:
    """Projects begun and ended in the period, and 创新举措数: those fixed in it that were registered as innovations."""
    begun = session.scalar(select(func.count()).where(received(org_unit, period, "improvement")))
    ended = session.execute(select(Case.status, Case.facts).where(closed(org_unit, period, "improvement"))).all()
    fixed = [facts for status, facts in ended if status == FIXED]
    return {
        "projects_begun": begun or 0,
        "projects_ended": len(ended),
        "projects_fixed": len(fixed),
        "innovations": sum(facts.get("innovation") is True for facts in fixed),
    }


def _in_time(session: Session, org_unit: str, period: Period, clock_kind: str) -> float | None:
    clock = latest_clock(clock_kind, received(org_unit, period, "complaint"))
    query = select(func.count().label("all"), number(kept(clock, clock.c.stopped_at)).label("kept"))
    row = session.execute(query.select_from(clock).where(clock.c.stopped_at.is_not(None))).one()
    return rate(row.kept, row.all)


def _recorded(period: Period) -> Any:
    return (CaseEntry.recorded_at >= period.begins_at) & (CaseEntry.recorded_at < period.ends_at)

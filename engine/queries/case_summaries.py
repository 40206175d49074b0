"""The facts about a case that lists and pages share, and the clocks behind its lamp."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.db.case_tables import Case, CaseClock, Department, Matter
from engine.db.tables import Account
from engine.queries.inbox import Lamp, lamp_of
from engine.wait_rows import WARNING_SHARE


@dataclass(frozen=True)
class CaseSummary:
    """A case file without personal data. ``triage_row`` and ``grade_row`` are the rows of DT01 and DT02 that hit last.

    ``due_at`` is the end of the clock behind the lamp: completion, else the first response, else the next one that runs out.
    """

    no: str
    title: str
    text: str
    status: str
    result: str | None
    level: str | None
    matter_code: str | None
    matter_name: str | None
    channel: str
    received_at: datetime
    effective_at: datetime
    owner_id: str | None
    owner_name: str | None
    lead_department: str | None
    lead_department_name: str | None
    triage_row: str | None
    grade_row: str | None
    case_class: str | None
    respond_by: datetime | None
    finish_by: datetime | None
    lamp: Lamp
    org_unit: str
    reopen_count: int
    coordination_count: int
    closed_at: datetime | None
    public_token: str
    returned_from: str | None = None
    kind: str = "case"
    parent_no: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    due_at: datetime | None = None
    has_applicant: bool = True


def case_summary(session: Session, case_no: str, now: datetime) -> CaseSummary | None:
    """The summary of one case, or None."""
    case = session.get(Case, case_no)
    return case_summaries(session, [case], now)[0] if case else None


def case_summaries(session: Session, cases: Iterable[Case], now: datetime) -> tuple[CaseSummary, ...]:
    """Summaries in the order of ``cases``; four statements whatever their number."""
    rows = list(cases)
    clocks = _clocks(session, [case.no for case in rows])
    matters = _names(session, Matter.code, Matter.name, {case.matter_code for case in rows})
    owners = _names(session, Account.id, Account.name, {case.owner_id for case in rows})
    departments = _names(session, Department.code, Department.name, {case.lead_department for case in rows})
    return tuple(_summary(case, clocks.get(case.no, {}), matters, owners, departments, now) for case in rows)


def _clocks(session: Session, case_nos: list[str]) -> dict[str, dict[str, CaseClock]]:
    current = select(CaseClock).where(CaseClock.case_no.in_(case_nos), CaseClock.replaced_at.is_(None)).order_by(CaseClock.id)
    found: dict[str, dict[str, CaseClock]] = {}
    for clock in session.scalars(current):
        found.setdefault(clock.case_no, {})[clock.kind] = clock
    return found


def _names(session: Session, key: object, name: object, wanted: set[str | None]) -> dict[str, str]:
    codes = [code for code in wanted if code]
    if not codes:
        return {}
    return {row[0]: row[1] for row in session.execute(select(key, name).where(key.in_(codes)))}  # type: ignore[call-overload,attr-defined]


def _summary(
    case: Case, clocks: dict[str, CaseClock], matters: dict[str, str], owners: dict[str, str], departments: dict[str, str], now: datetime
) -> CaseSummary:
    respond, finish = clocks.get("respond"), clocks.get("finish")
    clock = finish or respond or _next(clocks)
    return CaseSummary(
        no=case.no,
        title=case.title,
        text=case.text,
        status=case.status,
        result=case.result,
        level=case.level,
        matter_code=case.matter_code,
        matter_name=matters.get(case.matter_code or ""),
        channel=case.channel,
        received_at=case.received_at,
        effective_at=case.effective_at,
        owner_id=case.owner_id,
        owner_name=owners.get(case.owner_id or ""),
        lead_department=case.lead_department,
        lead_department_name=departments.get(case.lead_department or ""),
        triage_row=case.triage_row,
        grade_row=case.grade_row,
        case_class=case.case_class,
        respond_by=respond.due_at if respond else None,
        finish_by=finish.due_at if finish else None,
        lamp=_lamp(case, clock, now),
        org_unit=case.org_unit,
        reopen_count=case.reopen_count,
        coordination_count=case.coordination_count,
        closed_at=case.closed_at,
        public_token=case.public_token,
        returned_from=case.returned_from,
        kind=case.kind,
        parent_no=case.parent_no,
        facts=case.facts or {},
        due_at=clock.due_at if clock else None,
        has_applicant=case.applicant_id is not None,
    )


def _next(clocks: Mapping[str, CaseClock]) -> CaseClock | None:
    """Of a file that has no completion: the clock that runs out next."""
    running = [clock for clock in clocks.values() if clock.stopped_at is None and clock.paused_at is None]
    return min(running, key=lambda clock: clock.due_at, default=None)


def _lamp(case: Case, clock: CaseClock | None, now: datetime) -> Lamp:
    if clock is None or case.closed_at is not None or (clock.paused_at is not None and clock.stopped_at is None):
        return "grey"
    if clock.stopped_at is not None:
        return "red" if clock.stopped_at > clock.due_at else "green"
    return lamp_of(now, clock.due_at, clock.started_at + (clock.due_at - clock.started_at) * WARNING_SHARE)

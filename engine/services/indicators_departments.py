"""Each department's figures of a period, and the facts that its monthly score (C-16) is computed from. Sources: P22, C-16, 建设方案 6.2."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from engine.db.case_tables import Card, Case, CaseEntry, Department, Meeting, Rating, ShareQuery, SubOrder
from engine.services.indicator_sql import ENDED, SOLVED, closed, kept, latest_clock, number, rate, recent, within
from engine.services.meetings import absent_departments
from engine.services.periods import Period
from engine.services.working_time import WorkCalendar

#: Answers of another department's data that count as given.
SHARED = ("取得", "不一致")

#: How often leaders work at the windows: 分管 twice a week, 主要 twice a month (S0-三).
ONSITE_A_WEEK, ONSITE_A_MONTH = 2, 2

Rows = Mapping[str, Mapping[str, Any]]


def departments(session: Session, calendar: WorkCalendar, org_unit: str, period: Period) -> list[dict[str, Any]]:
    """A row for each department that had anything to do in the period; by code."""
    parts = [
        _orders(session, org_unit, period),
        _led(session, org_unit, period),
        _ratings(session, org_unit, period),
        _cards(session, org_unit, period),
        _entries(session, calendar, org_unit, period),
        _meetings(session, org_unit, period),
        _shared(session, org_unit, period),
    ]
    busy = {code for part in parts for code in part}
    known = session.execute(select(Department.code, Department.name).order_by(Department.code)).all()
    return [_row(code, name, [part.get(code, {}) for part in parts]) for code, name in known if code in busy]


def _row(code: str, name: str, parts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = dict.fromkeys(_RATES) | dict.fromkeys(_COUNTS, 0)
    for part in parts:
        found |= part
    found["routing_accuracy"] = rate(found["orders"] - found["returns_refused"], found["orders"])
    return {"code": code, "name": name, **found, "score_facts": _score_facts(found)}


_RATES = ("sign_rate", "on_time_rate", "solve_rate", "satisfaction", "routing_accuracy", "attendance_rate", "share_rate", "onsite_rate")
_COUNTS = (
    "orders", "replied", "led", "solved", "ratings", "returns", "returns_refused", "extensions",
    "yellow_cards", "red_cards", "second_bad", "absences", "onsite_days",
)  # fmt: skip


def _score_facts(row: Mapping[str, Any]) -> dict[str, float]:
    """What DT16 reads. What a department was not asked for it has not missed: such an item counts in full."""
    facts = {name: float(1 if row[name] is None else row[name]) for name in _RATES}
    return facts | {name: float(row[name]) for name in ("yellow_cards", "red_cards", "second_bad")}


def _orders(session: Session, org_unit: str, period: Period) -> Rows:
    """签收及时率: signed by the due time and not deemed / sent. 按时办结率: opinion by the due time / opinions that were due or given."""
    due = (SubOrder.opinion_due_at < period.ends_at) | SubOrder.replied_at.is_not(None)
    in_time = and_(SubOrder.replied_at.is_not(None), SubOrder.replied_at <= SubOrder.opinion_due_at)
    signed = and_(SubOrder.signed_at <= SubOrder.sign_due_at, ~SubOrder.is_deemed_signed)
    query = select(
        SubOrder.department,
        func.count().label("orders"),
        number(signed).label("signed"),
        number(SubOrder.replied_at.is_not(None)).label("replied"),
        number(due).label("due"),
        number(in_time).label("in_time"),
    ).join(Case, Case.no == SubOrder.case_no)
    query = query.where(recent(org_unit, period, "case"), within(SubOrder.sent_at, period), SubOrder.cancelled_at.is_(None))
    query = query.group_by(SubOrder.department)
    return {
        row.department: {
            "orders": row.orders,
            "replied": row.replied,
            "sign_rate": rate(row.signed, row.orders),
            "on_time_rate": rate(row.in_time, row.due),
        }
        for row in session.execute(query)
    }


def _led(session: Session, org_unit: str, period: Period) -> Rows:
    """解决率 of the cases the department led and that were closed; late ones are told apart."""
    ended = and_(closed(org_unit, period, "case"), Case.status.in_(ENDED), Case.lead_department.is_not(None))
    finish = latest_clock("finish", ended)
    query = (
        select(
            Case.lead_department.label("code"),
            func.count().label("led"),
            number(Case.result.in_(SOLVED)).label("solved"),
            number(kept(finish, Case.closed_at)).label("kept"),
        )
        .select_from(Case)
        .outerjoin(finish, finish.c.case_no == Case.no)
        .where(ended)
        .group_by(Case.lead_department)
    )
    rows = session.execute(query)
    return {
        row.code: {"led": row.led, "solved": row.solved, "led_in_time": row.kept, "solve_rate": rate(row.solved, row.led)} for row in rows
    }


def _ratings(session: Session, org_unit: str, period: Period) -> Rows:
    """满意率 of the cases the department led; second bad ratings (二次差评)."""
    counted = and_(Rating.is_counted, Rating.level > 0)
    query = select(
        Case.lead_department.label("code"),
        number(counted).label("ratings"),
        number(and_(counted, Rating.level >= 3)).label("good"),
        number(and_(counted, Rating.level <= 2, Rating.is_second)).label("second_bad"),
    ).join(Case, Case.no == Rating.case_no)
    mine = and_(recent(org_unit, period, "case"), within(Rating.rated_at, period), Case.lead_department.is_not(None))
    rows = session.execute(query.where(mine).group_by(Case.lead_department))
    return {
        row.code: {"ratings": row.ratings, "satisfaction": rate(row.good, row.ratings), "second_bad": row.second_bad}
        for row in rows
        if row.ratings
    }


def _cards(session: Session, org_unit: str, period: Period) -> Rows:
    query = select(
        Card.against,
        number(Card.code.in_(("yellow", "yellow_step"))).label("yellow"),
        number(Card.code == "red").label("red"),
    ).join(Case, Case.no == Card.case_no)
    rows = session.execute(query.where(Case.org_unit == org_unit, within(Card.issued_at, period)).group_by(Card.against))
    return {row.against: {"yellow_cards": row.yellow, "red_cards": row.red} for row in rows}


def _entries(session: Session, calendar: WorkCalendar, org_unit: str, period: Period) -> Rows:
    """退单, 延期 (granted, of the department that leads) and 现场办公 from the ledgers of the files.

    无理退单: a return without a basis or after the sign-in was due (C-10 B1, B3).
    """
    query = select(CaseEntry.kind, CaseEntry.facts, Case.lead_department).join(Case, Case.no == CaseEntry.case_no)
    wanted = CaseEntry.kind.in_(("退单", "延期", "现场办公"))
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for kind, facts, lead in session.execute(query.where(Case.org_unit == org_unit, wanted, within(CaseEntry.recorded_at, period))):
        if code := facts.get("department") or lead:
            found[str(code)].update(_counted(kind, facts))
    weeks = max(1, calendar.working_days_between(period.begins_at, period.ends_at) // 5)
    return {code: _with_onsite(counts, weeks) for code, counts in found.items()}


def _counted(kind: str, facts: Mapping[str, Any]) -> list[str]:
    if kind == "退单":
        is_fair = facts.get("has_basis") is not False and facts.get("in_sign_window") is not False
        return ["returns"] if is_fair else ["returns", "returns_refused"]
    if kind == "延期":
        return ["extensions"] if facts.get("decision", "准予") == "准予" else []
    return ["onsite_days", "main" if facts.get("leader") == "主要" else "branch"]


def _with_onsite(counts: Counter[str], weeks: int) -> dict[str, Any]:
    """现场办公达标: the worse of both leaders' shares of what they owe; departments without any record are not measured."""
    row: dict[str, Any] = {name: counts[name] for name in ("returns", "returns_refused", "extensions", "onsite_days")}
    if counts["onsite_days"]:
        months = max(1, round(weeks / 4.3))
        row["onsite_rate"] = min(1.0, counts["branch"] / (ONSITE_A_WEEK * weeks), counts["main"] / (ONSITE_A_MONTH * months))
    return row


def _meetings(session: Session, org_unit: str, period: Period) -> Rows:
    """联席会出席: invited are the departments with a sub-order in the case; absent, those the minutes name."""
    query = select(Meeting.case_no, Meeting.record).join(Case, Case.no == Meeting.case_no)
    held = session.execute(query.where(Case.org_unit == org_unit, within(Meeting.recorded_at, period), Meeting.kind == "联席会议")).all()
    if not held:
        return {}
    orders = select(SubOrder.case_no, SubOrder.department).where(SubOrder.case_no.in_({case_no for case_no, _ in held})).distinct()
    asked: defaultdict[str, set[str]] = defaultdict(set)
    for case_no, code in session.execute(orders):
        asked[case_no].add(code)
    invited: Counter[str] = Counter()
    absent: Counter[str] = Counter()
    for case_no, record in held:
        away = set(absent_departments(record))
        invited.update(asked[case_no] | away)
        absent.update(away)
    return {code: {"absences": absent[code], "attendance_rate": rate(count - absent[code], count)} for code, count in invited.items()}


def _shared(session: Session, org_unit: str, period: Period) -> Rows:
    """数据共享响应: queries that brought the data / queries."""
    query = select(ShareQuery.department, func.count().label("all"), number(ShareQuery.state.in_(SHARED)).label("given")).join(
        Case, Case.no == ShareQuery.case_no
    )
    rows = session.execute(query.where(Case.org_unit == org_unit, within(ShareQuery.asked_at, period)).group_by(ShareQuery.department))
    return {row.department: {"share_rate": rate(row.given, row.all)} for row in rows}

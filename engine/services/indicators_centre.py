"""The centre's own figures of a period: intake, time, results, ratings, cards, topics. Sources: E and C-15 of the domain."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, Select, Text, and_, case, func, select, type_coerce
from sqlalchemy.orm import Session

from engine.db.case_tables import Card, Case, CaseEntry, Rating
from engine.services.indicator_sql import ENDED, SOLVED, average, closed, kept, latest_clock, number, rate, received, recent, within
from engine.services.periods import Period
from engine.services.working_time import WorkCalendar

#: Lines of a case's ledger that say the applicant was sent for materials (材料退回率, 建设方案 3.4).
SENT_BACK = ("一次性告知", "告知后另要材料")

_COMPLEX = ("复杂", "重大")


def centre(session: Session, calendar: WorkCalendar, org_unit: str, period: Period) -> dict[str, Any]:
    """Every figure of the centre, by name."""
    return {
        **_intake(session, org_unit, period),
        **_results(session, org_unit, period),
        **_time(session, org_unit, period),
        "complex_days": _complex_days(session, calendar, org_unit, period),
        **_ratings(session, org_unit, period),
        **_cards(session, org_unit, period),
    }


def topics(session: Session, org_unit: str, period: Period) -> list[dict[str, Any]]:
    """What the cases of the period were about: each cause (tag) with its count and share, the commonest first."""
    counted = func.count().label("count")
    found = select(Case.cause, counted).where(received(org_unit, period, "case")).group_by(Case.cause)
    rows = session.execute(found.order_by(counted.desc(), Case.cause)).all()
    whole = sum(row[1] for row in rows)
    return [{"tag": tag, "count": count, "share": rate(count, whole)} for tag, count in rows]


def _one(session: Session, query: Select[Any]) -> Row[Any]:
    return session.execute(query).one()


def _intake(session: Session, org_unit: str, period: Period) -> dict[str, Any]:
    """负面清单占比: refused by the list / registered. 引导回流率: referred and back / referred. 材料退回率: sent back / accepted.

    领导介入率 (重大) and 平均协调次数 are of the cases of several departments (复杂, 重大). 跑动次数: trips before the case was closed.
    """
    mine = received(org_unit, period, "case")
    row = _one(session, _counted_intake().where(mine))
    several = row.complex + row.major
    sent_back = select(func.count(func.distinct(CaseEntry.case_no))).join(Case, Case.no == CaseEntry.case_no)
    returned = session.scalar(sent_back.where(mine, CaseEntry.kind.in_(SENT_BACK))) or 0
    counts = ("registered", "accepted", "refused", "guided", "simple", "complex", "major")
    return {
        **{name: getattr(row, name) for name in counts},
        "refusal_rate": rate(row.refused, row.registered),
        "came_back_rate": rate(row.came_back, row.guided),
        "leader_rate": rate(row.major, several),
        "average_coordinations": average(row.coordinations, several),
        "over_two_coordinations_rate": rate(row.over_two, several),
        "average_trips": average(row.trips, row.registered),
        "three_trips_rate": rate(row.three_trips, row.registered),
        "sent_back": returned,
        "return_rate": rate(returned, row.accepted),
    }


def _counted_intake() -> Select[Any]:
    complex_case = Case.level.in_(_COMPLEX)
    return select(
        func.count().label("registered"),
        number(Case.level.is_not(None)).label("accepted"),
        number(Case.triage_row == "T05").label("refused"),
        number(Case.status == "已引导").label("guided"),
        number(Case.returned_from.is_not(None)).label("came_back"),
        number(Case.level == "简单").label("simple"),
        number(Case.level == "复杂").label("complex"),
        number(Case.level == "重大").label("major"),
        func.coalesce(func.sum(case((complex_case, Case.coordination_count), else_=0)), 0).label("coordinations"),
        number(and_(complex_case, Case.coordination_count > 2)).label("over_two"),
        func.coalesce(func.sum(Case.trips), 0).label("trips"),
        number(Case.trips >= 3).label("three_trips"),
    )


def _results(session: Session, org_unit: str, period: Period) -> dict[str, Any]:
    """问题解决率: solved / closed, without 不予受理 and 转办 (they end with other statuses). 复杂事项解决率: the same of 复杂 and 重大."""
    complex_case = Case.level.in_(_COMPLEX)
    solved = Case.result.in_(SOLVED)
    row = _one(
        session,
        select(
            func.count().label("closed"),
            number(solved).label("solved"),
            number(complex_case).label("complex"),
            number(and_(complex_case, solved)).label("complex_solved"),
            number(Case.reopen_count > 0).label("reopened"),
        ).where(closed(org_unit, period, "case"), Case.status.in_(ENDED)),
    )
    open_now = select(func.count()).where(recent(org_unit, period, "case"), Case.closed_at.is_(None))
    return {
        "closed": row.closed,
        "open": session.scalar(open_now) or 0,
        "solved": row.solved,
        "unsolved": row.closed - row.solved,
        "solve_rate": rate(row.solved, row.closed),
        "complex_solve_rate": rate(row.complex_solved, row.complex),
        "reopened": row.reopened,
    }


def _time(session: Session, org_unit: str, period: Period) -> dict[str, Any]:
    """首次响应及时率 of what came in; 协调结论及时率 of complex cases.

    按时办结率: closed by the due time, extensions granted included; how many were extended is told apart.
    """
    mine = received(org_unit, period, "case")
    respond, conclude = latest_clock("respond", mine), latest_clock("conclude", mine)
    answered = _one(
        session,
        select(func.count().label("all"), number(kept(respond, respond.c.stopped_at)).label("kept"))
        .select_from(Case)
        .join(respond, respond.c.case_no == Case.no)
        .where(mine),
    )
    concluded = _one(
        session,
        select(func.count().label("all"), number(kept(conclude, conclude.c.stopped_at)).label("kept"))
        .select_from(Case)
        .join(conclude, conclude.c.case_no == Case.no)
        .where(mine, Case.level.in_(_COMPLEX), conclude.c.stopped_at.is_not(None)),
    )
    ended = closed(org_unit, period, "case") & (Case.status.in_(ENDED))
    finish = latest_clock("finish", ended)
    query = select(func.count().label("all"), number(kept(finish, Case.closed_at)).label("kept"))
    finished = _one(session, query.select_from(Case).join(finish, finish.c.case_no == Case.no).where(ended))
    extended = select(func.count(func.distinct(CaseEntry.case_no))).join(Case, Case.no == CaseEntry.case_no)
    return {
        "respond_rate": rate(answered.kept, answered.all),
        "conclude_rate": rate(concluded.kept, concluded.all),
        "on_time": finished.kept,
        "on_time_rate": rate(finished.kept, finished.all),
        "extended": session.scalar(extended.where(ended, CaseEntry.kind == "延期", type_coerce(CaseEntry.facts, Text).contains('"准予"')))
        or 0,
    }


def _complex_days(session: Session, calendar: WorkCalendar, org_unit: str, period: Period) -> float | None:
    """复杂事项平均办理时长: working time from arrival to closing over 复杂 and 重大, in working days. Aim: 10, and 8.75 (−30 %)."""
    ended = select(Case.effective_at, Case.closed_at).where(closed(org_unit, period, "case"), Case.status.in_(ENDED))
    rows = session.execute(ended.where(Case.level.in_(_COMPLEX))).all()
    minutes = sum(calendar.working_minutes_between(effective_at, closed_at) for effective_at, closed_at in rows)
    day = calendar.day_length.total_seconds() / 60
    return average(minutes / day, len(rows))


def _ratings(session: Session, org_unit: str, period: Period) -> dict[str, Any]:
    """群众满意度: level 3 to 5 / ratings that citizens gave themselves and that count. 主动评价率: cases rated so / closed.

    差评整改率, 实名回访率: bad ratings whose clock (rectify, contact) ended in time / bad ratings that had one.
    """
    counted = and_(Rating.is_counted, Rating.level > 0)
    query = select(
        number(counted).label("counted"),
        number(and_(counted, Rating.level >= 3)).label("good"),
        number(and_(counted, Rating.level <= 2, ~Rating.is_second)).label("bad"),
        number(and_(counted, Rating.level <= 2, Rating.is_second)).label("second_bad"),
        func.coalesce(func.sum(case((counted, Rating.level), else_=0)), 0).label("points"),
        number(and_(counted, ~Rating.is_second)).label("first"),
    ).join(Case, Case.no == Rating.case_no)
    row = _one(session, query.where(recent(org_unit, period, "case"), within(Rating.rated_at, period)))
    ended = closed(org_unit, period, "case") & (Case.status.in_(ENDED))
    return {
        "ratings": row.counted,
        "satisfaction": rate(row.good, row.counted),
        "average_rating": average(row.points, row.counted),
        "active_rating_rate": rate(row.first, session.scalar(select(func.count()).where(ended))),
        "bad_ratings": row.bad,
        "second_bad": row.second_bad,
        "rectified_rate": _clock_rate(session, org_unit, period, "rectify"),
        "called_back_rate": _clock_rate(session, org_unit, period, "contact"),
    }


def _clock_rate(session: Session, org_unit: str, period: Period, kind: str) -> float | None:
    clock = latest_clock(kind, recent(org_unit, period, "case"))
    query = select(func.count().label("all"), number(kept(clock, clock.c.stopped_at)).label("kept"))
    row = _one(session, query.where(within(clock.c.due_at, period)))
    return rate(row.kept, row.all)


def _cards(session: Session, org_unit: str, period: Period) -> dict[str, Any]:
    query = select(number(Card.code.in_(("yellow", "yellow_step"))).label("yellow"), number(Card.code == "red").label("red")).join(
        Case, Case.no == Card.case_no
    )
    since = period.begins_at
    row = _one(session, query.where(Case.org_unit == org_unit, Card.issued_at >= since, Card.issued_at < period.ends_at))
    return {"yellow_cards": row.yellow, "red_cards": row.red}

"""Appointments (预约): how full a half hour is, when to remind, who is called first. Whether one may be made is for DT31 to say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from engine.clock import as_local, local
from engine.db import statements
from engine.db.case_tables import Case, Party
from engine.errors import InvalidInput
from engine.services import case_files, entries
from engine.services.context import OperationContext
from engine.services.working_time import WorkCalendar

KIND = "appointment"
HALF = 30
#: The evening reminder, on the centre's clock.
REMINDED_AT = time(16)
#: An applicant who did not come is no longer waited for after this long.
WAITED = timedelta(minutes=15)
NOTICE_OF_CHANGE = timedelta(hours=2)
#: Who stayed away three times in this time books by telephone only (DT31).
REMEMBERED = timedelta(days=90)
BOOKED, MISSED = "已预约", "爽约"
WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
#: Called in this order; within a rank by the time of the appointment.
RANKS = {"老年人": "A", "残障人士": "A"}


@dataclass(frozen=True)
class Wish:
    """Which half hour at which counter somebody asks for, and what DT31 asks of whoever does."""

    slot: datetime
    counter: str
    special: str
    by_phone: bool
    is_walk_in: bool


def facts_of(context: OperationContext, appointment: Mapping[str, Any] | None) -> dict[str, Any]:
    """What DT31 asks about a half hour at a counter, the moments of its reminders, and whether it may still be changed."""
    case = context.case()
    wanted = dict(appointment or case.facts.get("appointment") or {})
    asked = wish(wanted, context.now)
    hold(context.session, case.org_unit)
    kept = {**wanted, "slot": asked.slot.isoformat(), "counter": asked.counter}
    case_files.add_facts(context, {"appointment": kept})
    taken = places_taken(context.session, case.org_unit, asked.counter, case)[kept["slot"]]
    party = context.session.get(Party, case.applicant_id) if case.applicant_id else None
    missed = times_missed(context.session, party.phone_index if party else None, context.now)
    facts = {**slot_facts(context.calendar, context.now, asked, taken, missed), "appointment": kept}
    return {
        "slot_facts": facts,
        "reminders": _reminders(context, asked.slot),
        "may_change": context.now <= asked.slot - NOTICE_OF_CHANGE,
    }


def wish(wanted: Mapping[str, Any], now: datetime) -> Wish:
    """What was asked for, put into its half hour; who is in the hall already asks for this one."""
    is_walk_in = wanted.get("is_walk_in") is True
    slot = local(now).isoformat() if is_walk_in and not wanted.get("slot") else wanted.get("slot")
    return Wish(
        slot=_half_hour(slot),
        counter=str(wanted.get("counter") or "综合窗口"),
        special=str(wanted.get("special") or "无"),
        by_phone=wanted.get("by") not in (None, "网上"),
        is_walk_in=is_walk_in,
    )


def slot_facts(calendar: WorkCalendar, now: datetime, asked: Wish, taken: int, missed: int) -> dict[str, Any]:
    """The facts of DT31."""
    at = asked.slot
    return {
        "counter": asked.counter,
        "weekday": WEEKDAYS[at.weekday()],
        "time": f"{at:%H:%M}",
        "day": f"{at:%Y-%m-%d}",
        "is_working_day": calendar.is_working_day(at.date()),
        "is_past": at <= now,
        "taken": taken,
        "no_shows": missed,
        "by_phone": asked.by_phone,
        "special": asked.special,
        "is_walk_in": asked.is_walk_in,
    }


def hold(session: Session, org_unit: str) -> None:
    """Until this transaction ends nobody else counts the places of the unit: of two who want the last one, the second sees it taken."""
    if session.get_bind().dialect.name == "postgresql":
        statements.LOCK_CHAIN.change_each(session, [{"chain": f"appointments:{org_unit}"}])


def places_taken(session: Session, org_unit: str, counter: str, own: Case | None = None) -> Counter[str]:
    """How many have which half hour at a counter, without ``own``. Who asked earlier and has no answer yet holds a place, too."""
    undecided = Case.status == case_files.FIRST_STATUS
    holds = or_(Case.status == BOOKED, undecided if own is None else undecided & (Case.no < own.no))
    booked = select(Case.no, Case.facts).where(Case.kind == KIND, Case.org_unit == org_unit, holds)
    held = (facts.get("appointment") or {} for no, facts in session.execute(booked) if own is None or no != own.no)
    return Counter(map(_begin, (one.get("slot") for one in held if one.get("counter") == counter)))


def times_missed(session: Session, phone_index: str | None, now: datetime) -> int:
    """How often whoever has this telephone stayed away of late."""
    if phone_index is None:
        return 0
    missed = select(func.count()).select_from(Case).join(Party, Party.id == Case.applicant_id)
    missed = missed.where(Party.phone_index == phone_index, Case.kind == KIND, Case.status == MISSED)
    return session.scalar(missed.where(Case.received_at >= now - REMEMBERED)) or 0


def ticket(context: OperationContext, special: str | None) -> str:
    """The number of who has come: old and disabled people are called first, then who has an appointment."""
    rank = RANKS.get(special or "", "B")
    day = local(context.now).date().isoformat()
    lines = context.session.scalar(
        select(func.count()).select_from(Case).where(Case.kind == KIND, Case.org_unit == context.case().org_unit, Case.status == "已到场")
    )
    number = f"{rank}{(lines or 0) + 1:03}"
    entries.add(context, "取号", {"ticket": number, "day": day})
    return number


def _begin(slot: Any) -> str:
    """The half hour of a file that may not have been judged yet; none for what is no moment."""
    try:
        return _half_hour(slot).isoformat()
    except InvalidInput:
        return ""


def _half_hour(slot: Any) -> datetime:
    try:
        begun = local(as_local(str(slot)))
    except ValueError as error:
        problem = {"appointment.slot": ["请选择预约时段。"]}
        raise InvalidInput("Expected the beginning of a half hour as slot but got none.", problem) from error
    return begun.replace(minute=0 if begun.minute < HALF else HALF, second=0, microsecond=0)


def _reminders(context: OperationContext, slot: datetime) -> dict[str, str]:
    """When to remind and when to give up. A moment that is over already is put off until after the appointment: it never comes."""
    never = slot + WAITED + timedelta(hours=1)
    evening = datetime.combine(local(slot).date() - timedelta(days=1), REMINDED_AT, local(slot).tzinfo)
    moments = {"day_before": evening, "hour_before": slot - timedelta(hours=1)}
    kept = {name: moment if moment > context.now else never for name, moment in moments.items()}
    return {name: local(moment).isoformat() for name, moment in {**kept, "no_show": slot + WAITED}.items()}

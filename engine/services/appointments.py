"""Appointments (预约): how full a half hour is, when to remind, who is called first. Whether one may be made is for DT17 to say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import func, select

from engine.clock import as_local, local
from engine.db.case_tables import Case, Party
from engine.errors import InvalidInput
from engine.services import case_files, entries
from engine.services.context import OperationContext

KIND = "appointment"
HALF = 30
#: The evening reminder, on the centre's clock.
REMINDED_AT = time(16)
#: An applicant who did not come is no longer waited for after this long.
WAITED = timedelta(minutes=15)
NOTICE_OF_CHANGE = timedelta(hours=2)
#: Who stayed away three times in this time books by telephone only (DT17).
REMEMBERED = timedelta(days=90)
BOOKED, MISSED = "已预约", "爽约"
WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
#: Called in this order; within a rank by the time of the appointment.
RANKS = {"老年人": "A", "残障人士": "A"}


def facts_of(context: OperationContext, appointment: Mapping[str, Any] | None) -> dict[str, Any]:
    """What DT17 asks about a half hour at a counter, the moments of its reminders, and whether it may still be changed."""
    case = context.case()
    wanted = dict(appointment or case.facts.get("appointment") or {})
    slot = _slot(wanted)
    at, counter = local(slot), str(wanted.get("counter") or "综合窗口")
    facts = {
        "counter": counter,
        "weekday": WEEKDAYS[at.weekday()],
        "time": f"{at:%H:%M}",
        "day": f"{at:%Y-%m-%d}",
        "is_working_day": context.calendar.is_working_day(at.date()),
        "is_past": slot <= context.now,
        "taken": _taken(context, case, slot.isoformat(), counter),
        "no_shows": _no_shows(context, case),
        "by_phone": wanted.get("by") not in (None, "网上"),
        "special": str(wanted.get("special") or "无"),
        "is_walk_in": wanted.get("is_walk_in") is True,
        "appointment": {**wanted, "slot": slot.isoformat(), "counter": counter},
    }
    case_files.add_facts(context, {"appointment": facts["appointment"]})
    return {"slot_facts": facts, "reminders": _reminders(context, slot), "may_change": context.now <= slot - NOTICE_OF_CHANGE}


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


def _slot(wanted: Mapping[str, Any]) -> datetime:
    try:
        begun = local(as_local(str(wanted["slot"])))
    except (KeyError, ValueError) as error:
        problem = {"appointment.slot": ["请选择预约时段。"]}
        raise InvalidInput("Expected the beginning of a half hour as slot but got none.", problem) from error
    return begun.replace(minute=0 if begun.minute < HALF else HALF, second=0, microsecond=0)


def _taken(context: OperationContext, case: Case, slot: str, counter: str) -> int:
    """How many others have that half hour at that counter."""
    booked = select(Case.facts).where(Case.kind == KIND, Case.status == BOOKED, Case.org_unit == case.org_unit, Case.no != case.no)
    held = (facts.get("appointment") or {} for facts in context.session.scalars(booked))
    return sum(1 for one in held if one.get("slot") == slot and one.get("counter") == counter)


def _no_shows(context: OperationContext, case: Case) -> int:
    """How often the same applicant, known by telephone, stayed away of late."""
    party = context.session.get(Party, case.applicant_id) if case.applicant_id else None
    if party is None or party.phone_index is None:
        return 0
    missed = select(func.count()).select_from(Case).join(Party, Party.id == Case.applicant_id)
    missed = missed.where(Party.phone_index == party.phone_index, Case.kind == KIND, Case.status == MISSED)
    return context.session.scalar(missed.where(Case.received_at >= context.now - REMEMBERED)) or 0


def _reminders(context: OperationContext, slot: datetime) -> dict[str, str]:
    """When to remind and when to give up. A moment that is over already is put off until after the appointment: it never comes."""
    never = slot + WAITED + timedelta(hours=1)
    evening = datetime.combine(local(slot).date() - timedelta(days=1), REMINDED_AT, local(slot).tzinfo)
    moments = {"day_before": evening, "hour_before": slot - timedelta(hours=1)}
    kept = {name: moment if moment > context.now else never for name, moment in moments.items()}
    return {name: local(moment).isoformat() for name, moment in {**kept, "no_show": slot + WAITED}.items()}

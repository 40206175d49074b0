"""Appointments as pages show them: a form with its free half hours, and what was booked. Books and changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import appointment_slots
from engine.assembly import Engine
from engine.clock import as_local, local
from engine.db.case_tables import Case
from engine.db.tables import DecisionRun
from engine.errors import NotFound
from engine.queries.attachments import FetchedFile
from engine.services import appointments, calendar_entries
from engine.services.calendar_entries import CalendarEntry


@dataclass(frozen=True)
class AppointmentView:
    """An appointment that stands; ``place`` is where the table of slots sent the person. Names nobody."""

    no: str
    begins_at: datetime
    ends_at: datetime
    counter: str
    place: str
    change_until: datetime


def with_free_slots(engine: Engine, schema: Mapping[str, Any], values: Mapping[str, Any], org_unit: str | None = None) -> Mapping[str, Any]:
    """The form with the half hours that are free at the counter in ``values``, where it asks for one."""
    with engine.database.reading() as session:
        return appointment_slots.offered(engine, session, schema, values, org_unit or engine.settings.org_unit)


def public_appointment(engine: Engine, public_token: str) -> AppointmentView | None:
    """The appointment behind a public link as long as it stands, None for anything else. Raises NotFound when the link is unknown."""
    with engine.database.reading() as session:
        case = session.scalar(select(Case).where(Case.public_token == public_token))
        if case is None:
            raise NotFound("Expected a link that the centre sent but this one is unknown.")
        return _view(session, case) if case.kind == appointments.KIND and case.status == appointments.BOOKED else None


def public_calendar_file(engine: Engine, public_token: str) -> FetchedFile:
    """The appointment for the person's own calendar. Raises NotFound when none stands behind the link."""
    booked = public_appointment(engine, public_token)
    if booked is None:
        raise NotFound("Expected an appointment that stands but it was kept, moved or cancelled.")
    entry = CalendarEntry(
        uid=f"{booked.no}@doudi",
        begins_at=booked.begins_at,
        ends_at=booked.ends_at,
        title=f"办不成事窗口预约：{booked.counter}",
        place=f"{booked.place} {booked.counter}".strip(),
        text=f"预约编号 {booked.no}。请携带身份证件原件。{booked.change_until:%m月%d日 %H:%M} 前可以取消或改期。",
        link=f"{engine.settings.public_url}/p/{public_token}" if engine.settings.public_url else "",
    )
    return FetchedFile(f"{booked.no}.ics", "text/calendar; charset=utf-8", calendar_entries.written(entry, engine.clock.now()))


def _view(session: Session, case: Case) -> AppointmentView:
    booked = case.facts["appointment"]
    begins_at = local(as_local(booked["slot"]))
    return AppointmentView(
        no=case.no,
        begins_at=begins_at,
        ends_at=begins_at + appointment_slots.STEP,
        counter=booked["counter"],
        place=_place(session, case.no),
        change_until=begins_at - appointments.NOTICE_OF_CHANGE,
    )


def _place(session: Session, case_no: str) -> str:
    """Where the table said, when it was asked."""
    asked = select(DecisionRun.outputs).where(DecisionRun.business_key == case_no, DecisionRun.decision_key == appointment_slots.TABLE)
    answer = session.scalar(asked.order_by(DecisionRun.id.desc()).limit(1)) or {}
    return str(answer.get("place") or "")

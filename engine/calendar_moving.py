"""Due times after the calendar changed: moved batch by batch, whoever was told a date is told the new one. Opens its own transactions."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine.actors import SYSTEM, Actor
from engine.assembly import Engine
from engine.bpmn.waits import Activity
from engine.clock import LOCAL_ZONE
from engine.db import statements
from engine.db.case_tables import CalendarImport, Case
from engine.db.rows import InstanceRow
from engine.db.tables import Job
from engine.host import CommandHost
from engine.services import due_dates, evidence
from engine.services.calendar_notices import first_change
from engine.services.due_dates import MovedDue
from engine.services.working_time import WorkCalendar

BATCH = 50

#: What a citizen was told the day of, and how he is told that it has moved.
TOLD, NOTICE, REASON = "finish", "MSG-30", "放假安排调整"


def begin(engine: Engine, session: Session, actor: Actor, before: WorkCalendar, after: WorkCalendar, digest: str) -> None:
    """Schedule what another calendar moves, in the transaction that brings it. Nothing is scheduled when it reaches no case."""
    day = first_change(before, after)
    if day is None:
        return
    since = datetime.combine(day, datetime.min.time(), LOCAL_ZONE)
    cases = due_dates.cases_reached(session, since)
    if not cases:
        return
    now = engine.clock.now()
    row = CalendarImport(content_digest=digest[:64], file="calendar.csv", total=len(cases), created_at=now, created_by=actor.id)
    session.add(row)
    session.flush()
    payload = {"import": row.id, "since": since.isoformat(), "after": ""}
    statements.ADD_JOB.change(session, kind="calendar-import", payload=payload, due_at=now, run_at=now, attempts=0)


def run_batch(engine: Engine, job_id: int, payload: dict[str, Any]) -> bool:
    """Move the clocks of the next cases; True when there are more."""
    since = datetime.fromisoformat(payload["since"])
    with engine.database.transaction() as session:
        row = session.get_one(CalendarImport, int(payload["import"]))
        cases = [number for number in due_dates.cases_reached(session, since) if number > payload["after"]][:BATCH]
        if not cases:
            return _finish(engine, session, row)
        moved = due_dates.recompute_cases(session, engine.reference.read(session).calendar, engine.clock.now(), SYSTEM, cases, since)
        row.done, row.moved = min(row.total, row.done + len(cases)), row.moved + len(moved)
        row.told += sum(_tell(engine, session, one) for one in moved if one.kind == TOLD)
        _have_processes_follow(session, {one.case_no for one in moved}, engine.clock.now())
        session.execute(update(Job).where(Job.id == job_id).values(payload={**payload, "after": cases[-1]}))
    return True


def _finish(engine: Engine, session: Session, row: CalendarImport) -> bool:
    now = engine.clock.now()
    row.state, row.done, row.finished_at = "done", row.total, now
    facts = {"number": row.id, "cases": row.total, "moved": row.moved, "told": row.told}
    evidence.record(session, now, SYSTEM, "reference", "calendar:moved", **facts)
    return False


def _have_processes_follow(session: Session, cases: set[str], now: datetime) -> None:
    soon = {"due_at": now, "run_at": now, "attempts": 0}
    for number in sorted(cases):
        if statements.OTHERS_OF_CASE.first(session, business_key=number, but_not=0) is not None:
            statements.ADD_JOB.change(session, kind="rearm", instance_id=None, payload={"case": number}, **soon)


def _tell(engine: Engine, session: Session, moved: MovedDue) -> bool:
    """The applicant of a case that was told a date; other files tell theirs in their own words."""
    case = session.scalar(select(Case).where(Case.no == moved.case_no))
    if case is None or case.applicant_id is None or case.closed_at is not None or case.level is None:
        return False
    nobody = InstanceRow(case.instance_id or 0, 0, case.no, case.org_unit, "active", b"", 0, engine.clock.now())
    place = Activity(0, "calendar_import", "放假安排调整", "", {})
    values = {"template": NOTICE, "to": "applicant", "values": {"原因": REASON, "日期": _day(moved.new_at)}}
    CommandHost(engine, session, nobody, SYSTEM).call("notice-send", values, place)
    return True


def _day(moment: datetime) -> str:
    local: date = moment.astimezone(LOCAL_ZONE).date()
    return local.isoformat()

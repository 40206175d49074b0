"""Take in a holiday notice: the calendar file with its days becomes a version in force, due times follow in the background."""

from __future__ import annotations

from engine import submission
from engine.actors import SYSTEM, Actor
from engine.assembly import Engine
from engine.bpmn.findings import Language
from engine.clock import local
from engine.errors import InvalidDefinition, NotAllowed
from engine.queries.calendar_notices import calendar_in_force
from engine.services.calendar_notices import HolidayNotice, read_notice

FILE = "processes/reference/calendar.csv"


def require_administrator(actor: Actor) -> None:
    """Refuse whoever may not change the calendar."""
    if actor is not SYSTEM and not actor.has_group("admin"):
        raise NotAllowed("Expected an administrator to change the calendar but you are not one.")


def import_notice(engine: Engine, actor: Actor, content: bytes, reason: str, language: Language = "zh") -> HolidayNotice:
    """Raises InvalidDefinition with every finding by line; nothing is changed then."""
    require_administrator(actor)
    with engine.database.transaction() as session:
        today = local(engine.clock.now()).date()
        notice = read_notice(content, calendar_in_force(session), engine.reference.read(session).calendar, today, language)
        if notice.has_errors:
            raise InvalidDefinition("Expected a holiday notice without faults but it has some.", notice.findings)
        parsed = submission.parsed(engine, {FILE: notice.content}, language)
        submission.judged(engine, session, parsed, language)
        submission.take_in(engine, session, actor, parsed, submission.Label("放假安排", reason[:200], {"days": len(notice.days)}))
        return notice

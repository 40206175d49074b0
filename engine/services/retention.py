"""Archived files (归档): how long each is kept, which have been kept long enough, and what remains of one that is destroyed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from engine.clock import local
from engine.db.case_tables import Case, Party
from engine.errors import Conflict
from engine.services import case_files, cases, emptying, entries, evidence
from engine.services.context import OperationContext

FINISHED, ARCHIVED = "已办结", "已归档"
#: The fact that a file is in the archive, and until when.
KEPT_UNTIL = "kept_until"
#: Stands where the words were.
DESTROYED = "(档案保管期满,已销毁)"
LEAP = timedelta(days=366)


def archive(context: OperationContext, years: int) -> bool:
    """To the archive, to be kept for so many years. A case that was reopened meanwhile stays where it is.

    One that was answered is 已归档 from now on; one that ended on the way (refused, referred, withdrawn) keeps the status that says how.
    """
    case = context.case()
    if not _has_ended(case):
        return False
    until = years_later(local(context.now).date(), years)
    case_files.add_facts(context, {KEPT_UNTIL: until.isoformat(), "retention_years": years})
    entries.add(context, "归档", {"years": years, KEPT_UNTIL: until.isoformat()})
    if case.status == FINISHED:
        cases.close(context)
    return True


def expired(context: OperationContext) -> list[dict[str, Any]]:
    """The archived files whose time is over and that nobody has destroyed yet, oldest first."""
    today = local(context.now).date().isoformat()
    files = [case for case in _archived(context) if str(case.facts[KEPT_UNTIL]) <= today]
    return [{"no": case.no, "kind": case.kind, "level": case.level, KEPT_UNTIL: case.facts[KEPT_UNTIL]} for case in files]


def destroy(context: OperationContext, files: Sequence[Mapping[str, Any]], kept: Collection[str]) -> int:
    """Of each file only its number, its ledger and its evidence remain. Raises Conflict for one that must still be kept."""
    due = {str(one["no"]) for one in expired(context)}
    wanted = [str(one["no"]) for one in files if one.get("no") not in kept]
    if early := sorted(set(wanted) - due):
        raise Conflict(f"Expected files whose time in the archive is over but {', '.join(early)} must still be kept.")
    for number in wanted:
        _empty(context, context.session.get_one(Case, number))
    entries.add(context, "销毁", {"destroyed": len(wanted), "kept": sorted(kept)})
    return len(wanted)


def years_later(day: date, years: int) -> date:
    """The same day so many years later; the 28th for a 29 February that is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)


def _has_ended(case: Case) -> bool:
    """Merged ones follow their main case; what is in the archive already stays there."""
    if case.status == FINISHED:
        return True
    return case.closed_at is not None and case.status not in (ARCHIVED, cases.MERGED) and KEPT_UNTIL not in case.facts


def _archived(context: OperationContext) -> list[Case]:
    found = select(Case).where(Case.closed_at.is_not(None), Case.text != DESTROYED).order_by(Case.received_at, Case.no)
    return [case for case in context.session.scalars(found) if KEPT_UNTIL in case.facts]


def _empty(context: OperationContext, case: Case) -> None:
    digest = evidence.digest([case.title, case.text])
    case.title, case.text, case.tried = case.no, DESTROYED, []
    party = context.session.get(Party, case.applicant_id) if case.applicant_id else None
    others = select(Case.no).where(Case.applicant_id == case.applicant_id, Case.no != case.no, Case.text != DESTROYED).limit(1)
    if party is not None and context.session.scalar(others) is None:
        party.name = context.secrets.encrypt(DESTROYED, "party.name")
        party.cert_no = party.phone = party.address = party.cert_index = party.phone_index = None
    emptying.take_words(context, case.no, DESTROYED)
    emptying.take_contents(context, case.no)
    evidence.record(context.session, context.now, context.actor, case.no, "case:destroy", digest=digest)

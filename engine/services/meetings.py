"""Meetings about a case: what was recorded, and who stayed away. Calls nobody to a meeting."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select

from engine.db.case_tables import Meeting
from engine.errors import InvalidInput
from engine.services import evidence
from engine.services.context import OperationContext

KINDS = ("联席会议", "领导小组")


def record(context: OperationContext, kind: str, minutes: Mapping[str, Any]) -> tuple[int, int]:
    """Keep the record; gives its number and how often the most absent department has now stayed away in this case.

    Two absences without a deputy bind a department to the resolution and bring a red card (K3).
    """
    if kind not in KINDS:
        raise InvalidInput(f"Expected a meeting of kind {' or '.join(KINDS)} but got {kind!r}.")
    context.session.flush()
    earlier = context.session.scalars(select(Meeting).where(Meeting.case_no == context.case_no, Meeting.kind == kind))
    absences = Counter(code for meeting in earlier for code in absent_departments(meeting.record))
    here = absent_departments(minutes)
    absences.update(here)
    meeting = Meeting(case_no=context.case().no, kind=kind, record=dict(minutes), absent_count=len(here), recorded_at=context.now)
    context.session.add(meeting)
    context.session.flush()
    context.record("meeting:record", meeting=meeting.id, kind=kind, absent=len(here), digest=evidence.digest(dict(minutes)))
    return meeting.id, max((absences[code] for code in here), default=0)


def absent_departments(minutes: Mapping[str, Any]) -> list[str]:
    """Departments that stayed away without a deputy.

    Codes under ``absent`` (a list) or ``absent_department`` (one), or entries of a list ``attendance`` marked 缺席.
    """
    absent, attendance = minutes.get("absent"), minutes.get("attendance")
    listed = absent if isinstance(absent, list) else [absent]
    marked = [entry for entry in attendance if isinstance(entry, Mapping) and _is_absent(entry)] if isinstance(attendance, list) else []
    return list(dict.fromkeys(_codes([*listed, minutes.get("absent_department"), *marked])))


def _is_absent(entry: Mapping[str, Any]) -> bool:
    return entry.get("present") is False or "缺席" in (entry.get("attendance"), entry.get("status"))


def _codes(entries: Iterable[Any]) -> list[str]:
    codes = (entry.get("department") or entry.get("code") if isinstance(entry, Mapping) else entry for entry in entries)
    return [str(code) for code in codes if code]

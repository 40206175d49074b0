"""Complaints: against whom, the earlier one about the same, and taking out what must not be kept. Investigates nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from engine.clock import local
from engine.db.case_tables import Case, CaseEntry, Party
from engine.db.tables import UserTask
from engine.services import evidence
from engine.services.context import OperationContext
from engine.services.identity import mask_text

#: Stands where the words of somebody were that went to another authority.
WITHHELD = "(内容已移送,本平台不留存)"

#: The task in which the reply to the complainant is written, and its field.
_REPLY_TASKS = ("write_complaint_reply", "review_complaint")

_LOOKED_AT = 200


def against(facts: Mapping[str, Any]) -> frozenset[str]:
    """Groups (department codes, window) and accounts a complaint is against, as registered and as found out; none handles or sees it."""
    registered = facts.get("complaint")
    asked = registered if isinstance(registered, Mapping) else {}
    named = [asked.get("against"), asked.get("account"), facts.get("against"), facts.get("against_person")]
    given = (one for name in named for one in (name if isinstance(name, list) else [name]))
    return frozenset(str(one) for one in given if one)


def earlier(context: OperationContext) -> dict[str, Any] | None:
    """The latest answered complaint of the same person against the same: its number, its end and the reply that was given.

    Persons are told by the number of their telephone or document; without either nobody is taken for somebody else.
    """
    case = context.case()
    person = context.session.get(Party, case.applicant_id) if case.applicant_id else None
    known = [column == value for column, value in _marks(person)] if person else []
    if not known:
        return None
    same = known[0] if len(known) == 1 else known[0] | known[1]
    answered = select(Case).join(Party, Party.id == Case.applicant_id).where(same, Case.kind == case.kind, Case.no != case.no)
    answered = answered.where(Case.closed_at.is_not(None), Case.org_unit == case.org_unit)
    for other in context.session.scalars(answered.order_by(Case.received_at.desc()).limit(_LOOKED_AT)):
        reply = _reply(context, other.no)
        if reply and against(other.facts) & against(case.facts):
            on = local(other.closed_at).date().isoformat() if other.closed_at else ""
            return {"no": other.no, "finding": other.facts.get("finding"), "closed_on": on, "reply": reply}
    return None


def withhold(context: OperationContext) -> None:
    """Take out what was said, typed or put to the file: another authority has it now (廉洁问题移送12388,不留存内容)."""
    case = context.case()
    context.record("case:withhold", digest=evidence.digest(case.text))
    case.text = WITHHELD
    case.title = "投诉"
    case.tried = []
    case.facts = {name: value for name, value in case.facts.items() if name in ("against", "against_person", "kind")}
    context.session.flush()
    for task in context.session.scalars(select(UserTask).where(UserTask.business_key == case.no)):
        task.submitted, task.draft = (None if task.submitted is None else {}), None
    for entry in context.session.scalars(select(CaseEntry).where(CaseEntry.case_no == case.no)):
        entry.facts = {}


def _marks(person: Party) -> list[tuple[Any, str]]:
    marks = [(Party.cert_index, person.cert_index), (Party.phone_index, person.phone_index)]
    return [(column, value) for column, value in marks if value]


def _reply(context: OperationContext, case_no: str) -> str:
    written = select(UserTask.submitted).where(UserTask.business_key == case_no, UserTask.element_id.in_(_REPLY_TASKS))
    written = written.where(UserTask.outcome == "completed").order_by(UserTask.ended_at.desc()).limit(1)
    submitted = context.session.scalar(written) or {}
    return mask_text(str((submitted.get("reply") or {}).get("text") or ""))

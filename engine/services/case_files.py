"""Case files (案卷) of any kind: number, owner by turns, facts, and what a process knows of its file. Starts no process."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.actors import Actor
from engine.clock import local
from engine.db.case_tables import Case, CaseClock, CaseEntry, Matter, SubOrder
from engine.db.tables import Account
from engine.errors import Conflict, InvalidInput
from engine.services import accounts, cases, complaints, evidence, people
from engine.services.case_kinds import CASE, Kind
from engine.services.context import OperationContext
from engine.services.identity import mask_text
from engine.services.working_time import WorkCalendar

#: What a file of another kind than a case is at before its process says otherwise.
FIRST_STATUS = "办理中"

#: The entry of whoever opened a file by hand.
OPENED = "发起"

#: How a file came about that a diagram, a message, a signal or a timer opened.
BY_PROCESS = "系统"


#: What every process on a file begins with, and what a procedure beside it does.
OWN_VARIABLES = frozenset({"case_no", "kind", "parent", "title", "received_at", "org_unit", "owner", "facts"})
BESIDE_VARIABLES = OWN_VARIABLES | {"matter", "matter_name", "level", "status", "due", "lead_department", "departments"}


@dataclass(frozen=True)
class Opening:
    """A file to be opened. ``facts`` hold no personal data; a file without words of its own has its title as its text."""

    kind: Kind
    org_unit: str
    region: str
    received_at: datetime
    title: str
    text: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    channel: str = BY_PROCESS
    applicant_id: int | None = None
    parent_no: str | None = None
    matter_code: str | None = None
    opener: str | None = None


def create_file(session: Session, calendar: WorkCalendar, opening: Opening) -> Case:
    """Write the file under the next number of its kind. It is owned by the next of the kind's group, else by whoever opens it."""
    kind = opening.kind
    return cases.create_case(
        session,
        number=cases.next_number(session, opening.region, opening.received_at, kind.prefix),
        calendar=calendar,
        received_at=opening.received_at,
        text=opening.text.strip() or opening.title,
        title=opening.title,
        owner_id=_owner(session, opening),
        status=cases.FIRST_STATUS if kind.kind == CASE else FIRST_STATUS,
        kind=kind.kind,
        parent_no=opening.parent_no,
        facts=masked(opening.facts),
        org_unit=opening.org_unit,
        region=opening.region,
        channel=opening.channel[:20],
        applicant_id=opening.applicant_id,
        matter_code=opening.matter_code,
    )


def next_owner(session: Session, group: str, org_unit: str, kind: str, on: datetime, but_not: Collection[str] = ()) -> str | None:
    """The member of a group after the one who got the unit's latest file of this kind; who is on leave is passed over."""
    barred = people.answering_for(session, but_not)
    members = [account.id for account in accounts.members(session, group, org_unit) if account.id not in barred]
    members = people.present(session, members, local(on).date())
    if not members:
        return None
    latest = select(Case.first_owner_id).where(Case.kind == kind, Case.org_unit == org_unit, Case.first_owner_id.in_(members))
    last = session.scalar(latest.order_by(Case.received_at.desc(), Case.no.desc()).limit(1))
    return members[(members.index(last) + 1) % len(members)] if last else members[0]


def open_child(
    context: OperationContext, kind_name: str, title: str, text: str, facts: Mapping[str, Any], applicant_id: int | None
) -> Case:
    """A file that a diagram opens; the file it runs on is its parent. A job starts its process after the commit."""
    kind = context.kinds.kind(kind_name)
    parent = context.session.get(Case, context.case_no) if context.case_no else None
    if parent is None:
        raise Conflict(f"Expected “{context.element_id}” to run on a case file when it opens a {kind_name} but it runs on none.")
    given = dict(facts)
    opening = Opening(
        kind=kind,
        org_unit=parent.org_unit,
        region=parent.region,
        received_at=context.now,
        title=title,
        text=text,
        channel=str(given.pop("channel", BY_PROCESS)),
        matter_code=_matter(context.session, given.pop("matter", parent.matter_code)),
        applicant_id=applicant_id,
        parent_no=parent.no,
        facts=given,
    )
    case = create_file(context.session, context.calendar, opening)
    record_opening(context.session, context.now, context.actor, case)
    context.schedule("file-start", {"case_no": case.no}, None)
    return case


def record_opening(session: Session, now: datetime, actor: Actor, case: Case) -> None:
    """Evidence in the chain of the new file."""
    facts = {"kind": case.kind, "parent": case.parent_no, "digest": evidence.digest(case.text)}
    evidence.record(session, now, actor, case.no, "case:open", **facts)


def record_opener(session: Session, now: datetime, actor: Actor, case: Case) -> None:
    """Who opened a file by hand stands in its ledger: a person sees what he has opened."""
    session.add(CaseEntry(case_no=case.no, kind=OPENED, facts={}, recorded_at=now, actor=actor.id))


def own_variables(case: Case) -> dict[str, Any]:
    """What the process of a file begins with; facts stand at the top level, too, where no name of ours is in the way."""
    facts = dict(case.facts)
    return {
        **facts,
        "facts": facts,
        "case_no": case.no,
        "kind": case.kind,
        "parent": case.parent_no,
        "title": case.title,
        "received_at": local(case.received_at).isoformat(),
        "org_unit": case.org_unit,
        "owner": case.owner_id,
    }


def beside_variables(session: Session, case: Case) -> dict[str, Any]:
    """What a procedure beside the process of a file begins with: the file as it stands now."""
    matter = session.get(Matter, case.matter_code) if case.matter_code else None
    orders = session.execute(
        select(SubOrder.id, SubOrder.department, SubOrder.role).where(SubOrder.case_no == case.no).order_by(SubOrder.id)
    )
    return {
        **own_variables(case),
        "matter": case.matter_code,
        "matter_name": matter.name if matter else case.title,
        "level": case.level,
        "status": case.status,
        "due": _due_times(session, case.no),
        "lead_department": case.lead_department,
        "departments": [{"id": order, "code": department, "role": role} for order, department, role in orders],
    }


def add_facts(context: OperationContext, facts: Mapping[str, Any]) -> None:
    """Merged into what is known; a fact that is there already gets its new value."""
    case = context.case()
    case.facts = {**case.facts, **masked(facts)}
    context.record("case:facts", names=sorted(facts), digest=evidence.digest(dict(facts)))


def give_to_group(context: OperationContext, group: str) -> str | None:
    """The next of a group owns the file now; nobody when the group has nobody."""
    case = context.case()
    owner = next_owner(context.session, group, case.org_unit, case.kind, context.now, complaints.against(case.facts))
    if owner is not None:
        cases.hand_over(context, case, owner, "")
    return owner


def give_to(context: OperationContext, owner: str) -> str:
    """This account owns the file now. Raises InvalidInput when there is no such account at work."""
    account = context.session.get(Account, owner)
    if account is None or not account.is_active:
        raise InvalidInput(f"Expected an account that is at work to own the file but {owner!r} is none.")
    cases.hand_over(context, context.case(), owner, "")
    return owner


def masked(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts without identity and telephone numbers that somebody typed among other words."""
    return {str(key): _masked(value) for key, value in facts.items()}


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return mask_text(value)
    if isinstance(value, Mapping):
        return masked(value)
    return [_masked(item) for item in value] if isinstance(value, list | tuple) else value


def _owner(session: Session, opening: Opening) -> str | None:
    kind, at = opening.kind, opening.received_at
    if kind.owner_group is None:
        return opening.opener
    return next_owner(session, kind.owner_group, opening.org_unit, kind.kind, at, complaints.against(opening.facts))


def _due_times(session: Session, case_no: str) -> dict[str, str]:
    """When the running clocks of the file itself fall due, by kind."""
    running = select(CaseClock.kind, CaseClock.due_at).where(CaseClock.case_no == case_no, CaseClock.subject.is_(None))
    running = running.where(CaseClock.stopped_at.is_(None), CaseClock.replaced_at.is_(None)).order_by(CaseClock.id)
    return {kind: local(due_at).isoformat() for kind, due_at in session.execute(running)}


def _matter(session: Session, code: object) -> str | None:
    return str(code) if code and session.get(Matter, str(code)) is not None else None

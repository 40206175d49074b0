"""Who is there: leave, deputies, whose turn it is, who took part in a case. Knows no process and no page."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date

from sqlalchemy import Date, String, bindparam, exists, select
from sqlalchemy.orm import Session

from engine.clock import local
from engine.db.case_tables import Case, CaseEntry, SubOrder
from engine.db.prepared import Prepared
from engine.db.tables import AccountLeave, Membership, UserTask
from engine.services import accounts, complaints
from engine.services.context import OperationContext
from engine.services.kind_files import CASE
from engine.services.posts import answering_groups

#: How the ledger of a case names that somebody was chosen; the group follows.
ASSIGNED = "指派:"

_STANDING = (AccountLeave.accepted_at.is_not(None), AccountLeave.cancelled_at.is_(None), AccountLeave.ended_at.is_(None))
_ON_DAY = (AccountLeave.from_on <= bindparam("day", type_=Date()), AccountLeave.to_on >= bindparam("day", type_=Date()))
_LEAVE = Prepared(
    select(AccountLeave.id, AccountLeave.deputy_id)
    .where(AccountLeave.account_id == bindparam("account", type_=String()), *_STANDING, *_ON_DAY)
    .order_by(AccountLeave.id)
    .limit(1)
)


def stand_in(session: Session, account_id: str, on: date) -> tuple[str, tuple[int, ...]]:
    """Who does the work of an account on a day, and by which leaves: the deputy's deputy when that one is away as well.

    A ring of people who are all away gives the account itself: work never lies with nobody.
    """
    person, leaves, seen = account_id, list[int](), {account_id}
    while leave := _LEAVE.first(session, account=person, day=on):
        leaves.append(leave[0])
        person = str(leave[1])
        if person in seen:
            return account_id, ()
        seen.add(person)
    return person, tuple(leaves)


def absent(session: Session, account_ids: Iterable[str], on: date) -> frozenset[str]:
    """Those of the accounts that are on leave that day, with a deputy who has accepted."""
    found = select(AccountLeave.account_id).where(AccountLeave.account_id.in_(list(account_ids)), *_STANDING)
    return frozenset(session.scalars(found.where(AccountLeave.from_on <= on, AccountLeave.to_on >= on)))


def present(session: Session, account_ids: Sequence[str], on: date) -> list[str]:
    """The accounts that are not on leave, in their order; all of them when nobody would be left."""
    away = absent(session, account_ids, on)
    return [account for account in account_ids if account not in away] or list(account_ids)


def assign(context: OperationContext, group: str, but_not: Collection[str]) -> str | None:
    """The next member of a group in turn who took no part in the case or its parent; None when there is nobody.

    Never investigator and investigated: who owned, signed or did anything of either is left out, and who is on leave.
    """
    case = context.case()
    members = [account.id for account in accounts.members(context.session, group, case.org_unit)]
    barred = {
        *but_not,
        *involved(context, case),
        *complained_of(context.session, case.no),
        *absent(context.session, members, local(context.now).date()),
    }
    turn = _after(members, _last_chosen(context, group))
    chosen = next((person for person in turn if person not in barred), None)
    if chosen is not None:
        entry = CaseEntry(case_no=case.no, kind=_turn(group), facts={"group": group, "person": chosen})
        entry.recorded_at, entry.actor, entry.element_id = context.now, context.actor.id, context.element_id
        context.session.add(entry)
        context.record("person:assign", group=group, person=chosen)
    return chosen


def involved(context: OperationContext, case: Case) -> frozenset[str]:
    """Everybody who owned the case or its parent, has or did one of their tasks, or signed for a department."""
    context.session.flush()
    numbers = [number for number in (case.no, case.parent_no) if number]
    owners = context.session.execute(select(Case.owner_id, Case.first_owner_id).where(Case.no.in_(numbers)))
    workers = select(UserTask.completed_by, UserTask.assignee).where(UserTask.business_key.in_(numbers))
    signers = select(SubOrder.signed_by, SubOrder.signed_by).where(SubOrder.case_no.in_(numbers))
    rows = [*owners, *context.session.execute(workers.distinct()), *context.session.execute(signers.distinct())]
    return frozenset(person for row in rows for person in row if person)


def answering_for(session: Session, names: Collection[str]) -> frozenset[str]:
    """Everybody who belongs to one of these posts or departments, or answers for it; and those named themselves."""
    members = select(Membership.account_id).where(Membership.group_id.in_(answering_groups(names)))
    return frozenset(names) | frozenset(session.scalars(members)) if names else frozenset()


def complained_of(session: Session, case_no: str) -> frozenset[str]:
    """Those that a complaint and the like is against; a case names a department without holding anything against it."""
    case = session.get(Case, case_no) if case_no else None
    return frozenset() if case is None or case.kind == CASE else answering_for(session, complaints.against(case.facts))


def has_open_work(session: Session, account_id: str) -> bool:
    """Whether user tasks lie with the account, or open cases are its own."""
    task = exists().where(UserTask.assignee == account_id, UserTask.ended_at.is_(None))
    case = exists().where(Case.owner_id == account_id, Case.closed_at.is_(None))
    return bool(session.scalar(select(task | case)))


def _last_chosen(context: OperationContext, group: str) -> str | None:
    context.session.flush()
    last = select(CaseEntry.facts).where(CaseEntry.kind == _turn(group)).order_by(CaseEntry.id.desc()).limit(1)
    facts = context.session.scalar(last)
    return str(facts["person"]) if facts else None


def _turn(group: str) -> str:
    return f"{ASSIGNED}{group}"[:40]


def _after(members: list[str], last: str | None) -> list[str]:
    """Everybody, beginning after the last one: he is asked again only when all others had their turn."""
    later = [member for member in members if last is None or member > last]
    return [*later, *(member for member in members if member not in later)]

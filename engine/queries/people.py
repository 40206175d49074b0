"""The people of a scope: accounts with posts and open work, leave, who stands in for whom today. Shows nobody outside the scope."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from engine.actors import Actor
from engine.assembly import Engine
from engine.clock import local
from engine.db.case_tables import Case
from engine.db.tables import Account, AccountLeave, CandidateGroup, Membership, OrgUnit, UserTask
from engine.errors import NotAllowed, NotFound
from engine.queries.accounts import ADMINISTRATORS, HEADS, GroupView
from engine.queries.reference import Option
from engine.services import account_changes
from engine.services.identity import mask_phone

LeaveState = Literal["asked", "accepted", "running", "declined", "cancelled", "ended"]

#: Leaves that are over are shown this far back.
MOST_LEAVES = 100


@dataclass(frozen=True)
class MemberView:
    """A group of an account, and in which role."""

    group: GroupView
    role: str


@dataclass(frozen=True)
class PersonView:
    """An account as those who look after it see it; ``phone`` is masked but for administrators and its owner."""

    id: str
    name: str
    org_unit: str
    org_unit_name: str
    members: tuple[MemberView, ...]
    is_active: bool
    phone: str
    email: str
    open_tasks: int
    open_cases: int
    deputy_name: str | None
    has_code: bool


@dataclass(frozen=True)
class LeaveView:
    """A leave: who, who stands in, when, how far it is, and what the reader may do with it."""

    id: int
    account_id: str
    account_name: str
    deputy_id: str
    deputy_name: str
    from_on: date
    to_on: date
    reason: str
    has_return: bool
    state: LeaveState
    can_answer: bool
    can_cancel: bool


@dataclass(frozen=True)
class PeoplePage:
    """The people of a scope, filtered."""

    people: tuple[PersonView, ...]
    units: tuple[Option, ...]
    groups: tuple[Option, ...]


def people(engine: Engine, actor: Actor, text: str = "", group: str = "") -> PeoplePage:
    """Accounts of the actor's scope, by unit and id. Only heads and administrators look. Raises NotAllowed."""
    require_head(actor)
    found = select(Account, OrgUnit.name).join(OrgUnit, OrgUnit.id == Account.org_unit).where(Account.org_unit.in_(actor.scope))
    if text.strip():
        found = found.where(or_(Account.id.contains(text.strip(), autoescape=True), Account.name.contains(text.strip(), autoescape=True)))
    if group:
        found = found.where(Account.id.in_(select(Membership.account_id).where(Membership.group_id == group)))
    with engine.database.reading() as session:
        rows = session.execute(found.order_by(Account.org_unit, Account.id)).all()
        shown = _persons(engine, session, actor, [(row[0], row[1]) for row in rows])
        return PeoplePage(shown, _units(session, actor), _groups(session))


def person(engine: Engine, actor: Actor, account_id: str) -> PersonView:
    """One account of the scope, or one's own. Raises NotFound, NotAllowed."""
    with engine.database.reading() as session:
        row = session.get(Account, account_id)
        if row is None:
            raise NotFound(f"Expected account {account_id!r} to exist but it does not.")
        if account_id != actor.id:
            require_head(actor)
            if row.org_unit not in actor.scope:
                raise NotAllowed(f"Expected an account of your scope but {account_id!r} belongs elsewhere.")
        unit = session.get_one(OrgUnit, row.org_unit)
        return _persons(engine, session, actor, [(row, unit.name)])[0]


def leaves(engine: Engine, actor: Actor) -> tuple[LeaveView, ...]:
    """One's own leaves and those one is to stand in for; heads see all of their scope. What runs or waits first."""
    absent, deputy = aliased(Account), aliased(Account)
    found = select(AccountLeave, absent.name, deputy.name).join(absent, absent.id == AccountLeave.account_id)
    found = found.join(deputy, deputy.id == AccountLeave.deputy_id)
    mine = (AccountLeave.account_id == actor.id) | (AccountLeave.deputy_id == actor.id)
    found = found.where(mine | absent.org_unit.in_(actor.scope) if actor.has_group(*HEADS) else mine)
    order = (
        AccountLeave.ended_at.is_not(None),
        AccountLeave.cancelled_at.is_not(None),
        AccountLeave.from_on.desc(),
        AccountLeave.id.desc(),
    )
    today = local(engine.clock.now()).date()
    with engine.database.reading() as session:
        return tuple(_leave(actor, today, *row) for row in session.execute(found.order_by(*order).limit(MOST_LEAVES)))


def deputies(engine: Engine, actor: Actor, account_id: str) -> tuple[Option, ...]:
    """Who may stand in for an account: active people of its unit, or with a post in common."""
    with engine.database.reading() as session:
        account = session.get(Account, account_id)
        if account is None:
            return ()
        own = select(Membership.group_id).where(Membership.account_id == account_id)
        shared = select(Membership.account_id).where(Membership.group_id.in_(own))
        found = select(Account.id, Account.name).where(Account.is_active, Account.id != account_id)
        found = found.where((Account.org_unit == account.org_unit) | Account.id.in_(shared)).order_by(Account.id)
        return tuple(Option(row.id, f"{row.id} {row.name}", f"{row.id} {row.name}") for row in session.execute(found))


def require_head(actor: Actor) -> None:
    if not actor.has_group(*HEADS):
        raise NotAllowed("Expected a head of the window or an administrator but you are neither.")


def _persons(engine: Engine, session: Session, actor: Actor, rows: list[tuple[Account, str]]) -> tuple[PersonView, ...]:
    ids = [account.id for account, _ in rows]
    members = _members(session, ids)
    tasks = _counts(session, select(UserTask.assignee, func.count()).where(UserTask.ended_at.is_(None), UserTask.assignee.in_(ids)))
    cases = _counts(session, select(Case.owner_id, func.count()).where(Case.closed_at.is_(None), Case.owner_id.in_(ids)))
    away = _away(session, ids, local(engine.clock.now()).date())
    return tuple(
        PersonView(
            id=account.id,
            name=account.name,
            org_unit=account.org_unit,
            org_unit_name=unit,
            members=tuple(members.get(account.id, ())),
            is_active=account.is_active,
            phone=_phone(engine, actor, account),
            email=account_changes.email_of(engine.secrets, account),
            open_tasks=tasks.get(account.id, 0),
            open_cases=cases.get(account.id, 0),
            deputy_name=away.get(account.id),
            has_code=account.reset_hash is not None,
        )
        for account, unit in rows
    )


def _phone(engine: Engine, actor: Actor, account: Account) -> str:
    phone = account_changes.phone_of(engine.secrets, account)
    return phone if account.id == actor.id or actor.has_group(*ADMINISTRATORS) else mask_phone(phone)


def _members(session: Session, ids: list[str]) -> dict[str, list[MemberView]]:
    found: dict[str, list[MemberView]] = {}
    rows = select(Membership.account_id, Membership.role, CandidateGroup).join(CandidateGroup, CandidateGroup.id == Membership.group_id)
    for account, role, group in session.execute(rows.where(Membership.account_id.in_(ids)).order_by(CandidateGroup.id)):
        found.setdefault(account, []).append(MemberView(GroupView(group.id, group.name, group.name_en), role))
    return found


def _counts(session: Session, counted: object) -> dict[str, int]:
    grouped = counted.group_by(counted.selected_columns[0])  # type: ignore[attr-defined]
    return {row[0]: row[1] for row in session.execute(grouped)}


def _away(session: Session, ids: list[str], today: date) -> dict[str, str]:
    found = select(AccountLeave.account_id, Account.name).join(Account, Account.id == AccountLeave.deputy_id)
    found = found.where(AccountLeave.account_id.in_(ids), AccountLeave.from_on <= today, AccountLeave.to_on >= today)
    found = found.where(AccountLeave.accepted_at.is_not(None), AccountLeave.cancelled_at.is_(None), AccountLeave.ended_at.is_(None))
    return {row[0]: row[1] for row in session.execute(found)}


def _leave(actor: Actor, today: date, row: AccountLeave, account_name: str, deputy_name: str) -> LeaveView:
    state = _state(row, today)
    is_open = state in ("asked", "accepted", "running")
    return LeaveView(
        id=row.id,
        account_id=row.account_id,
        account_name=account_name,
        deputy_id=row.deputy_id,
        deputy_name=deputy_name,
        from_on=row.from_on,
        to_on=row.to_on,
        reason=row.reason,
        has_return=row.has_return,
        state=state,
        can_answer=state == "asked" and row.deputy_id == actor.id,
        can_cancel=is_open and (row.account_id == actor.id or actor.has_group(*HEADS)),
    )


def _state(row: AccountLeave, today: date) -> LeaveState:
    if row.cancelled_at is not None:
        return "cancelled"
    if row.declined_at is not None:
        return "declined"
    if row.ended_at is not None or row.to_on < today:
        return "ended"
    if row.accepted_at is None:
        return "asked"
    return "running" if row.from_on <= today else "accepted"


def _units(session: Session, actor: Actor) -> tuple[Option, ...]:
    rows = session.execute(select(OrgUnit.id, OrgUnit.name).where(OrgUnit.id.in_(actor.scope)).order_by(OrgUnit.id))
    return tuple(Option(row.id, f"{row.id} {row.name}", f"{row.id} {row.name}") for row in rows)


def _groups(session: Session) -> tuple[Option, ...]:
    rows = session.scalars(select(CandidateGroup).order_by(CandidateGroup.kind.desc(), CandidateGroup.id))
    return tuple(Option(row.id, row.name, row.name_en or row.name) for row in rows)

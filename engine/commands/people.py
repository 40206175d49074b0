"""Accounts of others, leave and hand-over. Administrators and heads act in their own scope only; nobody raises himself."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.actors import SYSTEM, Actor
from engine.assembly import Engine
from engine.bpmn.waits import Activity
from engine.db import statements
from engine.db.case_tables import Case
from engine.db.rows import InstanceRow
from engine.db.tables import Account, AccountLeave
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound
from engine.host import CommandHost
from engine.queries.accounts import ADMINISTRATORS, HEADS, require_names
from engine.queries.cursors import is_row_number
from engine.services import account_changes, accounts, admission, evidence, leave, people
from engine.services.codes import Correction

#: The notice by which an applicant learns who looks after the case from now on.
OWNER_CHANGED = "MSG-80"


@dataclass(frozen=True)
class NewAccount:
    """An account to be made; ``groups`` with the role A or B in each. ``exception``: why a window post without training."""

    id: str
    name: str
    org_unit: str
    groups: Mapping[str, str]
    phone: str = ""
    email: str = ""
    exception: str = ""


def add_account(engine: Engine, actor: Actor, new: NewAccount) -> str:
    """An account without a password; gives the one-time code with which its owner sets one. It is shown once and kept nowhere."""
    require_administrator(actor)
    require_names(new.id, new.name, new.org_unit)
    if actor != SYSTEM and new.org_unit not in actor.scope:
        raise NotAllowed("Expected a unit of your scope but it is another one's.")
    with engine.database.transaction() as session:
        account = accounts.create_account_without_password(session, new.id, new.name, new.org_unit)
        _require_admitted(engine, session, actor, new.id, new.groups, new.exception)
        account_changes.set_groups(session, account, new.groups)
        account_changes.set_contact(engine.secrets, account, new.phone, new.email)
        code = account_changes.give_code(engine.secrets, account, engine.clock.now())
        _record(engine, session, actor, "account:create", account=new.id, groups=sorted(new.groups))
        return code


def change_groups(engine: Engine, actor: Actor, account_id: str, groups: Mapping[str, str], exception: str = "") -> None:
    """Other groups for somebody else; the last administrator stays one. ``exception``: why a window post without training."""
    require_administrator(actor)
    with engine.database.transaction() as session:
        account = _somebody_else(session, actor, account_id)
        before = accounts.groups_of(session, account_id)
        _require_admitted(engine, session, actor, account_id, groups, exception)
        account_changes.set_groups(session, account, groups)
        _require_administrators(session, before)
        _record(engine, session, actor, "account:groups", account=account_id, groups=sorted(groups))


def change_contact(engine: Engine, actor: Actor, account_id: str, phone: str, email: str) -> None:
    """Telephone and e-mail of oneself, or of somebody in the scope of an administrator."""
    if account_id != actor.id:
        require_administrator(actor)
    with engine.database.transaction() as session:
        account = session.get(Account, account_id) if account_id == actor.id else _in_scope(session, actor, account_id)
        account_changes.set_contact(engine.secrets, _found(account, account_id), phone, email)
        _record(engine, session, actor, "account:contact", account=account_id, fields=[name for name, text in _given(phone, email) if text])


def close_account(engine: Engine, actor: Actor, account_id: str) -> None:
    """Out of use. Refused while tasks lie with the account or cases are its own: they are handed over first."""
    require_administrator(actor)
    with engine.database.transaction() as session:
        account = _somebody_else(session, actor, account_id)
        if people.has_open_work(session, account_id):
            raise Conflict(f"Expected {account_id!r} to have no open work but there is some. Hand it over first.").coded("open-work")
        before = accounts.groups_of(session, account_id)
        account_changes.close(account)
        session.flush()
        _require_administrators(session, before)
        _record(engine, session, actor, "account:disable", account=account_id)


def open_account(engine: Engine, actor: Actor, account_id: str) -> str:
    """In use again; gives a one-time code."""
    require_administrator(actor)
    with engine.database.transaction() as session:
        account = _somebody_else(session, actor, account_id)
        account.is_active = True
        _record(engine, session, actor, "account:enable", account=account_id)
        return account_changes.give_code(engine.secrets, account, engine.clock.now())


def reset_password(engine: Engine, actor: Actor, account_id: str) -> str:
    """A one-time code for somebody who has lost the password; the old password is gone."""
    require_administrator(actor)
    with engine.database.transaction() as session:
        account = _somebody_else(session, actor, account_id)
        if not account.is_active:
            raise Conflict(f"Expected {account_id!r} to be in use but it is closed.").coded("closed-account")
        _record(engine, session, actor, "account:reset", account=account_id)
        return account_changes.give_code(engine.secrets, account, engine.clock.now())


def set_password(engine: Engine, account_id: str, code: str, password: str) -> None:
    """A password of one's own by the one-time code. Raises NotAllowed when the code does not open the account."""
    now = engine.clock.now()
    with engine.database.transaction() as session:
        account = account_changes.use_code(session, engine.secrets, account_id.strip(), code, password, now)
        person = Actor(account.id, account.name, frozenset(), account.org_unit, frozenset({account.org_unit}))
        evidence.record(session, now, person, "accounts", "account:password", account=account.id)


def hand_over_work(engine: Engine, actor: Actor, account_id: str, receiver_id: str) -> tuple[int, int]:
    """Open tasks and open cases of an account go to another one of the scope; applicants are told. Gives how many of each."""
    require_head(actor)
    with engine.database.transaction() as session:
        _in_scope(session, actor, account_id)
        receiver = _in_scope(session, actor, receiver_id)
        if not receiver.is_active or receiver_id == account_id:
            text = Correction("请选择另一位在用的同事。", "Choose another colleague whose account is in use.")
            raise InvalidInput("Expected another account in use.", {"receiver": [text]})
        tasks = leave.open_tasks(session, account_id)
        leave.hand_over(session, tasks, account_id, receiver_id)
        owned = select(Case).where(Case.owner_id == account_id, Case.closed_at.is_(None)).order_by(Case.no)
        cases = list(session.scalars(owned))
        for case in cases:
            _change_owner(engine, session, actor, case, receiver_id)
        return len(tasks), len(cases)


def ask_leave(engine: Engine, actor: Actor, wish: leave.Wish) -> int:
    """A leave of one's own, or for somebody in the scope of a head; it holds when the deputy has accepted."""
    with engine.database.transaction() as session:
        account = session.get(Account, wish.account_id)
        if wish.account_id != actor.id:
            require_head(actor)
            account = _in_scope(session, actor, wish.account_id)
        deputy = session.get(Account, wish.deputy_id)
        if account is not None and deputy is not None and not _work_together(session, account, deputy):
            text = Correction("请选择同一单位或者同一岗位的同事。", "Choose a colleague of the same unit, or with a post in common.")
            raise InvalidInput("Expected a deputy of the same unit or with a post in common.", {"deputy": [text]})
        return leave.ask(session, engine.clock.now(), actor, wish).id


def accept_leave(engine: Engine, actor: Actor, leave_id: int) -> None:
    """The deputy takes the work on."""
    with engine.database.transaction() as session:
        leave.accept(session, engine.clock.now(), actor, _for_deputy(session, actor, leave_id))


def decline_leave(engine: Engine, actor: Actor, leave_id: int) -> None:
    """The deputy cannot."""
    with engine.database.transaction() as session:
        leave.decline(session, engine.clock.now(), actor, _for_deputy(session, actor, leave_id))


def cancel_leave(engine: Engine, actor: Actor, leave_id: int) -> None:
    """The leave does not take place, or its person is back: by himself or by a head of his scope."""
    with engine.database.transaction() as session:
        found = _leave(session, leave_id)
        if found.account_id != actor.id:
            require_head(actor)
            _in_scope(session, actor, found.account_id)
        leave.cancel(session, engine.clock.now(), actor, found)


def require_administrator(actor: Actor) -> None:
    if actor != SYSTEM and not actor.has_group(*ADMINISTRATORS):
        raise NotAllowed("Expected an administrator to change accounts but you are not one.")


def require_head(actor: Actor) -> None:
    if not actor.has_group(*HEADS):
        raise NotAllowed("Expected a head of the window or an administrator but you are neither.")


def _somebody_else(session: Session, actor: Actor, account_id: str) -> Account:
    """Nobody changes his own rights or closes himself out."""
    if account_id == actor.id:
        raise NotAllowed("Expected somebody else's account but it is your own. Ask another administrator.").coded("own-account")
    return _in_scope(session, actor, account_id)


def _in_scope(session: Session, actor: Actor, account_id: str) -> Account:
    account = _found(session.get(Account, account_id), account_id)
    if actor != SYSTEM and account.org_unit not in actor.scope:
        raise NotAllowed(f"Expected an account of your scope but {account_id!r} belongs elsewhere.")
    return account


def _found(account: Account | None, account_id: str) -> Account:
    if account is None:
        raise NotFound(f"Expected account {account_id!r} to exist but it does not.")
    return account


def _require_admitted(engine: Engine, session: Session, actor: Actor, account_id: str, groups: Collection[str], exception: str) -> None:
    """A post of the window rests on training, or on an exception that is kept."""
    before = accounts.groups_of(session, account_id)
    reason = admission.exception_needed(session, account_id, before, groups, exception)
    if reason is not None:
        _record(engine, session, actor, "account:untrained", account=account_id, groups=sorted(groups), reason=reason)


def _require_administrators(session: Session, groups_before: frozenset[str]) -> None:
    if groups_before & set(ADMINISTRATORS) and not account_changes.active_members(session, "admin"):
        raise Conflict("Expected an administrator to remain but this was the last one.").coded("last-administrator")


def _work_together(session: Session, account: Account, deputy: Account) -> bool:
    shared = accounts.groups_of(session, account.id) & accounts.groups_of(session, deputy.id)
    return account.org_unit == deputy.org_unit or bool(shared)


def _leave(session: Session, leave_id: int) -> AccountLeave:
    found = session.get(AccountLeave, leave_id, with_for_update=True) if is_row_number(leave_id) else None
    if found is None:
        raise NotFound(f"Expected leave {leave_id} to exist but it does not.")
    return found


def _for_deputy(session: Session, actor: Actor, leave_id: int) -> AccountLeave:
    found = _leave(session, leave_id)
    if found.deputy_id != actor.id:
        raise NotAllowed("Expected the deputy to answer but you are somebody else.")
    return found


def _change_owner(engine: Engine, session: Session, actor: Actor, case: Case, receiver: str) -> None:
    row = statements.INSTANCE_TO_CHANGE.first(session, instance_id=case.instance_id) if case.instance_id is not None else None
    if row is None:
        case.owner_id = receiver
        return
    host = CommandHost(engine, session, InstanceRow(*row), actor)
    place = Activity(0, "", "移交首接责任", "", {})
    host.call("case-own", {"owner": receiver}, place)
    if case.applicant_id is not None:
        host.call("notice-send", {"template": OWNER_CHANGED, "to": "applicant"}, place)


def _given(phone: str, email: str) -> tuple[tuple[str, str], ...]:
    return ("phone", phone.strip()), ("email", email.strip())


def _record(engine: Engine, session: Session, actor: Actor, event: str, **facts: object) -> None:
    evidence.record(session, engine.clock.now(), actor, "accounts", event, **facts)

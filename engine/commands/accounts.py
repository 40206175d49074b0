"""Log-in and accounts. Refuses wrong passwords without saying which half was wrong."""

from __future__ import annotations

from collections.abc import Collection

from engine.actors import SYSTEM, Actor
from engine.assembly import Engine
from engine.db.tables import Account
from engine.errors import InvalidInput, NotAllowed, NotFound
from engine.queries.accounts import ADMINISTRATORS, actor_from, require_names
from engine.services import accounts, admission, evidence

LANGUAGES = ("zh", "en")


def authenticate(engine: Engine, login: str, password: str) -> Actor:
    """The actor with this log-in. Raises NotAllowed, the same for every reason."""
    with engine.database.reading() as session:  # hashing takes its time; nobody shall wait for it with the write lock
        account = accounts.authenticate(session, login, password)
        actor = actor_from(session, account)
    if accounts.needs_rehash(account):
        with engine.database.transaction() as session:
            accounts.rehash(session, account.id, password)
    return actor


def change_password(engine: Engine, actor: Actor, old: str, new: str) -> None:
    """A new password; every other session ends."""
    with engine.database.transaction() as session:
        accounts.change_password(session, actor.id, old, new)
        evidence.record(session, engine.clock.now(), actor, "accounts", "account:password", account=actor.id)


def create_account(
    engine: Engine,
    actor: Actor,
    account_id: str,
    name: str,
    password: str,
    org_unit: str,
    groups: Collection[str],
    role: str = "A",
    exception: str = "",
) -> None:
    """A new account in its groups. Only administrators and the command line (SYSTEM) make accounts.

    ``exception`` says why somebody who was not trained gets a post of the window.
    """
    if actor != SYSTEM and not actor.has_group(*ADMINISTRATORS):
        raise NotAllowed("Expected an administrator to make accounts but you are not one.")
    require_names(account_id, name, org_unit)
    if actor != SYSTEM and org_unit not in actor.scope:
        raise NotAllowed("Expected a unit of your scope but it is another one's.")
    with engine.database.transaction() as session:
        accounts.ensure_posts(session)
        accounts.ensure_org_unit(session, org_unit, engine.settings.region)
        reason = admission.exception_needed(session, account_id, (), groups, exception)
        accounts.create_account(session, account_id, name, password, org_unit, groups, role)
        facts = {"account": account_id, "groups": sorted(groups)}
        evidence.record(session, engine.clock.now(), actor, "accounts", "account:create", **facts)
        if reason is not None:
            evidence.record(session, engine.clock.now(), actor, "accounts", "account:untrained", **facts, reason=reason)


def set_language(engine: Engine, actor: Actor, language: str) -> None:
    """Remember the language a person reads."""
    if language not in LANGUAGES:
        raise InvalidInput(f"Expected one of {', '.join(LANGUAGES)} but got {language!r}.", {"language": ["请选择中文或英文。"]})
    with engine.database.transaction() as session:
        _row(session.get(Account, actor.id), actor.id).language = language


def end_sessions(engine: Engine, account_id: str) -> None:
    """Log an account out everywhere."""
    with engine.database.transaction() as session:
        _row(session.get(Account, account_id), account_id).session_stamp += 1


def _row(row: Account | None, account_id: str) -> Account:
    if row is None:
        raise NotFound(f"Expected account {account_id!r} to exist but it does not.")
    return row

"""Who is logged in: the actor behind a session, and how pages show a person."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.actors import Actor
from engine.assembly import Engine
from engine.db.tables import Account, CandidateGroup, Membership, OrgUnit
from engine.errors import InvalidInput, NotFound
from engine.services.codes import Correction
from engine.services.typed_text import is_readable

ACCOUNT_ID = re.compile(r"[^\W_][\w.@-]{0,39}")
LONGEST_NAME = 50
#: Only they make accounts.
ADMINISTRATORS = ("admin",)
#: They look after the people of their window: leave and hand-over.
HEADS = ("window_head", "admin")


@dataclass(frozen=True)
class GroupView:
    """A candidate group as pages name it."""

    id: str
    name: str
    name_en: str


@dataclass(frozen=True)
class AccountView:
    """A person as pages show them."""

    id: str
    name: str
    org_unit: str
    org_unit_name: str
    groups: tuple[GroupView, ...]
    language: str
    session_stamp: int


def actor_of(engine: Engine, account_id: str, session_stamp: int) -> Actor | None:
    """The actor of a session, or None when the account is gone, closed, or logged out everywhere since."""
    with engine.database.reading() as session:
        row = session.get(Account, account_id)
        if row is None or not row.is_active or row.session_stamp != session_stamp:
            return None
        return actor_from(session, row)


def actor_from(session: Session, row: Account) -> Actor:
    """The actor an account stands for, with its groups and the units it sees."""
    groups = session.scalars(select(Membership.group_id).where(Membership.account_id == row.id))
    return Actor(row.id, row.name, frozenset(groups), row.org_unit, units_below(session, row.org_unit))


def units_below(session: Session, unit: str) -> frozenset[str]:
    """An org unit and everything under it."""
    parents = {row.id: row.parent_id for row in session.execute(select(OrgUnit.id, OrgUnit.parent_id))}
    found = {unit}
    while below := {child for child, parent in parents.items() if parent in found} - found:
        found |= below
    return frozenset(found)


def account(engine: Engine, account_id: str) -> AccountView:
    """How pages show an account. Raises NotFound."""
    with engine.database.reading() as session:
        row = session.get(Account, account_id)
        if row is None:
            raise NotFound(f"Expected account {account_id!r} to exist but it does not.")
        unit = session.get_one(OrgUnit, row.org_unit)
        groups = session.scalars(
            select(CandidateGroup)
            .join(Membership, Membership.group_id == CandidateGroup.id)
            .where(Membership.account_id == row.id)
            .order_by(CandidateGroup.id)
        )
        views = tuple(GroupView(group.id, group.name, group.name_en) for group in groups)
        return AccountView(row.id, row.name, unit.id, unit.name, views, row.language, row.session_stamp)


def require_names(account_id: str, name: str, org_unit: str) -> None:
    """Refuse ids that nobody can type at the log-in, and names that nobody can read."""
    problems: dict[str, list[str]] = {}
    if not ACCOUNT_ID.fullmatch(account_id):
        problems["account_id"] = [
            Correction(
                "账号请用1-40个字母、数字或 . _ @ -,并以字母或数字开头。",
                "Use 1 to 40 letters, digits or . _ @ -, a letter or digit first.",
            )
        ]
    if not name.strip() or len(name) > LONGEST_NAME or not is_readable(name):
        problems["name"] = [Correction(f"姓名请填写1-{LONGEST_NAME}个字。", f"Give a name of 1 to {LONGEST_NAME} characters.")]
    if not ACCOUNT_ID.fullmatch(org_unit):
        problems["org_unit"] = ["窗口编号请用1-40个字母、数字或 . _ @ -。"]
    if problems:
        raise InvalidInput("Expected an account with an id and a name but something in them cannot be used.", problems)

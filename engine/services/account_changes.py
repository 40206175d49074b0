"""What changes on an account that is there: groups, contact, closing, a new password by a one-time code. Asks nobody's permission."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from engine.db.tables import Account, CandidateGroup, Membership
from engine.errors import InvalidInput, NotAllowed, NotFound
from engine.services import accounts
from engine.services.codes import Correction
from engine.services.identity import in_one_piece, is_phone
from engine.services.secrets import Secrets

#: How long a one-time code opens the door, and what it is made of: no letters that look like digits.
CODE_LIFE = timedelta(hours=24)
CODE_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
CODE_LENGTH = 12

_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
#: No password has this hash.
_NO_PASSWORD = "none"
_hasher = PasswordHasher()


def set_groups(session: Session, account: Account, groups: Mapping[str, str]) -> None:
    """The groups of an account, each with its role A or B, and no others. Every session ends, so that rights are read again."""
    known = set(session.scalars(select(CandidateGroup.id).where(CandidateGroup.id.in_(list(groups)))))
    if unknown := sorted(groups.keys() - known):
        raise NotFound(f"Expected known candidate groups but {', '.join(unknown)} do not exist.")
    if wrong := sorted(group for group, role in groups.items() if role not in ("A", "B")):
        raise InvalidInput(f"Expected role A or B in {', '.join(wrong)}.", {"role": ["请选择A角或B角。"]})
    session.execute(delete(Membership).where(Membership.account_id == account.id))
    session.add_all(Membership(account_id=account.id, group_id=group, role=role) for group, role in groups.items())
    account.session_stamp += 1
    session.flush()


def set_contact(vault: Secrets, account: Account, phone: str, email: str) -> None:
    """Where to reach a person of the staff; empty takes it away. Citizens read the telephone of their case's owner."""
    phone, email = in_one_piece(phone), email.strip()
    problems: dict[str, list[str]] = {}
    if phone and not is_phone(phone):
        text = "请填写11位手机号码或带区号的座机号码。"
        problems["phone"] = [Correction(text, "Give a mobile number of 11 digits, or a landline with its area code.")]
    if email and (not _EMAIL.fullmatch(email) or len(email) > 120):
        problems["email"] = [Correction("请填写电子邮箱，如 name@example.gov.cn。", "Give an e-mail address such as name@example.gov.cn.")]
    if problems:
        raise InvalidInput("Expected a telephone and an e-mail address that can be right.", problems)
    account.phone = vault.encrypt(phone, "account.phone") if phone else None
    account.email = vault.encrypt(email, "account.email") if email else None


def phone_of(vault: Secrets, account: Account | None) -> str:
    """The telephone of an account; empty when there is none."""
    return vault.decrypt(account.phone, "account.phone") if account is not None and account.phone else ""


def email_of(vault: Secrets, account: Account | None) -> str:
    """The e-mail address of an account; empty when there is none."""
    return vault.decrypt(account.email, "account.email") if account is not None and account.email else ""


def close(account: Account) -> None:
    """Nobody logs in with it any more; what it did stays under its name."""
    account.is_active = False
    account.reset_hash = None
    account.session_stamp += 1


def give_code(vault: Secrets, account: Account, now: datetime) -> str:
    """A code with which its owner sets a new password, once, within a day. The old password is gone at once."""
    code = "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))
    account.password_hash, account.reset_hash = _NO_PASSWORD, _sealed(vault, account.id, code)
    account.reset_until = now + CODE_LIFE
    account.session_stamp += 1
    return code


def use_code(session: Session, vault: Secrets, account_id: str, code: str, password: str, now: datetime) -> Account:
    """Set the password with the one-time code. Raises NotAllowed, the same for every reason the code does not open."""
    account = session.get(Account, account_id, with_for_update=True)
    given = "".join(character for character in code.upper() if character in CODE_ALPHABET)
    kept = account.reset_hash if account is not None and account.is_active else None
    is_right = hmac.compare_digest(kept or "", _sealed(vault, account_id, given))
    if account is None or not is_right or account.reset_until is None or account.reset_until < now:
        raise NotAllowed("Expected a one-time code that opens this account but it does not.").coded("no-code")
    accounts.require_password(account_id, password)
    account.password_hash, account.reset_hash, account.reset_until = _hasher.hash(password), None, None
    account.session_stamp += 1
    return account


def active_members(session: Session, group: str) -> int:
    """How many accounts in use belong to a group."""
    counted = select(func.count()).select_from(Membership).join(Account, Account.id == Membership.account_id)
    return int(session.scalar(counted.where(Membership.group_id == group, Account.is_active)) or 0)


def _sealed(vault: Secrets, account_id: str, code: str) -> str:
    """A code as it is kept. Nobody chose it, so that a keyed digest keeps it as well as a slow hash keeps a password."""
    return vault.blind_index(f"{account_id}:{code}", "reset code")

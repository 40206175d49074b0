"""Names behind the codes of cards and notices: departments, accounts, posts. Codes nobody knows stay as they are."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.actors import SYSTEM
from engine.db.case_tables import Department
from engine.db.tables import Account, CandidateGroup

#: Who acts without being a person.
NAMES_OF_NOBODY = {SYSTEM.id: SYSTEM.name}


def names_of(session: Session, codes: Iterable[str]) -> dict[str, str]:
    """Department codes and account ids → names."""
    wanted = sorted(set(codes))
    found = (
        dict.fromkeys(wanted, "")
        | _rows(session, Account.id, Account.name, wanted)
        | _rows(session, Department.code, Department.name, wanted)
    )
    return {code: name or NAMES_OF_NOBODY.get(code, code) for code, name in found.items()}


def audience_name(session: Session, audience: str) -> str:
    """Who a notice is for, in words: applicant, user:…, group:… or department:…."""
    kind, _, code = audience.partition(":")
    if kind == "applicant":
        return "申请人"
    if kind == "group":
        group = session.get(CandidateGroup, code)
        return group.name if group else code
    return names_of(session, [code])[code] if code else audience


def _rows(session: Session, key: object, name: object, wanted: list[str]) -> dict[str, str]:
    if not wanted:
        return {}
    return {row[0]: row[1] for row in session.execute(select(key, name).where(key.in_(wanted)))}  # type: ignore[call-overload,attr-defined]

"""Names behind codes: departments, those who answer for them, posts, accounts. Codes nobody knows stay as they are."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.actors import SYSTEM
from engine.assembly import Engine
from engine.db.case_tables import Department, Expert, Matter
from engine.db.tables import Account, CandidateGroup

#: Who acts without being a person.
NAMES_OF_NOBODY = {SYSTEM.id: SYSTEM.name}

APPLICANT = "申请人"
#: Codes of table DT08, where a ledger kept no more than the code.
LAMPS = {"green": "绿灯", "warning": "黄灯预警", "yellow_step": "黄牌(环节)", "yellow": "黄牌", "red": "红牌"}


def names_of(session: Session, codes: Iterable[str]) -> dict[str, str]:
    """Account ids, department codes and groups → names. What is both an account and a post is the account."""
    wanted = sorted(set(codes))
    found = (
        dict.fromkeys(wanted, "")
        | groups_named(session, wanted)
        | _rows(session, Account.id, Account.name, wanted)
        | _rows(session, Department.code, Department.name, wanted)
    )
    return {code: name or NAMES_OF_NOBODY.get(code, code) for code, name in found.items()}


def groups_named(session: Session, codes: Iterable[str]) -> dict[str, str]:
    """Posts, departments and those who answer for them → names, of those that there are."""
    return _rows(session, CandidateGroup.id, CandidateGroup.name, sorted(set(codes)))


def every_group(engine: Engine) -> dict[str, str]:
    """All posts, departments and those who answer for them → names."""
    with engine.database.reading() as session:
        return {row.id: row.name for row in session.execute(select(CandidateGroup.id, CandidateGroup.name))}


def audience_names(session: Session, audiences: Iterable[str]) -> dict[str, str]:
    """Whom notices are for, in words: applicant, user:…, group:…, department:… or expert:…."""
    split = {audience: audience.partition(":")[::2] for audience in audiences}
    people = names_of(session, (code for kind, code in split.values() if kind != "group"))
    groups = groups_named(session, (code for kind, code in split.values() if kind == "group"))
    experts = _rows(session, Expert.id, Expert.name, sorted({code for kind, code in split.values() if kind == "expert"}))
    by_kind = {"group": groups, "expert": experts}
    return {
        audience: APPLICANT if kind == "applicant" else by_kind.get(kind, people).get(code) or people.get(code) or code or audience
        for audience, (kind, code) in split.items()
    }


def english_names(session: Session) -> dict[str, str]:
    """The Chinese names of posts, departments, those who answer for them, and matters → their English ones."""
    posts = select(CandidateGroup.name, CandidateGroup.name_en).where(CandidateGroup.kind == "post")
    departments = dict(session.execute(select(Department.name, Department.name_en)).tuples().all())
    leaders = {f"{name}领导": f"Leaders of {name_en}" for name, name_en in departments.items() if name_en}
    matters = dict(session.execute(select(Matter.name, Matter.name_en)).tuples().all())
    return matters | dict(session.execute(posts).tuples().all()) | leaders | departments


def _rows(session: Session, key: object, name: object, wanted: list[str]) -> dict[str, str]:
    if not wanted:
        return {}
    return {row[0]: row[1] for row in session.execute(select(key, name).where(key.in_(wanted)))}  # type: ignore[call-overload,attr-defined]

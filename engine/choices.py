"""Choices that forms take from reference data: what holds today, or what held when the case that is judged by them was accepted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.db.case_tables import Department, Expert, Matter, NegativeItem
from engine.db.tables import Account
from engine.errors import NotFound
from engine.services import matters, rule_rows
from engine.services.rule_rows import RuleRows
from engine.services.validity import holds, nearest, span

#: Sources by which a case is judged: as of its acceptance. The others are served by whoever is there today.
JUDGING = frozenset({"matters", "negative_list"})

SOURCES = {
    "departments": select(Department.code, Department.name).order_by(Department.code),
    "matters": select(Matter.code, Matter.name).order_by(Matter.code),
    "negative_list": select(NegativeItem.code, NegativeItem.name).order_by(NegativeItem.code),
    "experts": select(Expert.id, Expert.name).order_by(Expert.id),
    "accounts": select(Account.id, Account.name).where(Account.is_active).order_by(Account.id),
}


@dataclass(frozen=True)
class Offer:
    """What can be chosen, and of what cannot be chosen any more, or not yet, why."""

    values: tuple[dict[str, str], ...]
    gone: Mapping[str, str] = field(default_factory=dict)


def offered(session: Session, source: str, now: datetime, accepted_at: datetime | None = None) -> Offer:
    """The choices of a source; the code stands before the name so that it can be typed. Raises NotFound for an unknown source."""
    if source not in SOURCES:
        raise NotFound(f"Expected one of {', '.join(SOURCES)} as the source of choices but got {source!r}.")
    found = None if source == "accounts" else rule_rows.accepted_at(session, source, accepted_at if source in JUDGING else None, now)
    if found is None:
        return Offer(tuple(_choice(code, name) for code, name in session.execute(SOURCES[source])))
    key = rule_rows.keys_of(source)
    rows = sorted(nearest(found.every, key, found.on), key=lambda row: str(row[key[0]]))
    gone = {str(row[key[0]]): _why(found, str(row[key[0]]), row.values) for row in rows if not holds(row.values, found.on)}
    return Offer(tuple(_choice(str(row[key[0]]), str(row["name"])) for row in rows if str(row[key[0]]) not in gone), gone)


def _choice(code: str, name: str) -> dict[str, str]:
    return {"value": code, "label": f"{code} {name}"}


def _why(found: RuleRows, code: str, values: Mapping[str, object]) -> str:
    if found.key == matters.KEY:
        return matters.refusal(found, code) or ""
    begin, end = span(values)
    when = f"自{begin}起才有效" if found.on < begin else f"自{end + timedelta(days=1)}起不再有效"
    return f"“{code} {values['name']}”{when},请重新选择。"

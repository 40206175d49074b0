"""Choices that forms offer from reference data."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from engine.assembly import Engine
from engine.db.case_tables import Department, Expert, Matter, NegativeItem
from engine.db.tables import Account
from engine.errors import NotFound

_SOURCES = {
    "departments": select(Department.code, Department.name).order_by(Department.code),
    "matters": select(Matter.code, Matter.name).order_by(Matter.code),
    "negative_list": select(NegativeItem.code, NegativeItem.name).order_by(NegativeItem.code),
    "experts": select(Expert.id, Expert.name).order_by(Expert.id),
    "accounts": select(Account.id, Account.name).where(Account.is_active).order_by(Account.id),
}


@dataclass(frozen=True)
class Option:
    """One choice; codes stand before the name so that a clerk can type them."""

    value: str
    label: str
    label_en: str


def options(engine: Engine, source: str) -> tuple[Option, ...]:
    """The choices of a source named in a form (``properties.source``)."""
    if source not in _SOURCES:
        raise NotFound(f"Expected one of {', '.join(_SOURCES)} as the source of choices but got {source!r}.")
    with engine.database.reading() as session:
        return tuple(Option(code, f"{code} {name}", f"{code} {name}") for code, name in session.execute(_SOURCES[source]))

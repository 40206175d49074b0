"""Choices that forms offer from reference data."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from engine.actors import Actor
from engine.assembly import Engine
from engine.choices import offered
from engine.db.tables import Account


@dataclass(frozen=True)
class Option:
    """One choice."""

    value: str
    label: str
    label_en: str


def options(engine: Engine, source: str) -> tuple[Option, ...]:
    """The choices of a source named in a form (``properties.source``)."""
    with engine.database.reading() as session:
        offer = offered(session, source, engine.clock.now())
    return tuple(Option(choice["value"], choice["label"], choice["label"]) for choice in offer.values)


def colleagues(engine: Engine, actor: Actor) -> tuple[Option, ...]:
    """Active accounts of the actor's scope: those a task can be handed to."""
    found = select(Account.id, Account.name).where(Account.is_active, Account.org_unit.in_(actor.scope)).order_by(Account.id)
    with engine.database.reading() as session:
        return tuple(Option(row.id, f"{row.id} {row.name}", f"{row.id} {row.name}") for row in session.execute(found))

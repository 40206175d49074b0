"""Give partners keys and replace them. Only whoever operates the installation does; each key is given away once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.actors import SYSTEM, Actor
from engine.assembly import Engine
from engine.errors import NotAllowed
from engine.services import evidence, partner_keys

#: The chain of evidence that tells of keys.
CHAIN = "partners"


@dataclass(frozen=True)
class NewKey:
    """A key that was just made. Nothing shows ``key`` again; ``mark`` names it afterwards, ``old_until`` ends the one before it."""

    partner: str
    key: str
    mark: str
    old_until: datetime | None


def create_key(engine: Engine, actor: Actor, partner: str) -> NewKey:
    """The first key of a partner. The derived one, which nobody was shown, ends with it."""
    _require_operator(actor)
    now = engine.clock.now()
    with engine.database.transaction() as session:
        row, key = partner_keys.create(session, engine.secrets, partner, now, actor.id)
        evidence.record(session, now, actor, CHAIN, "partner:key", partner=partner, mark=row.mark, old_until=None)
        return NewKey(partner, key, row.mark, None)


def rotate_key(engine: Engine, actor: Actor, partner: str, overlap: timedelta) -> NewKey:
    """A new key; the old one holds for ``overlap`` longer, or not at all."""
    _require_operator(actor)
    now = engine.clock.now()
    with engine.database.transaction() as session:
        row, key = partner_keys.rotate(session, engine.secrets, partner, now, now + overlap, actor.id)
        evidence.record(session, now, actor, CHAIN, "partner:key", partner=partner, mark=row.mark, old_until=(now + overlap).isoformat())
        return NewKey(partner, key, row.mark, now + overlap)


def _require_operator(actor: Actor) -> None:
    if actor != SYSTEM:
        raise NotAllowed("Expected the command line of the installation to make keys but it was somebody else.")

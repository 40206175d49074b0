"""What people write where a form asks for something that the centre keeps: the number of a file, an item that a department shares."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

from sqlalchemy.orm import Session

from engine import forms
from engine.assembly import Engine
from engine.simulation.filling import references

#: So many files are looked at; about one in two fields gets the number of one.
LISTED, NAMED = 50, 0.5


def named(engine: Engine, chance: Random, schema: Mapping[str, Any]) -> dict[str, Any]:
    """Entries for the fields that refer to something, by key. A file may not name itself, and often there is no other.

    The rest stays empty: what chance would write there is the number of nothing.
    """
    asked = dict(references(schema))
    shared = {key: kind for key, kind in asked.items() if kind.startswith(forms.SHARED_BY)}
    wanted = {key: kind for key, kind in asked.items() if key not in shared}
    if not asked:
        return {}
    with engine.database.reading() as session:
        items = _items(session, chance, shared)
        lists = {kind: session.scalars(forms.numbers_of(kind).limit(LISTED)).all() for kind in set(wanted.values())}
    chosen = {key: kind for key, kind in wanted.items() if lists[kind] and chance.random() < NAMED}
    return items | dict.fromkeys(wanted, "") | {key: chance.choice(lists[kind]) for key, kind in chosen.items()}


def _items(session: Session, chance: Random, wanted: Mapping[str, str]) -> dict[str, Any]:
    """A department and something that it shares, for each field that asks for an item."""
    items = forms.shared_items(session) if wanted else ()
    chosen: dict[str, Any] = {}
    for key, refers_to in wanted.items():
        chosen[refers_to.removeprefix(forms.SHARED_BY)], chosen[key] = chance.choice(items)
    return chosen

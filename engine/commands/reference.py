"""Load reference data: departments, matters, materials, negative list, experts, calendar, notice texts."""

from __future__ import annotations

from pathlib import Path

from engine.actors import Actor
from engine.assembly import Engine
from engine.services import accounts, due_dates, evidence, reference


def load_reference(engine: Engine, actor: Actor, folder: Path) -> dict[str, int]:
    """Bring the tables in line with the files; due times that a new calendar moves are moved. Returns the number of rows by table.

    Raises InvalidDefinition with every finding; nothing is changed then.
    """
    with engine.database.transaction() as session:
        accounts.ensure_posts(session)
        accounts.ensure_org_unit(session, engine.settings.org_unit, engine.settings.region)
        counts = reference.load(session, folder)
        session.flush()
        digest = evidence.digest({path.name: evidence.digest(path.read_text("utf-8")) for path in sorted(folder.glob("*.csv"))})
        evidence.record(session, engine.clock.now(), actor, "reference", "reference:load", digest=digest)
        # Only now: the evidence of this load is what tells the calendar that it has changed.
        due_dates.recompute(session, engine.calendars.read(session), engine.clock.now(), actor)
        return counts

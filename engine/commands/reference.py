"""Load reference data: departments, matters, materials, negative list, experts, calendar, notice texts."""

from __future__ import annotations

from pathlib import Path

from engine import submission
from engine.actors import Actor
from engine.assembly import Engine
from engine.services import accounts, reference


def load_reference(engine: Engine, actor: Actor, folder: Path) -> dict[str, int]:
    """Keep the files as versions, in force at once, and bring the tables in line. Returns the number of rows by table.

    Files that are in force already change nothing. Raises InvalidDefinition with every finding; nothing is changed then.
    """
    files = reference.files_in(folder)
    with engine.database.transaction() as session:
        accounts.ensure_posts(session)
        accounts.ensure_org_unit(session, engine.settings.org_unit, engine.settings.region)
        counts = {name.removesuffix(".csv"): len(rows) for name, rows in reference.read(files).items()}
        parsed = submission.parsed(engine, {_place(name): content for name, content in files.items()}, "zh")
        submission.install(engine, session, actor, parsed, submission.Label("reference data", "", {"files": len(files)}))
        return counts


def _place(name: str) -> str:
    """Where the file stands among the analysts' files."""
    return f"processes/notices/{name}" if name == reference.MESSAGES.name else f"processes/reference/{name}"

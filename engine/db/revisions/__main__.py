"""Writes the next revision: compares the tables in code with a fresh database at the newest revision. For developers."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from alembic import command

from engine.db.database import Database
from engine.db.revisions import FOLDER, configuration, upgrade


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or arguments[0].startswith("-"):
        sys.stderr.write('Expected one sentence that says what changes: ./dev revision "Add the reason of a pause"\n')
        return 2
    number = f"{len(list((FOLDER / 'versions').glob('[0-9]*.py'))) + 1:04}"
    with tempfile.TemporaryDirectory() as folder:
        written = _write(Database(f"sqlite:///{Path(folder) / 'empty.db'}"), arguments[0], number)
    for tidy in (["check", "--fix", "--quiet"], ["format", "--quiet"]):
        subprocess.run([sys.executable, "-m", "ruff", *tidy, str(written)], check=True)
    sys.stdout.write(f"{written}: read it, then run the tests in tests/db.\n")
    return 0


def _write(database: Database, message: str, number: str) -> Path:
    upgrade_if_any(database)
    with database.engine.begin() as connection:
        script = command.revision(configuration(connection), message, autogenerate=True, rev_id=number)
    database.dispose()
    assert script is not None and not isinstance(script, list)
    return Path(script.path)


def upgrade_if_any(database: Database) -> None:
    if any((FOLDER / "versions").glob("[0-9]*.py")):
        upgrade(database)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

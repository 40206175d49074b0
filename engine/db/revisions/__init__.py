"""Database revisions: brings a database to the tables this version of the program needs. Works from an installed wheel.

A revision changes the schema in one transaction of its own, under a lock, so that several programs may start at once.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from engine.db.database import Database
from engine.errors import Conflict

FOLDER = Path(__file__).resolve().parent

#: Any number will do, as long as every program of ours takes the same one.
_UPGRADE_LOCK = 0x444F5544


def upgrade(database: Database) -> tuple[str | None, str]:
    """Apply every revision that is missing. Answers (revision before, revision now)."""
    with database.engine.begin() as connection:
        _wait_for_other_upgrades(connection)
        before = _revision_of(connection)
        command.upgrade(configuration(connection), "head")
        return before, newest_revision()


def require_current(database: Database) -> None:
    """Refuse to work on tables of another version."""
    with database.engine.connect() as connection:
        found = _revision_of(connection)
    if found != newest_revision():
        state = f"is at {found}" if found else "has no tables yet"
        raise Conflict(f"Expected the database at revision {newest_revision()} but it {state}. Run: doudi upgrade-db")


def newest_revision() -> str:
    head = ScriptDirectory(str(FOLDER)).get_current_head()
    assert head is not None, "the package ships at least one revision"
    return head


def configuration(connection: Connection) -> Config:
    """Alembic's settings without a file, on a connection that is already open."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _revision_of(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _wait_for_other_upgrades(connection: Connection) -> None:
    """PostgreSQL: a lock until the transaction ends. SQLite: the transaction began by taking the write lock."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _UPGRADE_LOCK})

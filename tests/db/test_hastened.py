"""A database that need not survive a crash of the machine commits without waiting for the disk; any other waits."""

from __future__ import annotations

from pathlib import Path

from engine.db.database import Database

FULL, NORMAL = 2, 1


def waits(database: Database) -> int:
    with database.engine.connect() as connection:
        return int(connection.exec_driver_sql("PRAGMA synchronous").scalar_one())


def test_only_a_hastened_database_does_not_wait_for_the_disk(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'doudi.db'}")
    assert waits(database) == FULL
    database.hasten()
    assert waits(database) == NORMAL
    assert waits(Database(database.url)) == FULL
    database.dispose()

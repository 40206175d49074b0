"""Transactions. The only place that commits."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from engine.db.prepared import Prepared
from engine.db.rows import InstanceRow, TaskRow
from engine.errors import Conflict

CHANGED_MEANWHILE = "Expected to be the only one changing this process instance but somebody changed it meanwhile. Reload and try again."

#: Parameters hold what people wrote; the texts of errors go into logs and incidents.
KEEP_QUIET: dict[str, Any] = {"hide_parameters": True}


class Database:
    """One database: SQLite in WAL mode, or PostgreSQL."""

    def __init__(self, url: str):
        self.url = url
        self._pool = _create(url)
        #: For whoever opens connections himself (revisions). Listeners cost something at each statement, so that sessions have none.
        self.engine = self._pool.execution_options()
        if self.is_sqlite:
            event.listen(self.engine, "begin", _begin_writing)

    @property
    def is_sqlite(self) -> bool:
        return self._pool.dialect.name == "sqlite"

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """One command: all of it is written, or nothing. A concurrent change raises ``Conflict``."""
        with Session(self._pool, expire_on_commit=False, autoflush=False) as session:
            try:
                if self.is_sqlite:
                    _begin_writing(session.connection())
                yield session
                session.commit()
            except BaseException as error:
                session.rollback()
                if _is_lost_race(error):
                    raise Conflict(CHANGED_MEANWHILE) from error
                raise

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A query: nothing can be written."""
        with Session(self._pool, expire_on_commit=False, autoflush=False) as session:
            if self.is_sqlite:
                _execute(session.connection(), "BEGIN")
            yield session

    def data_version(self) -> int | None:
        """A number that changes when another connection commits (SQLite only); wakes an idle worker."""
        if not self.is_sqlite:
            return None
        with self._pool.connect() as connection:
            return int(connection.exec_driver_sql("PRAGMA data_version").scalar_one())

    def dispose(self) -> None:
        self._pool.dispose()


def change_row(session: Session, statement: Prepared, row: InstanceRow | TaskRow, **values: Any) -> None:
    """Set columns of a row that was read before. Raises ``Conflict`` when somebody has changed it since."""
    if statement.change(session, row_id=row.id, version_read=row.version, **values) != 1:
        raise Conflict(CHANGED_MEANWHILE)


def _is_lost_race(error: BaseException) -> bool:
    """A stale version, or PostgreSQL's victim among commands that waited for each other (deadlock, serialisation failure)."""
    return isinstance(error, StaleDataError) or getattr(getattr(error, "orig", None), "sqlstate", None) in ("40P01", "40001")


def _create(url: str) -> Engine:
    if not url.startswith("sqlite"):
        # Hosts give addresses without a driver; ours is psycopg 3.
        return create_engine(
            re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", url), pool_pre_ping=True, pool_size=10, max_overflow=20, **KEEP_QUIET
        )
    engine = create_engine(url, connect_args={"check_same_thread": False, "timeout": 30}, **KEEP_QUIET)
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # BEGIN is ours: the driver's own would start too late to queue writers
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_writing(connection: Connection) -> None:
    """Queue up for the write lock now: a transaction that reads first and writes later would be refused instead of waiting."""
    try:
        _execute(connection, "BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        raise Conflict("Expected the database to be free within 30 seconds but another command still writes. Try again.") from error


def _execute(connection: Connection, command: str) -> None:
    cursor = connection.connection.cursor()
    cursor.execute(command)
    cursor.close()

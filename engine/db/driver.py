"""The driver's own connection behind a session: runs texts past SQLAlchemy. Knows no statement.

It is the connection of the session's transaction, so that transactions and savepoints hold what runs here as they hold everything else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn, cast

from sqlalchemy import Connection
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

Row = tuple[Any, ...]

KEPT = "driver"


class Driver:
    """Runs each text at once."""

    def __init__(self, connection: Connection, transaction: object):
        self.dialect: Dialect = connection.dialect
        self._transaction = transaction
        self._raw: Any = connection.connection.dbapi_connection
        self._errors: type[Exception] = cast(Any, connection.dialect).loaded_dbapi.Error

    def serves(self, transaction: object) -> bool:
        return self._transaction is transaction

    def fetch(self, sql: str, values: Any) -> list[Row]:
        try:
            return cast(list[Row], self._raw.execute(sql, values).fetchall())
        except self._errors as error:
            self._fail(sql, error)

    def change(self, sql: str, values: Any) -> int:
        try:
            return int(self._raw.execute(sql, values).rowcount)
        except self._errors as error:
            self._fail(sql, error)

    def write(self, sql: str, rows: Sequence[Any]) -> None:
        """Run it for each row; nobody asks what it changed."""
        try:
            if len(rows) == 1:
                self._raw.execute(sql, rows[0])
            else:
                self._raw.executemany(sql, rows)
        except self._errors as error:
            self._fail(sql, error)

    def change_one(self, sql: str, values: Any, otherwise: Exception) -> None:
        """Raises ``otherwise``, in a batch perhaps later, unless it changed one row."""
        if self.change(sql, values) != 1:
            raise otherwise

    def begin_batch(self) -> bool:
        """Until ``end_batch`` what is written may wait for the next text that is asked for its rows. False: it had begun already."""
        return False

    def end_batch(self) -> bool:
        """Everything written has arrived, or the first error is raised. False: there was no batch."""
        return False

    def forget_batch(self) -> None:
        """The command fails: what waits is not written."""

    def _fail(self, sql: str, error: Exception) -> NoReturn:
        # The parameters are what people wrote: they stay out of messages and logs.
        raise DBAPIError.instance(sql, None, error, cast(Any, self._errors), hide_parameters=True, dialect=self.dialect) from error


def driver_of(session: Session) -> Driver:
    """The session's driver; a savepoint that was begun is set now."""
    kept: Driver | None = session.info.get(KEPT)
    if kept is not None and kept.serves(_innermost(session)):
        return kept
    connection = session.connection()
    session.info[KEPT] = found = _kind(connection)(connection, _innermost(session))
    return found


@contextmanager
def batch(session: Session) -> Iterator[None]:
    """What is written in here may wait for what is asked next, but no longer than to the end.

    SQLAlchemy's own statements overtake what waits: those that write, or read what was written, belong into ``at_once``.
    """
    driver = driver_of(session)
    if not driver.begin_batch():
        yield
        return
    try:
        yield
    except BaseException:
        driver_of(session).forget_batch()
        raise
    driver_of(session).end_batch()


@contextmanager
def at_once(session: Session) -> Iterator[None]:
    """In the middle of a batch: what waited has arrived, and nothing waits until this ends."""
    if not driver_of(session).end_batch():
        yield
        return
    yield
    driver_of(session).begin_batch()


def _innermost(session: Session) -> object:
    return session.get_nested_transaction() or session.get_transaction()


def _kind(connection: Connection) -> type[Driver]:
    if connection.dialect.driver != "psycopg":
        return Driver
    from engine.db.pipeline import Pipeline  # here, because an installation on SQLite has no psycopg

    return Pipeline

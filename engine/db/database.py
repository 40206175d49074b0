"""Transactions. The only place that commits."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from engine.db.prepared import Prepared
from engine.db.rows import InstanceRow, TaskRow
from engine.db.write_queue import PATIENCE, WriteQueue, is_possible
from engine.errors import Conflict

CHANGED_MEANWHILE = "Expected to be the only one changing this process instance but somebody changed it meanwhile. Reload and try again."

#: Of two instances of one case that write at the same moment, the later finds its place in the chain taken.
CHAIN_OF_EVIDENCE = "uq_evidence_chain"

#: Seconds that a command waits for others who write to SQLite.
LONGEST_WAIT = 30

#: Parameters hold what people wrote; the texts of errors go into logs and incidents.
KEEP_QUIET: dict[str, Any] = {"hide_parameters": True}


class Work:
    """One command at the database: its session, and on SQLite its turn to write."""

    def __init__(self, session: Session, is_sqlite: bool, queue: WriteQueue | None):
        self.session = session
        self._is_sqlite, self._queue = is_sqlite, queue
        self._turn: int | None = None
        self._has_read = False

    def start_reading(self) -> None:
        if self._is_sqlite:
            _execute(self.session.connection(), "BEGIN")
            self._has_read = True

    def start_writing(self) -> bool:
        """From here on nobody else writes. True: others may have written since the reading began, look again at what it found.

        PostgreSQL locks rows as they are read, so that there is nothing to wait for and nothing to look at again.
        """
        if not self._is_sqlite:
            return False
        connection = self.session.connection()
        if self._has_read:
            _execute(connection, "COMMIT")
            if self.session.identity_map:
                self.session.expunge_all()
        if self._queue is not None:
            self._turn = self._queue.take_turn()
        _begin_writing(connection)
        return self._has_read

    def end_turn(self) -> None:
        if self._queue is not None:
            self._queue.end_turn(self._turn)


class Database:
    """One database: SQLite in WAL mode, or PostgreSQL."""

    def __init__(self, url: str):
        self.url = url
        self._pool = _create(url)
        #: For whoever opens connections himself (revisions). Listeners cost something at each statement, so that sessions have none.
        self.engine = self._pool.execution_options()
        if self.is_sqlite:
            event.listen(self.engine, "begin", _begin_writing)
        self._queue = _queue(self._pool)

    @property
    def is_sqlite(self) -> bool:
        return self._pool.dialect.name == "sqlite"

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """One command: all of it is written, or nothing. A concurrent change raises ``Conflict``."""
        with self._work() as work:
            work.start_writing()
            yield work.session

    @contextmanager
    def transaction_after_reading(self) -> Iterator[Work]:
        """A command that reads and computes before it starts to write: on SQLite it holds nobody up meanwhile."""
        with self._work() as work:
            work.start_reading()
            yield work

    @contextmanager
    def _work(self) -> Iterator[Work]:
        with Session(self._pool, expire_on_commit=False, autoflush=False) as session:
            work = Work(session, self.is_sqlite, self._queue)
            try:
                yield work
                session.commit()
            except BaseException as error:
                _roll_back(session)
                if _is_lost_race(error):
                    raise Conflict(CHANGED_MEANWHILE) from error
                raise
            finally:
                work.end_turn()

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

    def hasten(self) -> None:
        """SQLite: from now on a commit no longer waits for the disk. For what can be made again from nothing.

        A crash of the machine then loses the last commits, but breaks no file (WAL with synchronous=NORMAL). PostgreSQL stays as it is.
        """
        if self.is_sqlite:
            self._pool.dispose()
            event.listen(self._pool, "connect", _hasten_sqlite)

    def dispose(self) -> None:
        self._pool.dispose()


def change_row(session: Session, statement: Prepared, row: InstanceRow | TaskRow, **values: Any) -> None:
    """Set columns of a row that was read before. Raises ``Conflict`` when somebody has changed it since."""
    statement.change_one(session, Conflict(CHANGED_MEANWHILE), row_id=row.id, version_read=row.version, **values)


def _roll_back(session: Session) -> None:
    try:
        session.rollback()
    except DBAPIError:  # the connection has gone, and the transaction with it
        session.invalidate()


def _is_lost_race(error: BaseException) -> bool:
    """A stale version, or what PostgreSQL says to the later of two (deadlock, serialisation failure, the same next place in a chain)."""
    if isinstance(error, StaleDataError):
        return True
    cause = getattr(error, "orig", None)
    if getattr(cause, "sqlstate", None) in ("40P01", "40001"):
        return True
    return getattr(getattr(cause, "diag", None), "constraint_name", None) == CHAIN_OF_EVIDENCE


def _queue(pool: Engine) -> WriteQueue | None:
    """None where there is nothing to queue for, or no way to: SQLite waits by itself then."""
    file = pool.url.database
    if pool.dialect.name != "sqlite" or not is_possible() or not file or file == ":memory:" or file.startswith("file:"):
        return None
    return WriteQueue(Path(file).resolve())  # one database, one queue, by whichever path it is reached


def _create(url: str) -> Engine:
    if not url.startswith("sqlite"):
        # Hosts give addresses without a driver; ours is psycopg 3.
        # psycopg drops every text that a connection keeps, ours too, at each roll-back, as at the end of a reading. So it keeps none.
        driver: dict[str, Any] = {"connect_args": {"prepare_threshold": None}, "pool_size": 10, "max_overflow": 20}
        engine = create_engine(re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", url), **driver, **KEEP_QUIET)
        event.listen(engine, "checkout", _refuse_dead)
        return engine
    engine = create_engine(url, connect_args={"check_same_thread": False, "timeout": LONGEST_WAIT}, **KEEP_QUIET)
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _refuse_dead(connection: Any, _record: Any, _proxy: Any) -> None:
    """A server that went away has said so on the socket: looking there costs no round trip, as a ping would. The pool connects anew."""
    try:
        for _ in range(2):  # its last words, then that there is nothing more
            connection.pgconn.consume_input()
    except Exception as error:  # whatever it says, nothing can be sent there
        raise DisconnectionError from error


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # BEGIN is ours: the driver's own would start too late to queue writers
    patience = LONGEST_WAIT - PATIENCE if is_possible() else LONGEST_WAIT  # part of it is spent in the queue
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={int(patience * 1000)}"):
        connection.execute(f"PRAGMA {pragma}").close()


def _hasten_sqlite(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous=NORMAL").close()


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

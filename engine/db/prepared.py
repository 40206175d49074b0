"""A constant statement as its driver takes it: compiled once for each database, run past SQLAlchemy's execution. Refuses lists to expand.

It runs on the session's own connection, so that transactions and savepoints hold it as they hold everything else. Types convert, and errors
are raised, as SQLAlchemy does it; its logging and its events of statements do not see it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, cast

from sqlalchemy import Connection, Delete, Insert, Select, TextClause, Update
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

Statement = Select[Any] | Insert | Update | Delete | TextClause
Row = tuple[Any, ...]
Convert = Callable[[Any], Any]


class Prepared:
    """One statement. Its parameters are its bind parameters and, in an insert or an update, the columns to set."""

    def __init__(self, statement: Statement):
        self._statement = statement
        self._texts: dict[tuple[str, ...], _DriverText] = {}

    def all(self, session: Session, **parameters: Any) -> list[Row]:
        """The rows it finds, or returns of what it changed."""
        connection = session.connection()
        text = self._text(connection.dialect, parameters)
        with _DriverCursor(connection, text.sql) as cursor:
            cursor.execute(text.sql, text.bound(parameters))
            return text.rows(cursor.fetchall())

    def first(self, session: Session, **parameters: Any) -> Row | None:
        """The first row, or None. Reads them all: a statement that may find many has its own limit."""
        rows = self.all(session, **parameters)
        return rows[0] if rows else None

    def change(self, session: Session, **parameters: Any) -> int:
        """How many rows it added, changed or removed."""
        connection = session.connection()
        text = self._text(connection.dialect, parameters)
        with _DriverCursor(connection, text.sql) as cursor:
            cursor.execute(text.sql, text.bound(parameters))
            return int(cursor.rowcount)

    def change_each(self, session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run it for each set of parameters; all have the names of the first."""
        if not rows:
            return
        connection = session.connection()
        text = self._text(connection.dialect, rows[0])
        with _DriverCursor(connection, text.sql) as cursor:
            cursor.executemany(text.sql, [text.bound(row) for row in rows])

    def _text(self, dialect: Dialect, parameters: Mapping[str, Any]) -> _DriverText:
        key = (dialect.name, *parameters)
        text = self._texts.get(key)
        if text is None:
            text = self._texts[key] = _DriverText(self._statement, dialect, list(parameters))
        return text


class _DriverText:
    """The statement in one database's words for one set of parameters, and how values go in and come out."""

    def __init__(self, statement: Statement, dialect: Dialect, names: list[str]):
        compiled = statement.compile(dialect=dialect, column_keys=names)
        _require_plain(compiled, names)
        self.sql = compiled.string
        self._is_positional = compiled.positional
        self._writers = [(name, _writer(compiled.binds[name].type, dialect)) for name in compiled.positiontup or compiled.binds]
        self._constants = {name: bind.value for name, bind in compiled.binds.items() if name not in names}
        columns = [] if isinstance(statement, TextClause) else [column.type for column in statement.exported_columns]
        readers = [(place, _reader(column, dialect)) for place, column in enumerate(columns)]
        self._readers = [(place, read) for place, read in readers if read is not None]

    def bound(self, parameters: Mapping[str, Any]) -> Any:
        """The values as the driver wants them: in the order of the text, or by name."""
        given = {**self._constants, **parameters} if self._constants else parameters
        values = [given[name] if write is None else write(given[name]) for name, write in self._writers]
        return values if self._is_positional else {name: value for (name, _), value in zip(self._writers, values, strict=True)}

    def rows(self, found: list[Row]) -> list[Row]:
        return [self._read(row) for row in found] if self._readers else found

    def _read(self, row: Row) -> Row:
        values = list(row)
        for place, read in self._readers:
            values[place] = read(values[place])
        return tuple(values)


class _DriverCursor:
    """A cursor of the driver for one execution. An error of the driver leaves it as the SQLAlchemy error of its kind."""

    def __init__(self, connection: Connection, sql: str):
        self._connection, self._sql = connection, sql

    def __enter__(self) -> Any:
        self._cursor = self._connection.connection.cursor()
        return self._cursor

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._cursor.close()
        dialect = self._connection.dialect
        if error is not None and isinstance(error, base := cast(Any, dialect).loaded_dbapi.Error):
            # The parameters are what people wrote: they stay out of messages and logs.
            raise DBAPIError.instance(self._sql, None, cast(Exception, error), base, hide_parameters=True, dialect=dialect) from error


def _require_plain(compiled: SQLCompiler, names: list[str]) -> None:
    """Every parameter is known and has its value; nothing is left for SQLAlchemy to fill in at the execution."""
    if unknown := set(names) - compiled.binds.keys():
        raise ValueError(f"Expected parameters of the statement but {sorted(unknown)} are none: {compiled.string}")
    if missing := {name for name, bind in compiled.binds.items() if bind.required} - set(names):
        raise ValueError(f"Expected a value for {sorted(missing)} but none was given: {compiled.string}")
    if compiled.insert_prefetch or compiled.update_prefetch or compiled.post_compile_params:
        raise ValueError(f"Expected a statement without defaults and lists to expand but got {compiled.string}")


def _writer(column_type: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    return column_type.dialect_impl(dialect).bind_processor(dialect)


def _reader(column_type: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    return column_type.dialect_impl(dialect).result_processor(dialect, None)

"""A constant statement as its driver takes it: compiled once for each database, run past SQLAlchemy's execution. Refuses lists to expand.

It runs on the session's own connection, so that transactions and savepoints hold it as they hold everything else. Types convert, and errors
are raised, as SQLAlchemy does it; its logging and its events of statements do not see it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC
from functools import lru_cache
from typing import Any

from sqlalchemy import Delete, Insert, Select, TextClause, Update
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

from engine.db.base import Moment
from engine.db.driver import Row, driver_of

Statement = Select[Any] | Insert | Update | Delete | TextClause
Convert = Callable[[Any], Any]


class Prepared:
    """One statement. Its parameters are its bind parameters and, in an insert or an update, the columns to set."""

    def __init__(self, statement: Statement):
        self._statement = statement
        self._texts: dict[tuple[str, ...], _DriverText] = {}

    def all(self, session: Session, **parameters: Any) -> list[Row]:
        """The rows it finds, or returns of what it changed."""
        driver = driver_of(session)
        text = self._text(driver.dialect, parameters)
        return text.rows(driver.fetch(text.sql, text.bound(parameters)))

    def first(self, session: Session, **parameters: Any) -> Row | None:
        """The first row, or None. Reads them all: a statement that may find many has its own limit."""
        rows = self.all(session, **parameters)
        return rows[0] if rows else None

    def change(self, session: Session, **parameters: Any) -> int:
        """How many rows it added, changed or removed."""
        driver = driver_of(session)
        text = self._text(driver.dialect, parameters)
        if text.adds_one:
            driver.write(text.sql, (text.bound(parameters),))
            return 1
        return driver.change(text.sql, text.bound(parameters))

    def change_one(self, session: Session, otherwise: Exception, **parameters: Any) -> None:
        """Change the one row that it names; in a batch ``otherwise`` may be raised as late as at its end."""
        driver = driver_of(session)
        text = self._text(driver.dialect, parameters)
        driver.change_one(text.sql, text.bound(parameters), otherwise)

    def change_each(self, session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run it for each set of parameters; all have the names of the first."""
        if not rows:
            return
        driver = driver_of(session)
        text = self._text(driver.dialect, rows[0])
        driver.write(text.sql, [text.bound(row) for row in rows])

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
        #: It adds its row or raises; there is nothing to ask.
        self.adds_one = isinstance(statement, Insert) and statement.select is None
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


def _require_plain(compiled: SQLCompiler, names: list[str]) -> None:
    """Every parameter is known and has its value; nothing is left for SQLAlchemy to fill in at the execution."""
    if unknown := set(names) - compiled.binds.keys():
        raise ValueError(f"Expected parameters of the statement but {sorted(unknown)} are none: {compiled.string}")
    if missing := {name for name, bind in compiled.binds.items() if bind.required} - set(names):
        raise ValueError(f"Expected a value for {sorted(missing)} but none was given: {compiled.string}")
    if compiled.insert_prefetch or compiled.update_prefetch or compiled.post_compile_params:
        raise ValueError(f"Expected a statement without defaults and lists to expand but got {compiled.string}")


def _writer(column_type: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    convert = column_type.dialect_impl(dialect).bind_processor(dialect)
    if convert is None or dialect.name != "sqlite" or not isinstance(column_type, Moment):
        return convert
    return _remembering(convert)


def _remembering(convert: Convert) -> Convert:
    """A command writes the same few moments into many columns. Those in UTC alone: two of a zone may be equal and mean different ones."""
    remembered = lru_cache(maxsize=64)(convert)
    return lambda value: remembered(value) if value is not None and value.tzinfo is UTC else convert(value)


def _reader(column_type: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    return column_type.dialect_impl(dialect).result_processor(dialect, None)

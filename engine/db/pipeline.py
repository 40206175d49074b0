"""psycopg's connection as libpq sees it: prepared texts that travel to PostgreSQL together, in one round trip. Knows no statement.

psycopg's own pipeline sends each text by itself, so that client and server wake each other as often as without it. Values go as text; each
text casts its parameters, and says so to the server once for each connection.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from itertools import count
from typing import Any, NamedTuple, cast

import psycopg
from psycopg.abc import PQGen
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult
from psycopg.waiting import Ready, Wait
from sqlalchemy import Connection

from engine.db.driver import Driver, Row

_PARAMETER = re.compile(r"%\((\w+)\)s|%%")
_GOOD = (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK)


class _Text(NamedTuple):
    """A text with numbered parameters, and the name under which connections keep it."""

    name: bytes
    sql: bytes
    parameters: tuple[str, ...]


class _Sent(NamedTuple):
    """A text on its way, and what to raise unless it changes one row."""

    sql: str
    values: dict[str, Any]
    otherwise: Exception | None


class Pipeline(Driver):
    """In a batch, what is written waits for the next text that is asked for its rows, and travels with it."""

    def __init__(self, connection: Connection, transaction: object):
        super().__init__(connection, transaction)
        self._known: set[bytes] = connection.info.setdefault("doudi_texts", set())
        self._is_batch = False
        self._waiting: list[_Sent] = []
        self._failure: Exception | None = None

    def fetch(self, sql: str, values: Any) -> list[Row]:
        result = self._send_with(sql, values)
        reader = Transformer(self._raw)
        reader.set_pgresult(result)
        return cast(list[Row], reader.load_rows(0, result.ntuples, tuple))

    def change(self, sql: str, values: Any) -> int:
        return self._send_with(sql, values).command_tuples or 0

    def change_one(self, sql: str, values: Any, otherwise: Exception) -> None:
        self._waiting.append(_Sent(sql, values, otherwise))
        if not self._is_batch:
            self._send()

    def write(self, sql: str, rows: Sequence[Any]) -> None:
        self._waiting.extend(_Sent(sql, row, None) for row in rows)
        if not self._is_batch:
            self._send()

    def begin_batch(self) -> bool:
        had_begun, self._is_batch = self._is_batch, True
        return not had_begun

    def end_batch(self) -> bool:
        if self._waiting or self._failure:
            self._send()
        had_begun, self._is_batch = self._is_batch, False
        return had_begun

    def forget_batch(self) -> None:
        self._is_batch = False
        self._waiting.clear()

    def _send_with(self, sql: str, values: Any) -> PGresult:
        """The result of the text, which goes after everything that waits."""
        self._waiting.append(_Sent(sql, values, None))
        return self._send()

    def _send(self) -> PGresult:
        """Everything that waits, in one round trip; gives the last result.

        What fails in a batch fails it for good: an operation that stops only its own token may have been what sent it.
        """
        if self._failure is not None:
            raise self._failure
        try:
            return self._sent()
        except Exception as failure:  # raised again at once: it is only kept for those who come after it
            self._failure = failure if self._is_batch else None
            raise

    def _sent(self) -> PGresult:
        sent, self._waiting = self._waiting, []
        try:
            results = self._round_trip(sent)
        except self._errors as error:
            self._fail("; ".join(dict.fromkeys(item.sql for item in sent)), error)
        for item, result in zip(sent, results, strict=True):
            if item.otherwise is not None and result.command_tuples != 1:
                raise item.otherwise
        return results[-1]

    def _round_trip(self, sent: list[_Sent]) -> list[PGresult]:
        texts = [_text(item.sql) for item in sent]
        given = [[_dumped(item.values[name]) for name in text.parameters] for item, text in zip(sent, texts, strict=True)]
        fresh = list(dict.fromkeys(text for text in texts if text.name not in self._known))
        pgconn = self._raw.pgconn
        pgconn.enter_pipeline_mode()
        try:
            self._queue(pgconn, fresh, texts, given)
            results: list[PGresult] = self._raw.wait(_communicate(pgconn))
        except BaseException:  # an interrupt, a lost server: what comes back can no longer be told apart
            self._raw.close()
            raise
        pgconn.exit_pipeline_mode()
        own = len(results) - len(sent)
        prepared = zip(fresh, results[own - len(fresh) : own], strict=True)
        self._known.update(text.name for text, result in prepared if result.status == ExecStatus.COMMAND_OK)  # a roll-back keeps them
        if refused := next((result for result in results if result.status not in _GOOD), None):
            raise error_from_result(refused, self._raw.info.encoding)
        return results[own:]

    def _queue(self, pgconn: PGconn, fresh: list[_Text], texts: list[_Text], given: list[list[bytes | None]]) -> None:
        """Hand everything to libpq, what the server does not know yet first."""
        if pgconn.transaction_status == TransactionStatus.IDLE:
            pgconn.send_query_params(b"BEGIN", None)
        for text in fresh:
            pgconn.send_prepare(text.name, text.sql)
        for text, values in zip(texts, given, strict=True):
            pgconn.send_query_prepared(text.name, values)
        pgconn.pipeline_sync()


def _communicate(pgconn: PGconn) -> PQGen[list[PGresult]]:
    """Send what libpq holds and read a result for each text, up to the sync. None stands between two of them."""
    while pgconn.flush():
        if (yield Wait.RW) & Ready.R:
            pgconn.consume_input()
    results: list[PGresult] = []
    while True:
        while pgconn.is_busy():
            yield Wait.R
            pgconn.consume_input()
        result = pgconn.get_result()
        if result is not None and result.status == ExecStatus.PIPELINE_SYNC:
            return results
        if result is not None:
            results.append(result)
        elif pgconn.status == ConnStatus.BAD:
            raise psycopg.OperationalError("Expected the server to answer but the connection is lost.")


_numbers = count(1)


@cache  # as many as there are constants
def _text(sql: str) -> _Text:
    names: dict[str, int] = {}

    def numbered(found: re.Match[str]) -> str:
        return f"${names.setdefault(found[1], len(names) + 1)}" if found[1] else "%"

    text = _PARAMETER.sub(numbered, sql)
    return _Text(f"doudi_{next(_numbers)}".encode(), text.encode(), tuple(names))


def _dumped(value: Any) -> bytes | None:
    """The value in the words of PostgreSQL."""
    if value is None:
        return None
    if isinstance(value, str):
        return _without_nul(value.encode())
    if isinstance(value, bool):
        return b"t" if value else b"f"
    if isinstance(value, int | float):
        return str(value).encode()
    if isinstance(value, datetime):
        return value.isoformat(" ").encode()
    if isinstance(value, date):
        return value.isoformat().encode()
    if isinstance(value, psycopg.Binary):
        value = value.obj
    if isinstance(value, bytes | bytearray | memoryview):
        return b"\\x" + bytes(value).hex().encode()
    raise TypeError(f"Expected text, a number, a moment, a day or bytes but got {type(value).__name__}.")


def _without_nul(text: bytes) -> bytes:
    if b"\0" in text:
        raise psycopg.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
    return text

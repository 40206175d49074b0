"""A queue before SQLite's only write lock, first come, first served, for threads and processes. Guards nothing: the database's lock does.

SQLite waits for its lock by sleeping and trying again: who has just written writes again, and others starve for seconds. Here whoever
arrives locks one byte of a file behind everybody else's, and is served when all bytes before it are free. The system frees what a process
held, however it ended. These locks belong to an open file, not to a process, so that threads queue too. The file stays empty: a full disk
is no matter.

Where there are no such locks, the folder cannot be written or somebody ahead does not move, there is no queue: the database decides as
ever.
"""

from __future__ import annotations

import os
import struct
from _thread import start_new_thread
from pathlib import Path
from threading import Lock

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

#: Linux's ``struct flock``: type, whence, start, length, process.
_FLOCK = struct.Struct("hhqqi4x")
_FIRST = 1

#: Seconds in line. Somebody ahead may be stopped (a debugger): then the others must not wait for ever.
PATIENCE = 15.0


def is_possible() -> bool:
    """Whether this system has locks that belong to an open file."""
    return hasattr(fcntl, "F_OFD_SETLKW")


class WriteQueue:
    """The queue of one database file, kept in a file beside it."""

    def __init__(self, database: Path, patience: float = PATIENCE):
        self._database = database
        self._file = f"{database}-queue"
        self._patience = patience

    def take_turn(self) -> int | None:
        """Wait until everybody who came before has finished. Give what it returns to ``end_turn``; None means that there is no queue."""
        file = self._open()
        if file is None:
            return None
        try:
            place = _line_up(file)
            if place == _FIRST or _is_locked_now(file, _FIRST, place - _FIRST):
                return file
        except OSError:  # a file system without these locks
            os.close(file)
            return None
        return file if _Waiting(file, place).has_come(self._patience) else None

    def end_turn(self, turn: int | None) -> None:
        """Let the next one in line go on."""
        if turn is not None:
            os.close(turn)

    def _open(self) -> int | None:
        try:
            return os.open(self._file, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return self._create()
        except OSError:
            return None

    def _create(self) -> int | None:
        """Like the database file, so that whoever may write the one may queue in the other."""
        try:
            like = self._database.stat()
            file = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            os.fchmod(file, like.st_mode & 0o666)
            if os.geteuid() == 0:
                os.fchown(file, like.st_uid, like.st_gid)
        except OSError:
            return None
        return file


class _Waiting:
    """One that stands in line. A thread waits for him, because waiting for a file lock knows no end of patience.

    ``threading.Thread`` would first let its starter wait until it runs: two more changes between threads in every turn.
    """

    def __init__(self, file: int, place: int):
        self._file, self._place = file, place
        self._settling, self._waiting = Lock(), Lock()
        self._has_come = self._has_left = False

    def has_come(self, patience: float) -> bool:
        """False: he has left the line, and what he held is free."""
        self._waiting.acquire()
        try:
            start_new_thread(self._wait, ())
            self._waiting.acquire(timeout=patience)
        finally:  # an interrupt must not leave him in line
            with self._settling:
                if not self._has_come:
                    self._leave()
        return self._has_come

    def _wait(self) -> None:
        try:
            fcntl.fcntl(self._file, fcntl.F_OFD_SETLKW, _lock(_FIRST, self._place - _FIRST))
        finally:
            with self._settling:
                self._has_come = not self._has_left
                if self._has_left:
                    os.close(self._file)
            self._waiting.release()

    def _leave(self) -> None:
        self._has_left = True
        fcntl.fcntl(self._file, fcntl.F_OFD_SETLK, _FLOCK.pack(fcntl.F_UNLCK, os.SEEK_SET, self._place, 1, 0))


def _line_up(file: int) -> int:
    """Lock the first byte behind all others; gives its number."""
    place = _FIRST
    while True:
        kind, _, start, length, _ = _FLOCK.unpack(fcntl.fcntl(file, fcntl.F_OFD_GETLK, _lock(place, 0)))
        if kind != fcntl.F_UNLCK:
            place = start + max(1, length)
        elif _is_locked_now(file, place, 1):
            return place


def _is_locked_now(file: int, start: int, length: int) -> bool:
    try:
        fcntl.fcntl(file, fcntl.F_OFD_SETLK, _lock(start, length))
    except (BlockingIOError, PermissionError):  # the two words of POSIX for “somebody else has it”
        return False
    return True


def _lock(start: int, length: int) -> bytes:
    """Length 0 means to the end."""
    return _FLOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, start, length, 0)

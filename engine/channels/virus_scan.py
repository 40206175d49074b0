"""Asks a virus scanner about a content: ClamAV's daemon over a socket, or a command. Without one nothing is scanned, and it says so.

``DOUDI_VIRUS_SCAN``: empty; ``clamd:/run/clamav/clamd.ctl``; ``clamd://host:3310``; or a command such as ``clamscan --no-summary -``, which
gets the content on its standard input and ends with 0 (clean) or 1 (infected).
"""

from __future__ import annotations

import shlex
import socket
import subprocess
from typing import Literal
from urllib.parse import urlsplit

from engine.errors import StorageFailed

Verdict = Literal["unscanned", "clean", "infected"]

_PIECE = 1_000_000
_SECONDS = 60
_LONGEST_ANSWER = 4096


def scan(scanner: str, content: bytes) -> Verdict:
    """What the scanner says. Raises StorageFailed when it is configured but cannot be asked: better no file than an unknown one."""
    if not scanner:
        return "unscanned"
    try:
        return _asked_daemon(scanner, content) if scanner.startswith("clamd:") else _asked_command(scanner, content)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise StorageFailed("Expected the virus scanner to answer but it does not. Nothing was kept. Try again later.") from error


def _asked_command(command: str, content: bytes) -> Verdict:
    answer = subprocess.run(shlex.split(command), input=content, capture_output=True, timeout=_SECONDS, check=False)
    if answer.returncode not in (0, 1):
        raise ValueError(f"Expected the scanner to end with 0 or 1 but it ended with {answer.returncode}.")
    return "infected" if answer.returncode else "clean"


def _asked_daemon(scanner: str, content: bytes) -> Verdict:
    """clamd's INSTREAM: pieces, each after its length in four bytes, a length of zero at the end."""
    with _connected(scanner) as daemon:
        daemon.sendall(b"zINSTREAM\0")
        for start in range(0, len(content), _PIECE):
            piece = content[start : start + _PIECE]
            daemon.sendall(len(piece).to_bytes(4, "big") + piece)
        daemon.sendall(bytes(4))
        answer = _read(daemon)
    if answer.endswith(b" FOUND"):
        return "infected"
    if answer.endswith(b": OK"):
        return "clean"
    raise ValueError(f"Expected OK or FOUND from clamd but got {answer[:80]!r}.")


def _connected(scanner: str) -> socket.socket:
    address = urlsplit(scanner)
    if address.hostname:
        return socket.create_connection((address.hostname, address.port or 3310), timeout=_SECONDS)
    daemon = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    daemon.settimeout(_SECONDS)
    try:
        daemon.connect(address.path)
    except OSError:
        daemon.close()
        raise
    return daemon


def _read(daemon: socket.socket) -> bytes:
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < _LONGEST_ANSWER:
        piece = daemon.recv(_LONGEST_ANSWER)
        if not piece:
            break
        answer += piece
    return answer.rstrip(b"\0\n")

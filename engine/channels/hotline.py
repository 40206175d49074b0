"""Carries messages to partner systems by signed HTTPS. A partner without an address is a stub: it takes everything, on this machine."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from collections.abc import Mapping

TIMEOUT_SECONDS = 10
TAKEN = range(200, 300)


class Unreachable(Exception):
    """The partner did not take the message: why, in words for the log."""


def deliver(address: str, headers: Mapping[str, str], body: bytes) -> None:
    """Hand a message over; returns when the partner has taken it. Raises Unreachable."""
    if not address:
        return
    if not address.startswith("https://"):
        raise Unreachable(f"Expected an address that begins with https:// but got {address!r}.")
    request = urllib.request.Request(address, body, {"Content-Type": "application/json", **headers}, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
            status = int(answer.status)
    except (urllib.error.URLError, http.client.HTTPException, OSError) as error:
        raise Unreachable(f"Expected {address} to take the message but {type(error).__name__}: {error}") from error
    if status not in TAKEN:
        raise Unreachable(f"Expected {address} to take the message but it answered {status}.")

"""Signed requests between systems: HMAC-SHA256 over moment, nonce and body. Knows no web framework and no partner."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from engine.errors import NotAllowed

PARTNER, TIMESTAMP, NONCE, SIGNATURE = "X-Doudi-Partner", "X-Doudi-Timestamp", "X-Doudi-Nonce", "X-Doudi-Signature"

#: How far the clocks of two systems may differ; an older request may be a recorded one.
TOLERANCE = timedelta(minutes=5)
LONGEST_NONCE = 64
_SHORTEST_NONCE = 8


@dataclass(frozen=True)
class Signed:
    """What a request says of itself, after its signature was found right."""

    partner: str
    nonce: str


def sign(key: str, partner: str, now: datetime, nonce: str, body: bytes) -> dict[str, str]:
    """The headers of a request to or from a partner."""
    moment = str(int(now.timestamp()))
    return {PARTNER: partner, TIMESTAMP: moment, NONCE: nonce, SIGNATURE: _signature(key, partner, moment, nonce, body)}


def verified(keys_of: Callable[[str], Collection[str]], now: datetime, headers: Mapping[str, str], body: bytes) -> Signed:
    """Who sent a request; ``keys_of`` gives the keys of a partner that hold now.

    Raises NotAllowed when it is not signed, signed by another key, or too old; never says which key was near.
    """
    partner, moment, nonce, signature = (headers.get(name, "") for name in (PARTNER, TIMESTAMP, NONCE, SIGNATURE))
    if not (partner and moment.isascii() and moment.isdigit() and len(moment) <= 12 and _SHORTEST_NONCE <= len(nonce) <= LONGEST_NONCE):
        raise NotAllowed(f"Expected the headers {PARTNER}, {TIMESTAMP}, {NONCE} (8 to 64 characters) and {SIGNATURE} but some are wrong.")
    if abs(now - datetime.fromtimestamp(int(moment), UTC)) > TOLERANCE:
        raise NotAllowed(f"Expected {TIMESTAMP} within five minutes of now but it is further away. Set the clock right and sign again.")
    expected = [_signature(key, partner, moment, nonce, body).encode() for key in keys_of(partner)]
    if not any(hmac.compare_digest(one, signature.encode()) for one in expected):
        raise NotAllowed(f"Expected {SIGNATURE} over moment, nonce and body with a key of {PARTNER} that holds but it is another one.")
    return Signed(partner, nonce)


def _signature(key: str, partner: str, moment: str, nonce: str, body: bytes) -> str:
    content = b"\n".join((partner.encode(), moment.encode(), nonce.encode(), body))
    return hmac.new(key.encode(), content, "sha256").hexdigest()

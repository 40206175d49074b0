"""What every way out of the building promises: one message, one key, one answer. Knows no gateway and no notice.

A message may come twice: its key is the same, and whoever receives it takes the second for the first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from engine.errors import EngineError


@dataclass(frozen=True)
class Message:
    """``key`` names the message for ever; ``address`` is a telephone number or an e-mail address; ``at`` is the moment of this attempt."""

    key: str
    address: str
    subject: str
    text: str
    at: datetime


@dataclass(frozen=True)
class Receipt:
    """The gateway took the message; ``reference`` is what it calls it."""

    reference: str = ""


class ChannelFailed(EngineError):
    """The gateway did not answer, or asked to come back later: try again."""


class ChannelRefused(EngineError):
    """The gateway will never take this message: trying again is of no use."""


class Channel(Protocol):
    """A way out. ``send`` raises ChannelFailed or ChannelRefused, never anything else that a gateway causes."""

    def send(self, message: Message) -> Receipt: ...

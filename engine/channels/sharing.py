"""Asking another department for data: the signed request, what a provider checks, and one that stands in for them. Keeps no rows.

A request carries an idempotency key, the moment, a nonce and an HMAC-SM3 over all of it, so that it can be repeated and cannot be forged
or played again. The embedded provider keeps this contract without leaving the machine.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, Protocol

import orjson
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC

from engine.errors import NotAllowed

#: How far the clocks of two departments may be apart.
LONGEST_WAY = timedelta(minutes=5)
SIGNED = ("key", "sent_at", "nonce")

AnswerState = Literal["取得", "待审批", "不可得"]


class Unavailable(Exception):
    """The provider gave no answer; the same request may be sent again."""


@dataclass(frozen=True)
class ShareRequest:
    """What is asked: an item of a department, only the fields that are needed, for one case and one purpose."""

    case_no: str
    department: str
    item: str
    fields: tuple[str, ...]
    purpose: str
    is_approved: bool = False


@dataclass(frozen=True)
class SignedRequest:
    """A request on its way. ``key`` is the same for each repetition, ``nonce`` never."""

    body: bytes
    key: str
    sent_at: str
    nonce: str
    signature: str


@dataclass(frozen=True)
class ShareAnswer:
    """``values`` by field, only where the state is 取得."""

    state: AnswerState
    values: Mapping[str, str] = field(default_factory=dict)
    note: str = ""


class Provider(Protocol):
    """A department's side. Raises Unavailable when there is no answer, NotAllowed when the request is not good."""

    def ask(self, request: SignedRequest) -> ShareAnswer: ...


def signed(request: ShareRequest, secret: bytes, key: str, nonce: str, now: datetime) -> SignedRequest:
    """The request as it goes out."""
    body = orjson.dumps(request, option=orjson.OPT_SORT_KEYS)
    sent_at = now.isoformat()
    return SignedRequest(body, key, sent_at, nonce, signature(secret, body, key, sent_at, nonce))


def signature(secret: bytes, body: bytes, key: str, sent_at: str, nonce: str) -> str:
    """HMAC-SM3 over key, moment, nonce and body, each on its line."""
    code = HMAC(secret, hashes.SM3())
    code.update(b"\n".join((key.encode(), sent_at.encode(), nonce.encode(), body)))
    return code.finalize().hex()


@dataclass
class EmbeddedProvider:
    """Stands in for every department: answers by the kind of the item and keeps what it answered by key.

    ``kinds``: (department, item) → 无条件, 有条件 or 不予. ``silent`` are departments that do not answer.
    """

    secret: bytes
    kinds: Mapping[tuple[str, str], str]
    now: datetime
    silent: Sequence[str] = ()
    _answers: dict[str, ShareAnswer] = field(default_factory=dict)
    _nonces: set[str] = field(default_factory=set)

    def ask(self, request: SignedRequest) -> ShareAnswer:
        """Answer a good request; the same key gives the same answer."""
        self._require_good(request)
        asked = ShareRequest(**orjson.loads(request.body))
        if asked.department in self.silent:
            raise Unavailable(f"{asked.department} gives no answer.")
        if request.key not in self._answers:
            self._answers[request.key] = self._answer(asked)
        return self._answers[request.key]

    def _require_good(self, request: SignedRequest) -> None:
        expected = signature(self.secret, request.body, request.key, request.sent_at, request.nonce)
        if not hmac.compare_digest(expected, request.signature):
            raise NotAllowed("Expected a request signed with the shared secret but its signature is not valid.")
        if abs(self.now - datetime.fromisoformat(request.sent_at)) > LONGEST_WAY:
            raise NotAllowed("Expected a request of the last minutes but its moment is too far away.")
        if request.nonce in self._nonces:
            raise NotAllowed("Expected a request that was not sent before but its nonce is known.")
        self._nonces.add(request.nonce)

    def _answer(self, asked: ShareRequest) -> ShareAnswer:
        kind = self.kinds.get((asked.department, asked.item), "不予")
        if kind == "不予":
            return ShareAnswer("不可得", note="不予共享")
        if kind == "有条件" and not asked.is_approved:
            return ShareAnswer("待审批", note="须由提供部门审批")
        return ShareAnswer("取得", {name: f"示例{name}" for name in asked.fields})

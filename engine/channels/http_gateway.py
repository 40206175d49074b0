"""Messages over a generic HTTP gateway: SMS, and webhooks in the manner of WeChat. Signed, with a key against sending twice.

The request is a POST whose body is a template of the installation. A template that begins with “{” is JSON, any other a form; ``{to}``,
``{text}``, ``{key}`` and ``{at}`` are filled in, quoted as JSON or a form wants it. Headers: ``Idempotency-Key``, ``X-Doudi-Timestamp``
(seconds), ``X-Doudi-Signature`` (HMAC-SHA256 in hex over timestamp, line end, key, line end, body).
"""

from __future__ import annotations

import hmac
import re
import socket
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote_plus, urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

import orjson

from engine.channels.contract import ChannelFailed, ChannelRefused, Message, Receipt
from engine.errors import InvalidInput

_PLACE = re.compile(r"\{(to|text|key|at)\}")
#: “Too early”, “too many”, “conflict while it is being sent”: the same message may pass later.
_LATER = (408, 423, 425, 429)
#: The gateway knows the key already: the message is with it.
_KNOWN = 409
_LONGEST_ANSWER = 65_536


class _NoRedirect(HTTPRedirectHandler):
    """A message goes where the installation says and nowhere else."""

    def redirect_request(self, *_given: Any, **_named: Any) -> None:
        return None


class HttpGateway:
    """One gateway at one address."""

    def __init__(self, url: str, secret: str, body: str, timeout: float):
        if urlsplit(url).scheme not in ("http", "https"):
            raise InvalidInput(f"Expected the address of a gateway (https://…) but got {url!r}.")
        if wrong := sorted(set(re.findall(r"\{(\w+)\}", body)) - {"to", "text", "key", "at"}):
            raise InvalidInput(f"Expected {{to}}, {{text}}, {{key}} and {{at}} in the body of the request but got {', '.join(wrong)}.")
        self._url, self._secret, self._body, self._timeout = url, secret.encode(), body, timeout
        self._is_json = body.lstrip().startswith("{")
        self._opener = build_opener(ProxyHandler({}), _NoRedirect())

    def send(self, message: Message) -> Receipt:
        """Hand the message over. Raises ChannelFailed or ChannelRefused."""
        body = self.body_of(message)
        request = Request(self._url, body, self._headers(message, body), method="POST")
        try:
            with self._opener.open(request, timeout=self._timeout) as answer:
                return Receipt(_reference(answer.read(_LONGEST_ANSWER)))
        except HTTPError as error:
            return _judged(error)
        except (URLError, HTTPException, OSError) as error:
            reason = "no answer in time" if isinstance(_cause(error), TimeoutError | socket.timeout) else type(_cause(error)).__name__
            raise ChannelFailed(f"Expected the gateway to answer but there was {reason}.") from error

    def body_of(self, message: Message) -> bytes:
        """The request as the gateway wants it."""
        values = {"to": message.address, "text": message.text, "key": message.key, "at": message.at.isoformat()}
        return _PLACE.sub(lambda place: self._quoted(values[place[1]]), self._body).encode()

    def _quoted(self, value: str) -> str:
        return orjson.dumps(value).decode() if self._is_json else quote_plus(value)

    def _headers(self, message: Message, body: bytes) -> Mapping[str, str]:
        timestamp = str(int(message.at.timestamp()))
        kind = "application/json" if self._is_json else "application/x-www-form-urlencoded"
        return {
            "Content-Type": f"{kind}; charset=utf-8",
            "Idempotency-Key": message.key,
            "X-Doudi-Timestamp": timestamp,
            "X-Doudi-Signature": signature(self._secret, timestamp, message.key, body),
        }


def signature(secret: bytes, timestamp: str, key: str, body: bytes) -> str:
    """What the gateway computes, too, and compares."""
    return hmac.new(secret, f"{timestamp}\n{key}\n".encode() + body, "sha256").hexdigest()


def _judged(error: HTTPError) -> Receipt:
    with error:
        if error.code == _KNOWN:
            return Receipt()
        told = f"Expected the gateway to take the message but it answered {error.code}."
        if error.code in _LATER or error.code >= 500:
            raise ChannelFailed(told) from error
        raise ChannelRefused(told) from error


def _cause(error: Exception) -> object:
    return error.reason if isinstance(error, URLError) else error


def _reference(answer: bytes) -> str:
    """What the gateway calls the message, where it says so."""
    try:
        read = orjson.loads(answer)
    except ValueError:
        return ""
    found = next((read[name] for name in ("reference", "id", "msgid") if read.get(name)), "") if isinstance(read, dict) else ""
    return str(found)[:80]

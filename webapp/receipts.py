"""Receipts of gateways: what became of a message after they took it. Believes only what they signed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from engine.commands import letters
from engine.errors import InvalidInput
from webapp.context import engine
from webapp.security import csrf, limiter

blueprint = Blueprint("receipts", __name__, url_prefix="/receipts")


@blueprint.post("/<any(sms, wechat):channel>")
@csrf.exempt  # type: ignore[untyped-decorator]
@limiter.limit("600/minute")
def take(channel: str) -> ResponseReturnValue:
    headers = request.headers
    timestamp, signature = headers.get("X-Doudi-Timestamp", ""), headers.get("X-Doudi-Signature", "")
    letters.take_receipt(engine(), channel, timestamp, signature, request.get_data(), _facts())
    return "", 204


def _facts() -> Mapping[str, Any]:
    facts = request.get_json(force=True, silent=True)
    if not isinstance(facts, dict):
        raise InvalidInput("Expected a receipt as JSON with id and state but got something else.")
    return facts

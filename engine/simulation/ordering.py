"""Orders of partner systems, signed as those sign them: what a hotline, a grid or a portal sends by itself. Sends nothing itself."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from engine.commands.partners import CHANNELS, ORDER_KINDS
from engine.services import partner_keys, signed_requests
from engine.services.secrets import Secrets


def order(chance: random.Random, secrets: Secrets, now: datetime, telling: Mapping[str, Any]) -> tuple[dict[str, str], bytes]:
    """Headers and body of an order about what somebody tells (the fields of the registration form)."""
    partner = chance.choice(list(CHANNELS))
    content = {
        "external_no": f"{partner}-{now:%Y%m%d}-{chance.randrange(10**9):09}",
        "kind": chance.choice(ORDER_KINDS),
        "text": telling["text"],
        "is_urgent": chance.random() < 0.05,
        "applicant": {key.removeprefix("applicant."): value for key, value in telling.items() if key.startswith("applicant.")},
    }
    body = orjson.dumps(content)
    return signed_requests.sign(partner_keys.derived_key(secrets, partner), partner, now, f"{chance.randrange(16**16):016x}", body), body

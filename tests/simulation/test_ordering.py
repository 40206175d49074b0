"""Orders of partner systems are signed by the key of one of them, and carry what somebody told."""

from __future__ import annotations

import random

import orjson

from engine.clock import as_local
from engine.commands.partners import CHANNELS
from engine.services import partner_keys, signed_requests
from engine.simulation.applicants import applicant
from engine.simulation.ordering import order
from tests.services.conftest import SECRETS

NOW = as_local("2026-11-23T10:00")


def test_an_order_is_signed_by_a_partner_and_says_who_asks_for_what() -> None:
    chance = random.Random(3)
    telling = {**applicant(chance), "text": "跑了几趟都没有办成。"}
    headers, body = order(chance, SECRETS, NOW, telling)
    assert signed_requests.verified(lambda code: [partner_keys.derived_key(SECRETS, code)], NOW, headers, body).partner in CHANNELS
    content = orjson.loads(body)
    assert content["text"] == telling["text"] and content["applicant"]["cert_no"] == telling["applicant.cert_no"]

"""Sends what is queued for a partner: read, hand over outside any transaction, write what came of it. Three failures raise an alarm."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
from sqlalchemy.orm import Session

from engine.assembly import Engine
from engine.channels import hotline
from engine.clock import local
from engine.db.partner_tables import Partner, PartnerMessage
from engine.db.tables import Job
from engine.services import partner_keys, partners, signed_requests

#: After so many failures a person tells the partner (process P02a).
MOST_ATTEMPTS = 3
PAUSE = timedelta(minutes=5)
ALARM = "partner_push_failed"


def send(engine: Engine, message_id: int) -> None:
    """Hand one queued message over. What has been sent is not sent again."""
    with engine.database.reading() as session:
        message = session.get_one(PartnerMessage, message_id)
        if message.state != "queued":
            return
        address = session.get_one(Partner, message.partner).address
        partner, nonce, body, now = message.partner, message.nonce, orjson.dumps(_content(message)), engine.clock.now()
        key = partner_keys.own_key(session, engine.secrets, partner, now)
    headers = signed_requests.sign(key, partner, now, nonce, body)
    try:
        hotline.deliver(address, headers, body)
    except hotline.Unreachable as error:
        _note_failure(engine, message_id, str(error))
    else:
        _note_success(engine, message_id)


def _content(message: PartnerMessage) -> dict[str, Any]:
    return {
        "external_no": message.external_no,
        "case_no": message.case_no,
        "event": message.event,
        "at": local(message.created_at).isoformat(),
        **message.facts,
    }


def _note_success(engine: Engine, message_id: int) -> None:
    with engine.database.transaction() as session:
        message = session.get_one(PartnerMessage, message_id)
        message.state, message.attempts, message.done_at, message.error = "sent", message.attempts + 1, engine.clock.now(), None


def _note_failure(engine: Engine, message_id: int, error: str) -> None:
    with engine.database.transaction() as session:
        message = session.get_one(PartnerMessage, message_id)
        message.attempts, message.error = message.attempts + 1, error[:2000]
        if message.attempts < MOST_ATTEMPTS:
            _later(engine, session, partners.JOB, {"message": message_id}, PAUSE * message.attempts)
        else:
            message.state, message.done_at = "failed", engine.clock.now()
            failed = {"partner": message.partner, "event": message.event, "attempts": message.attempts}
            _later(engine, session, "message", {"name": ALARM, "key": message.case_no or "", "variables": {"push": failed}}, timedelta(0))


def _later(engine: Engine, session: Session, kind: str, payload: dict[str, Any], pause: timedelta) -> None:
    due_at = engine.clock.now() + pause
    session.add(Job(kind=kind, payload=payload, due_at=due_at, run_at=due_at))

"""What partner systems send us: orders of 12345, grid, portals and boards; answers of windows elsewhere. Signed, and each taken once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import start_events
from engine.actors import SYSTEM
from engine.assembly import Engine
from engine.case_opening import TRIAGE_DEFAULTS, CaseIntake, open_case
from engine.db.case_tables import Case
from engine.db.partner_tables import PartnerMessage
from engine.db.tables import Job
from engine.errors import InvalidInput, NotAllowed, NotFound
from engine.services import evidence, partner_keys, partners, signed_requests
from engine.services.signed_requests import Signed

MOST_BYTES = 64_000
ORDER_KINDS = ("咨询", "求助", "建议", "投诉", "举报", "其他")
#: What a partner is called among the channels of a case; whoever is not here came by another way.
CHANNELS = {"12345": "12345", "GRID": "网格", "PORTAL": "网上大厅", "BOARD": "短视频留言"}
NATURES = {"投诉": "投诉", "举报": "投诉", "建议": "建议"}
#: What a window elsewhere says, and the message that a waiting letter (P20) gets.
ANSWERS = {"签收": "partner_signed", "答复": "partner_answered"}
OUTCOMES = ("异地办结", "代办办结", "不予办理")


@dataclass(frozen=True)
class Received:
    """The case an order became; ``is_new`` is false when it had been received before."""

    case_no: str
    is_new: bool


def receive_order(engine: Engine, headers: Mapping[str, str], body: bytes) -> Received:
    """Take an order of a channel: a case that a clerk registers within a working hour, and P02 beside it.

    Idempotent on the partner's own number. Raises NotAllowed (not signed), NotFound (unknown partner), InvalidInput (fields).
    """
    signed = _verified(engine, headers, body)
    order = _order(_content(body))
    with engine.database.transaction() as session:
        _require_kind(session, signed, partners.CHANNEL)
        known = session.scalar(select(Case).where(Case.external_no == order["external_no"]))
        if known is not None:
            return _again(known, signed)
        _require_new(session, signed)
        case = _open(engine, session, signed.partner, order)
        _note(engine, session, signed, "工单", case.no, order["external_no"], {"kind": order["kind"]})
        return Received(case.no, True)


def receive_answer(engine: Engine, headers: Mapping[str, str], body: bytes) -> None:
    """Take what a window elsewhere says about a letter of ours: signed for, or its answer. The same answer twice changes nothing."""
    signed = _verified(engine, headers, body)
    content = _content(body)
    event, case_no = str(content.get("event")), str(content.get("case_no"))
    result = {"outcome": content.get("outcome"), "is_different": content.get("is_different") is True}
    if event not in ANSWERS or (event == "答复" and result["outcome"] not in OUTCOMES):
        message = f"Expected event 签收, or 答复 with an outcome ({'、'.join(OUTCOMES)}), but got {event}."
        raise InvalidInput(message, {"event": ["签收,或带办理结果的答复。"]})
    with engine.database.transaction() as session:
        _require_kind(session, signed, partners.WINDOW)
        if session.scalar(_of_nonce(signed)) is not None:
            return
        if session.scalar(_letters(signed.partner, case_no)) is None:
            raise NotFound(f"Expected a letter to {signed.partner} about case {case_no} but none was sent.")
        _note(engine, session, signed, event, case_no, None, result)
        payload = {"name": ANSWERS[event], "key": case_no, "variables": {"partner_result": result} if event == "答复" else {}}
        session.add(Job(kind="message", payload=payload, due_at=engine.clock.now(), run_at=engine.clock.now()))


def _verified(engine: Engine, headers: Mapping[str, str], body: bytes) -> Signed:
    now = engine.clock.now()
    with engine.database.reading() as session:
        return signed_requests.verified(lambda code: partner_keys.accepted_keys(session, engine.secrets, code, now), now, headers, body)


def _content(body: bytes) -> Mapping[str, Any]:
    try:
        content = orjson.loads(body) if len(body) <= MOST_BYTES else None
    except orjson.JSONDecodeError:
        content = None
    if not isinstance(content, dict):
        raise InvalidInput(f"Expected a JSON object of at most {MOST_BYTES} bytes but got something else.", {"body": ["请发送JSON对象。"]})
    return content


def _order(content: Mapping[str, Any]) -> dict[str, Any]:
    """The fields we take of an order; every fault by the partner's own field name."""
    problems: dict[str, list[str]] = {}
    applicant = content.get("applicant")
    if not 1 <= len(str(content.get("external_no") or "")) <= 60:
        problems["external_no"] = ["请填写1-60个字符的外部单号。"]
    if not isinstance(applicant, Mapping):
        problems["applicant"] = ["请填写诉求人。"]
    if content.get("kind") not in ORDER_KINDS:
        problems["kind"] = [f"请填写{'、'.join(ORDER_KINDS)}之一。"]
    if problems:
        raise InvalidInput(f"Expected an order but {len(problems)} fields are missing or wrong.", problems)
    known = ("name", "phone", "kind", "cert_type", "cert_no", "address")
    return {
        "external_no": str(content["external_no"]),
        "kind": str(content["kind"]),
        "text": str(content.get("text") or ""),
        "title": str(content.get("title") or "")[:60] or None,
        "is_urgent": content.get("is_urgent") is True,
        "applicant": {key: str(applicant[key]) for key in known if isinstance(applicant, Mapping) and applicant.get(key)},
    }


def _open(engine: Engine, session: Session, partner: str, order: Mapping[str, Any]) -> Case:
    triage = {"emergency": order["is_urgent"], "nature": NATURES.get(order["kind"], "办事")}
    intake = CaseIntake(
        applicant={"kind": "自然人", **order["applicant"]},
        channel=CHANNELS.get(partner, "其他"),
        text=order["text"],
        title=order["title"],
        received_at=engine.clock.now(),
        external_no=order["external_no"],
        triage_facts=triage,
        is_registered=False,
    )
    case = open_case(engine, session, SYSTEM, intake)
    case.facts = {**case.facts, "partner": partner, "order_kind": order["kind"]}
    session.flush()
    variables = {"order": {"kind": order["kind"], "partner": partner}, "triage_facts": {**TRIAGE_DEFAULTS, **triage}}
    start_events.started_by_message(engine, session, SYSTEM, "order_received", case.no, variables)
    return case


def _again(case: Case, signed: Signed) -> Received:
    """An order that is known already: the same answer, but only to whoever sent it."""
    if case.facts.get("partner") != signed.partner:
        raise NotAllowed("Expected a number of your own but another partner has used it.")
    return Received(case.no, False)


def _require_kind(session: Session, signed: Signed, kind: str) -> None:
    if partners.get_partner(session, signed.partner).kind != kind:
        raise NotAllowed(f"Expected a partner of kind {kind} but {signed.partner} is of another kind.")


def _require_new(session: Session, signed: Signed) -> None:
    if session.scalar(_of_nonce(signed)) is not None:
        raise NotAllowed("Expected a nonce that was not used before but this one was. Sign each message anew.")


def _of_nonce(signed: Signed) -> Any:
    return select(PartnerMessage.id).where(PartnerMessage.partner == signed.partner, PartnerMessage.nonce == signed.nonce)


def _letters(partner: str, case_no: str) -> Any:
    sent = (PartnerMessage.partner == partner, PartnerMessage.case_no == case_no, PartnerMessage.direction == "out")
    return select(PartnerMessage.id).where(*sent).limit(1)


def _note(
    engine: Engine, session: Session, signed: Signed, event: str, case_no: str, external_no: str | None, facts: dict[str, Any]
) -> None:
    """Keep that it came, in the log and in the case's evidence."""
    now = engine.clock.now()
    message = PartnerMessage(partner=signed.partner, direction="in", nonce=signed.nonce, case_no=case_no, external_no=external_no)
    message.event, message.facts, message.state, message.created_at, message.done_at = event, facts, "received", now, now
    session.add(message)
    session.flush()
    known = {"message": message.id, "partner": signed.partner, "milestone": event, "digest": evidence.digest(facts)}
    evidence.record(session, now, SYSTEM, case_no, "partner:receive", **known)

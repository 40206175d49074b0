"""Lamps and cards (黄牌、红牌) against a department or a person. Which card is due is decided by table DT08, not here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from engine.clock import local
from engine.db.case_tables import Card
from engine.errors import Conflict, InvalidInput
from engine.services.context import OperationContext
from engine.services.identity import mask_text

CODES = ("green", "warning", "yellow_step", "yellow", "red")

#: These are supervised until they are made good: the message starts the procedure.
SUPERVISED, MESSAGE = frozenset({"yellow", "red"}), "card_issued"


def issue(context: OperationContext, lamp: Mapping[str, Any], against: str | None, reason: str) -> None:
    """Write the card that DT08 decided on; a green lamp is no card. A yellow or red one starts its supervision.

    Where nobody is named, because nobody owns the case yet, the window itself answers for it.
    """
    code = str(lamp.get("code") or "")
    if code not in CODES:
        raise InvalidInput(f"Expected the result of DT08 with a code ({', '.join(CODES)}) but got {dict(lamp)!r}.")
    if code == "green":
        return
    case = context.case()
    card = Card(
        case_no=case.no,
        lamp=str(lamp.get("lamp") or code),
        code=code,
        against=against or case.org_unit,
        reason=mask_text(reason),
        element_id=context.element_id,
        issued_at=context.now,
    )
    context.session.add(card)
    context.session.flush()
    context.record("card:issue", card=card.id, code=code, against=card.against)
    if code in SUPERVISED:
        facts = {"card": card.id, "code": code, "lamp": card.lamp, "against": card.against, "card_reason": card.reason}
        facts["red_cards"] = _red_this_month(context, card.against)
        context.schedule("message", {"name": MESSAGE, "key": case.no, "variables": facts}, None)


def latest(context: OperationContext) -> Card | None:
    """The last supervised card of the case that still counts."""
    context.session.flush()
    return context.session.scalar(_counting(context).order_by(Card.id.desc()).limit(1))


def revoke(context: OperationContext, number: int | None, reason: str) -> int:
    """Withdraw a card of the case, the latest one unless another is named; it counts no more. Gives its number."""
    card = context.session.scalar(_counting(context).where(Card.id == number)) if number is not None else latest(context)
    if card is None:
        raise Conflict(f"Expected a card of case {context.case_no} that still counts but there is none.")
    card.revoked_at, card.revocation = context.now, mask_text(reason)[:200]
    context.record("card:revoke", card=card.id)
    return card.id


def _counting(context: OperationContext) -> Select[tuple[Card]]:
    return select(Card).where(Card.case_no == context.case_no, Card.revoked_at.is_(None), Card.code.in_(SUPERVISED))


def _red_this_month(context: OperationContext, against: str) -> int:
    """Red cards against somebody in the month of the wall clock that still count, this one among them (DT11)."""
    found = select(func.count()).where(Card.against == against, Card.code == "red", Card.revoked_at.is_(None))
    return context.session.scalar(found.where(Card.issued_at >= _first_of_month(context.now))) or 0


def _first_of_month(now: datetime) -> datetime:
    return local(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)

"""Lamps and cards (黄牌、红牌) against a department or a person. Which card is due is decided by table DT08, not here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from engine.clock import local
from engine.db.case_tables import Card, Department, NoticeTemplate
from engine.db.tables import CandidateGroup, Membership
from engine.errors import Conflict, InvalidInput
from engine.services import clocks, notices
from engine.services.context import OperationContext
from engine.services.identity import mask_text
from engine.services.posts import leader_group

CODES = ("green", "warning", "yellow_step", "yellow", "red")

#: These are supervised until they are made good: the message starts the procedure.
SUPERVISED, MESSAGE = frozenset({"yellow", "red"}), "card_issued"

#: Whoever leads the department or the window is told of these by this notice.
TOLD, NOTICE, WINDOW_HEAD = frozenset({"yellow_step", "yellow", "red"}), "MSG-22", "window_head"


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
    if code in TOLD:
        _tell_leader(context, card, str(lamp.get("action") or "督促按期办理"))


def latest(context: OperationContext) -> Card | None:
    """The last supervised card of the case that still counts."""
    context.session.flush()
    return context.session.scalar(_counting(context).order_by(Card.id.desc()).limit(1))


def revoke(context: OperationContext, number: int | None, reason: str) -> int:
    """Withdraw a card of the case, the latest one unless another is named; it counts no more. Gives its number.

    A named one that was withdrawn before stays so: two appeals against it may both be right.
    """
    if number is not None and _was_revoked(context, number):
        return number
    card = context.session.scalar(_counting(context).where(Card.id == number)) if number is not None else latest(context)
    if card is None:
        raise Conflict(f"Expected a card of case {context.case_no} that still counts but there is none.")
    card.revoked_at, card.revocation = context.now, mask_text(reason)[:200]
    context.record("card:revoke", card=card.id)
    return card.id


def _was_revoked(context: OperationContext, number: int) -> bool:
    card = context.session.get(Card, number)
    return card is not None and card.case_no == context.case_no and card.revoked_at is not None


def _counting(context: OperationContext) -> Select[tuple[Card]]:
    return select(Card).where(Card.case_no == context.case_no, Card.revoked_at.is_(None), Card.code.in_(SUPERVISED))


def _red_this_month(context: OperationContext, against: str) -> int:
    """Red cards against somebody in the month of the wall clock that still count, this one among them (DT11)."""
    found = select(func.count()).where(Card.against == against, Card.code == "red", Card.revoked_at.is_(None))
    return context.session.scalar(found.where(Card.issued_at >= _first_of_month(context.now))) or 0


def _tell_leader(context: OperationContext, card: Card, action: str) -> None:
    """A department's card is its leader's business, one of a person in the window that of the head of the window.

    A centre without that group or without the notice still issues its cards.
    """
    group = _leader_of(context, card.against)
    if group is None or context.session.get(CandidateGroup, group) is None or context.session.get(NoticeTemplate, NOTICE) is None:
        return
    how, days = _standing(context)
    values = {"剩余或超期": f"{card.reason},{how}", "天数": days, "标识": card.lamp, "动作": action}
    notices.send(context, NOTICE, f"group:{group}", values)


def _leader_of(context: OperationContext, against: str) -> str | None:
    if context.session.get(Department, against) is not None:
        return leader_group(against)
    in_window = select(func.count()).where(Membership.account_id == against, Membership.group_id == "window")
    return WINDOW_HEAD if context.session.scalar(in_window) else None


def _standing(context: OperationContext) -> tuple[str, int]:
    """Working days that the case has left or is over; where that limit is not running, only the step is late, just now."""
    finish = clocks.read(context, "finish")
    if finish.overdue_days:
        return "超期", finish.overdue_days
    if finish.due_at is None or finish.state == "stopped" or finish.due_at <= context.now:
        return "超期不足", 1
    return "剩余", context.calendar.working_days_between(context.now, finish.due_at)


def _first_of_month(now: datetime) -> datetime:
    return local(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)

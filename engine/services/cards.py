"""Lamps and cards (黄牌、红牌) against a department or a person. Which card is due is decided by table DT08, not here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.db.case_tables import Card
from engine.errors import InvalidInput
from engine.services.context import OperationContext
from engine.services.identity import mask_text

CODES = ("green", "warning", "yellow_step", "yellow", "red")


def issue(context: OperationContext, lamp: Mapping[str, Any], against: str | None, reason: str) -> None:
    """Write the card that DT08 decided on; a green lamp is no card.

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

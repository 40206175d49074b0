"""Sub-orders (协办单): what each department is asked, when it signs, what it answers. Knows nothing of how they are ordered in time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from engine.db.case_tables import Case, Department, SubOrder
from engine.errors import Conflict, InvalidInput, NotFound
from engine.services import clocks, evidence, routing
from engine.services.context import OperationContext
from engine.services.identity import mask_text

#: Opinions; the last one stands for a coordination opinion nobody gave in time, never for a statutory permit.
OPINIONS = ("同意", "不同意", "需补充", "已办结", "超时默认同意")
AGREEING = frozenset({"同意", "已办结", "超时默认同意"})
NEEDING_BASIS = frozenset({"不同意", "需补充"})


def dispatch(
    context: OperationContext, departments: Sequence[Any], ask: str, sign_limit: object, opinion_due: object = None
) -> list[dict[str, Any]]:
    """Send a sub-order to each department; gives what the process needs to wait for each.

    Without ``opinion_due`` the opinion is due one working day before the case, but not before the sign-in is.
    """
    case = context.case()
    sign_due_at = clocks.due_at(context, sign_limit)
    opinion_due_at = clocks.due_at(context, opinion_due) if opinion_due is not None else _opinion_due_at(context, sign_due_at)
    sent = []
    for entry in routing.resolved(context, departments):
        order = SubOrder(
            case_no=case.no,
            department=entry["code"],
            role=entry["role"],
            ask=mask_text(ask),
            sent_at=context.now,
            sign_due_at=sign_due_at,
            opinion_due_at=max(opinion_due_at, sign_due_at),
        )
        context.session.add(order)
        context.session.flush()
        _record_sent(context, order)
        clocks.start_for(context, "sign", str(order.id), sign_limit, order.sign_due_at)
        clocks.start_for(context, "opinion", str(order.id), opinion_due, order.opinion_due_at)
        sent.append(as_variable(order, entry["name"], routing.is_only_coordination(context, order.department)))
    return sent


def sign(context: OperationContext, sub_order: object) -> None:
    """The department signs in."""
    order = _unsigned(context, sub_order)
    order.signed_at, order.signed_by = context.now, context.actor.id
    clocks.stop(context, "sign", subject=str(order.id))
    context.record("sub_order:sign", sub_order=order.id, deemed=False)


def deem_signed(context: OperationContext, sub_order: object) -> None:
    """Nobody signed in time: it counts as signed (超时默认签收)."""
    order = _unsigned(context, sub_order)
    order.signed_at, order.is_deemed_signed = context.now, True
    clocks.stop(context, "sign", subject=str(order.id))
    context.record("sub_order:sign", sub_order=order.id, deemed=True)


def reply(context: OperationContext, sub_order: object, opinion: str, basis: str, text: str) -> None:
    """The department's opinion; one that does not agree needs a basis in law or policy."""
    if opinion not in OPINIONS:
        raise InvalidInput(f"Expected an opinion ({'、'.join(OPINIONS)}) but got {opinion!r}.", {"opinion": ["请选择意见。"]})
    if opinion in NEEDING_BASIS and not basis.strip():
        raise InvalidInput(f"Expected a basis for opinion {opinion} but got none.", {"basis": ["意见不是“同意”的,必须写明依据。"]})
    order = get_sub_order(context, sub_order)
    if order.replied_at is not None:
        raise Conflict(f"Expected sub-order {order.id} to wait for an opinion but {order.department} has replied.")
    order.opinion, order.basis, order.reply = opinion, mask_text(basis) or None, mask_text(text)
    order.replied_at = context.now
    clocks.stop(context, "opinion", subject=str(order.id))
    context.record("sub_order:reply", sub_order=order.id, opinion=opinion, digest=evidence.digest([basis, text]))


def summarise(context: OperationContext, sub_orders: Sequence[Any]) -> dict[str, Any]:
    """What the departments said, side by side. All agreed: everybody asked has replied and nobody objects."""
    ids = [_id(entry) for entry in sub_orders]
    context.session.flush()
    found = select(SubOrder, Department.name).outerjoin(Department, Department.code == SubOrder.department)
    rows = context.session.execute(found.where(SubOrder.id.in_(ids), SubOrder.case_no == context.case_no).order_by(SubOrder.id)).all()
    if len(rows) != len(set(ids)):
        raise NotFound(f"Expected {len(set(ids))} sub-orders of case {context.case_no} but found {len(rows)}.")
    replied = [(row, name) for row, name in rows if row.replied_at is not None]
    agreed = [row for row, _name in replied if row.opinion in AGREEING]
    return {
        "all_agreed": len(agreed) == len(rows),
        "replied": len(replied),
        "agreed": len(agreed),
        "disagreed": len(replied) - len(agreed),
        "opinions": [
            {"department": row.department, "name": name or row.department, "opinion": row.opinion, "basis": row.basis, "reply": row.reply}
            for row, name in replied
        ],
    }


def get_sub_order(context: OperationContext, sub_order: object) -> SubOrder:
    """A sub-order of this case, given by its number or its context; raises NotFound."""
    number = _id(sub_order)
    order = context.session.get(SubOrder, number)
    if order is None or order.case_no != context.case_no:
        raise NotFound(f"Expected sub-order {number} of case {context.case_no} but there is none.")
    return order


def _unsigned(context: OperationContext, sub_order: object) -> SubOrder:
    order = get_sub_order(context, sub_order)
    if order.signed_at is not None:
        raise Conflict(f"Expected sub-order {order.id} to wait for its sign-in but {order.department} has signed.")
    return order


def _opinion_due_at(context: OperationContext, sign_due_at: datetime) -> datetime:
    finish = clocks.running(context, "finish")
    return context.calendar.days_before(finish[-1].due_at, 1) if finish else sign_due_at


def _record_sent(context: OperationContext, order: SubOrder) -> None:
    context.record(
        "sub_order:send",
        sub_order=order.id,
        department=order.department,
        role=order.role,
        sign_due=clocks.iso(order.sign_due_at),
        opinion_due=clocks.iso(order.opinion_due_at),
    )


def as_variable(order: SubOrder, name: str, silence_counts: bool) -> dict[str, Any]:
    """What the process knows of a sub-order; ``name`` is that of its department, whose silence may count as consent."""
    return {
        "id": order.id,
        "department": order.department,
        "name": name,
        "role": order.role,
        "group": order.department,
        "ask": order.ask,
        "sign_due": clocks.iso(order.sign_due_at),
        "opinion_due": clocks.iso(order.opinion_due_at),
        "silence_counts": silence_counts,
        "is_binding": order.is_binding,
    }


def _id(sub_order: object) -> int:
    number = sub_order.get("id") if isinstance(sub_order, Mapping) else sub_order
    if isinstance(number, bool) or not isinstance(number, int | float) or number != int(number):
        raise InvalidInput(f"Expected a sub-order with its number but got {sub_order!r}.")
    return int(number)


def departments_of_case(context: OperationContext, case: Case) -> list[str]:
    """Codes of the departments that ever had a sub-order of the case."""
    asked = select(SubOrder.department).where(SubOrder.case_no == case.no).distinct().order_by(SubOrder.department)
    return list(context.session.scalars(asked))

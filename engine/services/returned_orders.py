"""Sub-orders that a department returns, that go to another one, or that are cancelled (退单、改派、取消). Rules on nothing: DT10 does."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from engine.db.case_tables import CaseClock, CaseEntry, SubOrder
from engine.errors import Conflict
from engine.services import clocks, entries, routing, sub_orders
from engine.services.clock_references import limits_of
from engine.services.context import OperationContext
from engine.services.identity import mask_text

#: The kind of ledger line that counts returns.
RETURN = "退单"
CANCELLED = "已取消"


def record_return(context: OperationContext, sub_order: object, basis: str, suggested: str | None) -> dict[str, Any]:
    """Note that a department sends its sub-order back; gives the facts that DT10 decides on."""
    order = sub_orders.get_sub_order(context, sub_order)
    if order.is_binding:
        raise Conflict(f"Expected sub-order {order.id} to stay with {order.department}: it was ruled on and cannot be returned.")
    before = context.session.scalars(select(CaseEntry.facts).where(CaseEntry.case_no == context.case_no, CaseEntry.kind == RETURN))
    returns = sum(1 for facts in before if facts.get("sub_order") == order.id)
    facts = {
        "in_sign_window": order.signed_at is None and context.now <= order.sign_due_at,
        "return_count": returns + 1,
        "has_basis": bool(basis.strip()),
        "has_suggestion": bool(suggested),
    }
    line = {"sub_order": order.id, "department": order.department, "suggested": suggested, "basis": mask_text(basis), **facts}
    entries.add(context, RETURN, line)
    return facts


def reassign(context: OperationContext, sub_order: object, department: str, is_binding: bool) -> dict[str, Any]:
    """The sub-order goes to another department (or, by a ruling, stays for good); gives it as the process knows it.

    The sign-in begins anew; what is due for the opinion stays: a return is no reason for the citizen to wait.
    """
    order = sub_orders.get_sub_order(context, sub_order)
    name = routing.department_name(context, department)
    due_at = _sign_due_anew(context, order)
    order.department, order.is_binding = department, is_binding
    order.signed_at = order.signed_by = None
    order.sign_due_at = min(due_at, max(order.opinion_due_at, context.now))
    clocks.stop(context, "sign", subject=str(order.id))
    clocks.start_for(context, "sign", str(order.id), None, order.sign_due_at)
    context.record("sub_order:reassign", sub_order=order.id, department=department, binding=is_binding)
    return sub_orders.as_variable(order, name, routing.is_only_coordination(context, department))


def cancel_open(context: OperationContext, reason: str) -> list[str]:
    """Nobody needs to answer any more: every sub-order without an opinion is cancelled. Gives the departments to tell."""
    open_ones = select(SubOrder).where(SubOrder.case_no == context.case_no, SubOrder.replied_at.is_(None), SubOrder.cancelled_at.is_(None))
    told = []
    for order in context.session.scalars(open_ones.order_by(SubOrder.id)):
        order.cancelled_at = context.now
        clocks.stop(context, "sign", "opinion", subject=str(order.id))
        context.record("sub_order:cancel", sub_order=order.id, department=order.department)
        told.append(order.department)
    if told:
        entries.add(context, CANCELLED, {"departments": told, "reason": mask_text(reason)})
    return sorted(set(told))


def _sign_due_anew(context: OperationContext, order: SubOrder) -> datetime:
    """The limit that the first department had, counted from now on the working calendar."""
    of_order = (CaseClock.case_no == context.case_no, CaseClock.kind == "sign", CaseClock.subject == str(order.id))
    first = context.session.scalar(select(CaseClock.limit_text).where(*of_order).order_by(CaseClock.id).limit(1))
    if first and (limits := limits_of(first)):
        return context.calendar.due(context.now, limits[0]).at
    span = context.calendar.working_time_between(order.sent_at, order.sign_due_at)
    return context.calendar.add(context.now, span)

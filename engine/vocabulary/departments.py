"""Departments and their shares of a case: routing, sub-orders, meetings, cards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.operation_inputs import Input, Values
from engine.services import agendas, cards, cases, clocks, meetings, routing, sub_orders
from engine.services.context import OperationContext
from engine.vocabulary.operation import Operation


def _route(context: OperationContext, values: Values) -> Mapping[str, Any]:
    departments, candidates = routing.departments_of(context, values["matter"])
    return {"departments": departments, "lead_candidates": candidates}


def _set_lead(context: OperationContext, values: Values) -> Mapping[str, Any]:
    lead = values["lead_department"] or None
    return {"departments": routing.set_lead(context, values["departments"], lead), "lead_department": lead}


def _dispatch(context: OperationContext, values: Values) -> Mapping[str, Any]:
    sent = sub_orders.dispatch(context, values["departments"], values["ask"] or "", values["sign_limit"], values["opinion_due"])
    return {"sub_orders": sent}


def _sign(context: OperationContext, values: Values) -> Mapping[str, Any]:
    sign = sub_orders.deem_signed if values["deemed"] else sub_orders.sign
    sign(context, values["sub_order"])
    return {}


def _reply(context: OperationContext, values: Values) -> Mapping[str, Any]:
    sub_orders.reply(context, values["sub_order"], values["opinion"], values["basis"] or "", values["reply"] or "")
    return {}


def _summarise(context: OperationContext, values: Values) -> Mapping[str, Any]:
    return {"summary": sub_orders.summarise(context, values["sub_orders"])}


def _count_coordination(context: OperationContext, values: Values) -> Mapping[str, Any]:
    return {"coordination_count": cases.count_coordination(context)}


def _record_meeting(context: OperationContext, values: Values) -> Mapping[str, Any]:
    meeting_id, absent_count = meetings.record(context, values["kind"], values["record"])
    return {"meeting_id": meeting_id, "absent_count": absent_count}


def _collect_agenda(context: OperationContext, values: Values) -> Mapping[str, Any]:
    return {"agenda": agendas.collect(context)}


def _issue_card(context: OperationContext, values: Values) -> Mapping[str, Any]:
    cards.issue(context, values["lamp"], values["against"], values["reason"])
    return {}


def _revoke_card(context: OperationContext, values: Values) -> Mapping[str, Any]:
    number = values["card"]
    return {"card": cards.revoke(context, int(number) if number is not None else None, values["reason"])}


def _read_card(context: OperationContext, values: Values) -> Mapping[str, Any]:
    card = cards.latest(context)
    if card is None:
        return {"card": None, "code": None, "against": None, "issued_at": None}
    return {"card": card.id, "code": card.code, "against": card.against, "issued_at": clocks.iso(card.issued_at)}


_SUB_ORDER = Input("sub_order", True, "the sub-order or its number", "any")

OPERATIONS = (
    Operation(
        "departments-route",
        "按事项确定部门",
        "Find the departments of a matter",
        (Input("matter", True, "a matter code, or null", nullable=True),),
        ("departments", "lead_candidates"),
        _route,
    ),
    Operation(
        "departments-set-lead",
        "确定牵头部门",
        "Set the lead department",
        (
            Input("departments", True, "the departments", "list"),
            Input("lead_department", True, "a department code, or null while it is disputed", nullable=True),
        ),
        ("departments", "lead_department"),
        _set_lead,
    ),
    Operation(
        "sub-orders-dispatch",
        "派发协办单",
        "Send sub-orders",
        (
            Input("departments", True, "the departments", "list"),
            Input("ask", True, "what is asked", nullable=True),
            Input("sign_limit", True, "a limit for signing in", "any"),
            Input("opinion_due", False, "when opinions are due; a working day before the case if left out", "any"),
        ),
        ("sub_orders",),
        _dispatch,
    ),
    Operation(
        "sub-order-sign",
        "协办单签收",
        "Sign a sub-order",
        (_SUB_ORDER, Input("deemed", True, "true when nobody signed in time", "boolean")),
        (),
        _sign,
    ),
    Operation(
        "sub-order-reply",
        "记录协办意见",
        "Record a department's opinion",
        (
            _SUB_ORDER,
            Input("opinion", True, "同意, 不同意, 需补充 or 已办结"),
            Input("basis", True, "law or policy", nullable=True),
            Input("reply", True, "the opinion in words", nullable=True),
        ),
        (),
        _reply,
    ),
    Operation(
        "sub-orders-summarise",
        "汇总协办意见",
        "Summarise the opinions",
        (Input("sub_orders", True, "the sub-orders", "list"),),
        ("summary",),
        _summarise,
    ),
    Operation("coordination-count", "协调次数加一", "Count a failed coordination", (), ("coordination_count",), _count_coordination),
    Operation("meeting-agenda", "汇集会议议题", "Collect what waits for a joint meeting", (), ("agenda",), _collect_agenda),
    Operation(
        "meeting-record",
        "保存会议记录",
        "Record a meeting",
        (Input("kind", True, "联席会议 or 领导小组"), Input("record", True, "the minutes", "context")),
        ("meeting_id", "absent_count"),
        _record_meeting,
    ),
    Operation(
        "card-issue",
        "签发黄牌红牌",
        "Issue a card",
        (
            Input("lamp", True, "the result of DT08", "context"),
            Input("against", True, "a department code or an account id; null for the window", nullable=True),
            Input("reason", True, "why"),
        ),
        (),
        _issue_card,
    ),
    Operation("card-read", "读取灯牌", "Read the latest card", (), ("card", "code", "against", "issued_at"), _read_card),
    Operation(
        "card-revoke",
        "撤销灯牌",
        "Withdraw a card",
        (Input("card", False, "its number; the latest of the case if left out", "whole number"), Input("reason", True, "why")),
        ("card",),
        _revoke_card,
    ),
)

"""Sub-orders that come back, go to another department, or are cancelled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.operation_inputs import Input, Values
from engine.services import returned_orders
from engine.services.context import OperationContext
from engine.vocabulary.operation import Operation


def _return(context: OperationContext, values: Values) -> Mapping[str, Any]:
    return {"return_facts": returned_orders.record_return(context, values["sub_order"], values["basis"] or "", values["suggested"])}


def _reassign(context: OperationContext, values: Values) -> Mapping[str, Any]:
    return {"sub_order": returned_orders.reassign(context, values["sub_order"], values["department"], values["binding"])}


def _cancel(context: OperationContext, values: Values) -> Mapping[str, Any]:
    return {"cancelled_departments": returned_orders.cancel_open(context, values["reason"])}


_SUB_ORDER = Input("sub_order", True, "the sub-order or its number", "any")

OPERATIONS = (
    Operation(
        "sub-order-return",
        "记录退单",
        "Note that a sub-order is returned",
        (
            _SUB_ORDER,
            Input("basis", True, "law or policy", nullable=True),
            Input("suggested", True, "the department it should go to, or null", nullable=True),
        ),
        ("return_facts",),
        _return,
    ),
    Operation(
        "sub-order-reassign",
        "协办单改派",
        "Give a sub-order to another department",
        (_SUB_ORDER, Input("department", True, "a department code"), Input("binding", True, "true after a ruling", "boolean")),
        ("sub_order",),
        _reassign,
    ),
    Operation(
        "sub-orders-cancel",
        "取消协办单",
        "Cancel what no department has answered",
        (Input("reason", True, "why"),),
        ("cancelled_departments",),
        _cancel,
    ),
)

"""The life of a case file: owner, status, merging, return, reopening, archive."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.operation_inputs import Input, Values
from engine.services import cases, clocks
from engine.services.context import OperationContext
from engine.vocabulary.operation import Operation


def _assign_owner(context: OperationContext, values: Values) -> Mapping[str, Any]:
    return {"owner": cases.assign_owner(context)}


def _hand_to_backup(context: OperationContext, values: Values) -> Mapping[str, Any]:
    return {"owner": cases.hand_to_backup(context, values["reason"])}


def _set_status(context: OperationContext, values: Values) -> Mapping[str, Any]:
    cases.set_status(context, values["status"], values["result"])
    return {}


def _merge(context: OperationContext, values: Values) -> Mapping[str, Any]:
    cases.merge(context, values["into"])
    return {}


def _return(context: OperationContext, values: Values) -> Mapping[str, Any]:
    cases.request_return(context)
    return {}


def _reopen(context: OperationContext, values: Values) -> Mapping[str, Any]:
    count, due_at = cases.reopen(context, values["limit"])
    return {"reopen_count": count, "due_at": clocks.iso(due_at)}


def _close(context: OperationContext, values: Values) -> Mapping[str, Any]:
    cases.close(context, values["result"])
    return {}


_LIMIT = Input("limit", True, "a limit such as 3个工作日")

OPERATIONS = (
    Operation("case-assign-owner", "确定首接责任人", "Assign the first-contact owner", (), ("owner",), _assign_owner),
    Operation(
        "case-owner-backup", "转B角接手", "Hand over to the backup clerk", (Input("reason", True, "why"),), ("owner",), _hand_to_backup
    ),
    Operation(
        "case-set-status",
        "更新工单状态",
        "Set the status of the case",
        (Input("status", True, "a case status, e.g. 已受理"), Input("result", False, "a result, e.g. 协调解决")),
        (),
        _set_status,
    ),
    Operation("case-merge", "并案", "Merge into another case", (Input("into", True, "the number of the main case"),), (), _merge),
    Operation("case-return", "回流登记", "Register a returned case", (), (), _return),
    Operation("case-reopen", "重开工单", "Reopen the case", (_LIMIT,), ("reopen_count", "due_at"), _reopen),
    Operation("case-close", "归档", "Close the case", (Input("result", False, "a result, e.g. 协调解决"),), (), _close),
)

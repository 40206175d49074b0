"""The life of a case file: owner, status, merging, return, reopening, archive."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.errors import InvalidInput
from engine.operation_inputs import Input, Values
from engine.services import case_files, cases, clocks, entries
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


def _unmerge(context: OperationContext, values: Values) -> Mapping[str, Any]:
    cases.unmerge(context)
    return {}


def _revive(context: OperationContext, values: Values) -> Mapping[str, Any]:
    cases.revive(context)
    return {}


def _open(context: OperationContext, values: Values) -> Mapping[str, Any]:
    applicant = context.case().applicant_id if values["with_applicant"] else None
    opened = case_files.open_child(context, values["kind"], values["title"], values["text"] or "", values["facts"] or {}, applicant)
    return {"opened": opened.no}


def _facts(context: OperationContext, values: Values) -> Mapping[str, Any]:
    case_files.add_facts(context, values["facts"])
    return {}


def _entry(context: OperationContext, values: Values) -> Mapping[str, Any]:
    number, count = entries.add(context, values["kind"], values["facts"])
    return {"entry": number, "count": count}


def _entries(context: OperationContext, values: Values) -> Mapping[str, Any]:
    found = entries.of_kind(context, values["kind"])
    return {"entries": found, "count": len(found)}


def _own(context: OperationContext, values: Values) -> Mapping[str, Any]:
    if (values["group"] is None) == (values["owner"] is None):
        raise InvalidInput("Expected case-own to get either a group or an owner.")
    if values["owner"] is not None:
        return {"owner": case_files.give_to(context, values["owner"])}
    return {"owner": case_files.give_to_group(context, values["group"])}


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
    Operation("case-unmerge", "撤销并案", "Undo a merge", (), (), _unmerge),
    Operation("case-revive", "恢复办理", "Revive an ended case", (), (), _revive),
    Operation(
        "case-open",
        "立案卷",
        "Open a case file",
        (
            Input("kind", True, "a kind of case file"),
            Input("title", True, "what it is about"),
            Input("text", False, "in words; the title if left out"),
            Input("facts", False, "what registers and figures read, never personal data", "context"),
            Input("with_applicant", False, "true: for the same applicant", "boolean"),
        ),
        ("opened",),
        _open,
    ),
    Operation("case-facts", "记录要点", "Keep facts", (Input("facts", True, "facts by name, never personal data", "context"),), (), _facts),
    Operation(
        "case-entry",
        "记入台账",
        "Add to the ledger",
        (Input("kind", True, "a kind of entry, e.g. 延期"), Input("facts", True, "facts by name, never personal data", "context")),
        ("entry", "count"),
        _entry,
    ),
    Operation(
        "case-entries", "查台账", "Read the ledger", (Input("kind", True, "a kind of entry, e.g. 延期"),), ("entries", "count"), _entries
    ),
    Operation(
        "case-own",
        "确定承办人",
        "Set the owner",
        (Input("group", False, "the next of this group in turn"), Input("owner", False, "an account")),
        ("owner",),
        _own,
    ),
    Operation("case-return", "回流登记", "Register a returned case", (), (), _return),
    Operation("case-reopen", "重开工单", "Reopen the case", (_LIMIT,), ("reopen_count", "due_at"), _reopen),
    Operation("case-close", "归档", "Close the case", (Input("result", False, "a result, e.g. 协调解决"),), (), _close),
)

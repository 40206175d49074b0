"""What a diagram may call: operations by name, and the posts it may name. Knows no process; the domain itself is in ``engine.services``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from engine.errors import InvalidInput
from engine.operation_inputs import Input, Values, checked
from engine.services import cards, cases, clocks, meetings, notices, ratings, replies, routing, sub_orders
from engine.services.accounts import POSTS, Post
from engine.services.context import OperationContext
from engine.services.working_time import limit_or_moment

#: Posts that every installation knows; besides them every department's code is a candidate group.
CANDIDATE_GROUPS: Mapping[str, Post] = MappingProxyType({post.id: post for post in POSTS})


@dataclass(frozen=True)
class Operation:
    """A step of the domain that a service task runs by its topic."""

    name: str
    title: str
    title_en: str
    inputs: tuple[Input, ...]
    outputs: tuple[str, ...]
    run: Callable[[OperationContext, Values], Mapping[str, Any]]


def call(context: OperationContext, name: str, inputs: Values) -> Mapping[str, Any]:
    """Run an operation after checking its inputs; the result holds exactly its outputs, never personal data."""
    operation = OPERATIONS.get(name)
    if operation is None:
        raise InvalidInput(f"Expected an operation ({', '.join(OPERATIONS)}) but got {name!r}.")
    return operation.run(context, checked(operation.name, operation.inputs, inputs))


# ── the case ────────────────────────────────────────────────────────────────
def _assign_owner(context: OperationContext, values: Values) -> Mapping[str, Any]:
    return {"owner": cases.assign_owner(context)}


def _hand_to_backup(context: OperationContext, values: Values) -> Mapping[str, Any]:
    return {"owner": cases.hand_to_backup(context, values["reason"])}


def _set_status(context: OperationContext, values: Values) -> Mapping[str, Any]:
    cases.set_status(context, values["status"], values["result"])
    return {}


def _record_arrival(context: OperationContext, values: Values) -> Mapping[str, Any]:
    tried, trips = values["tried"] or {}, int(values["trips"] or 0)
    return {"matter_name": cases.record_arrival(context, values["matter"], values["matter_name"], tried, trips)}


def _record_triage(context: OperationContext, values: Values) -> Mapping[str, Any]:
    cases.record_triage(context, values["triage"])
    return {}


def _record_grade(context: OperationContext, values: Values) -> Mapping[str, Any]:
    cases.record_grade(context, values["grade"])
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


def _count_coordination(context: OperationContext, values: Values) -> Mapping[str, Any]:
    return {"coordination_count": cases.count_coordination(context)}


# ── clocks ──────────────────────────────────────────────────────────────────
def _start_clock(context: OperationContext, values: Values) -> Mapping[str, Any]:
    begun_at = limit_or_moment(context.calendar, values["from"], context.now) if values["from"] is not None else None
    due = clocks.start(context, values["kind"], values["limit"], begun_at)
    return {"due_at": clocks.iso(due.at)}


def _stop_clock(context: OperationContext, values: Values) -> Mapping[str, Any]:
    clocks.stop(context, values["kind"])
    return {}


def _start_graded(context: OperationContext, values: Values) -> Mapping[str, Any]:
    effective_at = limit_or_moment(context.calendar, values["effective_at"], context.now)
    return {"due": clocks.start_graded(context, values["limits"], values["level"], effective_at)}


def _due_at(context: OperationContext, values: Values) -> Mapping[str, Any]:
    return {"due_at": clocks.iso(clocks.due_at(context, values["limit"], values["from"]))}


# ── departments ─────────────────────────────────────────────────────────────
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


def _record_meeting(context: OperationContext, values: Values) -> Mapping[str, Any]:
    meeting_id, absent_count = meetings.record(context, values["kind"], values["record"])
    return {"meeting_id": meeting_id, "absent_count": absent_count}


def _issue_card(context: OperationContext, values: Values) -> Mapping[str, Any]:
    cards.issue(context, values["lamp"], values["against"], values["reason"])
    return {}


# ── the citizen ─────────────────────────────────────────────────────────────
def _check_reply(context: OperationContext, values: Values) -> Mapping[str, Any]:
    found = replies.problems(context, values["text"] or "")
    return {"reply_ok": not found, "reply_problems": "\n".join(found)}


def _record_rating(context: OperationContext, values: Values) -> Mapping[str, Any]:
    record = ratings.record_second if values["second"] else ratings.record_first
    record(context, int(values["level"]), values["tags"] or [], values["text"] or "")
    return {}


def _assign_rectifier(context: OperationContext, values: Values) -> Mapping[str, Any]:
    return {"rectifier": ratings.assign_rectifier(context)}


def _send_notice(context: OperationContext, values: Values) -> Mapping[str, Any]:
    notices.send(context, values["template"], values["to"], values["values"] or {})
    return {}


_FROM = Input("from", False, "the moment the limit starts; now if left out", "any")
_LIMIT = Input("limit", True, "a limit such as 3个工作日")
_SUB_ORDER = Input("sub_order", True, "the sub-order or its number", "any")

_ALL = (
    Operation("case-assign-owner", "确定首接责任人", "Assign the first-contact owner", (), ("owner",), _assign_owner),
    Operation(
        "case-owner-backup", "转B角接手", "Hand over to the backup clerk", (Input("reason", True, "why"),), ("owner",), _hand_to_backup
    ),
    Operation(
        "clock-start",
        "开始计时",
        "Start a clock",
        (Input("kind", True, "which clock, e.g. respond"), _LIMIT, _FROM),
        ("due_at",),
        _start_clock,
    ),
    Operation("clock-stop", "停止计时", "Stop a clock", (Input("kind", True, "which clock, e.g. respond"),), (), _stop_clock),
    Operation(
        "grade-clocks-start",
        "按等级计时",
        "Start the clocks of a grade",
        (
            Input("limits", True, "the result of DT03", "context"),
            Input("level", True, "简单, 复杂 or 重大"),
            Input("effective_at", True, "the effective moment of the case", "any"),
        ),
        ("due",),
        _start_graded,
    ),
    Operation(
        "due-at",
        "计算到期时间",
        "Compute a due time",
        (Input("limit", True, "a limit, a duration or a moment", "any"), _FROM),
        ("due_at",),
        _due_at,
    ),
    Operation(
        "case-set-status",
        "更新工单状态",
        "Set the status of the case",
        (Input("status", True, "a case status, e.g. 已受理"), Input("result", False, "a result, e.g. 协调解决")),
        (),
        _set_status,
    ),
    Operation(
        "case-record-arrival",
        "登记来件要素",
        "Keep what was found out about an arrival",
        (
            Input("matter", True, "a matter code, or null", nullable=True),
            Input("matter_name", False, "its name where no matter fits"),
            Input("tried", False, "what was tried before", "context"),
            Input("trips", False, "how often the person came", "whole number"),
        ),
        ("matter_name",),
        _record_arrival,
    ),
    Operation(
        "case-record-triage",
        "记录研判结论",
        "Record the triage",
        (Input("triage", True, "the result of DT01", "context"),),
        (),
        _record_triage,
    ),
    Operation(
        "case-record-grade", "记录等级", "Record the grade", (Input("grade", True, "the result of DT02", "context"),), (), _record_grade
    ),
    Operation("case-merge", "并案", "Merge into another case", (Input("into", True, "the number of the main case"),), (), _merge),
    Operation("case-return", "回流登记", "Register a returned case", (), (), _return),
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
    Operation(
        "meeting-record",
        "保存会议记录",
        "Record a meeting",
        (Input("kind", True, "联席会议 or 领导小组"), Input("record", True, "the minutes", "context")),
        ("meeting_id", "absent_count"),
        _record_meeting,
    ),
    Operation(
        "reply-check",
        "检查答复质量",
        "Check a reply",
        (Input("text", True, "the reply", nullable=True),),
        ("reply_ok", "reply_problems"),
        _check_reply,
    ),
    Operation(
        "rating-record",
        "记录评价",
        "Record a rating",
        (
            Input("level", True, "1-5, or 0 when none was given", "whole number"),
            Input("tags", True, "reasons", "list", nullable=True),
            Input("text", True, "words", nullable=True),
            Input("second", True, "true for the rating after a rectification", "boolean"),
        ),
        (),
        _record_rating,
    ),
    Operation("rectification-assign", "指派整改专员", "Assign a rectification officer", (), ("rectifier",), _assign_rectifier),
    Operation("case-reopen", "重开工单", "Reopen the case", (_LIMIT,), ("reopen_count", "due_at"), _reopen),
    Operation("case-close", "归档", "Close the case", (Input("result", False, "a result, e.g. 协调解决"),), (), _close),
    Operation(
        "notice-send",
        "发送通知",
        "Send a notice",
        (
            Input("template", True, "an id such as MSG-01"),
            Input("to", True, "applicant, owner, group:… or department:…"),
            Input("values", False, "placeholders the case does not know", "context"),
        ),
        (),
        _send_notice,
    ),
)

OPERATIONS: Mapping[str, Operation] = MappingProxyType({operation.name: operation for operation in _ALL})

"""The clocks of a case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.db.case_tables import Case
from engine.operation_inputs import Input, Values
from engine.services import clocks
from engine.services.context import OperationContext
from engine.services.working_time import limit_or_moment
from engine.vocabulary.operation import Operation


def _start_clock(context: OperationContext, values: Values) -> Mapping[str, Any]:
    begun_at = limit_or_moment(context.calendar, values["from"], context.now) if values["from"] is not None else None
    due = clocks.start(context, values["kind"], values["limit"], begun_at, subject=_subject(values))
    return {"due_at": clocks.iso(due.at)}


def _stop_clock(context: OperationContext, values: Values) -> Mapping[str, Any]:
    clocks.stop(context, values["kind"], subject=_subject(values))
    return {}


def _pause(context: OperationContext, values: Values) -> Mapping[str, Any]:
    clocks.pause(context, values["reason"])
    return {}


def _resume(context: OperationContext, values: Values) -> Mapping[str, Any]:
    return {"due": {**(context.variables.get("due") or {}), **clocks.resume(context)}}


def _extend(context: OperationContext, values: Values) -> Mapping[str, Any]:
    due_at, was = clocks.extend(context, values["kind"], values["limit"], _subject(values), values["reason"] or "")
    return {"due_at": clocks.iso(due_at), "was": clocks.iso(was)}


def _move(context: OperationContext, values: Values) -> Mapping[str, Any]:
    until = limit_or_moment(context.calendar, values["until"], context.now)
    due_at, was = clocks.move(context, values["kind"], until, _subject(values), values["reason"] or "")
    return {"due_at": clocks.iso(due_at), "was": clocks.iso(was)}


def _read(context: OperationContext, values: Values) -> Mapping[str, Any]:
    reading, case = clocks.read(context, values["kind"], _subject(values)), context.session.get(Case, context.case_no)
    return {
        "due_at": clocks.iso(reading.due_at) if reading.due_at else None,
        "overdue_days": reading.overdue_days,
        "remaining_ratio": reading.remaining_ratio,
        "state": reading.state,
        "lead_department": case.lead_department if case is not None else None,
        "level": case.level if case is not None else None,
    }


def _start_graded(context: OperationContext, values: Values) -> Mapping[str, Any]:
    effective_at = limit_or_moment(context.calendar, values["effective_at"], context.now)
    return {"due": clocks.start_graded(context, values["limits"], values["level"], effective_at)}


def _due_at(context: OperationContext, values: Values) -> Mapping[str, Any]:
    return {"due_at": clocks.iso(clocks.due_at(context, values["limit"], values["from"]))}


def _subject(values: Values) -> str | None:
    """Numbers count as text: FEEL knows 12 and 12.0 as the same."""
    subject = values["subject"]
    if isinstance(subject, float) and subject.is_integer():
        subject = int(subject)
    return str(subject) if subject not in (None, "") else None


_FROM = Input("from", False, "the moment the limit starts; now if left out", "any")
_LIMIT = Input("limit", True, "a limit such as 3个工作日")
_KIND = Input("kind", True, "which clock, e.g. respond")
_SUBJECT = Input("subject", False, "what tells clocks of one kind apart, e.g. the number of a sub-order", "any")

OPERATIONS = (
    Operation("clock-start", "开始计时", "Start a clock", (_KIND, _LIMIT, _FROM, _SUBJECT), ("due_at",), _start_clock),
    Operation("clock-stop", "停止计时", "Stop a clock", (_KIND, _SUBJECT), (), _stop_clock),
    Operation("clocks-pause", "暂停服务时钟", "Pause the service clocks", (Input("reason", True, "why, e.g. 待补正"),), (), _pause),
    Operation("clocks-resume", "恢复服务时钟", "Resume the service clocks", (), ("due",), _resume),
    Operation(
        "clock-extend",
        "延长期限",
        "Extend a clock",
        (_KIND, _LIMIT, _SUBJECT, Input("reason", False, "why, in a word", nullable=True)),
        ("due_at", "was"),
        _extend,
    ),
    Operation(
        "clock-move",
        "改定期限",
        "Move a clock to a moment",
        (
            _KIND,
            Input("until", True, "the moment or day that was decided on, e.g. =minutes.due", "any"),
            _SUBJECT,
            Input("reason", False, "why, in a word", nullable=True),
        ),
        ("due_at", "was"),
        _move,
    ),
    Operation(
        "clock-read",
        "读取时钟",
        "Read a clock",
        (_KIND, _SUBJECT),
        ("due_at", "overdue_days", "remaining_ratio", "state", "lead_department", "level"),
        _read,
    ),
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
)

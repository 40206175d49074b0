"""The clocks of a case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.operation_inputs import Input, Values
from engine.services import clocks
from engine.services.context import OperationContext
from engine.services.working_time import limit_or_moment
from engine.vocabulary.operation import Operation


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


_FROM = Input("from", False, "the moment the limit starts; now if left out", "any")
_LIMIT = Input("limit", True, "a limit such as 3个工作日")

OPERATIONS = (
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
)

"""Figures of the centre and its departments, of windows and the people in charge of cases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.operation_inputs import Input, Values
from engine.services import indicators, indicators_staff
from engine.services.context import OperationContext
from engine.services.periods import Period
from engine.vocabulary.operation import Operation


def _figures(context: OperationContext, values: Values) -> Mapping[str, Any]:
    period = Period.parse(values["month"]) if values["month"] else Period.before(context.now)
    context.session.flush()
    figures = indicators.figures(context.session, context.calendar, context.case().org_unit, period)
    if values["scope"]:
        figures["departments"] = [row for row in figures["departments"] if row["code"] == values["scope"]]
    return {"figures": figures}


def _staff(context: OperationContext, values: Values) -> Mapping[str, Any]:
    period = Period.parse(values["month"]) if values["month"] else Period.before(context.now)
    context.session.flush()
    org_unit = context.case().org_unit
    return {
        "windows": indicators_staff.windows(context.session, org_unit, period),
        "people": indicators_staff.people(context.session, org_unit, period),
    }


def _metric(context: OperationContext, values: Values) -> Mapping[str, Any]:
    period = Period.last_days(context.now, int(values["days"] or 30))
    context.session.flush()
    org_unit, scope = context.case().org_unit, values["scope"] or None
    value = indicators.metric(context.session, context.calendar, org_unit, period, values["metric"], scope)
    return {"value": value, "more_is_better": indicators.is_more_better(values["metric"])}


OPERATIONS = (
    Operation(
        "statistics",
        "计算统计指标",
        "Compute the figures of a period",
        (
            Input("month", False, "a month such as 2026-11, a quarter such as 2026-Q4 or a year; the last month if left out"),
            Input("scope", False, "a department code; every department if left out"),
        ),
        ("figures",),
        _figures,
    ),
    Operation(
        "staff-statistics",
        "计算窗口和个人指标",
        "Compute the figures of windows and people",
        (Input("month", False, "a month such as 2026-11, a quarter such as 2026-Q4 or a year; the last month if left out"),),
        ("windows", "people"),
        _staff,
    ),
    Operation(
        "metric-read",
        "读取一项指标",
        "Read one figure over the last days",
        (
            Input("metric", True, "a figure, e.g. on_time_rate"),
            Input("scope", False, "a department code, or the tag whose share is meant"),
            Input("days", False, "how many days back, 30 if left out", "whole number"),
        ),
        ("value", "more_is_better"),
        _metric,
    ),
)

"""What is found out about a case before it is worked on: arrival, triage, grade."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.operation_inputs import Input, Values
from engine.services import cases, duplicates, negative_list
from engine.services.context import OperationContext
from engine.vocabulary.operation import Operation


def _record_arrival(context: OperationContext, values: Values) -> Mapping[str, Any]:
    tried, trips = values["tried"] or {}, int(values["trips"] or 0)
    return {"matter_name": cases.record_arrival(context, values["matter"], values["matter_name"], tried, trips)}


def _record_triage(context: OperationContext, values: Values) -> Mapping[str, Any]:
    cases.record_triage(context, values["triage"])
    negative_list.record_hit(context, (context.variables.get("triage_facts") or {}).get("negative_code"))
    return {"duplicate_of": cases.still_open(context, values["main"])}


def _record_grade(context: OperationContext, values: Values) -> Mapping[str, Any]:
    cases.record_grade(context, values["grade"])
    return {}


def _look_up(context: OperationContext, values: Values) -> Mapping[str, Any]:
    return {"lookup": duplicates.look_up(context)}


OPERATIONS = (
    Operation("arrival-lookup", "查重和身份比对", "Look for earlier cases of the applicant", (), ("lookup",), _look_up),
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
        (
            Input("triage", True, "the result of DT01", "context"),
            Input("main", False, "the case that it repeats; it may have been closed meanwhile"),
        ),
        ("duplicate_of",),
        _record_triage,
    ),
    Operation(
        "case-record-grade", "记录等级", "Record the grade", (Input("grade", True, "the result of DT02", "context"),), (), _record_grade
    ),
)

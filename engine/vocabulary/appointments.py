"""Appointments: how full a half hour is, and the number of who has come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.operation_inputs import Input, Values
from engine.services import appointments
from engine.services.context import OperationContext
from engine.vocabulary.operation import Operation


def _check(context: OperationContext, values: Values) -> Mapping[str, Any]:
    return appointments.facts_of(context, values["appointment"])


def _ticket(context: OperationContext, values: Values) -> Mapping[str, Any]:
    return {"ticket": appointments.ticket(context, values["special"])}


OPERATIONS = (
    Operation(
        "appointment-check",
        "核对预约名额",
        "See how full a half hour is",
        (Input("appointment", True, "slot, counter, special, by; null: the one on file", "context", nullable=True),),
        ("slot_facts", "reminders", "may_change"),
        _check,
    ),
    Operation(
        "appointment-ticket",
        "取优先号",
        "Give a queue number",
        (Input("special", True, "老年人, 残障人士 or null", nullable=True),),
        ("ticket",),
        _ticket,
    ),
)

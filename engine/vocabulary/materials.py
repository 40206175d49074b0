"""Materials of a matter: what is missing, and the one-time notice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.operation_inputs import Input, Values
from engine.services import materials
from engine.services.context import OperationContext
from engine.vocabulary.operation import Operation


def _check(context: OperationContext, values: Values) -> Mapping[str, Any]:
    found = materials.check(context, values["matter"], [str(one).strip() for one in values["provided"] or [] if str(one).strip()])
    return {"gaps": list(found.gaps), "complete": not found.gaps}


def _notice(context: OperationContext, values: Values) -> Mapping[str, Any]:
    number, later = materials.notify(context, values["handled"], values["supply_by"])
    return {"notice_no": number, "asked_later": later}


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "materials-check",
        "核对申请材料",
        "Look for missing materials",
        (
            Input("matter", True, "a matter code, or null", nullable=True),
            Input("provided", False, "ids of materials that are there besides those attached", "list"),
        ),
        ("gaps", "complete"),
        _check,
    ),
    Operation(
        "materials-notice",
        "出具一次性告知书",
        "Issue the one-time notice",
        (
            Input("handled", True, "a list of {id, name, handling, limit}", "list"),
            Input("supply_by", False, "by when the applicant supplies what is missing", "any"),
        ),
        ("notice_no", "asked_later"),
        _notice,
    ),
)

"""Notices to applicants and staff."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.operation_inputs import Input, Values
from engine.services import notices
from engine.services.context import OperationContext
from engine.vocabulary.operation import Operation


def _send_notice(context: OperationContext, values: Values) -> Mapping[str, Any]:
    notices.send(context, values["template"], values["to"], values["values"] or {})
    return {}


OPERATIONS = (
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

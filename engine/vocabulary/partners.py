"""Partners outside: orders that came from them, letters to other regions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.operation_inputs import Input, Values
from engine.services import partners
from engine.services.context import OperationContext
from engine.vocabulary.operation import Operation


def _push(context: OperationContext, values: Values) -> Mapping[str, Any]:
    partners.push(context, values["milestone"], {"reason": values["reason"], "unit": values["unit"]})
    return {}


def _origin(context: OperationContext, values: Values) -> Mapping[str, Any]:
    return {"origin": partners.origin_of(context)}


def _tell(context: OperationContext, values: Values) -> Mapping[str, Any]:
    partners.tell(context, values["partner"], values["milestone"], values["facts"] or {})
    return {}


def _state(context: OperationContext, values: Values) -> Mapping[str, Any]:
    return {"started": partners.is_started(context)}


def _find(context: OperationContext, values: Values) -> Mapping[str, Any]:
    return {"partner": partners.find_window(context, values["region"], values["level"])}


def _letter(context: OperationContext, values: Values) -> Mapping[str, Any]:
    return {"letter_sent_at": partners.send_letter(context, values["partner"], values["unit"], values["ask"], values["mode"])}


OPERATIONS = (
    Operation(
        "partner-push",
        "回推来源渠道",
        "Tell the channel how the case stands",
        (
            Input("milestone", True, "已接入, 受理, 签收, 办结, 评价, 退回 …"),
            Input("reason", False, "why it is sent back"),
            Input("unit", False, "who should get it instead"),
        ),
        (),
        _push,
    ),
    Operation("case-origin", "查来件渠道", "See how the file came in", (), ("origin",), _origin),
    Operation(
        "partner-tell",
        "告知合作单位",
        "Tell a partner who did not send it",
        (
            Input("partner", True, "a code of partners.csv, such as 12345"),
            Input("milestone", True, "投诉转推, 投诉办结 …"),
            Input("facts", False, "what the partner is told; no personal data", "context"),
        ),
        (),
        _tell,
    ),
    Operation("order-state", "查看外部工单进展", "See whether somebody has taken the order up", (), ("started",), _state),
    Operation(
        "partner-find",
        "查找协同窗口",
        "Find the window of another region",
        (Input("region", True, "a region code or name", nullable=True), Input("level", True, "国家, 省, 市, 区", nullable=True)),
        ("partner",),
        _find,
    ),
    Operation(
        "partner-letter",
        "送达协同函",
        "Send a letter to a partner",
        (
            Input("partner", True, "the result of partner-find", "context", nullable=True),
            Input("unit", True, "who gets it"),
            Input("ask", True, "what is asked"),
            Input("mode", True, "全程网办, 异地代收代办 or 多地联办"),
        ),
        ("letter_sent_at",),
        _letter,
    ),
)

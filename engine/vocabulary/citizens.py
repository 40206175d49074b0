"""The applicant's side: what they are answered and how they rate it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.operation_inputs import Input, Values
from engine.services import ratings, replies
from engine.services.context import OperationContext
from engine.vocabulary.operation import Operation


def _check_reply(context: OperationContext, values: Values) -> Mapping[str, Any]:
    found = replies.problems(context, values["text"] or "")
    return {"reply_ok": not found, "reply_problems": "\n".join(found)}


def _record_rating(context: OperationContext, values: Values) -> Mapping[str, Any]:
    record = ratings.record_second if values["second"] else ratings.record_first
    record(context, int(values["level"]), values["tags"] or [], values["text"] or "")
    return {}


def _assign_rectifier(context: OperationContext, values: Values) -> Mapping[str, Any]:
    return {"rectifier": ratings.assign_rectifier(context)}


OPERATIONS = (
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
)

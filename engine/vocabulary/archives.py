"""Archived files: how long they are kept, and which have been kept long enough."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.operation_inputs import Input, Values
from engine.services import retention
from engine.services.context import OperationContext
from engine.vocabulary.operation import Operation


def _archive(context: OperationContext, values: Values) -> Mapping[str, Any]:
    return {"archived": retention.archive(context, int(values["years"]))}


def _due(context: OperationContext, values: Values) -> Mapping[str, Any]:
    return {"expired": retention.expired(context)}


def _destroy(context: OperationContext, values: Values) -> Mapping[str, Any]:
    return {"destroyed": retention.destroy(context, values["cases"], values["kept"] or [])}


OPERATIONS = (
    Operation(
        "case-archive",
        "归档",
        "Put the file into the archive",
        (Input("years", True, "how long it is kept", "whole number"),),
        ("archived",),
        _archive,
    ),
    Operation("archive-due", "列出期满档案", "List files kept long enough", (), ("expired",), _due),
    Operation(
        "archive-destroy",
        "销毁期满档案",
        "Destroy files kept long enough",
        (Input("cases", True, "the list of archive-due", "list"), Input("kept", True, "numbers to keep", "list", nullable=True)),
        ("destroyed",),
        _destroy,
    ),
)

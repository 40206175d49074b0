"""Archived files: how long they are kept, which have been kept long enough, and which need name nobody any more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.operation_inputs import Input, Values
from engine.services import minimisation, retention
from engine.services.context import OperationContext
from engine.vocabulary.operation import Operation


def _archive(context: OperationContext, values: Values) -> Mapping[str, Any]:
    return {"archived": retention.archive(context, int(values["years"]))}


def _due(context: OperationContext, values: Values) -> Mapping[str, Any]:
    return {"expired": retention.expired(context)}


def _destroy(context: OperationContext, values: Values) -> Mapping[str, Any]:
    return {"destroyed": retention.destroy(context, values["cases"], _named(values["kept"]))}


def _idle(context: OperationContext, values: Values) -> Mapping[str, Any]:
    return {"idle": minimisation.idle(context, int(values["years"]))}


def _minimise(context: OperationContext, values: Values) -> Mapping[str, Any]:
    return {"minimised": minimisation.minimise(context, values["cases"], _named(values["kept"]), int(values["years"]))}


def _named(numbers: Sequence[str] | None) -> list[str]:
    """A diagram goes through the list and says “” for what is not kept."""
    return [number for number in numbers or () if number]


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
    Operation(
        "personal-due",
        "列出应去除个人信息的案卷",
        "List files that nobody uses any more",
        (Input("years", True, "without any use", "whole number"),),
        ("idle",),
        _idle,
    ),
    Operation(
        "personal-remove",
        "去除个人信息",
        "Take personal data out of files",
        (
            Input("cases", True, "the list of personal-due", "list"),
            Input("kept", True, "numbers to keep", "list", nullable=True),
            Input("years", True, "without any use", "whole number"),
        ),
        ("minimised",),
        _minimise,
    ),
)

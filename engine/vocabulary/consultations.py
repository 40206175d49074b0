"""Experts who are consulted about a case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.operation_inputs import Input, Values
from engine.services import experts
from engine.services.context import OperationContext
from engine.vocabulary.operation import Operation


def _pick(context: OperationContext, values: Values) -> Mapping[str, Any]:
    return {"expert": experts.pick(context, values["types"], values["domain"], values["tried"], int(values["most"]))}


def _pack(context: OperationContext, values: Values) -> Mapping[str, Any]:
    return {"pack": experts.pack(context, values["consent"] is True)}


OPERATIONS = (
    Operation(
        "expert-pick",
        "选派专家",
        "Choose the next expert",
        (
            Input("types", True, "the rows of DT12", "list"),
            Input("domain", True, "e.g. 合同"),
            Input("tried", True, "ids of experts asked already", "list"),
            Input("most", True, "how many may be asked", "whole number"),
        ),
        ("expert",),
        _pick,
    ),
    Operation(
        "expert-pack",
        "准备材料包",
        "Prepare what an expert may read",
        (Input("consent", True, "true when the applicant may be known", "boolean", nullable=True),),
        ("pack",),
        _pack,
    ),
)

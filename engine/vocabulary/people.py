"""Choosing people for work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.errors import InvalidInput
from engine.operation_inputs import Input, Values
from engine.services import people
from engine.services.context import OperationContext
from engine.vocabulary.operation import Operation


def _assign(context: OperationContext, values: Values) -> Mapping[str, Any]:
    return {"person": people.assign(context, values["group"], _accounts(values["except"]))}


def _accounts(value: Any) -> list[str]:
    """One account or several; null is nobody."""
    given = [] if value is None else [value] if isinstance(value, str) else value
    if not isinstance(given, list | tuple) or any(one is not None and not isinstance(one, str) for one in given):
        raise InvalidInput(f"Expected person-assign to get account ids as except but got {value!r}.")
    return [one for one in given if one]


OPERATIONS = (
    Operation(
        "person-assign",
        "指派无利害关系的人",
        "Assign somebody without a part in it",
        (
            Input("group", True, "a candidate group"),
            Input("except", False, "an account id, or a list of them", "any"),
        ),
        ("person",),
        _assign,
    ),
)

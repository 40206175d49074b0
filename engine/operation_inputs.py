"""What an operation may be given: declared inputs, checked by type before it runs. Knows no operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from engine.errors import InvalidInput

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Input:
    """One input of an operation. A required one must be given; ``nullable`` says whether null is an answer."""

    name: str
    required: bool
    description: str
    type: str = "text"
    nullable: bool = False


def checked(operation: str, declared: Sequence[Input], inputs: Values) -> dict[str, Any]:
    """Every declared input with a value of its type, or None where it was left out. Raises InvalidInput."""
    known = {one.name for one in declared}
    if unknown := sorted(inputs.keys() - known):
        names = ", ".join(one.name for one in declared) or "no inputs"
        raise InvalidInput(f"Expected {operation} to get {names} but got {', '.join(unknown)}.")
    return {one.name: _value(operation, one, inputs) for one in declared}


def _value(operation: str, declared: Input, inputs: Values) -> Any:
    value = inputs.get(declared.name)
    if value is None:
        if declared.required and not (declared.nullable and declared.name in inputs):
            found = "null" if declared.name in inputs else "nothing"
            raise InvalidInput(f"Expected {operation} to get {declared.name} ({declared.description}) but got {found}.")
        return None
    is_right, expected = _TYPES[declared.type]
    if not is_right(value):
        raise InvalidInput(f"Expected {operation} to get {expected} as {declared.name} but got {value!r}.")
    return value


_TYPES: Mapping[str, tuple[Callable[[Any], bool], str]] = MappingProxyType(
    {
        "any": (lambda value: True, "a value"),
        "text": (lambda value: isinstance(value, str), "text"),
        "boolean": (lambda value: isinstance(value, bool), "true or false"),
        "whole number": (
            lambda value: isinstance(value, int | float) and not isinstance(value, bool) and value == int(value),
            "a whole number",
        ),
        "context": (lambda value: isinstance(value, Mapping), "a context"),
        "list": (lambda value: isinstance(value, list | tuple), "a list"),
    }
)

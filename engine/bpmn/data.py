"""Variables: validated copies at the border, type-strict comparison, three-way merge. Knows nothing of processes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import isfinite
from typing import Any

from engine.errors import InvalidInput

Variables = dict[str, Any]

#: The key under which the codec stores the kind of a tagged value; nobody else may use it.
TAG = "$t"

_SCALARS = (bool, datetime, date, time, timedelta, Decimal, type(None))
_NESTED = (dict, list)
_MISSING = object()

#: Deeper values are refused; the JSON writer stops at 254.
DEEPEST = 100


def owned(value: Any, depth: int = 0) -> Any:
    """A deep copy that belongs to the caller. Refuses what cannot be stored (InvalidInput)."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, _SCALARS):
        return value
    if isinstance(value, int | float):
        return _number(value)
    if depth > DEEPEST:
        raise InvalidInput(f"Expected values nested at most {DEEPEST} deep but these are nested deeper.")
    if isinstance(value, Mapping):
        return owned_variables(value, depth + 1)
    if isinstance(value, list | tuple | set | frozenset):
        return [owned(item, depth + 1) for item in value]
    raise InvalidInput(f"Expected text, number, date, list or context but found {type(value).__name__}.")


def owned_variables(variables: Mapping[str, Any], depth: int = 0) -> Variables:
    """A deep copy of a whole set of variables, with the same refusals."""
    copy: Variables = {}
    for name, value in variables.items():
        if not isinstance(name, str) or name == TAG:
            raise InvalidInput(f"Expected a text as a variable's name (and not “{TAG}”) but found {name!r}.")
        copy[_text(name)] = owned(value, depth)
    return copy


def copied(value: Any) -> Any:
    """A deep copy of what was checked when it came in; ten times as fast as to check it again."""
    if value.__class__ is dict:
        return {name: copied(item) for name, item in value.items()}
    if value.__class__ is list:
        return [copied(item) if item.__class__ in _NESTED else item for item in value]
    return value


def _text(value: str) -> str:
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise InvalidInput("Expected readable text but found half a character.") from error
    return value


def _number(value: int | float) -> int | float:
    if isinstance(value, float) and not isfinite(value):
        raise InvalidInput(f"Expected a finite number but found {value}.")
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        raise InvalidInput("Expected a whole number of at most 64 bits but found a larger one.")
    return value


def is_same(a: Any, b: Any) -> bool:
    """Equality that keeps 1, 1.0 and True apart, at every depth."""
    if a is b:
        return True
    if a.__class__ is not b.__class__:
        return False
    if a.__class__ is dict:
        return len(a) == len(b) and all(key in b and is_same(value, b[key]) for key, value in a.items())
    if a.__class__ is list:
        return len(a) == len(b) and all(map(is_same, a, b))
    return bool(a == b)


def changes(base: Variables, data: Variables) -> Variables:
    """What ``data`` sets otherwise than ``base``. Variables are never removed, so this says all."""
    return {name: value for name, value in data.items() if not is_same(base.get(name, _MISSING), value)}


def merge(base: Variables, ours: Variables, theirs: Variables, on_conflict: Callable[[str, Any, Any], None]) -> Variables:
    """``ours`` with everything that ``theirs`` changed since ``base``; where both changed, theirs wins and is reported.

    ``on_conflict(name, kept, dropped)`` is called for each variable that both changed differently.
    """
    merged = dict(ours)
    for name, value in changes(base, theirs).items():
        mine = ours.get(name, _MISSING)
        if not is_same(mine, base.get(name, _MISSING)) and not is_same(mine, value):
            on_conflict(name, value, mine)
        merged[name] = value
    return merged

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

_SCALARS = (str, bool, int, datetime, date, time, timedelta, Decimal, type(None))
_MISSING = object()


def owned(value: Any) -> Any:
    """A deep copy that belongs to the caller. Refuses what cannot be stored (InvalidInput)."""
    if isinstance(value, _SCALARS):
        return value
    if isinstance(value, float):
        return _finite(value)
    if isinstance(value, Mapping):
        return owned_variables(value)
    if isinstance(value, list | tuple | set | frozenset):
        return [owned(item) for item in value]
    raise InvalidInput(f"Expected text, number, date, list or context but found {type(value).__name__}.")


def owned_variables(variables: Mapping[str, Any]) -> Variables:
    """A deep copy of a whole set of variables, with the same refusals."""
    copy: Variables = {}
    for name, value in variables.items():
        if not isinstance(name, str) or name == TAG:
            raise InvalidInput(f"Expected a text as a variable's name (and not “{TAG}”) but found {name!r}.")
        copy[name] = owned(value)
    return copy


def _finite(value: float) -> float:
    if not isfinite(value):
        raise InvalidInput(f"Expected a finite number but found {value}.")
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


def changes(base: Variables, data: Variables) -> tuple[Variables, list[str]]:
    """What ``data`` sets and what it lacks, seen from ``base``."""
    updates = {name: value for name, value in data.items() if not is_same(base.get(name, _MISSING), value)}
    return updates, [name for name in base if name not in data]


def merge(base: Variables, ours: Variables, theirs: Variables, on_conflict: Callable[[str, Any, Any], None]) -> Variables:
    """``ours`` with everything that ``theirs`` changed since ``base``; where both changed, theirs wins and is reported.

    ``on_conflict(name, kept, dropped)`` is called for each variable that both changed differently.
    """
    updates, removed = changes(base, theirs)
    merged = dict(ours)
    for name, value in updates.items():
        mine = ours.get(name, _MISSING)
        if not is_same(mine, base.get(name, _MISSING)) and not is_same(mine, value):
            on_conflict(name, value, None if mine is _MISSING else mine)
        merged[name] = value
    for name in removed:
        if is_same(merged.get(name, _MISSING), base[name]):
            del merged[name]
    return merged

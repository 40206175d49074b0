"""A posted form read by its schema into the nested values that a command takes. Validates nothing: the engine does that."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from werkzeug.datastructures import MultiDict

from engine.assembly import Engine
from engine.clock import as_local
from engine.errors import ExpressionFailed
from engine.feel import Feel

Schema = Mapping[str, Any]
Component = Mapping[str, Any]
Posted = MultiDict[str, str]


def components(schema: Schema) -> Iterator[Component]:
    """Every component of a form, those inside groups too."""
    for component in schema.get("components", ()):
        yield component
        yield from components(component)


def identity(component: Component) -> str:
    """What a page calls a component: its key, or its id where it has no value."""
    return str(component.get("key") or component["id"])


def read_posted(schema: Schema, posted: Posted) -> dict[str, Any]:
    """The values of the fields that can be filled in. A dotted key becomes a member of a context."""
    values: dict[str, Any] = {}
    for component in components(schema):
        if component.get("key") and not is_shown_only(component):
            put(values, component["key"], _READERS.get(component["type"], _read_text)(component, posted))
    return values


def is_shown_only(component: Component) -> bool:
    return bool(component.get("disabled") or component.get("readonly"))


def get(values: Mapping[str, Any], key: str) -> Any:
    """The member at a dotted key, None where there is none."""
    found: Any = values
    for part in key.split("."):
        if not isinstance(found, Mapping):
            return None
        found = found.get(part)
    return found


def put(values: dict[str, Any], key: str, value: Any) -> None:
    *contexts, last = key.split(".")
    for part in contexts:
        inner = values.get(part)
        values[part] = inner if isinstance(inner, dict) else {}
        values = values[part]
    values[last] = value


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """`above` laid over `below`, contexts member by member."""
    result = dict(below)
    for key, value in above.items():
        known = result.get(key)
        result[key] = merged(known, value) if isinstance(known, Mapping) and isinstance(value, Mapping) else value
    return result


def hidden_components(feel: Feel, schema: Schema, values: Mapping[str, Any]) -> frozenset[str]:
    """Components whose `conditional.hide` holds over `values`; what is inside a hidden group is hidden with it."""
    known: dict[str, Any] = {}
    for component in components(schema):
        if component.get("key"):
            put(known, component["key"], _empty(component))
    return frozenset(_hidden(feel, schema.get("components", ()), merged(known, values)))


def watched_keys(schema: Schema, feel: Feel) -> tuple[str, ...]:
    """Keys whose change may hide, show or offer something."""
    read: set[str] = set()
    followed = {str((component.get("properties") or {}).get("follows")) for component in components(schema)}
    for component in components(schema):
        condition = _condition(component)
        if condition:
            read |= feel.names(condition)
    return tuple(
        str(component["key"])
        for component in components(schema)
        if component.get("key") and (component["key"].split(".")[0] in read or component["key"] in followed)
    )


def english_errors(
    engine: Engine, schema: Schema, submission: Mapping[str, Any], variables: Mapping[str, Any], refused: Mapping[str, Sequence[str]]
) -> dict[str, Sequence[str]]:
    """The errors of a refused submission in English; one that neither its finder nor the form says in English stays as it is."""
    outcome = engine.feel.validate_form(schema, submission, engine.clock.now(), variables=variables, language="en")
    said = {key: [text.english for text in texts if hasattr(text, "english")] for key, texts in refused.items()}
    return {key: said[key] or outcome.errors.get(key) or texts for key, texts in refused.items()}


def _hidden(feel: Feel, parts: Sequence[Component], values: Mapping[str, Any]) -> Iterator[str]:
    for component in parts:
        if _is_hidden(feel, component, values):
            yield identity(component)
            yield from (identity(inner) for inner in components(component))
        else:
            yield from _hidden(feel, component.get("components", ()), values)


def _is_hidden(feel: Feel, component: Component, values: Mapping[str, Any]) -> bool:
    condition = _condition(component)
    if not condition:
        return False
    try:
        return feel.evaluate(condition, values) is True
    except ExpressionFailed:
        return False  # a field too many can be left empty; a field too few would lose an answer


def _condition(component: Component) -> str:
    return str((component.get("conditional") or {}).get("hide") or "")


def _empty(component: Component) -> Any:
    return {"checkbox": False, "checklist": []}.get(component["type"])


def _read_text(component: Component, posted: Posted) -> str | None:
    text = posted.get(component["key"], "").replace("\r\n", "\n").strip()
    return text or None


def _read_number(component: Component, posted: Posted) -> int | float | str | None:
    text = posted.get(component["key"], "").strip()
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        return text or None  # as typed, so that the engine's message stands beside what was typed
    return int(number) if number.is_integer() and abs(number) < 1e15 else number


def _read_checkbox(component: Component, posted: Posted) -> bool:
    return posted.get(component["key"]) == "true"


def _read_choice(component: Component, posted: Posted) -> Any:
    text = posted.get(component["key"], "")
    return _typed(component, text) if text else None


def _read_choices(component: Component, posted: Posted) -> list[Any]:
    return [_typed(component, text) for text in posted.getlist(component["key"]) if text]


def _typed(component: Component, text: str) -> Any:
    """A posted choice with the type that the form gives it: 5, not “5”."""
    return next((choice["value"] for choice in component.get("values") or () if str(choice["value"]) == text), text)


def _read_moment(component: Component, posted: Posted) -> str | None:
    text = posted.get(component["key"], "").strip()
    if component.get("subtype") != "datetime" or not text:
        return text or None
    try:
        return as_local(text).isoformat(timespec="minutes")
    except ValueError:
        return text


_READERS = {
    "number": _read_number,
    "checkbox": _read_checkbox,
    "radio": _read_choice,
    "select": _read_choice,
    "checklist": _read_choices,
    "datetime": _read_moment,
}

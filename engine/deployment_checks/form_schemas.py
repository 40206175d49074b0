"""A form as it is written: its fields with their whole keys, and every expression in it. Validates nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePath
from typing import Any

#: Parts of a component that may hold FEEL behind “=”, or {{…}} in a text.
_FEEL_PARTS = ("valuesExpression", "expression", "readonly", "disabled", "text", "label", "description", "source", "url")
_TEMPLATE = re.compile(r"\{\{([^{}]*)\}\}")


@dataclass(frozen=True)
class FormField:
    """One component. ``key``: with the paths of the groups around; empty for one that holds no value.

    ``hides``: its own condition and those of the groups around. ``expressions``: every FEEL text in it, its condition among them.
    """

    id: str
    key: str
    label: str
    line: int | None
    is_shown_only: bool
    is_required: bool
    is_in_list: bool
    hides: tuple[str, ...]
    expressions: tuple[str, ...]
    templates: tuple[str, ...]


@dataclass(frozen=True)
class FormSchema:
    """A form by the file it stands in."""

    file: str
    key: str
    title: str
    fields: tuple[FormField, ...]


def forms_in(files: Mapping[str, bytes]) -> dict[str, FormSchema]:
    """The forms of a set by key; of a key given twice the first counts."""
    found: dict[str, FormSchema] = {}
    for name, content in files.items():
        schema = _schema(name, content) if PurePath(name).suffix == ".form" else None
        if schema is not None:
            found.setdefault(schema.key, schema)
    return found


@lru_cache(maxsize=512)
def _schema(name: str, content: bytes) -> FormSchema | None:
    try:
        text = content.decode()
        schema = json.loads(text)
        if not isinstance(schema, dict) or not isinstance(schema.get("id"), str):
            return None
        lines = _Lines(text)
        return FormSchema(name, schema["id"], str(schema.get("title", "")), tuple(_fields(schema, "", (), False, lines)))
    except (ValueError, RecursionError):
        return None


class _Lines:
    """The line of each component's id, looked up in the text."""

    def __init__(self, text: str) -> None:
        self._lines: dict[str, int] = {}
        for number, line in enumerate(text.splitlines(), 1):
            for identifier in re.findall(r'"id"\s*:\s*"([^"\\]*)"', line):
                self._lines.setdefault(identifier, number)

    def of(self, identifier: str) -> int | None:
        return self._lines.get(identifier)


def _fields(part: Mapping[str, Any], base: str, hides: tuple[str, ...], is_in_list: bool, lines: _Lines) -> Iterator[FormField]:
    components = part.get("components")
    for one in components if isinstance(components, list) else ():
        if not isinstance(one, dict):
            continue
        own = (*hides, *_hide(one))
        is_list = one.get("type") == "dynamiclist"
        key = str(one.get("key") or (one.get("path") if is_list else "") or "")
        whole = ".".join(filter(None, (base, key)))
        if key or _expressions(one) or _templates(one):
            yield _field(one, whole if key else "", own, is_in_list, lines)
        below = whole if is_list else ".".join(filter(None, (base, str(one.get("path") or ""))))
        yield from _fields(one, below, own, is_in_list or is_list, lines)


def _field(one: Mapping[str, Any], key: str, hides: tuple[str, ...], is_in_list: bool, lines: _Lines) -> FormField:
    rules = one.get("validate")
    identifier = str(one.get("id") or key)
    return FormField(
        id=identifier,
        key=key,
        label=str(one.get("label") or ""),
        line=lines.of(identifier),
        is_shown_only=one.get("readonly") is True or one.get("disabled") is True,
        is_required=isinstance(rules, dict) and rules.get("required") is True,
        is_in_list=is_in_list,
        hides=hides,
        expressions=(*_hide(one), *_expressions(one)),
        templates=tuple(_templates(one)),
    )


def _hide(one: Mapping[str, Any]) -> tuple[str, ...]:
    condition = one.get("conditional")
    hide = condition.get("hide") if isinstance(condition, dict) else None
    if isinstance(hide, bool):
        return ("true",) if hide else ()
    return (hide.strip().removeprefix("="),) if isinstance(hide, str) and hide.strip() else ()


def _expressions(one: Mapping[str, Any]) -> tuple[str, ...]:
    rules = one.get("validate")
    texts = [one.get(part) for part in _FEEL_PARTS] + (list(rules.values()) if isinstance(rules, dict) else [])
    return tuple(text[1:].strip() for text in texts if isinstance(text, str) and text.startswith("=") and text[1:].strip())


def _templates(one: Mapping[str, Any]) -> Iterator[str]:
    for part in _FEEL_PARTS:
        text = one.get(part)
        if isinstance(text, str) and not text.startswith("="):
            yield from _TEMPLATE.findall(text)

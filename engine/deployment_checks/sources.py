"""What forms, decisions and operations give to a diagram: the shapes of their variables. Knows no diagram."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import PurePath
from typing import Any

from engine.bpmn.model import MapResult
from engine.deployment_checks.shapes import BOOLEAN, DEEPEST, LIST, NUMBER, TEXT, UNKNOWN, Known, Shape, context
from engine.feel import DecisionOutline, decision_outlines

_FIELDS = {
    "textfield": TEXT, "textarea": TEXT, "number": NUMBER, "checkbox": BOOLEAN, "checklist": LIST, "taglist": LIST, "datetime": TEXT,
    "radio": TEXT, "select": TEXT, "filepicker": UNKNOWN, "expression": UNKNOWN,
}  # fmt: skip
_TYPES = {"string": TEXT, "number": NUMBER, "integer": NUMBER, "long": NUMBER, "double": NUMBER, "boolean": BOOLEAN}

#: (variable, its shape, whether a condition may leave it out)
Field = tuple[str, Shape, bool]


@dataclass(frozen=True)
class Sources:
    """Forms and decisions by key; what each operation gives, by topic."""

    forms: Mapping[str, tuple[Field, ...]] = field(default_factory=dict)
    decisions: Mapping[str, DecisionOutline] = field(default_factory=dict)
    operations: Mapping[str, frozenset[str]] = field(default_factory=dict)


def sources_of(files: Mapping[str, bytes], operations: Mapping[str, frozenset[str]]) -> Sources:
    """Of a name defined twice the first counts."""
    forms: dict[str, tuple[Field, ...]] = {}
    decisions: dict[str, DecisionOutline] = {}
    for name, content in files.items():
        suffix = PurePath(name).suffix
        if suffix == ".form":
            for key, fields in _form(content).items():
                forms.setdefault(key, fields)
        elif suffix == ".dmn":
            for outline in _outlines(content, name):
                decisions.setdefault(outline.id, outline)
    return Sources(forms, decisions, operations)


def set_by_form(fields: tuple[Field, ...], element_id: str) -> dict[str, Known]:
    return {name: Known(shape, frozenset({element_id}), not may_lack, may_lack) for name, shape, may_lack in fields}


def result_shape(outline: DecisionOutline | None, wanted: MapResult) -> Shape:
    """The shape of a decision's result as a business rule task asks for it."""
    if wanted in ("collectEntries", "resultList"):
        return LIST
    if outline is None or outline.outputs is None:
        return UNKNOWN
    entries = {name: _column(outline, name) for name in outline.outputs}
    if wanted == "singleEntry" or outline.is_aggregated:
        return next(iter(entries.values()), UNKNOWN) if not outline.is_aggregated else NUMBER if len(entries) == 1 else UNKNOWN
    return context({**entries, "rule": TEXT})


def type_shape(name: str | None) -> Shape:
    """The shape that a type of a decision table means."""
    return _TYPES.get(name or "", UNKNOWN)


def _column(outline: DecisionOutline, name: str) -> Shape:
    texts = outline.values.get(name)
    return Shape("string", None, frozenset(texts)) if texts else type_shape((outline.outputs or {}).get(name))


@lru_cache(maxsize=512)
def _outlines(content: bytes, name: str) -> tuple[DecisionOutline, ...]:
    return decision_outlines(content, name)


@lru_cache(maxsize=512)
def _form(content: bytes) -> Mapping[str, tuple[Field, ...]]:
    try:
        schema = json.loads(content)
        if not isinstance(schema, dict) or not isinstance(schema.get("id"), str):
            return {}
        return {schema["id"]: tuple(_top_level(list(_fields(schema, (), may_lack=False))))}
    except (ValueError, RecursionError):
        return {}


def _fields(component: Mapping[str, Any], base: tuple[str, ...], may_lack: bool) -> Iterator[tuple[tuple[str, ...], Shape, bool]]:
    """(path, shape, whether it may be left out) of every field in ``component``."""
    for part in _parts(component):
        condition = part.get("conditional")
        hidden = may_lack or part.get("disabled") is True or bool(isinstance(condition, dict) and condition.get("hide"))
        if part.get("type") == "dynamiclist":
            yield (*base, *str(part.get("path") or part.get("id") or "").split(".")), LIST, hidden
        elif part.get("type") in _FIELDS and part.get("key"):
            yield (*base, *str(part["key"]).split(".")), _field_shape(part), hidden
        elif part.get("components"):
            yield from _fields(part, (*base, *filter(None, str(part.get("path") or "").split("."))), hidden)


def _parts(component: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    parts = component.get("components")
    return [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []


def _field_shape(part: Mapping[str, Any]) -> Shape:
    kind = part["type"]
    if kind == "number" and part.get("serializeToString"):
        return TEXT
    values = part.get("values")
    properties = part.get("properties")
    is_fed = part.get("valuesExpression") or part.get("valuesKey") or (isinstance(properties, dict) and properties.get("source"))
    if kind not in ("radio", "select") or is_fed or not isinstance(values, list):
        return _FIELDS[kind] if kind not in ("radio", "select") else UNKNOWN
    texts = [option.get("value") for option in values if isinstance(option, dict)]
    known = frozenset(text for text in texts if isinstance(text, str))
    return Shape("string", None, known) if texts and len(known) == len(texts) else UNKNOWN


def _top_level(fields: list[tuple[tuple[str, ...], Shape, bool]], depth: int = 0) -> Iterator[Field]:
    """Fields gathered by their variable; those with deeper paths make a context."""
    names = dict.fromkeys(path[0] for path, _, _ in fields)
    for name in names:
        own = [(path[1:], shape, may_lack) for path, shape, may_lack in fields if path[0] == name]
        may_lack = all(lack for _, _, lack in own)
        plain = next((shape for path, shape, _ in own if not path), None)
        if plain is None:
            plain = context({part: shape for part, shape, _ in _top_level(own, depth + 1)}) if depth < DEEPEST else UNKNOWN
        yield name, plain, may_lack

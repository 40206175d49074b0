"""Forms: checks a form-js file, and says what validating a submission gave. Draws nothing; form-js in the realm decides."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from engine.errors import Finding
from engine.feel import file_texts
from engine.feel.file_texts import refuse, refuse_all
from engine.feel.sentences import Language

#: Component types of form-js 2 that carry a value and so need a key.
KEYED = frozenset({
    "textfield", "textarea", "number", "checkbox", "checklist", "taglist", "radio", "select", "datetime", "filepicker", "expression",
})  # fmt: skip
_UNKEYED = frozenset(
    {"default", "text", "html", "image", "button", "spacer", "separator", "group", "dynamiclist", "table", "iframe", "documentPreview"}
)
_KEY = re.compile(r"[\w-]+(\.[\w-]+)*")
_CONDITION_PARTS = (("conditional", "hide"), ("validate", "min"), ("validate", "max"), ("validate", "minLength"), ("validate", "maxLength"))
_SHAPES: tuple[tuple[str, type], ...] = (
    ("id", str), ("key", str), ("path", str), ("label", str), ("validate", dict), ("conditional", dict), ("properties", dict),
    ("values", list), ("components", list),
)  # fmt: skip
_FEEL_PARTS = ("valuesExpression", "expression", "readonly", "text", "label", "description")

#: Finds syntax problems: (kind of FEEL, text) → sentences.
Check = Callable[[Literal["e", "u"], str], list[str]]


@dataclass(frozen=True)
class FormOutcome:
    """What a submission gave: ``data`` without hidden and disabled fields, typed; ``errors`` by field key (empty when it is accepted).

    A field in a list is named ``list[0].key``. ``hidden``: ids of the components (outside of lists) that a condition hides.
    """

    data: Mapping[str, Any]
    errors: Mapping[str, list[str]]
    hidden: frozenset[str] = frozenset()


def parse(source: bytes, file: str, limit: int, check: Check, language: Language = "zh") -> dict[str, Any]:
    """The schema in ``source``; InvalidDefinition with all findings when something needs mending."""
    text = _decode(source, file, limit, language)
    schema = _load(text, file, language)
    findings = list(_findings(schema, _Place(file, text, language), check))
    if findings:
        refuse_all(file, language, findings)
    return schema


@dataclass(frozen=True)
class _Place:
    """Where findings are: the file, and its text to look up lines."""

    file: str
    text: str
    language: Language

    def finding(self, component: Mapping[str, Any], key: str, /, **facts: Any) -> Finding:
        identity, label = component.get("id"), component.get("label") or component.get("key")
        known = identity if isinstance(identity, str) else None
        name = label if isinstance(label, str) else None
        return file_texts.finding(self.file, self._line(component), known, name, key, self.language, facts)

    def _line(self, component: Mapping[str, Any]) -> int | None:
        for name in ("id", "key", "type"):
            value = component.get(name)
            if not isinstance(value, str):
                continue
            match = re.search(rf'"{name}"\s*:\s*{re.escape(json.dumps(value, ensure_ascii=False))}', self.text)
            if match:
                return self.text.count("\n", 0, match.start()) + 1
        return None


def _decode(source: bytes, file: str, limit: int, language: Language) -> str:
    if len(source) > limit:
        refuse(file, None, "form.too_large", language, size=len(source), limit=limit)
    try:
        return source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = source[: error.start].count(b"\n") + 1
        refuse(file, line, "form.encoding", language)


def _load(text: str, file: str, language: Language) -> dict[str, Any]:
    try:
        schema = json.loads(text)
    except json.JSONDecodeError as error:
        refuse(file, error.lineno, "form.not_json", language, detail=error.msg)
    except RecursionError:
        refuse(file, None, "form.not_json/deep", language)
    if not isinstance(schema, dict):
        refuse(file, 1, "form.not_json/kind", language)
    return schema


def _findings(schema: Mapping[str, Any], place: _Place, check: Check) -> Iterator[Finding]:
    if not isinstance(schema.get("id"), str) or not schema["id"].strip():
        yield place.finding({}, "form.no_id")
    if schema.get("type") != "default":
        yield place.finding({}, "form.not_form")
    components = schema.get("components")
    if not isinstance(components, list) or not components:
        yield place.finding({}, "form.no_components")
        return
    yield from _component_findings(components, place, check, (), {}, set())


def _component_findings(
    components: list[Any], place: _Place, check: Check, base: tuple[str, ...], keys: dict[str, str], ids: set[str]
) -> Iterator[Finding]:
    for component in components:
        if not isinstance(component, dict):
            yield place.finding({}, "form.component")
            continue
        yield from _shape_findings(component, place)
        yield from _own_findings(component, place, check)
        yield from _name_findings(component, place, base, keys, ids)
        inner = component.get("components")
        if isinstance(inner, list):
            path = component.get("path")
            deeper = (*base, *path.split(".")) if isinstance(path, str) and path else base
            yield from _component_findings(inner, place, check, deeper, keys, ids)


def _shape_findings(component: Mapping[str, Any], place: _Place) -> Iterator[Finding]:
    for name, shape in _SHAPES:
        if component.get(name) is not None and not isinstance(component[name], shape):
            yield place.finding(component, f"form.shape/{shape.__name__}", part=name)
    values = component.get("values")
    if isinstance(values, list) and not all(isinstance(option, dict) and "value" in option for option in values):
        yield place.finding(component, "form.shape/option")


def _own_findings(component: Mapping[str, Any], place: _Place, check: Check) -> Iterator[Finding]:
    kind = component.get("type")
    if not isinstance(kind, str) or kind not in KEYED | _UNKEYED:
        yield place.finding(component, "form.unknown_type", kind=kind, known=", ".join(sorted(KEYED)))
    for name, text in _expressions(component):
        if not text.lstrip().startswith("="):
            yield place.finding(component, "form.feel/literal", part=name)
            continue
        for problem in check("u" if name == "conditional.hide" else "e", text):
            yield place.finding(component, "form.feel", part=name, problem=problem)


def _expressions(component: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for outer, inner in _CONDITION_PARTS:
        part = component.get(outer)
        value = part.get(inner) if isinstance(part, dict) else None
        if isinstance(value, str) and (value.lstrip().startswith("=") or (inner == "hide" and value.strip())):
            yield f"{outer}.{inner}", value
    for name in _FEEL_PARTS:
        value = component.get(name)
        if isinstance(value, str) and value.startswith("="):
            yield name, value


def _name_findings(
    component: Mapping[str, Any], place: _Place, base: tuple[str, ...], keys: dict[str, str], ids: set[str]
) -> Iterator[Finding]:
    identity = component.get("id")
    if isinstance(identity, str) and identity in ids:
        yield place.finding(component, "form.duplicate_id", id=identity)
    ids.add(identity if isinstance(identity, str) else "")
    kind = component.get("type")
    if not isinstance(kind, str) or kind not in KEYED:
        return
    key = component.get("key")
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        yield place.finding(component, "form.no_key", label=component.get("label") or identity)
        return
    full = ".".join((*base, key))
    if full in keys:
        yield place.finding(component, "form.duplicate_key", key=full, other=keys[full])
    keys[full] = str(component.get("label") or identity)

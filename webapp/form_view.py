"""A form as a page shows it: fields with labels, choices, values and errors in the reader's language. Reads no request."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from markupsafe import Markup

from engine.clock import as_local, local
from engine.errors import ExpressionFailed
from engine.feel import Feel
from webapp import form_text, forms
from webapp.forms import Component, Schema

#: form-js lays fields out on sixteen columns.
COLUMNS = 16


@dataclass(frozen=True)
class Choice:
    value: str
    label: str
    is_chosen: bool
    group: str = ""


@dataclass(frozen=True)
class Field:
    """One component. ``name`` is its key (or id), ``id`` is safe in an address; groups hold ``parts``.

    ``follows`` is the name of the field on which the choices of this one depend.
    """

    type: str
    name: str
    id: str
    label: str
    description: str
    value: str
    choices: tuple[Choice, ...]
    errors: tuple[str, ...]
    is_required: bool
    is_hidden: bool
    is_shown_only: bool
    width: str
    attributes: dict[str, Any]
    text: Markup
    parts: tuple[Field, ...]
    subtype: str = ""
    follows: str = ""

    def grouped(self) -> list[tuple[str, list[Choice]]]:
        """The choices by group, in their order."""
        return [(group, list(choices)) for group, choices in groupby(self.choices, key=lambda choice: choice.group)]


@dataclass(frozen=True)
class FormView:
    title: str
    fields: tuple[Field, ...]
    errors: tuple[tuple[str, str, str], ...]  # (id of the field or "", its label, what is wrong)
    watched: tuple[str, ...]


class FormWriter:
    """Writes one form in one language."""

    def __init__(self, feel: Feel, language: str):
        self._feel, self._language = feel, language

    def write(self, schema: Schema, values: Mapping[str, Any], errors: Mapping[str, Sequence[str]]) -> FormView:
        hidden = forms.hidden_components(self._feel, schema, values)
        fields = tuple(self._field(component, values, errors, hidden) for component in schema.get("components", ()))
        return FormView(self._title(schema), fields, _summary(fields, errors), forms.watched_keys(schema, self._feel))

    def _field(self, component: Component, values: Mapping[str, Any], errors: Mapping[str, Sequence[str]], hidden: frozenset[str]) -> Field:
        name = forms.identity(component)
        value = forms.get(values, name) if component.get("key") else None
        return Field(
            type=component["type"],
            name=name,
            id="field-" + name.replace(".", "-"),
            label=self._word(component, "label", "en"),
            description=self._word(component, "description", "en_description"),
            value=_written(component, value),
            choices=self._choices(component, value),
            errors=tuple(errors.get(name, ())),
            is_required=(component.get("validate") or {}).get("required") is True and not forms.is_shown_only(component),
            is_hidden=name in hidden,
            is_shown_only=forms.is_shown_only(component),
            width=_width(component),
            attributes=_attributes(component),
            text=self._text(component, values),
            parts=tuple(self._field(part, values, errors, hidden) for part in component.get("components", ())),
            subtype=str(component.get("subtype") or ""),
            follows=str((component.get("properties") or {}).get("follows") or ""),
        )

    def _title(self, schema: Schema) -> str:
        properties = schema.get("properties") or {}
        return str((self._language == "en" and properties.get("en")) or properties.get("title") or "")

    def _word(self, component: Component, key: str, english: str) -> str:
        properties = component.get("properties") or {}
        return str(
            (self._language == "en" and properties.get(english))
            or component.get(key)
            or component.get("dateLabel" if key == "label" else "")
            or ""
        )

    def _text(self, component: Component, values: Mapping[str, Any]) -> Markup:
        if component["type"] != "text":
            return Markup()
        text = str(component.get("text") or "")
        if text.startswith("="):
            return form_text.write(self._computed(text, values))
        return form_text.write(self._word(component, "text", "en"))

    def _computed(self, expression: str, values: Mapping[str, Any]) -> str:
        try:
            return str(self._feel.evaluate(expression, values) or "")
        except ExpressionFailed:
            return ""  # an explanation that cannot be given must not keep anybody from working

    def _choices(self, component: Component, value: Any) -> tuple[Choice, ...]:
        chosen = {str(one) for one in value} if isinstance(value, list) else {str(value)} if value is not None else set()
        return tuple(self._choice(one, chosen) for one in component.get("values") or ())

    def _choice(self, offered: Mapping[str, Any], chosen: Collection[str]) -> Choice:
        is_english = self._language == "en"
        code, label = str(offered["value"]), str((is_english and offered.get("en")) or offered["label"])
        return Choice(code, label, code in chosen, str((is_english and offered.get("group_en")) or offered.get("group") or ""))


def initial_values(schema: Schema) -> dict[str, Any]:
    """What an untouched form starts with."""
    values: dict[str, Any] = {}
    for component in forms.components(schema):
        if component.get("key") and component.get("defaultValue") is not None:
            forms.put(values, component["key"], component["defaultValue"])
    return values


def _summary(fields: Sequence[Field], errors: Mapping[str, Sequence[str]]) -> tuple[tuple[str, str, str], ...]:
    flat = list(_flat(fields))
    placed = [(field.id, field.label, text) for field in flat for text in field.errors]
    names = {field.name for field in flat}
    return tuple(placed + [("", "", text) for name, texts in errors.items() if name not in names for text in texts])


def _flat(fields: Sequence[Field]) -> Sequence[Field]:
    return [one for field in fields for one in (field, *_flat(field.parts))]


def _written(component: Component, value: Any) -> str:
    if value is None or isinstance(value, (list, dict)):
        return ""
    if component["type"] == "checkbox":
        return "true" if value is True else ""
    if component["type"] == "datetime" and component.get("subtype") == "datetime":
        return _wall_clock(str(value))
    return str(value)


def _wall_clock(text: str) -> str:
    try:
        return local(as_local(text)).strftime("%Y-%m-%dT%H:%M")
    except ValueError:
        return text


def _width(component: Component) -> str:
    columns = (component.get("layout") or {}).get("columns") or COLUMNS
    return "third" if columns <= 5 else "half" if columns <= 8 else "wide" if columns <= 12 else "full"


def _attributes(component: Component) -> dict[str, Any]:
    rules = component.get("validate") or {}
    kind = component["type"]
    if kind in ("textfield", "textarea"):
        return {"maxlength": rules.get("maxLength"), "minlength": rules.get("minLength")}
    if kind == "number":
        return {"min": rules.get("min"), "max": rules.get("max"), "step": _step(component)}
    return {}


def _step(component: Component) -> str:
    digits = component.get("decimalDigits")
    return "any" if digits is None else str(10**-digits) if digits else "1"

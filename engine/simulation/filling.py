"""Fills in any form by chance: every field gets something it accepts, hidden ones too (they are not submitted). Checks nothing itself."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import rstr

from engine.clock import local

#: What people tend to put into a field, by its key: values with their weights.
Wishes = Mapping[str, Sequence[tuple[Any, float]]]

#: Tried first where a field has a pattern: numbers that belong to nobody.
SAMPLES = ("13800000000", "020-81000000", "81000000", "440103188501010017", "1", "100", "示例")

SENTENCES = (
    "已逐项核对材料和系统记录,情况清楚。",
    "经与相关部门沟通,按职责分工办理。",
    "已电话联系并说明办理进度和下一步安排。",
    "对照办事指南核实,符合规定的办理条件。",
    "已查阅原始档案,数据与系统登记一致。",
    "双方对办理次序理解不同,已当面说明依据。",
    "按照《广东省政务服务办法》的有关规定办理。",
    "已留存记录,后续由首接责任人继续跟进。",
)

#: A date field means some day from this many days before to this many after today.
NEAR_DAYS = (-2, 12)

_TEXT_TYPES = frozenset({"textfield", "textarea"})
_CHOICE_TYPES = frozenset({"select", "radio"})
_LIST_TYPES = frozenset({"checklist", "taglist"})


@dataclass(frozen=True)
class Pen:
    """What fills forms: chance, the habits of whoever writes, and how often an optional field is left empty."""

    chance: random.Random
    wishes: Wishes = field(default_factory=dict)
    left_empty: float = 0.5

    def filled(self, schema: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        """A submission of the form, by field key (``a.b`` as one name)."""
        values = {}
        for component in _fields(schema):
            if (value := self._value(component, now)) is not None:
                values[str(component["key"])] = value
        return values

    def counter(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """The counter at which somebody looks for a half hour, where a form asks for one: the half hours depend on it."""
        asked = [one for one in _fields(schema) if one["key"] == "appointment.counter"]
        return {"appointment.counter": self.chance.choice(_options(asked[0]))} if asked else {}

    def chosen(self, weighted: Sequence[tuple[Any, float]]) -> Any:
        """One of the values, by weight."""
        return self.chance.choices([value for value, _ in weighted], [weight for _, weight in weighted])[0]

    def _value(self, component: Mapping[str, Any], now: datetime) -> Any:
        if wish := self._wish(component):
            return self.chosen(wish)
        if not _is_required(component) and self.chance.random() < self.left_empty:
            return None
        return self._any_value(component, now)

    def _wish(self, component: Mapping[str, Any]) -> Sequence[tuple[Any, float]]:
        """What is wished for the field; of a choice only what it offers, for another form may ask something else by the same key."""
        wish = self.wishes.get(str(component["key"]), ())
        if component.get("type") not in _CHOICE_TYPES:
            return wish
        offered = _options(component)
        return [(value, weight) for value, weight in wish if value in offered]

    def _any_value(self, component: Mapping[str, Any], now: datetime) -> Any:
        kind, rules = component.get("type"), component.get("validate") or {}
        if kind in _TEXT_TYPES:
            return self._text(rules)
        if kind in _CHOICE_TYPES:
            options = _options(component)
            return self.chance.choice(options) if options else None
        if kind in _LIST_TYPES:
            options = _options(component)
            return self.chance.sample(options, self.chance.randint(1, len(options))) if options else None
        if kind == "checkbox":
            return bool(rules.get("required")) or self.chance.random() < 0.5
        if kind == "number":
            return self._number(component, rules)
        return self._moment(component, now) if kind == "datetime" else None

    def _text(self, rules: Mapping[str, Any]) -> str:
        if pattern := rules.get("pattern"):
            fitting = (sample for sample in SAMPLES if re.fullmatch(str(pattern), sample))
            return next(fitting, None) or rstr.Rstr(self.chance).xeger(str(pattern))
        least, most = int(rules.get("minLength") or 1), int(rules.get("maxLength") or 200)
        text = self.chance.choice(SENTENCES)
        while len(text) < least:
            text += self.chance.choice(SENTENCES)
        return text[:most]

    def _number(self, component: Mapping[str, Any], rules: Mapping[str, Any]) -> float:
        least = float(rules.get("min", 0))
        most = float(rules.get("max", least + 10))
        digits = int(component.get("decimalDigits") or 0)
        return round(self.chance.uniform(least, most), digits) if digits else self.chance.randint(int(least), int(most))

    def _moment(self, component: Mapping[str, Any], now: datetime) -> str:
        day = local(now).date() + timedelta(days=self.chance.randint(*NEAR_DAYS))
        hour = f"{self.chance.choice((9, 10, 11, 14, 15, 16)):02}:00"
        kind = component.get("subtype", "date")
        return hour if kind == "time" else f"{day.isoformat()}T{hour}+08:00" if kind == "datetime" else _day(day)


def references(schema: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(field key, what it refers to) of the fields that ask for the number of something."""
    for component in _fields(schema):
        if refers_to := (component.get("properties") or {}).get("refers_to"):
            yield str(component["key"]), str(refers_to)


def _day(day: date) -> str:
    return day.isoformat()


def _is_required(component: Mapping[str, Any]) -> bool:
    return bool((component.get("validate") or {}).get("required"))


def _options(component: Mapping[str, Any]) -> list[Any]:
    return [option["value"] for option in component.get("values") or ()]


def _fields(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every field that somebody fills in; those that only show a variable are none."""
    for component in schema.get("components", ()):
        yield from _fields(component)
        if component.get("key") and component.get("type") != "group" and not component.get("disabled"):
            yield component

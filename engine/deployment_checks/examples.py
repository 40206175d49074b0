"""A place among the regions of a table, written as values of its inputs. Finds no place itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from engine.bpmn.findings import Language
from engine.deployment_checks.unary_tests import ANY, OTHER

_WORDS: dict[Language, dict[Any, str]] = {
    "zh": {OTHER: "其他值", None: "空(null)"},
    "en": {OTHER: "any other value", None: "null"},
}
_ANYTHING: dict[Language, str] = {"zh": "任意值", "en": "any values"}


def example_of(labels: Iterable[str], place: tuple[Any, ...], language: Language) -> str:
    """A value for each input; inputs that do not matter are left out."""
    told = [(label, value) for label, value in zip(labels, place, strict=True) if value is not ANY]
    return ", ".join(f"{label} = {_written(value, language)}" for label, value in told) or _ANYTHING[language]


def _written(value: Any, language: Language) -> str:
    if value is None or value is OTHER:
        return _WORDS[language][value]
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Fraction):
        return format(Decimal(value.numerator) / Decimal(value.denominator), "f")
    if isinstance(value, datetime | date):
        return value.isoformat()
    return f"“{value}”"

"""Choices that forms offer from reference data."""

from __future__ import annotations

from dataclasses import dataclass

from engine import forms
from engine.assembly import Engine


@dataclass(frozen=True)
class Option:
    """One choice."""

    value: str
    label: str
    label_en: str


def options(engine: Engine, source: str) -> tuple[Option, ...]:
    """The choices of a source named in a form (``properties.source``)."""
    with engine.database.reading() as session:
        return tuple(Option(choice["value"], choice["label"], choice["label"]) for choice in forms.choices(session, source))

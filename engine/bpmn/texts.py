"""Literal or FEEL: reads attribute and content texts. Knows where an “=” is needed and where it is optional; ``${…}`` becomes FEEL."""

from __future__ import annotations

from engine.bpmn.juel import Untranslatable, is_juel, translated
from engine.bpmn.settings import Text


def attribute_text(value: str | None) -> Text | None:
    """An attribute: FEEL only behind “=” or in ``${…}``, else literal. None when empty."""
    text = (value or "").strip()
    if not text:
        return None
    if text.startswith("="):
        return Text(text[1:].strip(), is_feel=True)
    return _from_juel(text) or Text(text, is_feel=False)


def expression_text(value: str | None) -> Text | None:
    """The content of a condition or script: always FEEL, the leading “=” is optional. None when empty."""
    text = (value or "").strip().removeprefix("=").strip()
    return (_from_juel(text) or Text(text, is_feel=True)) if text else None


def _from_juel(text: str) -> Text | None:
    """What cannot be translated stays as it is: the vocabulary refuses it."""
    if not is_juel(text):
        return None
    try:
        return Text(translated(text), is_feel=True)
    except Untranslatable:
        return None

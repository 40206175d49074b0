"""Literal or FEEL: reads attribute and content texts. Knows where an “=” is needed and where it is optional."""

from __future__ import annotations

from engine.bpmn.settings import Text


def attribute_text(value: str | None) -> Text | None:
    """An attribute: FEEL only behind “=”, else literal. None when empty."""
    text = (value or "").strip()
    if not text:
        return None
    return Text(text[1:].strip(), is_feel=True) if text.startswith("=") else Text(text, is_feel=False)


def expression_text(value: str | None) -> Text | None:
    """The content of a condition or script: always FEEL, the leading “=” is optional. None when empty."""
    text = (value or "").strip().removeprefix("=").strip()
    return Text(text, is_feel=True) if text else None

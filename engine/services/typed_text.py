"""What people type or paste, made fit to be kept and shown. Pure; refuses nothing, only leaves out what nobody can see."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

#: Control characters (PostgreSQL keeps no NUL), halves of characters, marks without width, and marks that turn the
#: direction of writing around: a name must not read otherwise than it is written. The joiner inside emoji stays.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ud800-\udfff\ufeff\ufff9-\uffff]")
_LINE_END = re.compile("\r\n?|\u2028|\u2029")

#: Above this a number is no longer exact and no field asks for it.
LARGEST_NUMBER = 1e15


def readable(text: str) -> str:
    """Text without what cannot be seen; line ends are kept as one character."""
    return _UNSEEN.sub("", _LINE_END.sub("\n", text))


def is_readable(text: str) -> bool:
    """Whether the text consists of characters that can be seen, in one line."""
    return readable(text) == text and "\n" not in text and "\t" not in text


def typed(value: Any) -> Any:
    """A submitted value with every text in it readable."""
    if isinstance(value, str):
        return readable(value)
    if isinstance(value, Mapping):
        return {readable(str(key)): typed(part) for key, part in value.items()}
    return [typed(part) for part in value] if isinstance(value, list | tuple) else value


def number(value: Any) -> Any:
    """What was typed where a number belongs; NaN, “1e400” and the like become a text that is none, so that the field can say so."""
    try:
        read = float(value)
    except (TypeError, ValueError, OverflowError):
        return value
    return value if math.isfinite(read) and abs(read) <= LARGEST_NUMBER else f"{str(value)[:40]}?"

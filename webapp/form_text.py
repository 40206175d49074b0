"""The explanations in a form: headings, paragraphs, lists, bold. Refuses every other markup by escaping it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from markupsafe import Markup, escape

_BOLD = re.compile(r"\*\*(.+?)\*\*")


def write(text: str) -> Markup:
    """The small part of Markdown that form files use, as safe HTML."""
    return Markup("").join(_blocks(text))


def _blocks(text: str) -> Iterator[Markup]:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for is_list, group in groupby(lines, key=lambda line: line.startswith("- ")):
        if is_list:
            yield Markup("<ul>{}</ul>").format(Markup("").join(Markup("<li>{}</li>").format(_line(line[2:])) for line in group))
        else:
            yield from (Markup("<p>{}</p>").format(_line(line.lstrip("# "))) for line in group)


def _line(line: str) -> Markup:
    return Markup(_BOLD.sub(r"<strong>\1</strong>", str(escape(line))))

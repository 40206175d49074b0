"""How values are written on a page: times on the centre's wall clock, lamps, words of the domain. Computes nothing."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from flask import Flask, current_app, g, url_for
from flask_babel import get_locale, gettext
from markupsafe import Markup, escape

from engine.clock import local
from engine.commands.cases import REGISTRARS
from engine.commands.incidents import OPERATORS
from engine.commands.user_tasks import HAND_OVER_GROUPS
from engine.queries import case_kinds, names
from engine.queries.accounts import HEADS
from webapp import labels
from webapp.context import engine
from webapp.static_files import icon

WEEKDAYS_ZH = "一二三四五六日"
WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

#: A limit as tables and processes write it.
_SPAN = re.compile(r"(\d+)个?(工作日|自然日|工作小时|小时\(自然\)|小时|分钟)")
_UNITS = {
    "工作日": "working days", "自然日": "days", "工作小时": "working hours", "小时(自然)": "hours", "小时": "hours", "分钟": "minutes",
}  # fmt: skip


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(
        moment=moment, brief_moment=brief_moment, day=day, term=term, lamp=lamp, said=said, fact=fact, group_named=group_named
    )
    app.jinja_env.globals.update(labels=labels, registrars=REGISTRARS, operators=OPERATORS, hand_over_groups=HAND_OVER_GROUPS)
    app.jinja_env.globals["people_keepers"] = HEADS
    app.jinja_env.globals.update(named=named, named_kind=named_kind, opening=opening, has_page=has_page)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def is_chinese() -> bool:
    """Whether the reader reads Chinese."""
    return str(get_locale()).startswith("zh")


def moment(value: datetime | None) -> str:
    """“2026-11-23 10:20”"""
    return local(value).strftime("%Y-%m-%d %H:%M") if value else "—"


def brief_moment(value: datetime | None) -> str:
    """“11-23 周一 10:20”: enough where the year goes without saying."""
    if value is None:
        return "—"
    here = local(value)
    weekday = "周" + WEEKDAYS_ZH[here.weekday()] if is_chinese() else WEEKDAYS_EN[here.weekday()]
    return f"{here:%m-%d} {weekday} {here:%H:%M}"


def day(value: datetime | None) -> str:
    return local(value).strftime("%Y-%m-%d") if value else "—"


def term(value: Any) -> str:
    """A word of the domain in the reader's language; a word the catalogue does not know stays as it is."""
    if value is None or value == "":
        return "—"
    word = str(value)
    known = str(gettext(word))
    return _stored_words().get(word, word) if known == word and not is_chinese() else known


def said(value: Any) -> str:
    """An answer or a list of names in the reader's language; one with a part that has no other language stays as it is."""
    if not is_chinese() and (span := _SPAN.fullmatch(str(value))):
        return f"{span[1]} {_UNITS[span[2]]}"
    whole = str(labels.CODES[value]) if value in labels.CODES else term(value)
    if is_chinese() or whole != str(value):
        return whole
    parts = [(part, term(part)) for part in whole.split("、")]
    is_known = all(part != word or part.isascii() for part, word in parts)
    return ", ".join(word for _part, word in parts) if is_known else whole


def group_named(code: str) -> str:
    """A post or a department by its name in the reader's language."""
    if "group_names" not in g:
        g.group_names = names.every_group(engine())
    return said(g.group_names.get(code, code))


def fact(label: str) -> str:
    """The name of a fact: as a form asks for it, else a word for what a process calls it."""
    if label not in labels.FACTS:
        return term(label)
    return labels.FACTS[label] if is_chinese() else label.replace("_", " ").capitalize()


def _stored_words() -> dict[str, str]:
    """The English of words that analysts keep in reference files, read once a request."""
    if "stored_words" not in g:
        g.stored_words = case_kinds.stored_words(engine())
    words: dict[str, str] = g.stored_words
    return words


def named(name: str, drawn_id: str | None) -> str:
    """What a diagram calls a step or a process: its Chinese name, or for English readers the words of its id."""
    if is_chinese() or not drawn_id:
        return name
    words = drawn_id.replace("_", " ")
    return words[0].upper() + words[1:]


def named_kind(kind: Any) -> str:
    """A kind of files, an action or a document by its name in the reader's language."""
    return str(kind.name if is_chinese() or not kind.name_en else kind.name_en)


def opening(kind: Any) -> str:
    """The address of the form that opens a file of this kind."""
    return url_for("files.write", kind=kind.kind)


def has_page(endpoint: str) -> bool:
    """Whether this installation has that page: menus show only what there is."""
    return endpoint in current_app.view_functions


def lamp(code: str | None) -> Markup:
    """The lamp as drawing and word: colour alone tells nothing to many people."""
    known = code if code in labels.LAMPS else "grey"
    return Markup('<span class="lamp lamp-{}">{}<span>{}</span></span>').format(
        known, icon(labels.LAMP_ICONS[known]), escape(labels.LAMPS[known])
    )

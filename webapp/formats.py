"""How values are written on a page: times on the centre's wall clock, lamps, words of the domain. Computes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Flask, current_app, g, url_for
from flask_babel import get_locale, gettext
from markupsafe import Markup, escape

from engine.clock import local
from engine.commands.cases import REGISTRARS
from engine.commands.incidents import OPERATORS
from engine.commands.user_tasks import HAND_OVER_GROUPS
from engine.queries import case_kinds
from engine.queries.accounts import HEADS
from webapp import labels
from webapp.context import engine
from webapp.static_files import icon

WEEKDAYS_ZH = "一二三四五六日"
WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(moment=moment, brief_moment=brief_moment, day=day, term=term, lamp=lamp, audience=audience, fact=fact)
    app.jinja_env.globals.update(labels=labels, registrars=REGISTRARS, operators=OPERATORS, hand_over_groups=HAND_OVER_GROUPS)
    app.jinja_env.globals["people_keepers"] = HEADS
    app.jinja_env.globals.update(named=named, named_kind=named_kind, opening=opening, has_page=has_page)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def moment(value: datetime | None) -> str:
    """“2026-11-23 10:20”"""
    return local(value).strftime("%Y-%m-%d %H:%M") if value else "—"


def brief_moment(value: datetime | None) -> str:
    """“11-23 周一 10:20”: enough where the year goes without saying."""
    if value is None:
        return "—"
    here = local(value)
    weekday = "周" + WEEKDAYS_ZH[here.weekday()] if str(get_locale()).startswith("zh") else WEEKDAYS_EN[here.weekday()]
    return f"{here:%m-%d} {weekday} {here:%H:%M}"


def day(value: datetime | None) -> str:
    return local(value).strftime("%Y-%m-%d") if value else "—"


def term(value: Any) -> str:
    """A word of the domain in the reader's language; a word the catalogue does not know stays as it is."""
    if value is None or value == "":
        return "—"
    word = str(value)
    known = str(gettext(word))
    return _stored_words().get(word, word) if known == word and not str(get_locale()).startswith("zh") else known


def fact(label: str) -> str:
    """The name of a fact: as a form asks for it, else a word for what a process calls it."""
    if label not in labels.FACTS:
        return term(label)
    return labels.FACTS[label] if str(get_locale()).startswith("zh") else label.replace("_", " ").capitalize()


def _stored_words() -> dict[str, str]:
    """The English of words that analysts keep in reference files, read once a request."""
    if "stored_words" not in g:
        g.stored_words = case_kinds.stored_words(engine())
    words: dict[str, str] = g.stored_words
    return words


def named(name: str, drawn_id: str | None) -> str:
    """What a diagram calls a step or a process: its Chinese name, or for English readers the words of its id."""
    if str(get_locale()).startswith("zh") or not drawn_id:
        return name
    words = drawn_id.replace("_", " ")
    return words[0].upper() + words[1:]


def named_kind(kind: Any) -> str:
    """A kind of files, an action or a document by its name in the reader's language."""
    return str(kind.name if str(get_locale()).startswith("zh") or not kind.name_en else kind.name_en)


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


def audience(code: str, departments: Mapping[str, str]) -> str:
    """“group:window_head” or “department:D07” as people call it."""
    kind, _separator, name = code.partition(":")
    if kind in labels.AUDIENCES:
        return str(labels.AUDIENCES[kind])
    return str(labels.GROUPS.get(name) or departments.get(name) or name or code)

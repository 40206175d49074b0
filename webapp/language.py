"""The language of the pages: Chinese by default, English by a switch that is remembered. Knows no texts."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Blueprint, Flask, redirect, request, session
from flask.typing import ResponseReturnValue
from flask_babel import Babel, Domain, get_locale
from flask_login import current_user

from engine.commands.accounts import set_language
from webapp.context import actor, engine
from webapp.sessions import safe_target

LANGUAGES = {"zh": "zh_CN", "en": "en"}
CATALOGUES = Path(__file__).parent / "translations"

blueprint = Blueprint("language", __name__)


class WrittenCatalogues(Domain):  # type: ignore[misc]
    """Reads the written ``.po`` file itself, once: there is no compiled file that could be missing or old."""

    def get_translations(self) -> NullTranslations:
        language = str(get_locale())
        if language not in self.cache:
            self.cache[language] = catalogue(language)
        return self.cache[language]  # type: ignore[no-any-return]


def catalogue(language: str) -> NullTranslations:
    """The translations into ``language``; none for Chinese, in which the texts are written."""
    file = CATALOGUES / language / "LC_MESSAGES" / "messages.po"
    if not file.is_file():
        return Translations()
    with file.open("rb") as source:
        texts = read_po(source, locale=language)
    compiled = BytesIO()
    write_mo(compiled, texts)
    compiled.seek(0)
    return Translations(compiled)


def init_app(app: Flask) -> None:
    Babel(app, default_locale="zh_CN", default_timezone="Asia/Shanghai", locale_selector=_locale)
    app.before_request(WrittenCatalogues().as_default)
    app.jinja_env.globals["language"] = chosen


def chosen() -> str:
    """“zh” or “en”: what this browser asked for."""
    language = session.get("language", "zh")
    return language if language in LANGUAGES else "zh"


def remember(language: str) -> None:
    session["language"] = language if language in LANGUAGES else "zh"


@blueprint.post("/language")
def switch() -> ResponseReturnValue:
    remember(request.form.get("language", "zh"))
    if current_user.is_authenticated:
        set_language(engine(), actor(), chosen())
    return redirect(safe_target(request.form.get("next")), 303)


def _locale() -> str:
    return LANGUAGES[chosen()]

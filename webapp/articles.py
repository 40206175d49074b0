"""The case library on the page of a case: what was written about the like, and that it was of use."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine.commands import articles
from engine.queries.articles import ArticleView, similar_articles
from webapp.context import actor, engine

blueprint = Blueprint("articles", __name__)


@blueprint.app_template_global()
def case_similar(case_no: str) -> tuple[ArticleView, ...]:
    return similar_articles(engine(), actor(), case_no)


@blueprint.post("/cases/<case_no>/articles/<article_no>/used")
def use(case_no: str, article_no: str) -> ResponseReturnValue:
    articles.use_article(engine(), actor(), case_no, article_no)
    flash(_("已记入台账：本件引用了案例 %(no)s。", no=article_no), "success")
    return redirect(url_for("cases.show", case_no=case_no, _anchor="similar"), 303)

"""Station messages: what the system has told the person who is logged in, read or not. Sends nothing."""

from __future__ import annotations

from flask import Blueprint, Flask, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine.commands import letters
from engine.queries import notices
from webapp.context import LARGEST_ROW, actor, engine

blueprint = Blueprint("station", __name__, url_prefix="/messages")


@blueprint.get("")
def index() -> ResponseReturnValue:
    after = request.args.get("after", type=int)
    messages, cursor = notices.station(engine(), actor(), None if after is None else min(after, LARGEST_ROW))
    return render_template("station.html", messages=messages, next_after=cursor)


@blueprint.post("/read")
def read() -> ResponseReturnValue:
    """Those that stood on the page, so that one that came meanwhile stays new."""
    numbers = [int(text) for text in request.form.getlist("notice") if text.isascii() and text.isdecimal() and len(text) < 19]
    letters.mark_read(engine(), actor(), numbers)
    flash(_("已标为已读。"), "success")
    return redirect(url_for("station.index"), 303)


def unread() -> int:
    """For the bell; asked once a request."""
    if "unread" not in g:
        g.unread = notices.unread(engine(), actor())
    count: int = g.unread
    return count


def init_app(app: Flask) -> None:
    app.jinja_env.globals["unread_messages"] = unread

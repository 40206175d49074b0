"""By which channels an applicant hears what is not critical: the page behind the secret link. Asks for no log-in."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from engine.commands import letters
from engine.errors import NotAllowed
from engine.queries import notices
from webapp.context import engine
from webapp.security import limiter

blueprint = Blueprint("preferences", __name__, url_prefix="/p")


@blueprint.get("/<token>/notices")
@limiter.limit("120/minute")
def show(token: str) -> ResponseReturnValue:
    return render_template("public_preferences.html", chosen=notices.preferences(engine(), token), token=token)


@blueprint.post("/<token>/notices")
@limiter.limit("30/minute")
def choose(token: str) -> ResponseReturnValue:
    if current_user.is_authenticated:
        raise NotAllowed("Expected the citizen to choose but somebody of the centre is logged in.")
    letters.choose_channels(engine(), token, request.form.getlist("channel"))
    flash(_("通知方式已保存。"), "success")
    return redirect(url_for("preferences.show", token=token), 303)

"""The citizen's page behind a secret link: progress, confirmation, rating. Shows no personal data and asks for no log-in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from engine.commands import messages
from engine.errors import InvalidInput, NotAllowed
from engine.queries import definitions
from engine.queries.public_cases import public_case
from webapp import forms
from webapp.context import engine
from webapp.form_view import Field, FormWriter
from webapp.language import chosen
from webapp.security import limiter

CONFIRM_FORM, RATING_FORM = "citizen_confirm", "citizen_rating"

blueprint = Blueprint("public", __name__, url_prefix="/p")


@blueprint.get("/<token>")
@limiter.limit("120/minute")
def show(token: str) -> ResponseReturnValue:
    return _page(token)


@blueprint.post("/<token>/confirm")
@limiter.limit("30/minute")
def confirm(token: str) -> ResponseReturnValue:
    _require_citizen()
    try:
        messages.confirm_answer(engine(), token, request.form.get("confirmation", ""), request.form.get("confirmation_reason", ""))
    except InvalidInput as error:
        return _page(token, error.fields), 422
    flash(_("已收到您的确认，谢谢。"), "success")
    return redirect(url_for("public.show", token=token), 303)


@blueprint.post("/<token>/rate")
@limiter.limit("30/minute")
def rate(token: str) -> ResponseReturnValue:
    _require_citizen()
    try:
        messages.rate_case(engine(), token, _rating())
    except InvalidInput as error:
        return _page(token, error.fields), 422
    flash(_("已收到您的评价，谢谢。"), "success")
    return redirect(url_for("public.show", token=token), 303)


def _require_citizen() -> None:
    """No staff-operated rating: who is logged in may look, not answer in the citizen's place."""
    if current_user.is_authenticated:
        raise NotAllowed("Expected the citizen to answer but somebody of the centre is logged in.")


def _rating() -> dict[str, object]:
    values = forms.read_posted(definitions.form_schema(engine(), RATING_FORM), request.form)
    rating = values.get("rating")
    return dict(rating) if isinstance(rating, dict) else {}


def _fields(form_key: str, errors: Mapping[str, Sequence[str]]) -> dict[str, Field]:
    """The questions to the citizen, from the form file: an analyst may change them."""
    schema = definitions.form_schema(engine(), form_key)
    writer = FormWriter(engine().feel, chosen())
    return {field.name: field for field in writer.write(schema, forms.read_posted(schema, request.form), errors).fields}


def _page(token: str, errors: Mapping[str, Sequence[str]] | None = None) -> str:
    case = public_case(engine(), token)
    asked = CONFIRM_FORM if case.can_confirm else RATING_FORM if case.can_rate else None
    fields = _fields(asked, errors or {}) if asked else {}
    return render_template("public_case.html", case=case, token=token, errors=errors or {}, fields=fields)

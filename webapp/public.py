"""The citizen's page behind a secret link: progress, actions, confirmation, rating. Shows no personal data and asks for no log-in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from engine.commands import case_actions, messages
from engine.errors import InvalidInput, NotAllowed
from engine.queries import definitions
from engine.queries.case_actions import ActionPage, public_action, public_actions
from engine.queries.public_cases import public_case
from webapp import forms
from webapp.context import engine
from webapp.form_view import Field, FormWriter, initial_values
from webapp.formats import named_kind
from webapp.language import chosen
from webapp.security import limiter

CONFIRM_FORM, RATING_FORM = "citizen_confirm", "citizen_rating"

Errors = Mapping[str, Sequence[str]]

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


@blueprint.get("/<token>/actions/<action>")
@limiter.limit("120/minute")
def write(token: str, action: str) -> ResponseReturnValue:
    return _action_page(token, public_action(engine(), token, action))


@blueprint.post("/<token>/actions/<action>/entered")
@limiter.limit("60/minute")
def entered(token: str, action: str) -> ResponseReturnValue:
    """The form again with what was typed, to follow conditions without script."""
    page = public_action(engine(), token, action)
    return _action_page(token, page, _submission(page))


@blueprint.post("/<token>/actions/<action>/conditions")
@limiter.limit("120/minute")
def conditions(token: str, action: str) -> ResponseReturnValue:
    page = public_action(engine(), token, action)
    values = forms.merged(page.variables, _submission(page))
    return {"hidden": sorted(forms.hidden_components(engine().feel, page.schema or {}, values))}


@blueprint.post("/<token>/actions/<action>")
@limiter.limit("30/minute")
def send(token: str, action: str) -> ResponseReturnValue:
    _require_citizen()
    page = public_action(engine(), token, action)
    submission = _submission(page)
    if page.view.needs_confirmation and request.form.get("confirmed") != "true":
        return _action_page(token, page, submission, {"confirmed": [_("请先勾选确认，再提交。")]}), 422
    try:
        case_actions.act_as_citizen(engine(), token, action, submission)
    except InvalidInput as error:
        is_english = chosen() == "en" and error.fields
        errors = forms.english_errors(engine(), page.schema or {}, submission, page.variables, error.fields) if is_english else error.fields
        return _action_page(token, page, submission, errors or {"": [_("请检查填写的内容后再提交。")]}), 422
    flash(_("“%(action)s”已提交。", action=named_kind(page.view)), "success")
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
    actions = public_actions(engine(), token)
    return render_template("public_case.html", case=case, token=token, errors=errors or {}, fields=fields, actions=actions)


def _submission(page: ActionPage) -> dict[str, Any]:
    return forms.read_posted(page.schema or {}, request.form)


def _action_page(token: str, page: ActionPage, typed: Mapping[str, Any] | None = None, errors: Errors | None = None) -> str:
    schema = page.schema or {"components": []}
    values = forms.merged(initial_values(schema), typed or {})
    form = FormWriter(engine().feel, chosen()).write(schema, forms.merged(page.variables, values), errors or {})
    return render_template("public_action.html", page=page, token=token, form=form, errors=errors or {})

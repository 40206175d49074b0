"""Acting on a file from its page: the form of an action, confirmation where the action asks for it, the draft. Decides nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine.commands import case_actions, form_drafts
from engine.errors import InvalidInput
from engine.queries.case_actions import ActionPage, case_action
from engine.queries.form_drafts import draft_of
from engine.services.form_drafts import acting
from webapp import forms
from webapp.context import actor, engine
from webapp.form_view import FormView, FormWriter, initial_values
from webapp.formats import named_kind
from webapp.language import chosen

#: The box that an action with consequences asks to be ticked.
CONFIRMED = "confirmed"

blueprint = Blueprint("actions", __name__, url_prefix="/cases/<case_no>/actions/<action>")

Errors = Mapping[str, Sequence[str]]


@blueprint.get("")
def write(case_no: str, action: str) -> ResponseReturnValue:
    page = case_action(engine(), actor(), case_no, action)
    draft = draft_of(engine(), actor(), acting(case_no, action))
    return _page(page, draft.values if draft else {}, draft_saved_at=draft.saved_at if draft else None)


@blueprint.post("/entered")
def entered(case_no: str, action: str) -> ResponseReturnValue:
    """The form again with what was typed: after a log-in, or to follow conditions without script."""
    page = case_action(engine(), actor(), case_no, action)
    return _page(page, _submission(page), is_entered=True)


@blueprint.post("/conditions")
def conditions(case_no: str, action: str) -> ResponseReturnValue:
    page = case_action(engine(), actor(), case_no, action)
    values = forms.merged(page.variables, _submission(page))
    return {"hidden": sorted(forms.hidden_components(engine().feel, page.schema or {}, values))}


@blueprint.post("/draft")
def draft(case_no: str, action: str) -> ResponseReturnValue:
    page = case_action(engine(), actor(), case_no, action)
    form_drafts.keep_draft(engine(), actor(), acting(case_no, action), _submission(page))
    if request.headers.get("HX-Request"):
        return render_template("draft_saved.html", now=engine().clock.now())
    return redirect(url_for("actions.write", case_no=case_no, action=action), 303)


@blueprint.post("/discard")
def discard(case_no: str, action: str) -> ResponseReturnValue:
    form_drafts.discard_draft(engine(), actor(), acting(case_no, action))
    flash(_("草稿已放弃。"), "success")
    flash(acting(case_no, action), "forget")
    return redirect(url_for("actions.write", case_no=case_no, action=action), 303)


@blueprint.post("")
def send(case_no: str, action: str) -> ResponseReturnValue:
    page = case_action(engine(), actor(), case_no, action)
    submission = _submission(page)
    if page.view.needs_confirmation and request.form.get(CONFIRMED) != "true":
        return _page(page, submission, {CONFIRMED: [_("请先勾选确认，再提交。")]}, is_entered=True), 422
    try:
        case_actions.act(engine(), actor(), case_no, action, submission)
    except InvalidInput as error:
        return _page(page, submission, _explained(page, submission, error), is_entered=True), 422
    flash(_("“%(action)s”已提交。", action=named_kind(page.view)), "success")
    flash(acting(case_no, action), "forget")
    return redirect(url_for("cases.show", case_no=case_no), 303)


def _submission(page: ActionPage) -> dict[str, Any]:
    return forms.read_posted(page.schema or {}, request.form)


def _explained(page: ActionPage, submission: Mapping[str, Any], error: InvalidInput) -> Errors:
    if chosen() != "en" or not error.fields:
        return error.fields or {"": [str(error)]}
    return forms.english_errors(engine(), page.schema or {}, submission, page.variables, error.fields)


def _page(page: ActionPage, typed: Mapping[str, Any], errors: Errors | None = None, **extra: Any) -> str:
    form = _form(page, typed, errors or {})
    return render_template(
        "action_form.html", page=page, form=form, errors=errors or {}, draft_name=acting(page.case_no, page.view.action), **extra
    )


def _form(page: ActionPage, typed: Mapping[str, Any], errors: Errors) -> FormView:
    """What the file knows stands under the form's own beginning, and what was typed above both."""
    schema = page.schema or {"components": []}
    known = {key: value for key, value in page.variables.items() if value is not None}
    values = forms.merged(forms.merged(initial_values(schema), known), typed)
    return FormWriter(engine().feel, chosen()).write(schema, values, errors)

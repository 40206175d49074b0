"""Registering a case at the window. The form and its rules come from the form file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine.commands.cases import REGISTRARS, register_case
from engine.errors import Conflict, InvalidInput, NotAllowed
from engine.queries import definitions
from webapp import forms
from webapp.context import actor, engine
from webapp.form_view import FormWriter, initial_values
from webapp.language import chosen

FORM_KEY = "case_register"

blueprint = Blueprint("registration", __name__, url_prefix="/cases/new")


@blueprint.get("")
def show() -> ResponseReturnValue:
    if not actor().has_group(*REGISTRARS):  # said before the form is filled in, not after
        raise NotAllowed("Expected a clerk of the window to register cases but you are not one.")
    schema = _schema()
    return _page(schema, initial_values(schema))


@blueprint.post("/entered")
def entered() -> ResponseReturnValue:
    schema = _schema()
    return _page(schema, forms.read_posted(schema, request.form), is_entered=True)


@blueprint.post("/conditions")
def conditions() -> ResponseReturnValue:
    schema = _schema()
    return {"hidden": sorted(forms.hidden_components(engine().feel, schema, forms.read_posted(schema, request.form)))}


@blueprint.post("")
def register() -> ResponseReturnValue:
    schema = _schema()
    submission = forms.read_posted(schema, request.form)
    try:
        case_no = register_case(engine(), actor(), submission)
    except InvalidInput as error:
        errors = forms.english_errors(engine(), schema, submission, {}, error.fields) if chosen() == "en" else error.fields
        return _page(schema, submission, errors or {"": [str(error)]}, is_entered=True), 422
    except Conflict:
        told = _("管理员已暂停受理，现在不能开始新的工单。您填的内容都在，恢复受理后再点一次“登记”。")
        return _page(schema, submission, {"": [told]}, is_entered=True), 409
    flash(_("已登记，受理号 %(case)s。", case=case_no), "success")
    flash("new", "forget")
    return redirect(url_for("cases.show", case_no=case_no), 303)


def _schema() -> Mapping[str, Any]:
    return definitions.form_schema(engine(), FORM_KEY, actor().org_unit)


def _page(
    schema: Mapping[str, Any], values: Mapping[str, Any], errors: Mapping[str, Sequence[str]] | None = None, *, is_entered: bool = False
) -> str:
    writer = FormWriter(engine().feel, chosen())
    return render_template("register.html", form=writer.write(schema, values, errors or {}), is_entered=is_entered)

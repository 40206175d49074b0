"""The page of one user task: look, claim, type, hand over, complete. The engine decides who may."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine.commands import user_tasks
from engine.errors import Conflict, InvalidInput
from engine.queries import reference
from engine.queries.tasks import TaskPage, task_page
from webapp import forms
from webapp.context import actor, engine
from webapp.errors import answer
from webapp.form_view import FormView, FormWriter, initial_values
from webapp.formats import named
from webapp.language import chosen
from webapp.sessions import safe_target

blueprint = Blueprint("tasks", __name__, url_prefix="/tasks")

Errors = Mapping[str, Sequence[str]]


@blueprint.get("/<task_id>")
def show(task_id: str) -> ResponseReturnValue:
    return _page(task_page(engine(), actor(), task_id))


@blueprint.post("/<task_id>/entered")
def entered(task_id: str) -> ResponseReturnValue:
    """The page again with what was typed: after a log-in, or to follow conditions without script."""
    page = task_page(engine(), actor(), task_id)
    return _page(page, submission=_submission(page))


@blueprint.post("/<task_id>/conditions")
def conditions(task_id: str) -> ResponseReturnValue:
    page = task_page(engine(), actor(), task_id)
    values = forms.merged(page.variables, _submission(page))
    return {"hidden": sorted(forms.hidden_components(engine().feel, page.form or {}, values))}


@blueprint.post("/<task_id>/draft")
def draft(task_id: str) -> ResponseReturnValue:
    page = task_page(engine(), actor(), task_id)
    user_tasks.save_draft(engine(), actor(), task_id, _submission(page))
    return render_template("draft_saved.html", now=engine().clock.now())


@blueprint.post("/<task_id>/claim")
def claim(task_id: str) -> ResponseReturnValue:
    user_tasks.claim_task(engine(), actor(), task_id, _version())
    flash(_("已认领，任务归您办理。"), "success")
    return redirect(_back(task_id), 303)


@blueprint.post("/<task_id>/unclaim")
def unclaim(task_id: str) -> ResponseReturnValue:
    user_tasks.unclaim_task(engine(), actor(), task_id, _version())
    flash(_("已退回，任务回到岗位待认领。"), "success")
    return redirect(safe_target(request.form.get("next")), 303)


@blueprint.post("/<task_id>/reassign")
def reassign(task_id: str) -> ResponseReturnValue:
    try:
        user_tasks.reassign_task(engine(), actor(), task_id, request.form.get("assignee", ""))
    except InvalidInput as error:
        page = task_page(engine(), actor(), task_id)
        return _page(page, reassign_errors=error.fields.get("assignee", [_("请选择接办人。")])), 422
    flash(_("已转派。"), "success")
    return redirect(safe_target(request.form.get("next")), 303)


@blueprint.post("/<task_id>")
def complete(task_id: str) -> ResponseReturnValue:
    page = task_page(engine(), actor(), task_id)
    if page.state != "open":
        return answer(409, page.state)
    submission = _submission(page)
    try:
        completion = user_tasks.complete_task(engine(), actor(), task_id, submission, _version())
    except InvalidInput as error:
        return _page(page, submission=submission, errors=_explained(page, submission, error)), 422
    except Conflict:
        return _stale(task_id, submission)
    flash(_("“%(task)s”已办结（%(case)s）。", task=named(page.task.name, page.task.element_id), case=completion.case_no), "success")
    flash(task_id, "forget")
    target = url_for("tasks.show", task_id=completion.next_task_id) if completion.next_task_id else url_for("inbox.show")
    return redirect(target, 303)


def _stale(task_id: str, submission: Mapping[str, Any]) -> ResponseReturnValue:
    """Somebody was faster: say so, and show the page as it is now with what was typed."""
    page = task_page(engine(), actor(), task_id)
    if page.state != "open":
        return answer(409, page.state)
    return _page(page, submission=submission, is_stale=True), 409


def _page(page: TaskPage, submission: Mapping[str, Any] | None = None, errors: Errors | None = None, **extra: Any) -> str:
    return render_template(
        "task.html",
        page=page,
        form=_form(page, submission, errors or {}),
        is_entered=submission is not None,
        accounts=reference.colleagues(engine(), actor()) if actor().has_group(*user_tasks.HAND_OVER_GROUPS) else (),
        **extra,
    )


def _form(page: TaskPage, submission: Mapping[str, Any] | None, errors: Errors) -> FormView | None:
    if page.form is None:
        return None
    typed = submission if submission is not None else (page.draft or {})
    start = page.variables if page.state != "open" else forms.merged(initial_values(page.form), _present(page.variables))
    writer = FormWriter(engine().feel, chosen())
    return writer.write(page.form, forms.merged(start, typed), errors)


def _explained(page: TaskPage, submission: Mapping[str, Any], error: InvalidInput) -> Errors:
    """What is wrong, in the reader's language."""
    if chosen() != "en" or not error.fields:
        return error.fields or {"": [str(error)]}
    return forms.english_errors(engine(), page.form or {}, submission, page.variables, error.fields)


def _present(variables: Mapping[str, Any]) -> dict[str, Any]:
    """Without the variables that are null: they must not hide a form's own starting value."""
    return {key: _present(value) if isinstance(value, Mapping) else value for key, value in variables.items() if value is not None}


def _submission(page: TaskPage) -> dict[str, Any]:
    return forms.read_posted(page.form or {}, request.form)


def _version() -> int | None:
    return request.form.get("version", type=int)


def _back(task_id: str) -> str:
    return safe_target(request.form["next"]) if request.form.get("next") else url_for("tasks.show", task_id=task_id)

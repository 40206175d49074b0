"""The submission of a change set: all scenarios are played beside the requests, with a page of progress. Judges nothing itself."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine.commands.change_sets import AUTHORS
from engine.errors import InvalidDefinition, InvalidInput
from engine.queries import change_sets as shown
from engine.submission import DeploymentResult
from engine.trials import proof
from engine.trials.background import Work
from webapp.context import ROW, actor, engine
from webapp.language import chosen
from webapp.studio import change_set_page, require_reader
from webapp.trials import SUBMISSION, workshop

blueprint = Blueprint("submissions", __name__, url_prefix=f"/studio/change-sets/<{ROW}:change_set_id>")
blueprint.before_request(require_reader)


@blueprint.post("/submit")
def begin(change_set_id: int) -> ResponseReturnValue:
    """What can be said at once is said at once; sent twice, it leads to the submission that is going on."""
    language, engine_, who = chosen(), engine(), actor()
    going = next((work for work in workshop().of(change_set_id) if work.kind == SUBMISSION and not work.is_ended), None)
    if going is None:
        try:
            proof.require_submittable(engine_, who, change_set_id, language)
        except InvalidDefinition as error:
            return change_set_page(change_set_id, findings=error.findings), 422
        except InvalidInput as error:
            return change_set_page(change_set_id, faults={"submit": [_fault(error)]}), 422

        def task(work: Work) -> DeploymentResult:
            return proof.submit_proved(engine_, who, change_set_id, language, work.progress)

        facts = {"name": who.name, "at": engine_.clock.now()}
        going = workshop().start(SUBMISSION, change_set_id, who.id, facts, task)
    return redirect(url_for("submissions.show", change_set_id=change_set_id, work_id=going.id), 303)


@blueprint.get(f"/submissions/<{ROW}:work_id>")
def show(change_set_id: int, work_id: int) -> ResponseReturnValue:
    work = workshop().find(work_id, change_set_id)
    if not work.is_ended or work.state == "cancelled":
        may_run = actor().has_group(*AUTHORS)
        return render_template("trial_running.html", work=work, change_set=shown.change_set(engine(), change_set_id), may_run=may_run)
    if work.state == "failed":
        faults = {} if work.findings else {"submit": [_("没有提交，没有改动任何内容。"), work.problem]}
        return change_set_page(change_set_id, faults=faults, findings=work.findings or None)
    flash(_("已提交，由管理员审批、启用后生效。") if work.result.is_waiting else _("已提交并生效，新工单从现在起使用新版本。"), "success")
    return redirect(url_for("studio.show", change_set_id=change_set_id), 303)


def _fault(error: InvalidInput) -> str:
    is_unchanged = "unchanged" in error.fields.get("files", ())
    return _("所有文件都与现行版本相同，没有要提交的。") if is_unchanged else _("还没有文件，请先添加。")

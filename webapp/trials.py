"""Trying out a change before it counts: scenarios, what if it had been in force, the load it would bring. Changes nothing that is real."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from typing import Any

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine.clock import local
from engine.commands import change_sets
from engine.commands.change_sets import AUTHORS
from engine.errors import InvalidDefinition, InvalidInput, NotAllowed, NotFound
from engine.queries import change_sets as shown
from engine.trials import load, proof, recording, showing, what_if
from engine.trials.background import Work, Workshop
from engine.trials.showing import Tried
from webapp.context import ROW, actor, engine
from webapp.language import chosen
from webapp.security import with_diagram
from webapp.studio import READERS
from webapp.trial_words import DIFFERENCES, KINDS, STATES

DAYS = (30, 90, 365)
#: Working days ahead that a load simulation may look.
AHEAD = (20, 60, 120)
MOST_LISTED = 200
#: Work that ends in a submission, on pages of its own.
SUBMISSION = "submission"
#: A cell that a spreadsheet would take for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


blueprint = Blueprint("trials", __name__, url_prefix=f"/studio/change-sets/<{ROW}:change_set_id>/trials")


@blueprint.before_request
def require_reader() -> None:
    if not actor().has_group(*READERS):
        raise NotAllowed("Expected a process analyst, an administrator or an auditor to see trials but you are none of them.")
    if request.method != "GET" and not actor().has_group(*AUTHORS):
        raise NotAllowed("Expected a process analyst or an administrator to run trials but you are neither.")


@blueprint.app_context_processor
def words() -> dict[str, object]:
    return {"trial_kinds": KINDS, "trial_states": STATES, "trial_differences": DIFFERENCES}


@blueprint.get("")
def index(change_set_id: int) -> ResponseReturnValue:
    return _index(change_set_id)


@blueprint.post("/scenarios")
def run_scenarios(change_set_id: int) -> ResponseReturnValue:
    """Run those that are ticked, or all."""
    drafts, wanted = proof.contents(engine(), change_set_id), set(request.form.getlist("scenario"))
    every = proof.with_what_is_in_force(engine(), drafts)
    try:
        scenarios = [one for one in proof.scenarios_in(every) if not wanted or one.key in wanted]
    except InvalidDefinition as error:
        return _index(change_set_id, findings=error.findings), 422
    if not scenarios:
        return _index(change_set_id, faults={"scenario": _("没有可以运行的场景。")}), 422
    language = chosen()

    def task(work: Work) -> Tried:
        return Tried(every, frozenset(drafts), proof.try_out(engine_, every, scenarios, language, work.progress))

    engine_ = engine()
    return _begin(change_set_id, "scenarios", {"number": len(scenarios)}, task)


@blueprint.post("/what-if")
def run_what_if(change_set_id: int) -> ResponseReturnValue:
    days, kind = request.form.get("days", 0, type=int), request.form.get("kind", "")
    replays: dict[str, Callable[..., Any]] = {"decisions": what_if.replay_decisions, "cases": what_if.replay_cases}
    if days not in DAYS or kind not in replays:
        return _index(change_set_id, faults={"what_if": _("请选择重放的内容和天数。")}), 422
    drafts, engine_ = proof.contents(engine(), change_set_id), engine()
    return _begin(change_set_id, kind, {"days": days}, lambda work: replays[kind](engine_, drafts, days, progress=work.progress))


@blueprint.post("/load")
def run_load(change_set_id: int) -> ResponseReturnValue:
    form = request.form
    history, days, percent = form.get("history", 0, type=int), form.get("days", 0, type=int), form.get("percent", 0, type=int)
    if history not in DAYS or days not in AHEAD or not 10 <= percent <= 1000:
        return _index(change_set_id, faults={"load": _("请选择历史天数和预测天数；来件量为 10 到 1000（%）。")}), 422
    drafts, engine_ = proof.contents(engine(), change_set_id), engine()
    facts = {"days": days, "history": history, "percent": percent}

    def task(work: Work) -> load.LoadComparison:
        return load.compare_load(engine_, drafts, history, days, percent / 100, work.progress)

    return _begin(change_set_id, "load", facts, task)


@blueprint.post("/from-case")
def from_case(change_set_id: int) -> ResponseReturnValue:
    """A draft of a scenario that tells what was done to a real case."""
    number, key = request.form.get("case_no", "").strip(), request.form.get("key", "").strip()
    try:
        content = recording.recorded(engine(), number)
        draft_id = change_sets.add_draft(engine(), actor(), change_set_id, f"processes/scenarios/{key}.toml", content)
    except NotFound:
        return _index(change_set_id, faults={"case_no": _("没有这个工单，请核对受理号。")}), 422
    except InvalidInput as error:
        text = _("工单还没有办结，办结后才能整理成场景。") if "case_no" in error.fields else _("标识由字母、数字和横线组成。")
        return _index(change_set_id, faults={"case_no": text}), 422
    flash(_("已整理成场景草稿，不含个人信息和原文。请核对后运行。"), "success")
    return redirect(url_for("drafts.show", draft_id=draft_id), 303)


@blueprint.get(f"/<{ROW}:work_id>")
@with_diagram
def show(change_set_id: int, work_id: int) -> ResponseReturnValue:
    work = workshop().find(work_id, change_set_id)
    if work.kind == SUBMISSION:
        return redirect(url_for("submissions.show", change_set_id=change_set_id, work_id=work_id), 303)
    if work.state != "done":
        return render_template("trial_running.html", work=work, change_set=shown.change_set(engine(), change_set_id), may_run=_may_run())
    facts = _load_facts(work.result) if work.kind == "load" else {}
    return _render(f"trial_{work.kind}.html", change_set_id, work, **facts)


@blueprint.get(f"/<{ROW}:work_id>/status")
def status(change_set_id: int, work_id: int) -> ResponseReturnValue:
    work = workshop().find(work_id, change_set_id)
    return {"state": work.state, "done": work.done, "total": work.total, "is_ended": work.is_ended}


@blueprint.post(f"/<{ROW}:work_id>/cancel")
def cancel(change_set_id: int, work_id: int) -> ResponseReturnValue:
    workshop().cancel(work_id, change_set_id)
    return redirect(url_for("trials.show", change_set_id=change_set_id, work_id=work_id), 303)


@blueprint.get(f"/<{ROW}:work_id>/scenarios/<key>")
@with_diagram
def outcome(change_set_id: int, work_id: int, key: str) -> ResponseReturnValue:
    work = _done(change_set_id, work_id, "scenarios")
    tried: Tried = work.result
    found = tried.outcome(key)
    if found is None:
        raise NotFound(f"Expected scenario {key[:40]!r} in trial {work_id} but it was not run.")
    report = found.report
    facts = {
        "outcome": found,
        "trails": showing.trails(tried.files, found),
        "stops": showing.stops(tried.files, report) if report else (),
        "told": [(failure, *proof.told(failure, chosen())) for failure in found.failures],
    }
    return _render("trial_outcome.html", change_set_id, work, **facts)


@blueprint.get(f"/<{ROW}:work_id>/coverage")
@with_diagram
def coverage(change_set_id: int, work_id: int) -> ResponseReturnValue:
    work = _done(change_set_id, work_id, "scenarios")
    tried: Tried = work.result
    tables = {one.key: showing.table(tried.files, one) for one in tried.proof.covered if one.kind == "decision"}
    return _render("trial_coverage.html", change_set_id, work, tables=tables, names=showing.names(tried.files))


@blueprint.get(f"/<{ROW}:work_id>/diagram")
def diagram(change_set_id: int, work_id: int) -> ResponseReturnValue:
    """A diagram as it was tried out."""
    file = request.args.get("file", "")
    files = _done(change_set_id, work_id, "scenarios").result.files
    if file not in files or not file.endswith(".bpmn"):
        raise NotFound(f"Expected diagram {file[:80]!r} in trial {work_id} but there is none.")
    return Response(files[file], mimetype="application/xml")


@blueprint.get(f"/<{ROW}:work_id>/list.csv")
def listed(change_set_id: int, work_id: int) -> ResponseReturnValue:
    """Everything that would differ, for a spreadsheet."""
    work = workshop().find(work_id, change_set_id)
    if work.state != "done" or work.kind not in ("decisions", "cases"):
        raise NotFound(f"Expected a list of differences in trial {work_id} but there is none.")
    text = io.StringIO()
    csv.writer(text).writerows([list(map(_cell, row)) for row in (_decision_rows(work) if work.kind == "decisions" else _case_rows(work))])
    answer = Response("\ufeff" + text.getvalue(), mimetype="text/csv; charset=utf-8")
    answer.headers.set("Content-Disposition", "attachment", filename=f"what-if-{work.kind}-{work.id}.csv")
    return answer


def workshop() -> Workshop:
    """Where the long work of this site is done."""
    found: Workshop = current_app.extensions.setdefault("doudi-trials", Workshop())
    return found


def _may_run() -> bool:
    return actor().has_group(*AUTHORS)


def _done(change_set_id: int, work_id: int, kind: str) -> Work:
    work = workshop().find(work_id, change_set_id)
    if work.kind != kind or work.state != "done":
        raise NotFound(f"Expected a result of trial {work_id} but there is none.")
    return work


def _begin(change_set_id: int, kind: str, facts: dict[str, Any], task: Callable[[Work], Any]) -> ResponseReturnValue:
    shown.change_set(engine(), change_set_id)
    work = workshop().start(kind, change_set_id, actor().id, {**facts, "name": actor().name, "at": engine().clock.now()}, task)
    return redirect(url_for("trials.show", change_set_id=change_set_id, work_id=work.id), 303)


def _index(change_set_id: int, faults: dict[str, str] | None = None, findings: Iterable[Any] = ()) -> str:
    change_set = shown.change_set(engine(), change_set_id)
    drafts = {view.file: view for view in change_set.files if view.kind == "scenario"}
    deployed = [one for one in shown.deployed_files(engine()) if one.kind == "scenario" and one.file not in drafts]
    facts = {"drafts": drafts.values(), "deployed": deployed, "works": workshop().of(change_set_id), "findings": findings}
    choices = {"days": DAYS, "ahead": AHEAD, "entered": request.form}
    return render_template("trials.html", change_set=change_set, faults=faults or {}, may_run=_may_run(), **facts, **choices)


def _render(template: str, change_set_id: int, work: Work, **facts: object) -> str:
    change_set = shown.change_set(engine(), change_set_id)
    return render_template(template, change_set=change_set, work=work, result=work.result, may_run=_may_run(), most=MOST_LISTED, **facts)


def _load_facts(result: load.LoadComparison) -> dict[str, object]:
    """Both versions side by side, by group, and the lines of the chart."""
    old, new = ({one.group: one for one in side.groups} for side in (result.old, result.new))
    groups = sorted(old.keys() | new.keys())
    busiest = sorted(groups, key=lambda group: -max(side[group].longest_queue if group in side else 0 for side in (old, new)))
    chart = [{"group": group, "old": _queue(old, group, result.days), "new": _queue(new, group, result.days)} for group in busiest[:12]]
    return {"pairs": [(group, old.get(group), new.get(group)) for group in groups], "chart": chart}


def _queue(side: dict[str, Any], group: str, days: int) -> list[int]:
    return list(side[group].queue) if group in side else [0] * days


def _decision_rows(work: Work) -> Iterable[list[object]]:
    yield [_("受理号"), _("决策"), _("时间"), _("原来的行"), _("现在的行"), _("原来的结果"), _("现在的结果")]
    for one in work.result.changes:
        rows = (", ".join(one.old_rows), ", ".join(one.new_rows))
        yield [one.case_no, one.decision, local(one.decided_at).isoformat(timespec="minutes"), *rows, one.old_outputs, one.new_outputs]


def _case_rows(work: Work) -> Iterable[list[object]]:
    yield [_("受理号"), _("收到时间"), _("差别"), _("原来"), _("现在")]
    for one in work.result.changes:
        for what, old, new in one.differences:
            yield [one.case_no, local(one.received_at).isoformat(timespec="minutes"), what, old, new]


def _cell(value: object) -> str:
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA) else text

"""Running processes for who looks after them: one instance, one version, repairs tried before they are done. Holds no right."""

from __future__ import annotations

from collections import Counter
from typing import Any

import orjson
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine.commands import modification
from engine.commands.modification import MOST_AT_ONCE, Change, ChangeResult
from engine.errors import Conflict, EngineError, InvalidInput, NotAllowed
from engine.queries import instances, operate, versions
from engine.queries.operate import ElementStatistics, InstanceView, LiveDiagram, Scope
from webapp import labels, process_words
from webapp.changes import carried, read_change, state_mark
from webapp.confirmations import begun_before, confirmed_reason, new_mark, remember
from webapp.context import LARGEST_ROW, ROW, actor, engine
from webapp.errors import status_of
from webapp.process_words import CHANGES
from webapp.security import with_diagram

LISTED = 100
#: More tokens are counted by element; each alone is more than a page can hold.
MOST_TOKENS = 200
LONGEST_VALUE = 2_000

blueprint = Blueprint("operate", __name__)


@blueprint.before_request
def require_reader() -> None:
    operate.require_reader(actor())


@blueprint.get("/instances")
def index() -> ResponseReturnValue:
    text = request.args.get("q", "").strip()[:60]
    found = instances.instances_of_case(engine(), actor(), text) if text else ()
    if len(found) == 1:
        return redirect(url_for("operate.show", instance_id=found[0].id))
    running = [one for one in versions.every_version(engine()) if one.kind == "process" and one.running]
    return render_template("instances.html", text=text, found=found, running=running)


@blueprint.get(f"/instances/<{ROW}:instance_id>")
@with_diagram
def show(instance_id: int) -> ResponseReturnValue:
    return _instance(operate.instance(engine(), actor(), instance_id))


@blueprint.post(f"/instances/<{ROW}:instance_id>/try")
@with_diagram
def try_change(instance_id: int) -> ResponseReturnValue:
    """What the change would come to, with the form that does it."""
    modification.require_administrator(actor())
    view = operate.instance(engine(), actor(), instance_id)
    return _tried(view, _seen_mark(view))


@blueprint.post(f"/instances/<{ROW}:instance_id>/change")
@with_diagram
def change(instance_id: int) -> ResponseReturnValue:
    modification.require_administrator(actor())
    view = operate.instance(engine(), actor(), instance_id)
    try:
        reason = confirmed_reason()
    except InvalidInput as error:
        return _tried(view, request.form.get("seen", ""), error.fields)
    if request.form.get("seen") != state_mark(view):
        raise Conflict(f"Expected instance {instance_id} to stand as the page showed it but it has moved on.")
    modification.change_instance(engine(), actor(), instance_id, read_change(request.form), reason)
    flash(_("已执行：%(what)s。", what=CHANGES[request.form["action"]]), "success")
    return redirect(url_for("operate.show", instance_id=instance_id), 303)


@blueprint.get(f"/definitions/<{ROW}:definition_id>/operate")
@with_diagram
def definition(definition_id: int) -> ResponseReturnValue:
    return _definition(definition_id)


@blueprint.post(f"/definitions/<{ROW}:definition_id>/try")
def try_changes(definition_id: int) -> ResponseReturnValue:
    modification.require_administrator(actor())
    try:
        wanted = read_change(request.form)
        results = modification.try_changes(engine(), actor(), _chosen_ids(definition_id), wanted)
    except InvalidInput as error:
        return _definition(definition_id, error.fields or {"ids": [process_words.refusal(str(error), error.code, error.facts)]}), 422
    return _results(definition_id, results, {})


@blueprint.post(f"/definitions/<{ROW}:definition_id>/change")
def change_all(definition_id: int) -> ResponseReturnValue:
    modification.require_administrator(actor())
    if begun_before() is not None:
        flash(_("这次操作已经执行过，没有重复执行。"), "info")
        return redirect(url_for("operate.definition", definition_id=definition_id), 303)
    wanted, numbers = read_change(request.form), _chosen_ids(definition_id)
    try:
        reason = confirmed_reason()
    except InvalidInput as error:
        return _results(definition_id, modification.try_changes(engine(), actor(), numbers, wanted), error.fields)
    remember(definition_id)
    results = modification.change_instances(engine(), actor(), numbers, wanted, reason)
    return _results(definition_id, results, None)


# --- one instance ---------------------------------------------------------------------------------------------------------------------


def _instance(view: InstanceView, errors: dict[str, list[str]] | None = None) -> str:
    chosen = request.values.get("diagram", type=int)
    shown = next((one for one in view.diagrams if one.definition_id == chosen), None) or next(iter(view.diagrams), None)
    standing = Counter((token.element_id, token.element_name) for scope in view.scopes for token in scope.tokens if not token.beside)
    tokens = [(scope, token) for scope in view.scopes for token in scope.tokens if not token.beside]
    return render_template(
        "instance.html",
        view=view,
        shown=shown,
        marks=_live_marks(shown) if shown else {},
        standing=standing,
        tokens=tokens[:MOST_TOKENS],
        token_count=len(tokens),
        targets=_targets(view.scopes),
        variables=[(scope, [(name, *_written(value)) for name, value in sorted(scope.variables.items())]) for scope in view.scopes],
        visits=instances.visits(engine(), actor(), view.id),
        pinned=versions.pinned(engine(), view.id),
        templates=instances.notice_templates(engine()),
        statuses=labels.STATUSES,
        seen=state_mark(view),
        errors=errors or {},
        entered=request.form,
    )


def _tried(view: InstanceView, seen: str, errors: dict[str, list[str]] | None = None) -> ResponseReturnValue:
    """The result of a trial; a wish that cannot be read leads back to the page of the instance with what is to be mended."""
    try:
        wanted = read_change(request.form)
    except InvalidInput as error:
        return _instance(view, error.fields), 422
    try:
        result: ChangeResult | None = modification.try_change(engine(), actor(), view.id, wanted)
        refusal, status = "", 422 if errors else 200
    except NotAllowed:
        raise
    except EngineError as error:
        result, refusal, status = None, process_words.refusal(str(error), error.code, error.facts), status_of(error)
    shown = {"view": view, "result": result, "refusal": refusal, "seen": seen, "errors": errors or {}, "wanted": _in_words(wanted)}
    return render_template("instance_change.html", **shown, fields=carried(request.form), action=request.form["action"]), status


def _seen_mark(view: InstanceView) -> str:
    """A page that is older than the instance is told so before anything is tried."""
    now = state_mark(view)
    if request.form.get("seen", now) != now:
        raise Conflict(f"Expected instance {view.id} to stand as the page showed it but it has moved on.")
    return now


def _live_marks(diagram: LiveDiagram) -> dict[str, dict[str, Any]]:
    """What the drawing shows at each element."""
    statistics = operate.definition_statistics(engine(), actor(), diagram.definition_id)
    marks = {name: _statistic_mark(one) for name, one in statistics.items()}
    for name, mark in marks.items():
        mark["running"], mark["count"] = 0, diagram.done.get(name, 0)
    for one in diagram.active:
        here = {"running": len(one.tokens), "failed": one.has_failed, "since": one.since.isoformat() if one.since else None}
        marks.setdefault(one.element_id, {"count": diagram.done.get(one.element_id, 0)}).update(here)
    return marks


def _statistic_mark(one: ElementStatistics) -> dict[str, Any]:
    return {"running": one.running, "count": one.count, "failed": False, "median": one.median, "p90": one.p90, "heat": round(one.heat, 4)}


def _targets(scopes: tuple[Scope, ...]) -> list[tuple[str, list[Any]]]:
    """Where a token may be put, by process; the engine refuses what is in another scope."""
    numbers = {scope.definition_id: scope.process_key for scope in scopes}
    return [(key, [one for one in instances.elements(engine(), number) if _is_arrived_at(one.type)]) for number, key in numbers.items()]


def _is_arrived_at(kind: str) -> bool:
    return kind not in ("startEvent", "boundaryEvent")


def _written(value: Any) -> tuple[str, str]:
    """The kind of a value and its text as a field takes it."""
    if value is None:
        return "null", ""
    if isinstance(value, bool):
        return "boolean", "true" if value else "false"
    if isinstance(value, int | float):
        return "number", str(value)
    if isinstance(value, str):
        return "text", value
    if hasattr(value, "isoformat"):
        return "datetime" if hasattr(value, "hour") else "date", value.isoformat()
    return "json", orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


def _in_words(change: Change) -> list[tuple[str, str]]:
    """What is about to be done, for the eyes of who confirms it."""
    words = []
    place = getattr(change, "place", None)
    if place is not None and (place.element or place.token is not None):
        words.append((_("在哪里"), place.element or _("令牌 %(token)s", token=place.token)))
    match change:
        case modification.MoveToken():
            words.append((_("移到"), change.target))
        case modification.SkipElement():
            words += [(name, _written(value)[1][:LONGEST_VALUE]) for name, value in change.outputs.items()]
        case modification.EditVariables():
            words += [(name, _written(value)[1][:LONGEST_VALUE]) for name, value in change.values.items()]
        case modification.EndInstance():
            told = ((_("通知"), change.notice), (_("工单状态"), change.case_status), (_("结果"), change.case_result))
            words += [(name, value) for name, value in told if value]
    return words


# --- one version ----------------------------------------------------------------------------------------------------------------------


def _definition(definition_id: int, errors: dict[str, list[str]] | None = None) -> str:
    element, after = request.values.get("element", "").strip(), request.args.get("after", 0, type=int)
    drawn = instances.elements(engine(), definition_id)
    statistics = operate.definition_statistics(engine(), actor(), definition_id)
    found = operate.instances(engine(), actor(), definition_id, element, min(after, LARGEST_ROW), LISTED + 1)
    return render_template(
        "operate_definition.html",
        definition=versions.version(engine(), definition_id),
        statistics=[(one, statistics[one.id]) for one in drawn if one.id in statistics],
        marks={name: _statistic_mark(one) for name, one in statistics.items()},
        names={one.id: one.name or one.id for one in drawn},
        targets=[one for one in drawn if _is_arrived_at(one.type)],
        element=element,
        lines=found[:LISTED],
        next_after=found[LISTED - 1].id if len(found) > LISTED else None,
        templates=instances.notice_templates(engine()),
        statuses=labels.STATUSES,
        errors=errors or {},
        entered=request.values,
    )


def _chosen_ids(definition_id: int) -> list[int]:
    """The ticked instances, or all that the list would show."""
    if request.form.get("all"):
        element = request.form.get("element", "")
        return [one.id for one in operate.instances(engine(), actor(), definition_id, element, 0, MOST_AT_ONCE)]
    numbers = [part for text in request.form.getlist("ids") for part in text.split(",") if part.isascii() and part.isdecimal()]
    if not numbers:
        raise InvalidInput("Expected instances but none is ticked.", {"ids": [_("请至少勾选一个实例。")]})
    return [int(part) for part in numbers if len(part) < 20]


def _results(definition_id: int, results: tuple[ChangeResult, ...], errors: dict[str, list[str]] | None) -> ResponseReturnValue:
    """What came of each instance; ``errors`` is None when it was not only tried."""
    page = render_template(
        "operate_change.html",
        definition=versions.version(engine(), definition_id),
        results=results,
        is_done=errors is None,
        errors=errors or {},
        fields=carried(request.form),
        ids=",".join(str(one.instance_id) for one in results),
        action=request.form["action"],
        wanted=_in_words(read_change(request.form)),
        once=new_mark(),
    )
    return page, 422 if errors else 200

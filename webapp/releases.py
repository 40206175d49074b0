"""Releases: deployments to approve, put in force, pilot, promote and roll back. The engine decides who may."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine.clock import as_local
from engine.commands import deployments, releases
from engine.errors import InvalidDefinition, InvalidInput, NotAllowed
from engine.queries import operate, versions
from engine.queries.operate import InstanceLine
from engine.queries.versions import ReleaseView, VersionView
from webapp.context import ROW, actor, engine
from webapp.language import chosen

READERS = ("analyst", "admin", "auditor")
LARGEST_ARCHIVE = 4_000_000
#: Of the instances that a roll-back left behind.
MOST_LISTED = 50


@dataclass(frozen=True)
class Left:
    """A version that is not in force any more, what runs on it, and the version that is in force now."""

    version: VersionView
    target: int | None
    instances: tuple[InstanceLine, ...]


blueprint = Blueprint("releases", __name__, url_prefix="/releases")


@blueprint.before_request
def require_reader() -> None:
    if not actor().has_group(*READERS):
        raise NotAllowed("Expected an analyst, an administrator or an auditor to open releases but you are none of them.")
    if request.method == "POST":
        releases.require_administrator(actor())


@blueprint.app_context_processor
def readers() -> dict[str, object]:
    return {"release_readers": READERS}


@blueprint.get("")
def index() -> ResponseReturnValue:
    return _index()


@blueprint.post("/import")
def import_archive() -> ResponseReturnValue:
    given = request.files.get("archive")
    content = given.read(LARGEST_ARCHIVE) if given else b""
    try:
        result = deployments.import_archive(engine(), actor(), content, request.form.get("reason", ""), chosen())
    except InvalidInput as error:
        return _index(problem=next(iter(error.fields.values()))[0]), 422
    except InvalidDefinition as error:
        return _index(findings=error.findings), 422
    if result.id is None:
        flash(_("归档里的文件都已启用，没有新的内容。"), "info")
        return redirect(url_for("releases.index"), 303)
    flash(_("已导入。核对后批准并启用。"), "success")
    return redirect(url_for("releases.show", deployment_id=result.id), 303)


@blueprint.get(f"/<{ROW}:deployment_id>")
def show(deployment_id: int) -> ResponseReturnValue:
    return _release(deployment_id)


@blueprint.get(f"/<{ROW}:deployment_id>/archive")
def archive(deployment_id: int) -> ResponseReturnValue:
    answer = Response(versions.archive(engine(), deployment_id), mimetype="application/zip")
    answer.headers.set("Content-Disposition", "attachment", filename=f"doudi-release-{deployment_id}.zip")
    return answer


@blueprint.post(f"/<{ROW}:deployment_id>/approve")
def approve(deployment_id: int) -> ResponseReturnValue:
    releases.approve(engine(), actor(), deployment_id, request.form.get("note", ""))
    flash(_("已批准。可以启用了。"), "success")
    return _back(deployment_id)


@blueprint.post(f"/<{ROW}:deployment_id>/refuse")
def refuse(deployment_id: int) -> ResponseReturnValue:
    try:
        releases.refuse(engine(), actor(), deployment_id, request.form.get("note", ""))
    except InvalidInput as error:
        return _release(deployment_id, error.fields), 422
    flash(_("已退回，没有启用任何内容。"), "success")
    return _back(deployment_id)


@blueprint.post(f"/<{ROW}:deployment_id>/activate")
def activate(deployment_id: int) -> ResponseReturnValue:
    try:
        text = request.form.get("active_from", "") if request.form.get("when") == "later" else ""
        moment = _moment(text) if request.form.get("when") == "later" else None
        units = request.form.getlist("org_units") if request.form.get("where") == "pilot" else []
        if request.form.get("where") == "pilot" and not units:
            raise InvalidInput("Expected org units for a pilot but got none.", {"org_units": [_("请选择试点的窗口或区划。")]})
        reason, covers = request.form.get("reason", ""), bool(request.form.get("covers_open_cases"))
        releases.activate(engine(), actor(), deployment_id, units, moment, reason, covers_open_cases=covers)
    except InvalidInput as error:
        return _release(deployment_id, error.fields), 422
    flash(_("已安排启用。") if moment else _("已启用。新开始的工单使用这些版本。"), "success")
    return _back(deployment_id)


@blueprint.post(f"/<{ROW}:deployment_id>/promote")
def promote(deployment_id: int) -> ResponseReturnValue:
    releases.promote(engine(), actor(), deployment_id, request.form.get("reason", ""))
    flash(_("试点已推广到全部窗口。"), "success")
    return _back(deployment_id)


@blueprint.post(f"/<{ROW}:deployment_id>/roll-back")
def roll_back(deployment_id: int) -> ResponseReturnValue:
    left = releases.roll_back(engine(), actor(), deployment_id, request.form.get("reason", ""))
    number = len(left.started_meanwhile)
    flash(_("已回退。新开始的工单重新使用之前的版本。"), "success")
    if number:
        flash(_("有 %(num)s 个工单仍在被回退的版本上，可以迁移。", num=number), "warning")
    return _back(deployment_id)


@blueprint.post("/retire")
def retire() -> ResponseReturnValue:
    kind, key = request.form.get("kind", ""), request.form.get("key", "")
    releases.retire(engine(), actor(), kind, key, request.form.get("reason", ""))
    flash(_("已停用。"), "success")
    return redirect(url_for("definitions.history", kind=kind, key=key), 303)


@blueprint.post("/suspend")
def suspend() -> ResponseReturnValue:
    key = request.form.get("key", "")
    releases.suspend_definition(engine(), actor(), key, request.form.get("definition", type=int), request.form.get("reason", ""))
    flash(_("已暂停。不再开始新的工单。"), "success")
    return redirect(url_for("definitions.history", kind="process", key=key), 303)


@blueprint.post("/resume")
def resume() -> ResponseReturnValue:
    key = request.form.get("key", "")
    releases.resume_definition(engine(), actor(), key, request.form.get("definition", type=int))
    flash(_("已恢复。"), "success")
    return redirect(url_for("definitions.history", kind="process", key=key), 303)


def _index(**extra: object) -> str:
    return render_template("releases.html", releases=versions.releases(engine()), **extra)


def _release(deployment_id: int, errors: dict[str, list[str]] | None = None) -> str:
    found = versions.release(engine(), deployment_id)
    units, before = versions.org_units(engine()), versions.versions_before(engine(), found)
    facts = {"org_units": units, "errors": errors or {}, "entered": request.form, "left": _left(found), "most": MOST_LISTED}
    return render_template("release.html", release=found, before=before, **facts)


def _left(release: ReleaseView) -> list[Left]:
    """What still runs on the versions of a release that was taken back, as far as this reader may see it."""
    if release.state != "replaced" or not actor().has_group(*operate.READERS):
        return []
    standing = [one for one in release.items if one.kind == "process" and one.running and one.state == "replaced"]
    return [_left_on(one) for one in standing]


def _left_on(one: VersionView) -> Left:
    others = versions.versions_of(engine(), one.kind, one.key)
    target = next((other.definition_id for other in others if other.state == "active"), None)
    return Left(one, target, operate.instances(engine(), actor(), one.definition_id, limit=MOST_LISTED))


def _moment(text: str) -> datetime:
    try:
        return as_local(text)
    except ValueError as error:
        raise InvalidInput("Expected a moment but got none.", {"active_from": [_("请选择启用的日期和时间。")]}) from error


def _back(deployment_id: int) -> ResponseReturnValue:
    return redirect(url_for("releases.show", deployment_id=deployment_id), 303)

"""The studio's pages: change sets, their files, their checks. Every rule about drafts lives in the commands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePath

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import gettext as _

from engine.commands import change_sets
from engine.commands.change_sets import AUTHORS
from engine.draft_files import LARGEST_FILE, blank
from engine.errors import Conflict, Finding, InvalidInput, NotAllowed, NotFound
from engine.queries import change_sets as shown
from engine.queries.change_sets import DraftView
from webapp.context import ROW, actor, engine
from webapp.errors import answer
from webapp.language import chosen
from webapp.studio_words import FAULTS, KINDS, STATUSES

READERS = (*AUTHORS, "auditor")
#: Forms that only ask.
READING = ("studio.check", "drafts.preview")

blueprint = Blueprint("studio", __name__, url_prefix="/studio")


@blueprint.before_request
def require_reader() -> None:
    if not actor().has_group(*READERS):
        raise NotAllowed("Expected a process analyst, an administrator or an auditor to open the studio but you are none of them.")
    if request.method == "POST" and request.endpoint not in READING:
        change_sets.require_author(actor())


@blueprint.app_context_processor
def words() -> dict[str, object]:
    return {"studio_kinds": KINDS, "studio_statuses": STATUSES, "studio_readers": READERS, "dict_of": _by_file}


@blueprint.get("")
def index() -> ResponseReturnValue:
    return _index({}, {})


@blueprint.post("")
def create() -> ResponseReturnValue:
    title, reason = request.form.get("title", ""), request.form.get("reason", "")
    try:
        file, number = request.form.get("file", ""), request.form.get("change_set", 0, type=int)
        number = number or change_sets.create_change_set(engine(), actor(), title, reason)
        if file:
            draft_id = change_sets.add_draft(engine(), actor(), number, file)
            return redirect(url_for("drafts.show", draft_id=draft_id), 303)
    except InvalidInput as error:
        return _index(request.form, _faults(error)), 422
    return redirect(url_for("studio.show", change_set_id=number), 303)


@blueprint.get(f"/change-sets/<{ROW}:change_set_id>")
def show(change_set_id: int) -> ResponseReturnValue:
    return change_set_page(change_set_id)


@blueprint.post(f"/change-sets/<{ROW}:change_set_id>")
def rename(change_set_id: int) -> ResponseReturnValue:
    form = request.form
    try:
        version = form.get("version", type=int)
        change_sets.rename(engine(), actor(), change_set_id, form.get("title", ""), form.get("reason", ""), version)
    except InvalidInput as error:
        return change_set_page(change_set_id, faults=_faults(error)), 422
    flash(_("标题和理由已保存。"), "success")
    return redirect(url_for("studio.show", change_set_id=change_set_id), 303)


@blueprint.post(f"/change-sets/<{ROW}:change_set_id>/deployed")
def add_deployed(change_set_id: int) -> ResponseReturnValue:
    files = request.form.getlist("file")
    try:
        for file in files:
            change_sets.add_draft(engine(), actor(), change_set_id, file)
    except NotFound:
        return change_set_page(change_set_id, faults={"deployed": [_("没有部署过这个文件，请从列表中选择。")]}), 422
    except InvalidInput as error:
        return change_set_page(change_set_id, faults={"deployed": [text for texts in _faults(error).values() for text in texts]}), 422
    return redirect(url_for("studio.show", change_set_id=change_set_id), 303)


@blueprint.post(f"/change-sets/<{ROW}:change_set_id>/new")
def add_new(change_set_id: int) -> ResponseReturnValue:
    form = request.form
    try:
        file, content = blank(form.get("kind", ""), form.get("key", "").strip(), form.get("name", "").strip())
        draft_id = change_sets.add_draft(engine(), actor(), change_set_id, file, content)
    except InvalidInput as error:
        return change_set_page(change_set_id, faults=_faults(error)), 422
    return redirect(url_for("drafts.show", draft_id=draft_id), 303)


@blueprint.post(f"/change-sets/<{ROW}:change_set_id>/upload")
def upload(change_set_id: int) -> ResponseReturnValue:
    sent = request.files.get("upload")
    if sent is None or not sent.filename:
        return change_set_page(change_set_id, faults={"upload": [_("请选择文件。")]}), 422
    try:
        content = sent.stream.read(LARGEST_FILE + 1)
        change_sets.add_draft(engine(), actor(), change_set_id, _place(sent.filename), content)
    except InvalidInput as error:
        return change_set_page(change_set_id, faults={"upload": _upload_faults(error)}), 422
    except Conflict:
        texts = [_("这个变更里已经有同名文件。"), _("请先移除原来的草稿，再上传。")]
        return change_set_page(change_set_id, faults={"upload": texts}), 409
    return redirect(url_for("studio.show", change_set_id=change_set_id), 303)


@blueprint.post(f"/change-sets/<{ROW}:change_set_id>/check")
def check(change_set_id: int) -> ResponseReturnValue:
    files = [one.file for one in shown.change_set(engine(), change_set_id).files]
    return {"findings": [_finding(one, files) for one in shown.checked(engine(), change_set_id, _language())]}


@blueprint.post(f"/change-sets/<{ROW}:change_set_id>/abandon")
def abandon(change_set_id: int) -> ResponseReturnValue:
    change_sets.abandon(engine(), actor(), change_set_id)
    flash(_("变更已放弃，内容仍可查看。"), "success")
    return redirect(url_for("studio.index"), 303)


@blueprint.errorhandler(Conflict)
def conflict(error: Conflict) -> ResponseReturnValue:
    return answer(409, "studio", str(error))


def _index(entered: Mapping[str, str], faults: Mapping[str, list[str]]) -> str:
    every = shown.change_sets(engine())
    return render_template(
        "studio.html",
        open_sets=[one for one in every if one.status == "open"],
        closed_sets=[one for one in every if one.status != "open"],
        files=shown.deployed_files(engine()),
        entered=entered,
        faults=faults,
        may_draw=actor().has_group(*AUTHORS),
    )


def change_set_page(change_set_id: int, faults: Mapping[str, list[str]] | None = None, findings: tuple[Finding, ...] | None = None) -> str:
    """A change set with what has to be mended."""
    change_set = shown.change_set(engine(), change_set_id)
    taken = {one.file for one in change_set.files}
    return render_template(
        "studio_change_set.html",
        change_set=change_set,
        others=[one for one in shown.deployed_files(engine()) if one.file not in taken],
        findings=[_finding(one, taken) for one in findings] if findings is not None else None,
        faults=faults or {},
        entered=request.form,
        may_draw=actor().has_group(*AUTHORS) and change_set.status == "open",
        drafts=_by_file(change_set.files),
    )


def _by_file(files: Iterable[DraftView]) -> dict[str, int]:
    return {one.file: one.id for one in files}


def _finding(one: Finding, files: Iterable[str]) -> dict[str, object]:
    """For a page or a script; tables are named without their folder by whoever reads them."""
    return {
        "file": next((file for file in files if file.endswith(f"/{one.file}")), one.file),
        "line": one.line,
        "element": one.element_id,
        "name": one.element_name,
        "code": one.code,
        "message": one.message,
        "remedy": one.remedy,
        "severity": one.severity,
    }


def _place(filename: str) -> str:
    """Where an uploaded file belongs: its folder follows from its name; a name that fits nowhere is refused by the command."""
    name = PurePath(filename.replace("\\", "/")).name
    folders = {".form": "forms/", ".toml": "processes/scenarios/", ".csv": "processes/reference/", ".md": "processes/documents/"}
    folder = "processes/notices/" if name == "messages.csv" else folders.get(PurePath(name).suffix, "processes/")
    return folder + name


def _faults(error: InvalidInput) -> dict[str, list[str]]:
    return {field: [str(FAULTS[code]) if code in FAULTS else gettext(code) for code in codes] for field, codes in error.fields.items()}


def _upload_faults(error: InvalidInput) -> list[str]:
    if "content" in error.fields:
        return [_("文件要是 UTF-8 编码的文本，不超过 3 MB。")]
    return [text for texts in _faults(error).values() for text in texts]


def _language() -> str:
    return chosen()

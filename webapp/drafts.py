"""The editor of a draft: its page, its content as JSON for the editor's script, its history and differences."""

from __future__ import annotations

from difflib import unified_diff
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf

from engine.clock import local
from engine.commands import change_sets
from engine.commands.change_sets import AUTHORS, DraftConflict
from engine.errors import ExpressionFailed, InvalidDefinition, InvalidInput
from engine.queries import change_sets as shown
from engine.queries.change_sets import DraftContent
from engine.queries.differences import difference as difference_between
from engine.queries.element_templates import element_templates
from webapp.context import ROW, actor, engine
from webapp.form_view import FormWriter, initial_values
from webapp.language import chosen
from webapp.security import with_diagram
from webapp.studio import require_reader

#: Which script edits which kind; every kind can be edited as text too.
EDITORS = {
    "process": "bpmn", "decision": "dmn", "form": "form", "notice": "table", "reference": "table",
    "scenario": "scenario", "document": "text",
}  # fmt: skip

#: In an address, in place of a revision: what the draft began with.
DEPLOYED = "deployed"
#: Lines that a page of differences shows at most; the file itself can be downloaded.
MOST_LINES = 4000

blueprint = Blueprint("drafts", __name__, url_prefix="/studio")
blueprint.before_request(require_reader)


@blueprint.get(f"/drafts/<{ROW}:draft_id>")
@with_diagram
def show(draft_id: int) -> ResponseReturnValue:
    return _editor(shown.draft(engine(), draft_id), None)


@blueprint.get(f"/drafts/<{ROW}:draft_id>/revisions/<{ROW}:number>")
@with_diagram
def revision(draft_id: int, number: int) -> ResponseReturnValue:
    draft = shown.draft(engine(), draft_id)
    shown.revision(engine(), draft_id, number)
    return _editor(draft, number)


@blueprint.get(f"/drafts/<{ROW}:draft_id>/content")
def content(draft_id: int) -> ResponseReturnValue:
    draft, number = shown.draft(engine(), draft_id), request.args.get("revision", type=int)
    found = draft.content if number is None else shown.revision(engine(), draft_id, number)
    return {
        "content": found.decode("utf-8"),
        "version": draft.version,
        "by": draft.updated_by_name,
        "at": local(draft.updated_at).strftime("%Y-%m-%d %H:%M"),
    }


@blueprint.post(f"/drafts/<{ROW}:draft_id>/content")
def save(draft_id: int) -> ResponseReturnValue:
    posted = request.get_json(silent=True)
    typed = posted if isinstance(posted, dict) else {}
    text, version, note = typed.get("content"), typed.get("version"), typed.get("note", "")
    if not isinstance(text, str) or not isinstance(version, int) or isinstance(version, bool) or not isinstance(note, str):
        return {"message": _("内容不完整，没有保存。")}, 400
    try:
        number = change_sets.save_draft(engine(), actor(), draft_id, text.encode("utf-8", "surrogatepass"), version, note)
    except DraftConflict as error:
        return _conflict(error), 409
    except InvalidInput:
        return {"message": _("文件要是 UTF-8 编码的文本，不超过 3 MB。")}, 422
    return {"version": number}


@blueprint.get("/token")
def token() -> ResponseReturnValue:
    """For an editor whose session ended while it was open: a fresh token, once somebody has logged in again in another tab."""
    return {"token": generate_csrf(), "account": actor().id}


@blueprint.get("/vocabulary.json")
def vocabulary() -> ResponseReturnValue:
    return element_templates("en" if chosen() == "en" else "zh")


@blueprint.get(f"/drafts/<{ROW}:draft_id>/file")
def download(draft_id: int) -> ResponseReturnValue:
    """The draft now, one of its revisions, or the file it began with."""
    draft, number = shown.draft(engine(), draft_id), request.args.get("revision", type=int)
    found = draft.content if number is None else shown.revision(engine(), draft_id, number)
    if request.args.get("revision") == DEPLOYED:
        found = draft.base or b""
    answer = Response(found, mimetype="application/octet-stream")
    answer.headers.set("Content-Disposition", "attachment", filename=draft.file.rpartition("/")[2])
    return answer


@blueprint.post(f"/drafts/<{ROW}:draft_id>/preview")
def preview(draft_id: int) -> ResponseReturnValue:
    """The form as a clerk will see it, from what the editor holds now."""
    text = (request.get_json(silent=True) or {}).get("content")
    try:
        schema = engine().feel.parse_form(str(text).encode("utf-8", "surrogatepass"), shown.draft(engine(), draft_id).file, chosen())
        form = FormWriter(engine().feel, chosen()).write(schema, initial_values(schema), {})
    except (InvalidDefinition, ExpressionFailed) as error:
        findings = error.findings if isinstance(error, InvalidDefinition) else ()
        return render_template("studio_preview.html", form=None, findings=findings), 422
    return render_template("studio_preview.html", form=form, findings=())


@blueprint.get(f"/drafts/<{ROW}:draft_id>/history")
def history(draft_id: int) -> ResponseReturnValue:
    draft = shown.draft(engine(), draft_id)
    return render_template("studio_history.html", draft=draft, change_set=_change_set(draft), may_draw=_may_draw(draft))


@blueprint.get(f"/drafts/<{ROW}:draft_id>/diff")
@with_diagram
def difference(draft_id: int) -> ResponseReturnValue:
    """What differs between two states; ``from`` and ``to`` are revision numbers, by default the deployed file and the draft now."""
    draft = shown.draft(engine(), draft_id)
    since, until = request.args.get("from", type=int), request.args.get("to", type=int)
    old = shown.revision(engine(), draft_id, since) if since is not None else draft.base or b""
    new = shown.revision(engine(), draft_id, until) if until is not None else draft.content
    lines = list(unified_diff(_lines(old), _lines(new), lineterm="", n=3))[2:]
    facts = {"lines": lines[:MOST_LINES], "more": len(lines) - MOST_LINES, "since": since, "until": until}
    found = difference_between(draft.kind, draft.file, old, new)
    return render_template("studio_diff.html", draft=draft, change_set=_change_set(draft), found=found, **facts)


@blueprint.post(f"/drafts/<{ROW}:draft_id>/restore")
def restore(draft_id: int) -> ResponseReturnValue:
    number, version = request.form.get("number", 0, type=int), request.form.get("version", 0, type=int)
    change_sets.restore_revision(engine(), actor(), draft_id, number, version)
    flash(_("已恢复第 %(number)s 版的内容，作为新的一版。", number=number), "success")
    return redirect(url_for("drafts.history", draft_id=draft_id), 303)


@blueprint.post(f"/drafts/<{ROW}:draft_id>/remove")
def remove(draft_id: int) -> ResponseReturnValue:
    change_set_id = shown.draft(engine(), draft_id).change_set_id
    change_sets.remove_draft(engine(), actor(), draft_id, request.form.get("version", type=int))
    flash(_("已从变更中移除。"), "success")
    return redirect(url_for("studio.show", change_set_id=change_set_id), 303)


def _editor(draft: DraftContent, number: int | None) -> str:
    facts = {
        "editor": "text" if request.args.get("mode") == "text" else EDITORS[draft.kind],
        "may_draw": _may_draw(draft) and number is None,
        "change_set": _change_set(draft),
    }
    return render_template("studio_editor.html", draft=draft, revision=number, **facts)


def _change_set(draft: DraftContent) -> shown.ChangeSetView:
    return shown.change_set(engine(), draft.change_set_id)


def _may_draw(draft: DraftContent) -> bool:
    return actor().has_group(*AUTHORS) and _change_set(draft).status == "open"


def _conflict(error: DraftConflict) -> dict[str, Any]:
    return {
        "message": _("您打开之后，%(name)s 已保存了新的一版。没有覆盖任何内容。", name=error.by),
        "theirs": error.theirs.decode("utf-8"),
        "theirs_version": error.theirs_version,
        "base": error.base.decode("utf-8"),
        "by": error.by,
        "at": local(error.at).strftime("%Y-%m-%d %H:%M"),
    }


def _lines(content: bytes) -> list[str]:
    return content.decode("utf-8", "replace").splitlines()

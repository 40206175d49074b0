"""Attachments and materials on the page of a case: put there, fetched, linked, shared, removed. Decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from engine.commands import attachments, materials
from engine.errors import InvalidInput
from engine.queries import attachments as kept
from engine.queries.materials import CaseMaterials, materials_of
from webapp.context import ROW, actor, engine
from webapp.fetching import as_download, download
from webapp.file_words import FAULTS, SCANS, STANDINGS

#: What the form around a file may need besides the file.
OVERHEAD = 100_000

blueprint = Blueprint("attachments", __name__)


@blueprint.url_value_preprocessor
def _allow_large_files(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Before anything reads the form: these pages take larger requests than the others."""
    request.max_content_length = engine().settings.attachment_bytes + OVERHEAD


@blueprint.app_template_global()
def case_attachments(case_no: str) -> tuple[kept.AttachmentView, ...]:
    return kept.attachments_of(engine(), actor(), case_no)


@blueprint.app_template_global()
def case_materials(case_no: str) -> CaseMaterials:
    return materials_of(engine(), actor(), case_no)


@blueprint.app_context_processor
def _words() -> dict[str, Any]:
    return {"scans": SCANS, "standings": STANDINGS, "largest_file": engine().settings.attachment_bytes // 1_000_000}


@blueprint.post("/cases/<case_no>/attachments")
def add(case_no: str) -> ResponseReturnValue:
    try:
        file = posted_file()
        attachments.add_attachment(
            engine(), actor(), case_no, file.stream.read(), file.filename or "", request.form.get("material") or None
        )
    except InvalidInput as error:
        flash(fault_of(error), "error")
    else:
        flash(_("附件已保存。"), "success")
    return redirect(url_for("cases.show", case_no=case_no, _anchor="attachments"), 303)


@blueprint.get(f"/attachments/<{ROW}:attachment_id>/file")
@as_download
def fetch(attachment_id: int) -> ResponseReturnValue:
    return download(kept.attachment_file(engine(), actor(), attachment_id))


@blueprint.get(f"/cases/<case_no>/attachments/<{ROW}:attachment_id>/remove")
def ask_removal(case_no: str, attachment_id: int) -> ResponseReturnValue:
    return _removal_page(case_no, attachment_id, ())


@blueprint.post(f"/cases/<case_no>/attachments/<{ROW}:attachment_id>/remove")
def remove(case_no: str, attachment_id: int) -> ResponseReturnValue:
    try:
        case_no = attachments.remove_attachment(engine(), actor(), attachment_id, request.form.get("reason", ""))
    except InvalidInput as error:
        return _removal_page(case_no, attachment_id, [fault_of(error)]), 422
    flash(_("附件已移除，记录保留。"), "success")
    return redirect(url_for("cases.show", case_no=case_no, _anchor="attachments"), 303)


@blueprint.post(f"/attachments/<{ROW}:attachment_id>/share")
def share(attachment_id: int) -> ResponseReturnValue:
    case_no = attachments.share_attachment(engine(), actor(), attachment_id)
    flash(_("申请人现在可以在办件页面看到这个附件。"), "success")
    return redirect(url_for("cases.show", case_no=case_no, _anchor="attachments"), 303)


@blueprint.post("/cases/<case_no>/materials/<material>/received")
def receive(case_no: str, material: str) -> ResponseReturnValue:
    materials.receive_material(engine(), actor(), case_no, material)
    flash(_("已登记收到纸质材料。"), "success")
    return redirect(url_for("cases.show", case_no=case_no, _anchor="materials"), 303)


def posted_file() -> FileStorage:
    """The file that was sent. Raises InvalidInput when none was chosen."""
    file = request.files.get("file")
    if file is None or not file.filename:
        raise InvalidInput("Expected a file but none was chosen.", {"file": ["missing"]})
    return file


def fault_of(error: InvalidInput) -> str:
    """What was wrong, in words; the engine's own words where a code has none."""
    codes = [code for codes in error.fields.values() for code in codes]
    return " ".join(str(FAULTS[code]) for code in codes if code in FAULTS) or str(error)


def _removal_page(case_no: str, attachment_id: int, errors: Sequence[str]) -> str:
    found = next((one for one in kept.attachments_of(engine(), actor(), case_no) if one.id == attachment_id), None)
    return render_template("attachment_remove.html", case_no=case_no, attachment=found, errors=errors)

"""Attachments and materials on the page of a case: put there, fetched, linked, shared, removed. Decides nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy
from werkzeug.datastructures import FileStorage

from engine.commands import attachments, materials
from engine.errors import InvalidInput
from engine.queries import attachments as kept
from engine.queries.materials import CaseMaterials, materials_of
from webapp.context import ROW, actor, engine
from webapp.fetching import as_download, download

#: What the form around a file may need besides the file.
OVERHEAD = 100_000

#: What the engine calls a fault of a file, in the words of the page.
FAULTS: Mapping[str, LazyString] = {
    "empty": lazy("这个文件是空的。"),
    "too-large": lazy("文件太大,请压缩或拆分后再传。"),
    "too-many": lazy("附件数量已到上限,请先移除不需要的。"),
    "not-allowed": lazy("只接收 PDF、图片(JPEG、PNG)、Word(docx)、Excel(xlsx)、OFD 和纯文本文件。"),
    "broken": lazy("文件损坏或不完整,请重新保存后再传。"),
    "macros": lazy("文件含有宏、内嵌程序或外部引用,请另存为普通文件后再传。"),
    "bomb": lazy("文件展开后过大,没有接收。"),
    "encrypted": lazy("文件加了密码,请去掉密码后再传。"),
    "infected": lazy("查出病毒,没有接收。请清除病毒后再传。"),
    "missing": lazy("请选择文件。"),
    "length": lazy("请写明原因,2至200个字。"),
    "unknown": lazy("请选择本事项的材料。"),
}
SCANS: Mapping[str, LazyString] = {"unscanned": lazy("未查毒"), "clean": lazy("已查毒")}
STANDINGS: Mapping[str, LazyString] = {
    "there": lazy("已提供"),
    "exempt": lazy("免提交"),
    "promise": lazy("可告知承诺"),
    "tolerate": lazy("可容缺"),
    "needed": lazy("须提供"),
}

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
    flash(_("附件已移除,记录保留。"), "success")
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

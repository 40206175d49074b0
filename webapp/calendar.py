"""The work calendar: what is announced and expected, a holiday notice to preview and take in, how far it has come."""

from __future__ import annotations

import base64
import binascii

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine.commands import calendar_import
from engine.errors import InvalidDefinition, InvalidInput
from engine.queries import calendar_notices
from webapp.context import actor, engine
from webapp.language import chosen

#: A year has 366 lines.
LARGEST = 100_000

blueprint = Blueprint("calendar", __name__, url_prefix="/calendar")


@blueprint.app_context_processor
def readers() -> dict[str, object]:
    return {"calendar_readers": calendar_notices.READERS}


@blueprint.get("")
def index() -> ResponseReturnValue:
    return render_template("calendar.html", calendar=calendar_notices.calendar(engine(), actor()))


@blueprint.post("/preview")
def preview() -> ResponseReturnValue:
    """What the file would do; the file itself travels with the page until it is confirmed."""
    given = request.files.get("notice")
    content = given.read(LARGEST + 1) if given else b""
    if not content or len(content) > LARGEST:
        flash(_("请选择一个放假安排文件（CSV，不超过 100 KB）。"), "warning")
        return redirect(url_for("calendar.index"), 303)
    return _preview(content)


@blueprint.post("/import")
def take_in() -> ResponseReturnValue:
    content = _carried(request.form.get("content", ""))
    try:
        calendar_import.import_notice(engine(), actor(), content, request.form.get("reason", "").strip(), chosen())
    except InvalidDefinition:
        return _preview(content)
    flash(_("放假安排已生效，受影响的期限正在后台调整。"), "success")
    return redirect(url_for("calendar.index"), 303)


def _preview(content: bytes) -> ResponseReturnValue:
    found = calendar_notices.preview(engine(), actor(), content, chosen())
    carried = base64.b64encode(content).decode()
    return render_template("calendar_preview.html", preview=found, content=carried), 200 if found.can_be_imported else 422


def _carried(text: str) -> bytes:
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidInput("Expected the file of the preview but it was changed on the way. Preview it again.") from error
    if not content or len(content) > LARGEST:
        raise InvalidInput(f"Expected a file of 1 to {LARGEST} bytes but got {len(content)}. Preview it again.")
    return content

"""The applicant's files behind the secret link: attachments put there, documents and attachments fetched; and papers verified."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from engine.commands import attachments
from engine.errors import InvalidInput, NotAllowed
from engine.queries import attachments as kept
from engine.queries import documents, evidence
from webapp.attachments import OVERHEAD, fault_of, posted_file
from webapp.context import ROW, engine
from webapp.fetching import as_download, download
from webapp.security import limiter

blueprint = Blueprint("public_files", __name__)


@blueprint.url_value_preprocessor
def _allow_large_files(endpoint: str | None, values: dict[str, Any] | None) -> None:
    request.max_content_length = engine().settings.attachment_bytes + OVERHEAD


@blueprint.app_template_global()
def public_attachments(token: str) -> tuple[kept.AttachmentView, ...]:
    return kept.public_attachments(engine(), token)


@blueprint.app_template_global()
def public_documents(token: str) -> tuple[documents.DocumentView, ...]:
    return documents.public_documents(engine(), token)


@blueprint.post("/p/<token>/attachments")
@limiter.limit("20/minute")
def add(token: str) -> ResponseReturnValue:
    if current_user.is_authenticated:
        raise NotAllowed("Expected the applicant but somebody of the centre is logged in.")
    try:
        file = posted_file()
        attachments.add_as_citizen(engine(), token, file.stream.read(), file.filename or "")
    except InvalidInput as error:
        flash(fault_of(error), "error")
    else:
        flash(_("已收到您的文件。"), "success")
    return redirect(url_for("public.show", token=token), 303)


@blueprint.get(f"/p/<token>/attachments/<{ROW}:attachment_id>")
@limiter.limit("60/minute")
@as_download
def fetch(token: str, attachment_id: int) -> ResponseReturnValue:
    return download(kept.public_attachment_file(engine(), token, attachment_id))


@blueprint.get(f"/p/<token>/documents/<{ROW}:document_id>")
@limiter.limit("60/minute")
@as_download
def fetch_document(token: str, document_id: int) -> ResponseReturnValue:
    return download(documents.public_document_file(engine(), token, document_id))


@blueprint.get("/verify")
@limiter.limit("60/minute")
def ask_verification() -> ResponseReturnValue:
    return render_template("verify.html", found=None, has_failed=False, entered={"number": request.args.get("number", "")})


@blueprint.post("/verify")
@limiter.limit("20/minute")
def verify() -> ResponseReturnValue:
    number, file = request.form.get("number", "").strip(), request.files.get("file")
    digest = documents.digest_of(file.stream.read()) if file is not None and file.filename else ""
    proof = digest or request.form.get("code", "")
    try:
        found = documents.verification(engine(), number, proof)
    except InvalidInput:
        record = evidence.proof_of_record(engine(), number, digest)
        status = 200 if record else 422
        return render_template("verify.html", found=None, record=record, has_failed=not record, entered={"number": number}), status
    return render_template("verify.html", found=found, has_failed=False, entered={"number": number})

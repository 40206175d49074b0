"""The evidence as auditors read it: every fact about a case, or about versions and migrations; a case file to take along."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from engine.commands.audit_exports import export_case
from engine.queries import audits, evidence
from engine.queries.attachments import FetchedFile
from webapp.audit_sheets import sheets_of
from webapp.context import LARGEST_ROW, actor, engine
from webapp.fetching import as_download, download

#: Where versions, suspensions and migrations are recorded.
DEPLOYMENTS = "deployments"
LONGEST_CHAIN = 60

blueprint = Blueprint("evidence", __name__, url_prefix="/evidence")


@blueprint.app_context_processor
def readers() -> dict[str, object]:
    return {"evidence_readers": evidence.READERS, "may_export": lambda kind: audits.may_export(actor(), kind)}


@blueprint.get("")
def index() -> ResponseReturnValue:
    chain = request.args.get("q", "").strip()[:LONGEST_CHAIN] or DEPLOYMENTS
    before = min(request.args.get("before", 0, type=int), LARGEST_ROW)
    page = evidence.recorded(engine(), actor(), chain, before)
    return render_template("evidence.html", page=page, text="" if chain == DEPLOYMENTS else chain, key_id=engine().secrets.key_id)


@blueprint.post("/exports/<case_no>")
@as_download
def export(case_no: str) -> ResponseReturnValue:
    audit = audits.audit_of(engine(), actor(), case_no)
    content = export_case(engine(), actor(), audit, sheets_of(audit, engine().secrets.key_id))
    return download(FetchedFile(f"audit-{case_no}.zip", "application/zip", content))

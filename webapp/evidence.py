"""The evidence as auditors read it: every fact about a case, or about versions and migrations. Changes nothing."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from engine.queries import evidence
from webapp.context import LARGEST_ROW, actor, engine

#: Where versions, suspensions and migrations are recorded.
DEPLOYMENTS = "deployments"
LONGEST_CHAIN = 60

blueprint = Blueprint("evidence", __name__, url_prefix="/evidence")


@blueprint.app_context_processor
def readers() -> dict[str, object]:
    return {"evidence_readers": evidence.READERS}


@blueprint.get("")
def index() -> ResponseReturnValue:
    chain = request.args.get("q", "").strip()[:LONGEST_CHAIN] or DEPLOYMENTS
    before = min(request.args.get("before", 0, type=int), LARGEST_ROW)
    page = evidence.recorded(engine(), actor(), chain, before)
    return render_template("evidence.html", page=page, text="" if chain == DEPLOYMENTS else chain)

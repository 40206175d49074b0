"""The visible outbox: what was said to whom. Sends nothing."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from engine.queries.notices import outbox
from webapp.context import actor, department_names, engine

blueprint = Blueprint("notices", __name__, url_prefix="/notices")


@blueprint.get("")
def index() -> ResponseReturnValue:
    return render_template(
        "notices.html", page=outbox(engine(), actor(), after=request.args.get("after", type=int)), departments=department_names()
    )

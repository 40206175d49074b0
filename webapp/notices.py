"""The visible outbox: what was said to whom. Sends nothing."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from engine.queries.notices import outbox
from webapp.context import LARGEST_ROW, actor, department_names, engine

blueprint = Blueprint("notices", __name__, url_prefix="/notices")


@blueprint.get("")
def index() -> ResponseReturnValue:
    after = request.args.get("after", type=int)
    page = outbox(engine(), actor(), after=None if after is None else min(after, LARGEST_ROW))
    return render_template("notices.html", page=page, departments=department_names())

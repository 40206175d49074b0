"""What could not go on by itself, and trying it again. The engine decides who may."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine.commands.incidents import retry_incident
from engine.queries.incidents import open_incidents
from webapp.context import ROW, actor, engine
from webapp.sessions import safe_target

blueprint = Blueprint("incidents", __name__, url_prefix="/incidents")


@blueprint.get("")
def index() -> ResponseReturnValue:
    return render_template("incidents.html", incidents=open_incidents(engine(), actor()))


@blueprint.post(f"/<{ROW}:incident_id>/retry")
def retry(incident_id: int) -> ResponseReturnValue:
    retry_incident(engine(), actor(), incident_id)
    flash(_("已重试。仍不成功的，会重新出现在异常列表。"), "success")
    return redirect(safe_target(request.form.get("next")), 303)

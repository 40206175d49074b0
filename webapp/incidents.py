"""What could not go on by itself, and trying it again. The engine decides who may."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine.commands.incidents import OPERATORS, retry_incident
from engine.errors import EngineError, InvalidInput, NotAllowed
from engine.queries import operate
from engine.queries.incidents import open_incidents
from webapp.context import ROW, actor, engine
from webapp.sessions import safe_target

blueprint = Blueprint("incidents", __name__, url_prefix="/incidents")


@blueprint.get("")
def index() -> ResponseReturnValue:
    groups = operate.incident_groups(engine(), actor()) if actor().has_group(*operate.READERS) else ()
    return render_template("incidents.html", incidents=open_incidents(engine(), actor()), groups=groups)


@blueprint.post(f"/<{ROW}:incident_id>/retry")
def retry(incident_id: int) -> ResponseReturnValue:
    retry_incident(engine(), actor(), incident_id)
    flash(_("已重试。仍不成功的，会重新出现在异常列表。"), "success")
    return redirect(safe_target(request.form.get("next")), 303)


@blueprint.post("/retry")
def retry_group() -> ResponseReturnValue:
    """All incidents of one cause, each for itself."""
    if not actor().has_group(*OPERATORS):
        raise NotAllowed("Expected an operator to retry incidents but you are not one.")
    numbers = _numbers(request.form.get("ids", ""))
    kept = [number for number in numbers if not _is_retried(number)]
    flash(_("已重试 %(count)s 处。仍不成功的，会重新出现在异常列表。", count=len(numbers) - len(kept)), "success")
    if kept:
        flash(_("%(count)s 处没有重试：已经有人处理，或不在您的窗口。", count=len(kept)), "warning")
    return redirect(safe_target(request.form.get("next")), 303)


def _numbers(text: str) -> list[int]:
    parts = [part for part in text.split(",") if part.isascii() and part.isdecimal() and len(part) < 20]
    if not parts or len(parts) > operate.MOST_NAMED:
        raise InvalidInput(f"Expected 1 to {operate.MOST_NAMED} incidents but got {len(parts)}.")
    return list(dict.fromkeys(int(part) for part in parts))


def _is_retried(number: int) -> bool:
    try:
        retry_incident(engine(), actor(), number)
    except EngineError:
        return False
    return True

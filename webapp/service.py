"""The public side of the window: what it does, reporting a matter, asking how it stands. Needs no log-in and no script."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from engine.commands import public_service
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound
from engine.queries import case_kinds
from engine.queries import public_service as service_queries
from engine.queries.appointments import with_free_slots
from engine.queries.case_kinds import KindView
from engine.queries.public_progress import public_progress
from webapp import forms
from webapp.context import engine
from webapp.form_view import FormWriter, initial_values
from webapp.language import chosen
from webapp.security import limiter, shared_limiter

#: Fields of the page itself: the token that makes it one submission, and the one that only a program fills in.
TOKEN, TRAP = "submission", "website"

blueprint = Blueprint("service", __name__, url_prefix="/service")

Errors = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Door:
    """Something that a citizen may send: the window's own matter, or a file of a public kind."""

    kind: str
    title: str
    about: str
    form: str


@blueprint.get("")
@limiter.limit("120/minute")
def index() -> ResponseReturnValue:
    return render_template("service.html", view=service_queries.service_view(engine()), doors=[_report(), *_doors()])


@blueprint.get("/new/<kind>")
@limiter.limit("120/minute")
def write(kind: str) -> ResponseReturnValue:
    door = _door(kind)
    schema = _schema(door)
    return _page(door, schema, initial_values(schema))


@blueprint.post("/new/<kind>/entered")
@limiter.limit("60/minute")
def entered(kind: str) -> ResponseReturnValue:
    """The form again with what was typed, to follow conditions without script."""
    door = _door(kind)
    schema = _schema(door)
    return _page(door, schema, forms.read_posted(schema, request.form))


@blueprint.post("/new/<kind>/conditions")
@limiter.limit("120/minute")
def conditions(kind: str) -> ResponseReturnValue:
    schema = _schema(_door(kind))
    return {"hidden": sorted(forms.hidden_components(engine().feel, schema, forms.read_posted(schema, request.form)))}


@blueprint.post("/new/<kind>")
@shared_limiter.limit("6/minute;30/hour", deduct_when=lambda answer: answer.status_code == 303)
@limiter.limit("30/minute")
def send(kind: str) -> ResponseReturnValue:
    _require_citizen()
    door = _door(kind)
    schema = _schema(door)
    submission = forms.read_posted(schema, request.form)
    if request.form.get(TRAP):
        return _page(door, schema, submission, {"": [_("请清空“网址”一栏再提交：这一栏是用来挡住自动程序的。")]}), 422
    try:
        received = _send(door, submission, request.form.get(TOKEN, ""))
    except InvalidInput as error:
        errors = forms.english_errors(engine(), schema, submission, {}, error.fields) if chosen() == "en" else error.fields
        return _page(door, schema, submission, errors or {"": [_("页面不完整，请刷新后重新提交。")]}), 422
    except Conflict:
        return _page(door, schema, submission, {"": [_("系统暂停受理，请稍后再提交一次，或拨打 12345。您填的内容都在。")]}), 409
    flash(_("已收到，编号 %(no)s。", no=received.no), "success")
    return redirect(url_for("public.show", token=received.public_token, new=1), 303)


@blueprint.get("/progress")
@limiter.limit("60/minute")
def progress() -> ResponseReturnValue:
    return render_template("service_progress.html", case=None, has_failed=False)


def _was_refused(response: Response) -> bool:
    return response.status_code == 422


def _asked_number() -> str:
    return f"progress|{request.form.get('no', '').strip().upper()[:40]}"


@blueprint.post("/progress")
@shared_limiter.limit("10/minute;60/hour")
@shared_limiter.limit("10/hour", key_func=_asked_number, deduct_when=_was_refused)
def find() -> ResponseReturnValue:
    """Four digits can be guessed: so few tries for a number, and no word about which half was wrong."""
    try:
        case = public_progress(engine(), request.form.get("no", ""), request.form.get("phone_end", ""))
    except NotFound:
        return render_template("service_progress.html", case=None, has_failed=True), 422
    return render_template("service_progress.html", case=case, has_failed=False)


def _require_citizen() -> None:
    """Who works here registers at the counter; nobody writes in a citizen's place without their name."""
    if current_user.is_authenticated:
        raise NotAllowed("Expected a citizen to write but somebody of the centre is logged in.")


def _report() -> Door:
    about = _("办事受阻、多个部门说法不一、跑了几趟没有结果：写给我们，1个工作小时内有人联系您。")
    return Door(case_kinds.CASE, _("我要反映"), about, public_service.REPORT_FORM)


def _doors() -> list[Door]:
    return [_door_to(kind) for kind in case_kinds.public_kinds(engine()) if kind.kind != case_kinds.CASE]


def _door(kind: str) -> Door:
    return _report() if kind == case_kinds.CASE else _door_to(case_kinds.public_kind(engine(), kind))


def _door_to(kind: KindView) -> Door:
    is_english = chosen() == "en"
    title = kind.name_en if is_english else _("我要%(kind)s", kind=kind.name.removesuffix("件"))
    return Door(kind.kind, title, kind.description_en if is_english else kind.description, kind.start_form or "")


def _send(door: Door, submission: Mapping[str, Any], token: str) -> public_service.Received:
    if door.kind == case_kinds.CASE:
        return public_service.send_report(engine(), submission, token, chosen())
    return public_service.open_public_file(engine(), door.kind, submission, token, chosen())


def _schema(door: Door) -> Mapping[str, Any]:
    return service_queries.public_form(engine(), door.form)


def _page(door: Door, schema: Mapping[str, Any], values: Mapping[str, Any], errors: Errors | None = None) -> str:
    form = FormWriter(engine().feel, chosen()).write(with_free_slots(engine(), schema, values), values, errors or {})
    token = request.form.get(TOKEN) or secrets.token_urlsafe(24)
    return render_template("service_form.html", door=door, form=form, submission=token)

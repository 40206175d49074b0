"""The people of one's scope: accounts, posts, one-time codes, hand-over; leave and deputies. The engine decides who may."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine.commands import people as commands
from engine.commands.people import NewAccount
from engine.errors import InvalidInput
from engine.queries import people
from engine.queries.accounts import ADMINISTRATORS, HEADS
from engine.services.leave import Wish
from webapp.context import ROW, actor, engine
from webapp.language import chosen

blueprint = Blueprint("people", __name__, url_prefix="/people")

Errors = Mapping[str, Sequence[str]]


@blueprint.get("")
def index() -> ResponseReturnValue:
    text, group = request.args.get("q", "").strip()[:60], request.args.get("group", "")[:80]
    page = people.people(engine(), actor(), text, group)
    return render_template("people.html", page=page, text=text, group=group, is_administrator=_is_administrator())


@blueprint.get("/new")
def new() -> ResponseReturnValue:
    return _new_page({}, {})


@blueprint.post("/new")
def add() -> ResponseReturnValue:
    form = request.form
    wanted = NewAccount(
        form.get("account_id", "").strip(),
        form.get("name", "").strip(),
        form.get("org_unit", ""),
        _groups(),
        form.get("phone", ""),
        form.get("email", ""),
        form.get("exception", ""),
    )
    try:
        code = commands.add_account(engine(), actor(), wanted)
    except InvalidInput as error:
        return _new_page(form, _said(error)), 422
    return _code_page(wanted.id, code)


@blueprint.get("/<account_id>")
def show(account_id: str) -> ResponseReturnValue:
    return _person_page(account_id)


@blueprint.post("/<account_id>/groups")
def groups(account_id: str) -> ResponseReturnValue:
    try:
        commands.change_groups(engine(), actor(), account_id, _groups(), request.form.get("exception", ""))
    except InvalidInput as error:
        return _person_page(account_id, _said(error), _groups()), 422
    flash(_("岗位已更新，该账号需要重新登录。"), "success")
    return redirect(url_for("people.show", account_id=account_id), 303)


@blueprint.post("/<account_id>/contact")
def contact(account_id: str) -> ResponseReturnValue:
    try:
        commands.change_contact(engine(), actor(), account_id, request.form.get("phone", ""), request.form.get("email", ""))
    except InvalidInput as error:
        return _person_page(account_id, _said(error)), 422
    flash(_("联系方式已保存。"), "success")
    return redirect(url_for("people.show", account_id=account_id), 303)


@blueprint.post("/<account_id>/code")
def code(account_id: str) -> ResponseReturnValue:
    return _code_page(account_id, commands.reset_password(engine(), actor(), account_id))


@blueprint.post("/<account_id>/close")
def close(account_id: str) -> ResponseReturnValue:
    commands.close_account(engine(), actor(), account_id)
    flash(_("账号已停用。"), "success")
    return redirect(url_for("people.show", account_id=account_id), 303)


@blueprint.post("/<account_id>/open")
def reopen(account_id: str) -> ResponseReturnValue:
    return _code_page(account_id, commands.open_account(engine(), actor(), account_id))


@blueprint.post("/<account_id>/hand-over")
def hand_over(account_id: str) -> ResponseReturnValue:
    try:
        tasks, cases = commands.hand_over_work(engine(), actor(), account_id, request.form.get("receiver", ""))
    except InvalidInput as error:
        return _person_page(account_id, _said(error)), 422
    flash(_("已移交 %(tasks)s 项任务、%(cases)s 件首接责任。", tasks=tasks, cases=cases), "success")
    return redirect(url_for("people.show", account_id=account_id), 303)


@blueprint.get("/leave")
def leave() -> ResponseReturnValue:
    return _leave_page({}, {})


@blueprint.post("/leave")
def ask_leave() -> ResponseReturnValue:
    form = request.form
    try:
        wish = Wish(
            account_id=form.get("account_id") or actor().id,
            deputy_id=form.get("deputy", ""),
            from_on=_day("from_on"),
            to_on=_day("to_on"),
            reason=form.get("reason", "").strip(),
            has_return=form.get("has_return") == "true",
        )
        commands.ask_leave(engine(), actor(), wish)
    except InvalidInput as error:
        return _leave_page(form, _said(error)), 422
    flash(_("已登记，等代班人接受后生效。"), "success")
    return redirect(url_for("people.leave"), 303)


@blueprint.post(f"/leave/<{ROW}:leave_id>/<any(accept, decline, cancel):answer>")
def answer_leave(leave_id: int, answer: str) -> ResponseReturnValue:
    do = {"accept": commands.accept_leave, "decline": commands.decline_leave, "cancel": commands.cancel_leave}[answer]
    do(engine(), actor(), leave_id)
    told = {"accept": _("已接受代班。"), "decline": _("已谢绝。"), "cancel": _("已取消，未办完的任务按约定处理。")}[answer]
    flash(told, "success")
    return redirect(url_for("people.leave"), 303)


def _is_administrator() -> bool:
    return actor().has_group(*ADMINISTRATORS)


def _new_page(typed: Mapping[str, Any], errors: Errors) -> str:
    commands.require_administrator(actor())
    page = people.people(engine(), actor())
    return render_template("people_new.html", page=page, typed=typed, chosen_groups=_groups(), errors=errors)


def _person_page(account_id: str, errors: Errors | None = None, ticked: Mapping[str, str] | None = None) -> str:
    return render_template(
        "person.html",
        person=people.person(engine(), actor(), account_id),
        colleagues=people.deputies(engine(), actor(), account_id),
        groups=people.people(engine(), actor()).groups if _is_administrator() else (),
        is_administrator=_is_administrator(),
        is_head=actor().has_group(*HEADS),
        is_self=account_id == actor().id,
        errors=errors or {},
        ticked=ticked,
    )


def _code_page(account_id: str, code: str) -> str:
    """Shown once; the answer to a POST, so that no address leads to it again."""
    return render_template("people_code.html", account_id=account_id, code=code)


def _leave_page(typed: Mapping[str, Any], errors: Errors) -> str:
    is_head = actor().has_group(*HEADS)
    who = str(request.values.get("account_id") or actor().id)[:80]
    if who != actor().id:
        people.person(engine(), actor(), who)  # refuses whom one may not see
    return render_template(
        "leave.html",
        leaves=people.leaves(engine(), actor()),
        who=who,
        deputies=people.deputies(engine(), actor(), who),
        people=people.people(engine(), actor()).people if is_head else (),
        typed=typed,
        errors=errors,
    )


def _groups() -> dict[str, str]:
    """Group → role, from the boxes that are ticked and the choices beside them."""
    return {group: request.form.get(f"role:{group}", "A") for group in request.form.getlist("group")}


def _day(name: str) -> date:
    try:
        return date.fromisoformat(request.form.get(name, ""))
    except ValueError as error:
        raise InvalidInput("Expected a day but got something else.", {name: ["请填写日期。"]}) from error


def _said(error: InvalidInput) -> Errors:
    """In English where the finder says it so."""
    if chosen() != "en":
        return error.fields or {"": [str(error)]}
    return {key: [getattr(text, "english", text) for text in texts] for key, texts in error.fields.items()} or {"": [str(error)]}

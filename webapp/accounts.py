"""Log-in, log-out and the own password. Knows no group and no right."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_limiter.util import get_remote_address
from flask_login import current_user, logout_user

from engine.commands import accounts, people
from engine.errors import InvalidInput, NotAllowed
from webapp import carried, sessions
from webapp.context import actor, engine
from webapp.security import shared_limiter

blueprint = Blueprint("accounts", __name__)


def _address_and_login() -> str:
    return f"{get_remote_address()}|{request.form.get('login', '')[:80]}"


def _has_failed(response: Response) -> bool:
    return response.status_code == 401


def _own_account() -> str:
    return f"password|{current_user.get_id() or get_remote_address()}"


def _was_refused(response: Response) -> bool:
    return response.status_code == 422


@blueprint.get("/login")
def log_in() -> ResponseReturnValue:
    if current_user.is_authenticated:
        return redirect(sessions.safe_target(request.args.get("next")))
    return render_template("log_in.html", next=request.args.get("next", ""))


@blueprint.post("/login")
@shared_limiter.limit("10/minute;40/hour", key_func=_address_and_login, deduct_when=_has_failed)
@shared_limiter.limit("60/minute", deduct_when=_has_failed)
def begin_session() -> ResponseReturnValue:
    form = request.form
    try:
        person = accounts.authenticate(engine(), form.get("login", ""), form.get("password", ""))
    except NotAllowed:
        page = render_template(
            "log_in.html", next=form.get("next", ""), carried=form.get("carried", ""), login=form.get("login", ""), has_failed=True
        )
        return page, 401
    sessions.begin(person)
    return _go_on(sessions.safe_target(form.get("next")), form.get("carried", ""))


def _go_on(page: str, carried_text: str) -> ResponseReturnValue:
    fields = carried.read_fields(carried_text)
    continuation = carried.continuation(page) if fields else None
    if continuation is None:
        return redirect(page, 303)
    return render_template("continue.html", action=continuation, fields=fields)


@blueprint.get("/password/code")
def one_time_code() -> ResponseReturnValue:
    return render_template("one_time_code.html", login="", errors={})


@blueprint.post("/password/code")
@shared_limiter.limit("10/minute;40/hour", key_func=_address_and_login, deduct_when=_was_refused)
@shared_limiter.limit("60/minute", deduct_when=_was_refused)
def use_code() -> ResponseReturnValue:
    """A new password with a one-time code; then the way in is the ordinary one."""
    form = request.form
    login, errors = form.get("login", "").strip()[:80], dict[str, list[str]]()
    if form.get("password") != form.get("again"):
        errors = {"again": [_("两次输入的新密码不一致，请重新输入。")]}
    else:
        try:
            people.set_password(engine(), login, form.get("code", "")[:80], form.get("password", ""))
        except InvalidInput as error:
            errors = error.fields
        except NotAllowed:
            errors = {"code": [_("账号或一次性密码不正确，或者已经过期。请核对，或请管理员重新生成。")]}
    if errors:
        return render_template("one_time_code.html", login=login, errors=errors), 422
    flash(_("新密码已设置，请登录。"), "success")
    return redirect(url_for("accounts.log_in"), 303)


@blueprint.post("/logout")
def log_out() -> ResponseReturnValue:
    language = session.get("language", "zh")
    if current_user.is_authenticated:
        accounts.end_sessions(engine(), actor().id)  # a copy of the cookie must not outlive the log-out
    logout_user()
    session.clear()
    session["language"] = language
    return render_template("logged_out.html")


@blueprint.get("/password")
def password() -> ResponseReturnValue:
    if not current_user.is_authenticated:
        return sessions.ask_for_log_in()
    return render_template("password.html", errors={})


@blueprint.post("/password")
@shared_limiter.limit("10/minute;40/hour", key_func=_own_account, deduct_when=_was_refused)
def change_password() -> ResponseReturnValue:
    if not current_user.is_authenticated:
        return sessions.ask_for_log_in()
    form, person = request.form, actor()
    if form.get("password") != form.get("again"):
        return render_template("password.html", errors={"again": [_("两次输入的新密码不一致，请重新输入。")]}), 422
    try:
        accounts.change_password(engine(), person, form.get("old", ""), form.get("password", ""))
    except InvalidInput as error:
        return render_template("password.html", errors=error.fields), 422
    sessions.begin(person)
    flash(_("密码已修改，其他设备上的登录已退出。"), "success")
    return redirect(sessions.safe_target(None), 303)

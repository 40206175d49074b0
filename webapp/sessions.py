"""Who is logged in, by a signed cookie that dies with the account's session stamp. Checks no password."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlsplit

from flask import Flask, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import LoginManager, current_user, login_user

from engine.actors import Actor
from engine.queries import accounts
from webapp.carried import posted_fields
from webapp.context import engine, wants_json

#: The pages open to everybody. Every other page asks for a log-in.
OPEN_BLUEPRINTS = frozenset(
    {"accounts", "public", "service", "language", "hotline", "preferences", "receipts", "public_files", "service_calendar"}
)
OPEN_ENDPOINTS = frozenset({"static"})

#: Digits of a session stamp that a column can hold.
LONGEST_STAMP = 9

login_manager = LoginManager()


@dataclass(frozen=True)
class Visitor:
    """The person behind the cookie, as Flask-Login wants it."""

    actor: Actor
    session_stamp: int
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    def get_id(self) -> str:
        return f"{self.actor.id}|{self.session_stamp}"

    @cached_property
    def account(self) -> accounts.AccountView:
        return accounts.account(engine(), self.actor.id)

    def has_group(self, *groups: str) -> bool:
        return self.actor.has_group(*groups)


def init_app(app: Flask) -> None:
    login_manager.init_app(app)
    login_manager.session_protection = None  # an office's address may change within a day
    app.before_request(_require_log_in)


def begin(actor: Actor) -> accounts.AccountView:
    """Log `actor` in with a fresh session, so that a cookie set before the log-in is worth nothing."""
    language = session.get("language")
    session.clear()
    account = accounts.account(engine(), actor.id)
    session["language"] = language or account.language
    session.permanent = True
    login_user(Visitor(actor, account.session_stamp))
    return account


def be_nobody() -> None:
    """For a page that must not ask the database again who is logged in."""
    g._login_user = login_manager.anonymous_user()


def safe_target(target: str | None) -> str:
    """`target` when it is a path of this site, else the inbox: a link must not lead a person who logs in elsewhere."""
    if not target or not target.isprintable() or not target.startswith("/") or target.startswith("//") or "\\" in target:
        return url_for("inbox.show")
    parts = urlsplit(target)
    return url_for("inbox.show") if parts.scheme or parts.netloc else target


def ask_for_log_in() -> ResponseReturnValue:
    """To the log-in page; a posted form is handed through it, so that nothing typed is lost."""
    if request.headers.get("HX-Request") or wants_json():
        return {"error": "log_in", "message": _("登录已过期，请重新登录。")}, 401
    if request.method == "GET":
        return redirect(url_for("accounts.log_in", next=request.full_path.rstrip("?")))
    page = safe_target(urlsplit(request.referrer or "").path)
    return render_template("log_in.html", next=page, carried=posted_fields(), is_expired=True), 401


@login_manager.user_loader  # type: ignore[untyped-decorator]
def _visitor(identity: str) -> Visitor | None:
    account_id, _separator, stamp = identity.rpartition("|")
    if not (stamp.isdecimal() and len(stamp) <= LONGEST_STAMP):
        return None
    actor = accounts.actor_of(engine(), account_id, int(stamp))
    return Visitor(actor, int(stamp)) if actor else None


def _require_log_in() -> ResponseReturnValue | None:
    is_open = request.endpoint is None or request.endpoint in OPEN_ENDPOINTS or request.blueprint in OPEN_BLUEPRINTS
    return None if is_open or current_user.is_authenticated else ask_for_log_in()

"""Cookies, headers, CSRF and request limits of the site. Refuses everything that would leave the machine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from flask import Flask, Response, abort, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_talisman import Talisman
from flask_wtf import CSRFProtect

from engine.services.secrets import Secrets
from engine.settings import Settings
from webapp.shared_limits import SCHEME

MEGABYTE = 1024 * 1024

#: ``data:`` images are the arrows and ticks inside Bootstrap's own style sheet.
POLICY = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": ["'self'", "data:"],
    "font-src": "'self'",
    "connect-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
#: bpmn-js writes style attributes into the drawing; only pages with a diagram allow it.
DIAGRAM_POLICY = POLICY | {"style-src": ["'self'", "'unsafe-inline'"]}

View = TypeVar("View", bound=Callable[..., object])

csrf = CSRFProtect()
#: Bounds what a page costs: each process counts for itself, so that looking at a page writes nothing.
limiter = Limiter(get_remote_address, storage_uri="memory://", headers_enabled=True)
#: Bounds guessing and flooding: all processes of the site count together.
shared_limiter = Limiter(get_remote_address, storage_uri=f"{SCHEME}://", key_prefix="shared")
talisman = Talisman()


def with_diagram(view: View) -> View:
    """Mark a view whose page shows a diagram."""
    marked: View = talisman(content_security_policy=DIAGRAM_POLICY)(view)
    return marked


def init_app(app: Flask, settings: Settings, secrets: Secrets) -> None:
    app.config.update(
        SECRET_KEY=secrets.derive("session cookies").hex(),
        MAX_CONTENT_LENGTH=4 * MEGABYTE,
        MAX_FORM_MEMORY_SIZE=2 * MEGABYTE,
        MAX_FORM_PARTS=2000,
        PERMANENT_SESSION_LIFETIME=timedelta(minutes=settings.session_minutes),
        SESSION_COOKIE_NAME="doudi",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.is_https,
        WTF_CSRF_TIME_LIMIT=None,  # the token ends with the session
        WTF_CSRF_SSL_STRICT=settings.is_https,
    )
    csrf.init_app(app)
    limiter.init_app(app)
    shared_limiter.init_app(app)
    talisman.init_app(
        app,
        content_security_policy=POLICY,
        force_https=False,  # the proxy in front of the site decides that
        strict_transport_security=settings.is_https,
        session_cookie_secure=settings.is_https,
        session_cookie_http_only=True,
        session_cookie_samesite="Lax",
        referrer_policy="same-origin",
        frame_options="DENY",
        permissions_policy={"camera": "()", "microphone": "()", "geolocation": "()"},
    )
    app.before_request(_refuse_null_characters)
    app.after_request(_keep_out_of_caches)


def _refuse_null_characters() -> None:
    """No person types them, and PostgreSQL fails at them."""
    if any("\0" in value for value in (request.path, *request.args.values(), *request.form.values())):
        abort(400)


def _keep_out_of_caches(response: Response) -> Response:
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    return response

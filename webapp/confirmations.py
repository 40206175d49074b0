"""Confirmations: a reason and a tick, and a form that does its work once however often it is sent."""

from __future__ import annotations

import secrets

from flask import request, session
from flask_babel import gettext as _

from engine.errors import InvalidInput

#: A cookie is small.
MOST_REMEMBERED = 8
LONGEST_MARK, LONGEST_REASON = 40, 500


def confirmed_reason() -> str:
    """Why it is done. Raises InvalidInput without a reason or without the tick."""
    reason = request.form.get("reason", "").strip()
    missing = {} if reason else {"reason": [_("请写明理由。")]}
    if not request.form.get("confirm"):
        missing["confirm"] = [_("请确认后再执行。")]
    if missing:
        raise InvalidInput("Expected a reason and a confirmation but one is missing.", missing)
    return reason[:LONGEST_REASON]


def new_mark() -> str:
    """For a hidden field ``once``."""
    return secrets.token_urlsafe(9)


def begun_before() -> int | None:
    """The number of what this very form began already."""
    return next((number for sent, number in session.get("begun", ()) if sent == request.form.get("once")), None)


def remember(number: int) -> int:
    """This form has begun ``number``."""
    sent = request.form.get("once", "")
    if 0 < len(sent) <= LONGEST_MARK:
        session["begun"] = [*session.get("begun", ())[-MOST_REMEMBERED + 1 :], (sent, number)]
    return number

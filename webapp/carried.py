"""Typed text on its way through the log-in page when a session ended under somebody's hands. Stores nothing on the server."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from flask import current_app, request
from werkzeug.exceptions import HTTPException

from engine.services.typed_text import readable

#: Never carried: they belong to the session that has ended.
NOT_CARRIED = frozenset({"csrf_token", "old", "password", "again", "carried", "next"})

#: Carried, but nothing a person typed.
NOT_TYPED = frozenset({"version", "language", "assignee", "login"})


def posted_fields() -> str:
    """The fields of the posted form as text that a hidden field can hold; empty when there are none."""
    fields = [(name, value) for name, value in request.form.items(multi=True) if name not in NOT_CARRIED]
    return json.dumps(fields, ensure_ascii=False) if fields else ""


def typed_texts() -> list[tuple[str, str]]:
    """What a person typed into the posted form, to be shown on a refusal; nothing when the form could not even be read."""
    try:
        posted = list(request.form.items(multi=True))
    except HTTPException:
        return []
    return [(name, value) for name, value in posted if name not in NOT_CARRIED | NOT_TYPED and value.strip()]


def read_fields(carried: str) -> list[tuple[str, str]]:
    """Fields out of the hidden field; a tampered text carries nothing."""
    try:
        fields = json.loads(carried)
        return [(readable(str(name)), readable(str(value))) for name, value in fields]
    except (ValueError, TypeError, RecursionError):
        return []


def continuation(page: str) -> str | None:
    """Where the form of `page` shows again what was entered; None when that page has no such form."""
    path = urlsplit(page).path.rstrip("/") + "/entered"
    try:
        current_app.url_map.bind("").match(path, method="POST")
    except HTTPException:
        return None
    return path

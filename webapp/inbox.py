"""The inbox: my tasks and those of my groups, by due time. Changes nothing."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from engine.queries import definitions
from engine.queries.inbox import InboxQuery, inbox
from webapp.context import actor, engine
from webapp.formats import named

SCOPES = ("all", "mine", "groups")
LAMPS = ("overdue", "warning", "normal")
PAGE_SIZE = 20

blueprint = Blueprint("inbox", __name__)


@blueprint.get("/")
def show() -> ResponseReturnValue:
    query = _query()
    page = inbox(engine(), actor(), query)
    return render_template("inbox.html", page=page, query=query, filters=_filters(), processes=_process_names())


def _query() -> InboxQuery:
    given = request.args
    scope, lamp = given.get("scope"), given.get("lamp")
    return InboxQuery(
        scope=scope if scope in SCOPES else "all",  # type: ignore[arg-type]
        lamp=lamp if lamp in LAMPS else None,  # type: ignore[arg-type]
        process_key=given.get("process") or None,
        text=given.get("q", "").strip()[:60],
        after=given.get("after") or None,
        limit=PAGE_SIZE,
    )


def _filters() -> dict[str, Any]:
    """The filters in the address, for links to the next page."""
    return {name: value for name, value in request.args.items() if name in ("scope", "lamp", "process", "q") and value}


def _process_names() -> dict[str, str]:
    """Key → name of the newest version."""
    processes = [one for one in definitions.deployed(engine()) if one.kind == "process"]
    return {one.key: named(one.name or one.key, one.key) for one in reversed(processes)}

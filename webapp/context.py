"""What a view needs of the running request: the engine, the person logged in, the kind of answer wanted. Decides nothing."""

from __future__ import annotations

from typing import cast

from flask import current_app, request
from flask_login import current_user

from engine.actors import Actor
from engine.assembly import Engine

#: A database counts rows in 64 bits; a larger number in an address is the number of nothing.
LARGEST_ROW = 2**63 - 1
ROW = f"int(max={LARGEST_ROW})"


def engine() -> Engine:
    return cast(Engine, current_app.extensions["doudi"])


def actor() -> Actor:
    """The person logged in. Only for views behind the log-in."""
    return cast(Actor, current_user.actor)


def wants_json() -> bool:
    """A program asks, not a browser."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], default="text/html")
    return best == "application/json" and request.accept_mimetypes[best] > request.accept_mimetypes["text/html"]

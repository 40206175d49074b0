"""Addresses of style sheets and scripts, with a mark that changes when they do. Serves nothing itself."""

from __future__ import annotations

import json
from functools import cache
from hashlib import sha256
from pathlib import Path

from flask import Flask, url_for
from markupsafe import Markup

STATIC = Path(__file__).parent / "static"


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(asset=asset, icon=icon)
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 31_536_000


def asset(name: str) -> str:
    return url_for("static", filename=name, v=_mark(name))


def icon(name: str) -> Markup:
    """A drawing without meaning of its own: the words stand beside it."""
    return Markup('<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>').format(
        asset("vendor/icons.svg"), name
    )


@cache
def _mark(name: str) -> str:
    built = STATIC / "vendor" / "built.json"
    if name.startswith("vendor/") and built.is_file():
        return str(json.loads(built.read_text("utf-8"))["hash"])[:12]
    file = STATIC / name
    return sha256(file.read_bytes()).hexdigest()[:12] if file.is_file() else "0"

"""A kept file as a download: never shown by the browser, whatever it holds. Looks nothing up."""

from __future__ import annotations

from typing import TypeVar

from flask import Response

from engine.queries.attachments import FetchedFile
from webapp.security import talisman

View = TypeVar("View")

#: Should a browser show it all the same, it runs nothing and reaches nothing.
POLICY = {"default-src": "'none'", "sandbox": ""}

as_download = talisman(content_security_policy=POLICY)


def download(file: FetchedFile) -> Response:
    """The content under its name."""
    answer = Response(file.content, mimetype=file.media_type)
    answer.headers.set("Content-Disposition", "attachment", filename=file.name)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer

"""Count requests so that limits hold whichever process of the site answers. Refuses nothing: the site does."""

from __future__ import annotations

from datetime import timedelta

from engine.assembly import Engine
from engine.services import request_counts
from engine.services.request_counts import Count


def count_request(engine: Engine, key: str, seconds: int, amount: int = 1) -> int:
    """Count under `key` within a span of so many seconds; gives the count."""
    with engine.database.transaction() as session:
        return request_counts.add(session, engine.secrets, key, engine.clock.now(), timedelta(seconds=seconds), amount)


def requests_counted(engine: Engine, key: str) -> Count:
    """What was counted under `key` in the span that is running."""
    with engine.database.reading() as session:
        return request_counts.read(session, engine.secrets, key, engine.clock.now())


def forget_requests(engine: Engine, key: str) -> None:
    with engine.database.transaction() as session:
        request_counts.forget(session, engine.secrets, key)


def forget_all_requests(engine: Engine) -> int:
    with engine.database.transaction() as session:
        return request_counts.forget_all(session)

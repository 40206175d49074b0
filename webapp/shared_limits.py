"""Where requests are counted that somebody could use for guessing: in the database, for all processes of the site. Sets no limit."""

from __future__ import annotations

from limits.storage import Storage

from engine.commands import request_counts
from engine.errors import EngineError
from webapp.context import engine

SCHEME = "doudi"


class SharedCounts(Storage):
    """The counts of one site, as Flask-Limiter asks for them."""

    STORAGE_SCHEME = [SCHEME]

    @property
    def base_exceptions(self) -> type[Exception]:
        return EngineError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        return request_counts.count_request(engine(), key, expiry, amount)

    def get(self, key: str) -> int:
        return request_counts.requests_counted(engine(), key).count

    def get_expiry(self, key: str) -> float:
        return request_counts.requests_counted(engine(), key).ends_at.timestamp()

    def check(self) -> bool:
        return True  # without its database the site answers nothing anyway

    def reset(self) -> int:
        return request_counts.forget_all_requests(engine())

    def clear(self, key: str) -> None:
        request_counts.forget_requests(engine(), key)

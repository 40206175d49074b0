"""Time-zone transitions out of ``zoneinfo`` for a JavaScript realm, which knows none. Reads no clock."""

from __future__ import annotations

import functools
import json
import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, available_timezones

_MENTION = re.compile(r"@([A-Z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*)")
_STEP = 20 * 86400


def mentioned(text: str) -> set[str]:
    """Zones that ``text`` names as FEEL does (``@Europe/Paris``)."""
    if "@" not in text:
        return set()
    return {name for name in _MENTION.findall(text) if name in _known()}


@functools.lru_cache(maxsize=64)
def transitions(name: str) -> str:
    """JSON ``{"transitions": [epoch ms…], "offsets": [s…]}`` of zone ``name`` from 1970 to 2100."""
    zone = ZoneInfo(name)
    start, end = int(datetime(1970, 1, 1, tzinfo=UTC).timestamp()), int(datetime(2100, 1, 1, tzinfo=UTC).timestamp())
    moments: list[int] = []
    offsets = [_offset(zone, start)]
    for before in range(start, end, _STEP):
        after = min(before + _STEP, end)
        if _offset(zone, after) != offsets[-1]:
            change = _first_change(zone, before, after)
            moments.append(change * 1000)
            offsets.append(_offset(zone, change))
    return json.dumps({"transitions": moments, "offsets": offsets})


@functools.cache
def _known() -> frozenset[str]:
    return frozenset(available_timezones())


def _offset(zone: ZoneInfo, moment: int) -> int:
    offset = datetime.fromtimestamp(moment, UTC).astimezone(zone).utcoffset()
    return int(offset.total_seconds()) if offset else 0


def _first_change(zone: ZoneInfo, before: int, after: int) -> int:
    old = _offset(zone, before)
    while after - before > 1:
        middle = (before + after) // 2
        if _offset(zone, middle) == old:
            before = middle
        else:
            after = middle
    return after

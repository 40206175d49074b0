"""Carries values between Python and the realm's JSON. Refuses what JSON or a double cannot hold exactly enough."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from engine.feel.problems import FeelFailed, Problem

_OPTIONS = orjson.OPT_STRICT_INTEGER | orjson.OPT_PASSTHROUGH_DATETIME
_DURATION = re.compile(r"(-)?P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?)?")
_YEARS_MONTHS = re.compile(r"-?P(?:\d+Y)?(?:\d+M)?")


class Carrier:
    """Writes and reads values with one secret ``tag``; a date and time without a zone is wall clock of ``zone``."""

    def __init__(self, tag: str, zone: ZoneInfo):
        self._tag, self._zone = tag, zone

    def write(self, values: Mapping[str, Any]) -> str:
        """JSON text; a leading space tells the realm that it holds no tag."""
        tagged: list[bool] = []

        def default(value: Any) -> Any:
            plain = self._tagged(value)
            tagged.append(True)
            return plain

        try:
            text = orjson.dumps(values, default=default, option=_OPTIONS).decode()
        except TypeError as error:
            raise FeelFailed(Problem("BAD_DATA", "", None, unwritable(error))) from error
        return text if tagged else " " + text

    def read(self, value: Any) -> Any:
        """The realm's JSON data as Python values."""
        if isinstance(value, dict):
            return self._read_tag(value) if self._tag in value else {key: self.read(part) for key, part in value.items()}
        return [self.read(part) for part in value] if isinstance(value, list) else value

    def _tagged(self, value: Any) -> Any:
        match value:
            case datetime():
                return {self._tag: "date and time", "v": datetime_text(value)}
            case date():
                return {self._tag: "date", "v": value.isoformat()}
            case time():
                return {self._tag: "time", "v": value.isoformat()}
            case timedelta():
                return {self._tag: "duration", "v": duration_text(value)}
            case Decimal():
                return int(value) if value == value.to_integral_value() else float(value)
            case Mapping():
                return dict(value)
            case tuple() | set() | frozenset():
                return list(value)
        raise TypeError(f"Type is not JSON serializable: {type(value).__name__}")

    def _read_tag(self, tagged: Mapping[str, str]) -> Any:
        kind, text = tagged[self._tag], tagged["v"]
        match kind:
            case "date":
                return date.fromisoformat(text)
            case "time":
                return _read_time(text)
            case "date and time":
                return self._read_datetime(text)
        return _read_duration(text)

    def _read_datetime(self, text: str) -> datetime:
        wall, _, zone = text.partition("@")
        moment = datetime.fromisoformat(wall)
        if zone:
            return moment.replace(tzinfo=ZoneInfo(zone))
        return moment if moment.tzinfo else moment.replace(tzinfo=self._zone)


def datetime_text(moment: datetime) -> str:
    """FEEL's text of a moment; a named zone is kept as ``@Zone``."""
    if isinstance(moment.tzinfo, ZoneInfo) and moment.tzinfo.key:
        return f"{moment.replace(tzinfo=None).isoformat()}@{moment.tzinfo.key}"
    return moment.isoformat()


def duration_text(span: timedelta) -> str:
    """ISO text of a days and time duration."""
    sign, span = ("-", -span) if span < timedelta(0) else ("", span)
    fraction = f".{span.microseconds:06d}".rstrip("0") if span.microseconds else ""
    return f"{sign}P{span.days}DT{span.seconds}{fraction}S"


def _read_time(text: str) -> time:
    wall, _, zone = text.partition("@")
    return time.fromisoformat(wall).replace(tzinfo=ZoneInfo(zone)) if zone else time.fromisoformat(wall)


def _read_duration(text: str) -> timedelta | str:
    if _YEARS_MONTHS.fullmatch(text):
        return text
    match = _DURATION.fullmatch(text)
    if not match:
        return text
    days, hours, minutes = (int(part or 0) for part in match.groups()[1:4])
    span = timedelta(days=days, hours=hours, minutes=minutes, seconds=float(match.group(5) or 0))
    return -span if match.group(1) else span


def unwritable(error: Exception) -> dict[str, str]:
    """Facts of a BAD_DATA problem: why JSON could not hold it."""
    text = str(error)
    if "Integer exceeds" in text:
        return {"reason": "integer"}
    return {"reason": "depth"} if "ecursion" in text else {"reason": "kind", "detail": text}

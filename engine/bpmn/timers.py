"""Timers: the moments that dates, durations and cycles name, in JSON types. Asks the host; knows nothing of tokens."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from engine.bpmn.clock_references import is_reference, moments_of, references_in
from engine.bpmn.common import CYCLE
from engine.bpmn.cron import is_cron, next_after
from engine.bpmn.failures import broken
from engine.bpmn.host import Host, asked

#: ``due`` ISO text, None while a clock rests · ``left`` how often it occurs, None without limit · ``interval`` only of a cycle: a limit, or
#: a cron expression · ``clock`` instead of it: the references still to come, the one that is awaited first.
TimerState = dict[str, Any]


def first(host: Host, kind: str, value: Any) -> TimerState:
    """When a timer of ``kind`` (date, duration, cycle) with that value occurs, counted from now."""
    now = host.now()
    if is_reference(value):
        return _at_clock(host, references_in(value) if kind == "cycle" else [value])
    if kind != "cycle":
        return {"kind": "timer", "due": _due(host, value, now).isoformat(), "left": 1}
    if isinstance(value, str) and is_cron(value):
        return _at_cron(value, now)
    match = CYCLE.match(value) if isinstance(value, str) else None
    if match is None:
        raise broken("cycle", value)
    interval = match.group(2)
    left = int(match.group(1)) if match.group(1) else None
    if left == 0:
        raise broken("cycle", value)
    return {"kind": "timer", "due": _due(host, interval, now).isoformat(), "left": left, "interval": interval}


def is_last(timer: dict[str, Any]) -> bool:
    return bool(timer["kind"] == "timer" and timer["left"] == 1)


def following(host: Host, timer: TimerState) -> TimerState:
    """The next moment after now. Cycles that were missed are skipped, but do not use up repetitions."""
    now = host.now()
    if "clock" in timer:
        return _at_clock(host, _not_missed(host, timer["clock"][1:]))
    if is_cron(timer["interval"]):
        return _at_cron(timer["interval"], max(now, datetime.fromisoformat(timer["due"])))
    last = datetime.fromisoformat(timer["due"])
    due = _due(host, timer["interval"], last)
    if due <= now:
        step = max(due - last, timedelta(seconds=1))
        last += step * ((now - last) // step)
        due = _due(host, timer["interval"], last)
        if due <= now:
            due = _due(host, timer["interval"], now)
    return {**timer, "due": due.isoformat(), "left": timer["left"] - 1 if timer["left"] is not None else None}


def _at_clock(host: Host, references: list[str]) -> TimerState:
    """At the first of them; the others are remembered. All are asked for, so that none is found wrong only later."""
    return {"kind": "timer", "due": moments_of(host, references)[0], "left": len(references), "clock": references}


def _not_missed(host: Host, references: list[str]) -> list[str]:
    """Moments of a clock that went by unseen are left out, but for the last."""
    moments = moments_of(host, references)
    now = host.now()
    missed = next((at for at, due in enumerate(moments) if due is None or datetime.fromisoformat(due) > now), len(references) - 1)
    return references[missed:]


def _at_cron(text: str, after: datetime) -> TimerState:
    due = next_after(text, after)
    if due is None:
        raise broken("cron-over", text)
    is_over = next_after(text, due) is None
    return {"kind": "timer", "due": due.isoformat(), "left": 1 if is_over else None, "interval": text}


def _due(host: Host, value: Any, start: datetime) -> datetime:
    due = asked(host.due_at, value, start)
    if not isinstance(due, datetime) or due.tzinfo is None:
        raise broken("moment", due, limit=value)
    return due

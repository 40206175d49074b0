"""When the timer start events of a process occur. For the runtime, which starts the instances; keeps nothing itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.bpmn import timers
from engine.bpmn.data import owned
from engine.bpmn.failures import Broken
from engine.bpmn.host import Host, asked
from engine.bpmn.model import TimerStart
from engine.errors import ExpressionFailed


@dataclass(frozen=True)
class Occasion:
    """One moment at which an instance is to start; ``left`` counts this one and those to come, None without limit."""

    due_at: datetime
    left: int | None
    interval: str | None


def first_occasion(start: TimerStart, host: Host) -> Occasion:
    """Counted from now, the moment of deployment. Raises ExpressionFailed when the timer names no moment."""
    try:
        value = asked(owned, asked(host.evaluate, start.text, {})) if start.is_feel else start.text
        return _occasion(timers.first(host, start.kind, value))
    except Broken as failure:
        raise ExpressionFailed(f"{failure.message} {failure.detail}".strip()) from failure


def next_occasion(occasion: Occasion, host: Host) -> Occasion | None:
    """The occasion after one that has occurred; those missed meanwhile are skipped. None after the last."""
    if occasion.left == 1 or occasion.interval is None:
        return None
    state = {"kind": "timer", "due": occasion.due_at.isoformat(), "left": occasion.left, "interval": occasion.interval}
    try:
        return _occasion(timers.following(host, state))
    except Broken as failure:
        raise ExpressionFailed(f"{failure.message} {failure.detail}".strip()) from failure


def _occasion(state: timers.TimerState) -> Occasion:
    if "clock" in state:
        raise ExpressionFailed(f"Expected a moment to start a process at but “{state['clock'][0]}” is a clock, and no case has begun yet.")
    return Occasion(datetime.fromisoformat(state["due"]), state["left"], state.get("interval"))

"""Limits and timers of a diagram: limits that nothing in it watches, timers that are surely a slip. Computes no due date."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from engine.bpmn.drawing import Drawing, Node
from engine.bpmn.settings import Text, Timer, UserTask
from engine.deployment_checks.advice import Advice
from engine.errors import InvalidInput
from engine.services.working_time import WorkCalendar, limit_or_moment

#: Shorter or longer is hardly meant; people read and laws set nothing of the kind.
_SHORTEST, _LONGEST = timedelta(minutes=1), timedelta(days=3653)
_EARLY = datetime(2005, 1, 4, 10, tzinfo=UTC)
_CYCLE = re.compile(r"^R\d*/")
_WRITTEN_IN_FEEL = re.compile(r'^(?:duration\(\s*|@)"([^"]*)"\s*\)?$')


def check_clocks(process: Drawing, calendar: WorkCalendar, advice: Advice) -> None:
    """Findings about due dates and timers of one process."""
    for level, is_watched in _levels(process, is_watched=False):
        for node in level.nodes.values():
            settings = node.settings
            if isinstance(settings, UserTask) and settings.due is not None and not is_watched and not _has_timer(level, node):
                advice.at("limit-unwatched", node, limit=_written(settings.due))
            if isinstance(settings, Timer):
                _length(node, settings, calendar, advice)


def _levels(level: Drawing, is_watched: bool) -> Iterator[tuple[Drawing, bool]]:
    """Every level, and whether a timer watches it from around it or from beside."""
    todo = [(level, is_watched)]
    while todo:
        current, watched = todo.pop(0)
        watched = watched or any(
            isinstance(start.settings, Timer)
            for node in current.nodes.values()
            if node.is_event_sub_process and node.inner is not None
            for start in node.inner.starts()
        )
        yield current, watched
        inner = [(node, node.inner) for node in current.nodes.values() if node.inner is not None]
        todo += [(below, watched or _has_timer(current, node)) for node, below in inner]


def _has_timer(level: Drawing, host: Node) -> bool:
    return any(node.attached_to == host.element.id and isinstance(node.settings, Timer) for node in level.nodes.values())


def _length(node: Node, timer: Timer, calendar: WorkCalendar, advice: Advice) -> None:
    length = _duration(timer, calendar)
    if length is not None and length < _SHORTEST:
        advice.at("timer-short", node, text=_written(timer.value))
    elif length is not None and length > _LONGEST:
        advice.at("timer-long", node, text=_written(timer.value))


def _duration(timer: Timer, calendar: WorkCalendar) -> timedelta | None:
    """How long a timer waits; None for a moment, and for what is known only when it runs."""
    if timer.kind == "date":
        return None
    text = _CYCLE.sub("", timer.value.source)
    if timer.value.is_feel:
        match = _WRITTEN_IN_FEEL.match(text)
        if match is None:
            return None
        text = match[1]
    try:
        return limit_or_moment(calendar, text, _EARLY) - _EARLY
    except InvalidInput:
        return None


def _written(text: Text) -> str:
    return f"={text.source}"[:120] if text.is_feel else text.source[:120]

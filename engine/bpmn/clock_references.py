"""Waits that follow a clock of the case: they keep the reference as it was written and ask the host anew. Knows no clock itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.bpmn.host import Host, asked

if TYPE_CHECKING:
    from engine.bpmn.process import Process
    from engine.bpmn.token import Wait

PREFIX = "clock:"

#: Beside the moment of a user task: the reference that gives it.
FOLLOWED = {"due": "due_clock", "follow_up": "follow_up_clock"}


def is_reference(value: Any) -> bool:
    return isinstance(value, str) and value.lstrip().startswith(PREFIX)


def references_in(text: str) -> list[str]:
    """The references of a list such as ``clock:finish@80%, clock:finish``, in order."""
    return [part.strip() for part in text.replace("，", ",").split(",") if part.strip()]


def moments_of(host: Host, references: list[str]) -> list[str | None]:
    """When each of them is due now, as ISO text; None while its clock rests, has stopped or has not started."""
    found = asked(host.clock_moments, references)
    return [_iso(found[reference]) for reference in references]


def follow(process: Process) -> bool:
    """Ask again for every moment that a clock gives. True when one of them is another now; asks nothing where no clock is followed."""
    held = list(_held(process))
    if not held:
        return False
    moments = process.host.clock_moments([reference for _, _, reference in held])
    moved = [(token, key, moments[reference]) for token, key, reference in held if token.wait[key] != _iso(moments[reference])]
    for token, key, moment in moved:
        token.wait = {**token.wait, key: _iso(moment)}
    return bool(moved)


def unfollowed(wait: Wait) -> Wait:
    """The wait without its references: its moments stay as they are."""
    return {key: value for key, value in wait.items() if key != "clock" and key not in FOLLOWED.values()}


def _held(process: Process) -> Iterator[tuple[Any, str, str]]:
    """(token, key of the moment, reference) of every wait that follows a clock."""
    for token in process.index.values():
        wait = token.wait
        if wait is None:
            continue
        if "clock" in wait:
            yield token, "due", wait["clock"][0]
        elif wait["kind"] == "user_task":
            for key, followed in FOLLOWED.items():
                if followed in wait:
                    yield token, key, wait[followed]


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None

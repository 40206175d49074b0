"""Errors and escalations climb from where they are thrown to the nearest boundary event or event sub-process that catches them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.bpmn.settings import Error, Escalation

if TYPE_CHECKING:
    from engine.bpmn.catching import AttachedEvent
    from engine.bpmn.process import Level, Process
    from engine.bpmn.token import Token


def raise_error(token: Token, code: str, message: str) -> bool:
    """Let the nearest event for ``code`` interrupt. False if nobody catches it."""
    found = _catcher(token, Error, code)
    if found is None:
        return False
    place, event = found
    settings = event.settings
    assert isinstance(settings, Error)
    token.top.is_changed = True
    texts = {settings.code_variable: code, settings.message_variable: message}
    event.caught(place, {name: text for name, text in texts.items() if name}, thrower=token)
    return True


def escalate(token: Token, code: str) -> None:
    """Tell the nearest event for ``code``; without one nothing happens."""
    found = _catcher(token, Escalation, code)
    if found is None:
        return
    place, event = found
    settings = event.settings
    assert isinstance(settings, Escalation)
    token.top.is_changed = True
    event.caught(place, {settings.code_variable: code} if settings.code_variable else {}, thrower=token)


def _catcher(token: Token, kind: type[Error] | type[Escalation], code: str) -> tuple[Token | Level | Process, AttachedEvent] | None:
    """The place and its event: innermost first; in each level, event sub-processes after the boundaries of its activities."""
    activity = token
    while True:
        if activity.is_instance:
            activity = activity.parent  # boundaries belong to the body
            continue
        boundary = _matching(activity.task_spec.boundaries, kind, code)
        if boundary is not None:
            return activity, boundary
        level = activity.workflow
        # What an event sub-process throws itself goes further out, else it would start itself again.
        start = _matching(tuple(event for event in level.spec.events if event.target is not activity.task_spec), kind, code)
        if start is not None:
            return level, start
        if level is token.top:
            return None
        activity = level.activity


def _matching(events: tuple[AttachedEvent, ...], kind: type[Error] | type[Escalation], code: str) -> AttachedEvent | None:
    """An exact code comes before a catch-all."""
    own = [event for event in events if isinstance(event.settings, kind)]
    for wanted in (code, None):
        for event in own:
            if event.settings.code == wanted:  # type: ignore[union-attr]  # both kinds have a code
                return event
    return None

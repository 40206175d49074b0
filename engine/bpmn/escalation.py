"""Errors and escalations climb from where they are thrown to the nearest boundary event that catches them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.bpmn.movement import branch_off, interrupt
from engine.bpmn.settings import Error, Escalation

if TYPE_CHECKING:
    from engine.bpmn.catching import BoundaryEvent
    from engine.bpmn.token import Token


def raise_error(token: Token, code: str, message: str) -> bool:
    """Interrupt the nearest activity with a boundary event for ``code``. False if nobody catches it."""
    found = _catcher(token, Error, code)
    if found is None:
        return False
    activity, event = found
    settings = event.settings
    assert isinstance(settings, Error)
    texts = {settings.code_variable: code, settings.message_variable: message}
    interrupt(activity, event, {name: text for name, text in texts.items() if name}, thrower=token)
    return True


def escalate(token: Token, code: str) -> None:
    """Tell the nearest boundary event for ``code``; without one nothing happens."""
    found = _catcher(token, Escalation, code)
    if found is None:
        return
    activity, event = found
    settings = event.settings
    assert isinstance(settings, Escalation)
    variables = {settings.code_variable: code} if settings.code_variable else {}
    if event.is_interrupting:
        interrupt(activity, event, variables, thrower=token)
    else:
        branch_off(activity, event, variables)


def _catcher(token: Token, kind: type[Error] | type[Escalation], code: str) -> tuple[Token, BoundaryEvent] | None:
    """The activity and its boundary event: innermost first; an exact code before a catch-all. Boundaries belong to bodies."""
    activity: Token | None = token
    while activity is not None:
        own = () if activity.is_instance else activity.task_spec.boundaries
        events = [event for event in own if isinstance(event.settings, kind)]
        for wanted in (code, None):
            for event in events:
                if event.settings.code == wanted:  # type: ignore[union-attr]  # both kinds have a code
                    return activity, event
        activity = _enclosing(activity)
    return None


def _enclosing(token: Token) -> Token | None:
    """The body of an instance, else the activity that hosts the token's level."""
    if token.is_instance:
        body: Token = token.parent
        return body
    level = token.workflow
    return level.activity if level.parent_task_id is not None else None

"""Runs the listeners of an element beside its own work: the same operations, inside the same step. Decides nothing about tokens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from engine.bpmn.data import owned_variables
from engine.bpmn.failures import Broken, broken
from engine.bpmn.host import asked
from engine.bpmn.settings import Listener
from engine.bpmn.waits import Activity
from engine.errors import BpmnError, Conflict

if TYPE_CHECKING:
    from engine.bpmn.token import Token

#: In this order: the element's own start, then that of its task; at the end the other way round.
BEGINNING, DONE, GONE, TAKEN = ("start", "create"), ("complete", "end"), ("delete", "end"), ("take",)


def of(listeners: Iterable[Listener], events: tuple[str, ...]) -> tuple[Listener, ...]:
    """Those for ``events``, in the order of the events, else as drawn."""
    return tuple(sorted((one for one in listeners if one.event in events), key=lambda one: events.index(one.event)))


def notify(token: Token, listeners: tuple[Listener, ...]) -> None:
    """Run them one after the other; what they give becomes variables. A failure stops the token, as one of its own work does."""
    for listener in listeners:
        values = _scripted(token, listener) if listener.script is not None else _called(token, listener)
        if values:
            token.data = {**token.data, **values}


def bid_farewell(token: Token, listeners: tuple[Listener, ...]) -> None:
    """The element of ``token`` is ended from outside. Nothing can stop here any more: a failure undoes the whole command."""
    try:
        notify(token, listeners)
    except (Broken, BpmnError) as failure:
        name = token.task_spec.name
        raise Conflict(f"Expected the listeners of {name} to run when it is cancelled but one failed: {failure}") from failure


def _scripted(token: Token, listener: Listener) -> Mapping[str, Any]:
    assert listener.script is not None
    value = token.ask(listener.script)
    if not isinstance(value, dict):
        raise broken("script", value)
    return value


def _called(token: Token, listener: Listener) -> Mapping[str, Any]:
    element = token.task_spec.element
    activity = Activity(token.id, element.id, element.name, token.workflow.spec.process_key, owned_variables(token.variables))
    inputs = owned_variables(token.values_of(listener.inputs))
    answer: Any = asked(token.top.host.call, listener.topic, inputs, activity)
    if not isinstance(answer, Mapping | None):
        raise broken("operation", type(answer).__name__, topic=listener.topic)
    return asked(owned_variables, answer or {})

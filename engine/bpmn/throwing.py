"""Events that throw: messages, signals, escalations, errors, terminate; in the flow and at ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.bpmn.catching import event_name, key_of
from engine.bpmn.compensation import compensate, scope_of
from engine.bpmn.data import Variables
from engine.bpmn.escalation import escalate
from engine.bpmn.mapping import mapped
from engine.bpmn.movement import stand_alone, terminate
from engine.bpmn.settings import Cancel, Compensate, Error, Escalation, Message, Operation, Signal, Terminate
from engine.bpmn.specs import Node
from engine.bpmn.tasks import call_operation
from engine.bpmn.token import Token
from engine.bpmn.waits import Thrown
from engine.errors import BpmnError

if TYPE_CHECKING:
    from engine.bpmn.process import Level, Process


class ThrowEvent(Node):
    """An intermediate throw event or a send task with a message."""

    def enter(self, token: Token) -> bool:
        if isinstance(self.settings, Compensate):
            return compensate(token, scope_of(token), self.settings.activity)
        throw(token)
        return token.id in token.top.index


class Compensator(ThrowEvent):
    """Undoes what a completed sub-process did inside; nobody drew it and no history shows it."""

    def enter(self, token: Token) -> bool:
        return compensate(token, [token.workflow], None)

    def _update_hook(self, my_task: Token) -> bool:
        return True


class EndEvent(ThrowEvent):
    """Ends a token, or the whole level."""

    def enter(self, token: Token) -> bool:
        if isinstance(self.settings, Error):
            token.top.history.leave(token, "completed")
            raise BpmnError(self.settings.code or "")
        if isinstance(self.settings, Cancel):
            stand_alone(token)
            return compensate(token, [token.workflow], None)
        return super().enter(token)

    def _on_complete(self, my_task: Token) -> None:
        if _is_outermost(my_task.workflow) and self.element.id not in my_task.top.end_events:
            my_task.top.end_events.append(self.element.id)
        if isinstance(self.settings, Terminate):
            terminate(my_task)
        elif isinstance(self.settings, Cancel):
            my_task.top.history.leave(my_task, "completed")
            _leave_transaction(my_task)
        else:
            super()._on_complete(my_task)


def _leave_transaction(token: Token) -> None:
    activity = token.workflow.activity
    (event,) = (event for event in activity.task_spec.boundaries if isinstance(event.settings, Cancel))
    event.caught(activity, {}, thrower=token)


def _is_outermost(level: Process | Level) -> bool:
    """The process itself, or an event sub-process of it."""
    while level is not level.top_workflow and level.spec.is_event_sub_process:
        level = level.activity.workflow
    return level is level.top_workflow


def throw(token: Token) -> None:
    """Do what the event throws; afterwards the token may be gone, because an escalation interrupted it."""
    settings, common = token.task_spec.settings, token.task_spec.common
    if isinstance(settings, Message):
        key = key_of(token, common.correlation_key)
        token.top.thrown.append(Thrown("message", event_name(token, settings.name), key, dict(token.local)))
    elif isinstance(settings, Signal):
        payload: Variables = {**token.local, **mapped(token, settings.ins, token.variables)}
        token.top.thrown.append(Thrown("signal", event_name(token, settings.name), None, payload))
    elif isinstance(settings, Escalation):
        token.top.history.leave(token, "completed")
        escalate(token, settings.code or "")
    elif isinstance(settings, Operation):
        call_operation(token, settings)

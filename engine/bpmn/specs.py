"""Executable definitions: SpiffWorkflow specs sealed once and shared by all instances and threads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin
from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec

from engine.bpmn import compensation, multi_instance, standard_loop
from engine.bpmn.drawing import Node as DrawnNode
from engine.bpmn.movement import flow_to
from engine.bpmn.notifying import BEGINNING, DONE, GONE, notify, of
from engine.bpmn.settings import Listener, Text

if TYPE_CHECKING:
    from engine.bpmn.catching import BoundaryEvent
    from engine.bpmn.event_sub_processes import EventStart
    from engine.bpmn.token import Token


@dataclass(frozen=True)
class SealedFlow:
    """A sequence flow between executable nodes."""

    id: str
    target: Node
    condition: Text | None
    listeners: tuple[Listener, ...] = ()


class ProcessSpec(BpmnProcessSpec):  # type: ignore[misc]
    """One level of a process. ``levels`` finds the sub-processes of the whole process by element id, ``events`` start those of events."""

    task_specs: Mapping[str, Any]

    def __init__(self, name: str, process_key: str, levels: dict[str, ProcessSpec], is_event_sub_process: bool = False):
        WorkflowSpec.__init__(self, name=name)
        self.is_event_sub_process = is_event_sub_process
        self.process_key = process_key
        self.levels: Mapping[str, ProcessSpec] = levels
        self.data_objects: Mapping[str, Any] = MappingProxyType({})
        self.bpmn_start_events: list[Any] = []
        self.start = _Root(self)
        self.entry: Node | None = None
        self.events: tuple[EventStart, ...] = ()
        self.compensator: Node | None = None
        levels[name] = self

    def node(self, name: str) -> Node | None:
        """An element of this level, or of another one: an event sub-process may undo what was done around it."""
        for spec in (self, *self.levels.values()):
            if name in spec.task_specs:
                found: Node = spec.task_specs[name]
                return found
        return None

    def seal(self) -> None:
        """From here on nothing can change: many threads read this."""
        for spec in self.task_specs.values():
            spec._inputs, spec._outputs = tuple(spec._inputs), tuple(spec._outputs)
        self.task_specs = MappingProxyType(self.task_specs)
        self.levels = MappingProxyType(dict(self.levels))


class _Root(BpmnSpecMixin):  # type: ignore[misc]
    """Where a level hangs; never runs, never stored. Its name cannot be an XML id."""

    def __init__(self, level: ProcessSpec):
        super().__init__(level, "(root)")


class Node(BpmnSpecMixin):  # type: ignore[misc]
    """Any element: arrives, is entered, perhaps waits, leaves along its flows. Kinds override enter() and leave()."""

    def __init__(self, level: ProcessSpec, drawn: DrawnNode):
        super().__init__(level, drawn.element.id, lane=drawn.element.lane, bpmn_name=drawn.element.name)
        self.element = drawn.element
        self.settings = drawn.settings
        self.common = drawn.common
        self.flows: tuple[SealedFlow, ...] = ()
        self.boundaries: tuple[BoundaryEvent, ...] = ()
        self.compensation: Node | None = None
        listeners = drawn.common.listeners
        self.beginning, self.done, self.gone = of(listeners, BEGINNING), of(listeners, DONE), of(listeners, GONE)

    def enter(self, token: Token) -> bool:
        """Do the element's work. True when done, False when the token waits."""
        return True

    def leave(self, token: Token) -> None:
        """What remains to do when the work is done, before outputs are mapped."""

    # --- hooks of SpiffWorkflow, in the order in which it calls them ---------------------------------------------------

    def _predict(self, my_task: Token, *args: Any, **kwargs: Any) -> None:
        """Nothing is predicted: a token is created when it moves."""

    def _update_hook(self, my_task: Token) -> bool:
        my_task.top.history.enter(my_task)
        return True

    def _on_ready(self, my_task: Token) -> None:
        my_task.top.ready.append(my_task)

    def _run_hook(self, my_task: Token) -> bool:
        if my_task.phase == "arrived":
            my_task.phase = "entered"
            if self.common.async_before and not my_task.is_instance:
                my_task.hold("continuation")
                return False
        if my_task.phase in ("entered", "begun"):
            if self.common.loop is not None and standard_loop.is_skipped(my_task, self.common.loop):
                return True
            if not self._enter(my_task):
                return False
            my_task.phase = "leaving"
        if my_task.phase == "leaving":
            self._leave(my_task)
            if self.done and not self._is_body(my_task):
                my_task.phase = "left"
            if self.common.async_after and not my_task.is_instance and not standard_loop.is_again(my_task):
                my_task.phase = "left"
                my_task.prune()
                my_task.hold("continuation")
                return False
        self._take(my_task)
        return True

    def _on_complete(self, my_task: Token) -> None:
        my_task.top.history.leave(my_task, "completed")
        if self.compensation is not None and my_task.phase != "entered":  # a loop without a round has done nothing
            compensation.remember(my_task)
        if my_task.is_instance:
            multi_instance.instance_completed(my_task)
        elif standard_loop.is_again(my_task):
            standard_loop.repeat(my_task)
        elif my_task.flow in compensation.MARKS:
            compensation.handled(my_task)
        else:
            flow_to(my_task, self.flows if my_task.chosen is None else my_task.chosen)

    def _take(self, token: Token) -> None:
        """The listeners of the flows that the token is about to take."""
        if token.is_instance or standard_loop.is_again(token) or token.flow in compensation.MARKS:
            return
        for flow in self.flows if token.chosen is None else token.chosen:
            if flow.listeners:
                token.phase = "left" if token.chosen is None else "entered"  # a gateway chooses again when it is retried
                notify(token, flow.listeners)

    def _is_body(self, token: Token) -> bool:
        return self.common.multi_instance is not None and not token.is_instance

    # --- entering and leaving --------------------------------------------------------------------------------------------

    def _enter(self, token: Token) -> bool:
        is_body = self._is_body(token)
        if self.common.initiator is not None:
            token.data = {**token.data, self.common.initiator: token.top.host.starter()}
        if self.common.inputs and not is_body:
            token.local = token.values_of(self.common.inputs)
        if self.common.loop is not None:
            token.local = {**token.local, "loopCounter": standard_loop.rounds(token)}
        if self.beginning and not is_body and token.phase == "entered":
            notify(token, self.beginning)
            token.phase = "begun"
        if self.boundaries and not token.is_instance:
            self._watch_boundaries(token)
        if is_body:
            assert self.common.multi_instance is not None
            return multi_instance.start(token, self.common.multi_instance)
        return self.enter(token)

    def _watch_boundaries(self, token: Token) -> None:
        if token._children or standard_loop.rounds(token):
            return  # a retry or a later round: they wait already
        waits = [(event, event.awaited(token)) for event in self.boundaries if event.is_awaited]
        for event, wait in waits:
            event.watch(token, wait)

    def _leave(self, token: Token) -> None:
        if not self._is_body(token):
            self.leave(token)
            if self.common.outputs:
                token.data = {**token.data, **token.values_of(self.common.outputs)}
        if token.is_instance:
            multi_instance.judge(token)
        elif self.common.loop is not None:
            standard_loop.judge(token, self.common.loop)
        if self.done and not self._is_body(token):
            notify(token, self.done)
        token.local = {}

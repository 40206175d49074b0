"""The walk through an instance: every level and token of the old version gets its element of the new one, or an obstacle says why not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from SpiffWorkflow.util.task import TaskState

from engine.bpmn import multi_instance
from engine.bpmn.calling import CallActivityNode, SubProcessNode
from engine.bpmn.catching import AttachedEvent, CatchEvent, EventGateway, WaitingNode
from engine.bpmn.compensation import MARKS, Record
from engine.bpmn.execution import Execution
from engine.bpmn.gateways import Join
from engine.bpmn.history import BODY
from engine.bpmn.migration import joins, scopes, waiting
from engine.bpmn.migration.obstacles import Obstacle, Obstacles
from engine.bpmn.migration.plan import MigrationPlan
from engine.bpmn.model import ProcessDefinition
from engine.bpmn.process import Level, Process
from engine.bpmn.settings import Cancel, Compensate
from engine.bpmn.specs import Node, ProcessSpec
from engine.bpmn.tasks import UserTaskNode
from engine.bpmn.throwing import ThrowEvent
from engine.bpmn.token import Token

Timers = Literal["keep", "recompute"]


@dataclass(frozen=True)
class Move:
    """From which version to which, by which plan. ``began_at`` is when the instance started.

    ``timers`` keep: what runs keeps its moment, what is new counts from now. recompute: what the new version says otherwise counts
    again, from the moment at which the waiting began.
    """

    source_id: int
    target_id: int
    target: ProcessDefinition
    plan: MigrationPlan
    timers: Timers
    began_at: datetime


@dataclass(frozen=True)
class Moved:
    """A token and the element on which it stands now; ``type`` as in its element run."""

    token: int
    source: str
    target: str
    name: str
    type: str


@dataclass
class Migrated:
    """What moving came to: tokens on other elements, steps begun anew, events awaited or no more; and whether the process itself moved."""

    moved: list[Moved] = field(default_factory=list)
    restarted: list[Moved] = field(default_factory=list)
    armed: list[str] = field(default_factory=list)
    disarmed: list[str] = field(default_factory=list)
    is_outermost: bool = False

    @property
    def is_changed(self) -> bool:
        """Something a person would notice has changed, not only the number of the version."""
        return bool(self.moved or self.restarted or self.armed or self.disarmed)


def migrate(execution: Execution, move: Move) -> Migrated:
    """Put the tokens of ``execution`` where the plan says; ``run_on`` lets them go on from there.

    Raises Obstacles with all of them; the execution must be thrown away then. Asks the host for values, calls no operation.
    """
    walk = Walk(execution._process, move)
    walk.through()
    return walk.found


def run_on(execution: Execution) -> None:
    """After ``migrate``: what became ready runs until it waits."""
    process = execution._process
    if process.ready or process.unseen or joins.are_inclusive_waiting(process):
        process.do_engine_steps()


class Walk:
    """One instance on its way to the new version; collects what it came to and what stands in the way."""

    def __init__(self, process: Process, move: Move):
        self.process, self.move, self.plan = process, move, move.plan
        self.found = Migrated()
        self.obstacles: list[Obstacle] = []

    def through(self) -> None:
        """All levels, the outer ones first: an inner one hangs on a token of the one outside."""
        if self.process.completed:
            raise Obstacles([Obstacle("ended")])
        levels = [level for level in scopes.levels_of(self.process) if level.definition_id == self.move.source_id]
        if not levels:
            raise Obstacles([Obstacle("elsewhere")])
        for level in levels:
            if level is self.process or self.process.subprocesses.get(level.activity.id) is level:
                self._move_level(level)
        self.found.is_outermost = self.process.definition_id == self.move.target_id
        if self.obstacles:
            raise Obstacles(self.obstacles)

    # --- levels -------------------------------------------------------------------------------------------------------

    def _move_level(self, level: Process | Level) -> None:
        old, new = level.spec, self._new_spec(level)
        if new is None:
            return  # its activity said so already
        starving = {self.plan.mapping.get(name) or "" for name in joins.starving(level)}
        level.spec, level.definition_id = new, self.move.target_id
        level.task_tree.task_spec = new.start
        level.compensable = self.records(level, level.compensable)
        for token in list(level.task_tree.subtree())[1:]:
            if self.process.index.get(token.id) is token and token.workflow is level and not _waits_beside(token):
                self.move_token(token, old)
        waiting.renew_watchers(self, level, old)
        if not self.obstacles:
            self._refuse_starving(level, starving)
            joins.let_go(level)

    def _refuse_starving(self, level: Process | Level, before: set[str]) -> None:
        for name, flows in joins.starving(level).items():
            if name not in before:
                self.refuse("starved", name, None, ", ".join(flows))

    def _new_spec(self, level: Process | Level) -> ProcessSpec | None:
        target = self.move.target._spec
        if isinstance(level, Process) or level.is_isolated:
            return target
        return target.levels.get(level.activity.task_spec.name)

    def records(self, level: Process | Level, records: list[Record]) -> list[Record]:
        """What was completed and can be undone, in the words of the new version."""
        found = []
        for name, own, inner in records:
            image = self.plan.mapping.get(name)
            node = level.spec.node(image) if image is not None else None
            if image is None and self.plan.notes.get(name) == "dropped":
                continue
            if node is None or (inner is None and node.compensation is None):
                self.refuse("undo", name)
                continue
            found.append([node.name, own, self.records(level, inner) if inner is not None else None])
        return found

    # --- tokens -------------------------------------------------------------------------------------------------------

    def move_token(self, token: Token, old_spec: ProcessSpec) -> None:
        """A token of the flow: the fork of others, or at work."""
        old = token.task_spec
        new = self.image(token)
        if not token.is_open:
            token.task_spec = new or joins.anywhere(token.workflow.spec)
        elif new is None:
            if not scopes.unwrap(self, token, old_spec) and not scopes.wrap(self, token, old):
                self.refuse("removed" if self.plan.mapping.get(old.name) is None else "scope", old.name, token, self._named(old.name))
        else:
            self.place(token, old, new)

    def place(self, token: Token, old: Node, new: Node) -> None:
        """``token`` came from ``old``; in its level stands ``new`` for it."""
        code = _misfit(token, old, new)
        if code is None:
            self.settle(token, old, new)
        elif self.plan.notes.get(old.name) == "chosen":
            self.restart(token, new)
        else:
            self.refuse(code, old.name, token, new.element.type)

    def image(self, token: Token) -> Node | None:
        """The element of the new version, if it lies in the level of ``token``; what undoes something may lie around it."""
        name, spec = token.task_spec.name, token.workflow.spec
        image = self.plan.mapping.get(name) if name in self.plan.mapping else name
        if image is None:
            return None
        node: Node | None = spec.task_specs.get(image)
        return spec.node(image) if node is None and token.flow in MARKS else node

    def settle(self, token: Token, old: Node, new: Node) -> None:
        """``token`` stands on ``new`` from now on and keeps what it was doing."""
        token.task_spec = new
        if old.name != new.name or old.element.name != new.element.name or old.element.type != new.element.type:
            self.found.moved.append(self._moved(token, old))
        if isinstance(new, Join) and token.phase == "arrived":
            assert isinstance(old, Join)
            joins.renew_flow(self, token, old, new)
        if token.loop is not None:
            self._renew_loop(token, old, new)
        waiting.renew_token(self, token, old, new)

    def restart(self, token: Token, new: Node) -> None:
        """The old work ends; a fresh token arrives at ``new`` with the variables that the old one had."""
        if isinstance(new, Join) and len(new.incoming) > 1:
            self.refuse("arrival", new.name, token)
            return
        fresh = scopes.put_afresh(token, new)
        self.found.restarted.append(self._moved(fresh, token.task_spec))

    def refuse(self, code: str, element: str, token: Token | None = None, found: str = "") -> None:
        known = token.task_spec.element.name if token is not None and token.task_spec.name == element else ""
        name = known or (self.move.target.elements[element].name if element in self.move.target.elements else "")
        facts: Mapping[str, str] = {"found": found} if found else {}
        self.obstacles.append(Obstacle(code, element, name, token.id if token is not None else None, facts))

    def _renew_loop(self, token: Token, old: Node, new: Node) -> None:
        assert token.loop is not None
        if "todo" in token.loop:
            token.loop["todo"] = self.records(token.workflow, token.loop["todo"])
        many, was = new.common.multi_instance, old.common.multi_instance
        if many is not None and was is not None and was.sequential and not many.sequential and not token.is_instance:
            items = token.loop.pop("items", [])
            for index in range(token.loop["next"] + 1, len(items)):
                multi_instance.create(token, many, index, items[index])
        if old.common.loop is not None and new.common.loop is None:
            token.loop, token.local = None, {name: value for name, value in token.local.items() if name != "loopCounter"}

    def _moved(self, token: Token, old: Node) -> Moved:
        element = token.task_spec.element
        is_body = token.task_spec.common.multi_instance is not None and not token.is_instance
        return Moved(token.id, old.name, element.id, element.name, BODY if is_body else element.type)

    def _named(self, element: str) -> str:
        image = self.plan.mapping.get(element)
        return (self.move.target.elements[image].name or image) if image is not None else ""


def _waits_beside(token: Token) -> bool:
    """An event of another token's: its activity, its event-based gateway, or its level takes care of it."""
    return token.entered_at is None and token.wait is not None and isinstance(token.task_spec, WaitingNode)


_KINDS: tuple[type[Node], ...] = (UserTaskNode, CatchEvent, EventGateway, CallActivityNode, SubProcessNode, Join)


def _misfit(token: Token, old: Node, new: Node) -> str | None:
    """Why work as far as it is done at ``old`` cannot go on at ``new``; None when it can."""
    kind = token.wait["kind"] if token.wait is not None else None
    if isinstance(new, AttachedEvent) and not isinstance(old, AttachedEvent):
        return "retyped"
    if kind == "continuation":
        return "retyped" if isinstance(new, Join) and len(new.incoming) > 1 else None  # not begun, or done already
    many, was = new.common.multi_instance, old.common.multi_instance
    if (many is None) != (was is None) or (many is not None and was is not None and many.sequential and not was.sequential):
        return "instances"
    if new.common.multi_instance is not None and old.common.loop is not None:
        return "instances"
    if kind == "failure" and token.phase == "entered" and not token._children and not isinstance(new, Join):
        return None  # a retry begins with the element's work
    if any(isinstance(old, one) != isinstance(new, one) for one in _KINDS):
        return "retyped"
    if token._state == TaskState.STARTED and isinstance(old, ThrowEvent):
        is_undoing = isinstance(new.settings, Compensate) or (isinstance(new.settings, Cancel) and isinstance(old.settings, Cancel))
        return None if isinstance(new, ThrowEvent) and is_undoing else "retyped"
    if isinstance(old, _KINDS):
        return None if _is_event_sub_process(old) == _is_event_sub_process(new) else "retyped"
    return None if type(old) is type(new) else "retyped"


def _is_event_sub_process(node: Node) -> bool:
    return isinstance(node, SubProcessNode) and any(event.target is node for event in node._wf_spec.events)

"""A token: SpiffWorkflow's Task with an int id, data of its own and a place in a tree that holds only forks and open work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.bpmn import lineage
from engine.bpmn.data import Variables, changes, is_same, owned
from engine.bpmn.host import asked
from engine.bpmn.notifying import bid_farewell
from engine.bpmn.settings import ListValue, MapValue, Parameter, Text, Value

if TYPE_CHECKING:
    from engine.bpmn.process import Level, Process
    from engine.bpmn.specs import Node, SealedFlow
    from engine.bpmn.waits import UserTaskWait

#: arrived: about to enter · entered: at work or waiting · begun: so too, its start listeners have run ·
#: leaving: work done, outputs and flows to do · left: only flows to do.
Phase = Literal["arrived", "entered", "begun", "leaving", "left"]
#: What a token waits for, evaluated once when it arrived, in JSON types.
Wait = dict[str, Any]

OPEN = TaskState.FUTURE | TaskState.WAITING | TaskState.READY | TaskState.STARTED | TaskState.ERROR


class Token(Task):  # type: ignore[misc]  # SpiffWorkflow has no types
    """One visit of one element. A finished token stays only while it is the fork of two or more open branches."""

    task_spec: Node
    workflow: Process | Level
    # What most tokens never set stays with the class: an instance may have a thousand tokens to load for one step.
    triggered = False
    thread_id = 0
    last_state_change = 0.0  # the library would read the wall clock
    phase: Phase = "arrived"
    flow: str | None = None
    entered_at: str | None = None
    wait: Wait | None = None
    local: Mapping[str, Any] = MappingProxyType({})
    loop: dict[str, Any] | None = None
    is_instance = False
    returned: Variables | None = None
    chosen: tuple[SealedFlow, ...] | None = None
    delta: Variables | None = None
    absent: tuple[str, ...] = ()
    shown: tuple[Wait, Node, UserTaskWait] | None = None
    met: frozenset[int] = frozenset()

    def __init__(self, workflow: Process | Level, spec: Node, parent: Token | None = None, id: int | None = None):
        self.top: Process = workflow.top_workflow
        self.id: int = self.top.issue_id() if id is None else id
        self.workflow = workflow
        self.task_spec = spec
        self._state = TaskState.FUTURE
        self._children: list[int] = []
        self._parent: int | None = None
        self._data: Variables | None = {}
        workflow.tasks[self.id] = self
        self.top.index[self.id] = self
        if parent is not None:
            self._parent = parent.id
            parent._children.append(self.id)

    # --- data -------------------------------------------------------------------------------------------------------

    @property
    def data(self) -> Variables:
        """The variables of this token. Stored deltas are only spread out when somebody looks."""
        if self._data is None:
            self._materialise()
        assert self._data is not None
        return self._data

    @data.setter
    def data(self, value: Variables) -> None:
        self._data, self.delta, self.absent = value, None, ()

    def _materialise(self) -> None:
        if self._data is not None:
            return
        chain: list[Token] = []
        token: Token | None = self
        while token is not None and token._data is None:
            chain.append(token)
            token = token.base
        data = token._data if token is not None else {}
        for token in reversed(chain):
            assert token.delta is not None and data is not None
            token._data = data = {**data, **token.delta}
            for name in token.absent:
                data.pop(name, None)

    @property
    def base(self) -> Token | None:
        """The token relative to which this one's data is stored: its fork, body, or the host of its level."""
        parent: Token = self.parent
        if parent.id > 0:
            return parent
        return self.workflow.activity if not self.workflow.is_isolated else None

    def stored(self) -> tuple[Variables, tuple[str, ...]]:
        """What is to be stored of the data: the difference to ``base``, and what only the base has.

        A fork may know more than its branches: one made for an event sub-process knows what all of them had set.
        """
        if self._data is None and self.delta is not None:
            return self.delta, self.absent
        base = self.base
        if base is None:
            return self.data, ()
        known, data = base.data, self.data
        return changes(known, data), () if known.keys() <= data.keys() else tuple(known.keys() - data.keys())

    @property
    def variables(self) -> Variables:
        """What expressions at this element see: the data and the element's own input parameters."""
        return {**self.data, **self.local} if self.local else self.data

    def ask(self, text: Text, extra: Variables | None = None) -> Any:
        """The value of a FEEL text, or the literal itself."""
        if not text.is_feel:
            return text.source
        variables = {**self.variables, **extra} if extra else self.variables
        return asked(owned, asked(self.top.host.evaluate, text.source, variables))

    def value_of(self, value: Value, extra: Variables | None = None) -> Any:
        """The value of an input or output parameter."""
        if isinstance(value, ListValue):
            return [self.value_of(item, extra) for item in value.items]
        if isinstance(value, MapValue):
            return {key: self.value_of(item, extra) for key, item in value.entries}
        return self.ask(value, extra)

    def values_of(self, parameters: tuple[Parameter, ...], extra: Variables | None = None) -> Variables:
        return {parameter.name: self.value_of(parameter.value, extra) for parameter in parameters}

    def receive(self, variables: Variables) -> None:
        """Take in what a person or a message brings: the element's own inputs stay its own, the rest is the process's."""
        if self.local:
            self.local = {name: variables.get(name, value) for name, value in self.local.items()}
            variables = {name: value for name, value in variables.items() if name not in self.local}
        self.data = {**self.data, **variables}

    def settle(self) -> None:
        """Spread out all stored deltas in this subtree and the levels it hosts, because their base is about to change."""
        todo = [self]
        while todo:
            token = todo.pop()
            token._materialise()
            todo += token.child_tokens()
            level = self.top.subprocesses.get(token.id)
            if level is not None and not level.is_isolated:
                todo += level.task_tree.child_tokens()

    # --- life -------------------------------------------------------------------------------------------------------

    def _set_state(self, value: int) -> None:
        self._state = value

    @property
    def is_open(self) -> bool:
        return bool(self._state & OPEN)

    def hold(self, kind: str, **facts: Any) -> None:
        """Wait for something outside; ``facts`` are kept with the state."""
        self.wait = {"kind": kind, **facts}
        if kind == "condition":
            self.top.conditional.add(self.id)
            self.top.unseen.add(self.id)
        self._set_state(TaskState.WAITING)

    def wake(self) -> None:
        """What the token waited for has come: let the engine run it again."""
        self.wait = None
        self._ready()

    def _ready(self) -> None:
        if not self._state & (TaskState.COMPLETED | TaskState.CANCELLED):
            self._state = TaskState.READY
            self.task_spec._on_ready(self)

    def run(self) -> None:
        """One step. The library would call a token that waits “started”; ours have said themselves what they wait for."""
        if self.task_spec._run(self):
            self.complete()

    def fail(self, message: str, detail: str = "") -> None:
        """Stop here until somebody retries."""
        self._set_state(TaskState.ERROR)
        self.wait = {"kind": "failure", "message": message, "detail": detail}
        self.top.history.fail(self)

    # --- place in the tree ------------------------------------------------------------------------------------------

    def child_tokens(self) -> list[Token]:
        tasks = self.workflow.tasks
        return [tasks[key] for key in self._children]

    def subtree(self) -> Iterator[Token]:
        """This token and all below in the same level, parents first."""
        todo = [self]
        while todo:
            token = todo.pop()
            yield token
            todo += reversed(token.child_tokens())

    def ancestors(self) -> Iterator[Token]:
        token: Token | None = self.parent
        while token is not None:
            yield token
            token = token.parent

    def put_in_place_of(self, old: Token) -> None:
        """Take the place of ``old`` among its siblings; ``old`` keeps only its children."""
        parent: Token = old.parent
        parent._children[parent._children.index(old.id)] = self.id
        self._parent = parent.id
        if old.met:
            self.met |= old.met

    def forget(self) -> None:
        """Leave the tree and the index; whoever calls has taken care of parent and children."""
        self.workflow.tasks.pop(self.id, None)
        self.top.index.pop(self.id, None)

    def consume(self) -> None:
        """Leave the tree because a join has taken this token."""
        self.top.history.leave(self, "completed")
        parent: Token = self.parent
        parent._children.remove(self.id)
        self.forget()
        parent.straighten()

    def straighten(self) -> None:
        """A fork with a single branch is none: let the branch take its place."""
        if self.id and not self.is_open and len(self._children) == 1:
            only = self.child_tokens()[0]
            only.data = only.data  # no longer stored relative to this fork
            if self.workflow.is_crossed:
                lineage.straightened(self, only)
            only.put_in_place_of(self)
            self.forget()

    def prune(self) -> None:
        """End everything under this token."""
        for child in self.child_tokens():
            child.discard()
        self._children.clear()

    def discard(self) -> None:
        """End this token and everything under it, in all levels; history says cancelled. The parent is untouched."""
        todo, ended = [self], []
        while todo:
            token = todo.pop()
            ended.append(token)
            level = self.top.subprocesses.get(token.id)
            if level is not None:
                todo += level.task_tree.child_tokens() + level.watchers()
            todo += token.child_tokens()
            if token.task_spec.gone and token.is_open and token.entered_at is not None and token.phase != "arrived":
                bid_farewell(token, token.task_spec.gone)
        for token in ended:
            self.top.subprocesses.pop(token.id, None)
            if token.is_open:
                self.top.history.leave(token, "cancelled")
            token._set_state(TaskState.CANCELLED)
            token.forget()

    # --- spreading --------------------------------------------------------------------------------------------------

    def absorb(self, ended: Token) -> None:
        """A branch of this fork has ended: its changes now hold for the branches that go on."""
        updates = changes(self.data, ended.data)
        if updates:
            line = lineage.known(ended) if self.workflow.is_crossed else None
            self.spread(updates, last_wins_at=ended.task_spec.name, line=line)
        lineage.tidy(self.workflow)

    def spread(self, updates: Variables, last_wins_at: str | None, line: set[int] | None = None) -> None:
        """Set variables in this whole subtree and the levels it hosts.

        Where a token of this level changed the variable itself, the update still wins (and is recorded as a conflict at
        ``last_wins_at``); inside multi-instance and inner levels an own value stays. What comes from a branch that descends
        from the forks ``line`` does not replace what is newer.
        """
        self.settle()
        if line is not None:
            lineage.part(self)
        old = {name: self.data[name] for name in updates if name in self.data}
        todo: list[tuple[Token, bool, Variables]] = [(self, False, updates)]
        reached: list[tuple[Token, bool, Variables, Variables]] = []
        while todo:
            token, is_inner, given = todo.pop()
            before = old
            if line is not None and token.workflow is self.workflow and not is_inner:
                given, before = lineage.newer(updates, line, token)
            reached.append((token, is_inner, given, before))
            todo += [(child, is_inner or child.is_instance, given) for child in token.child_tokens()]
            level = self.top.subprocesses.get(token.id)
            if level is not None and not level.is_isolated:
                todo += [(child, True, given) for child in level.task_tree.child_tokens()]
        of_bases = lineage.base_updates(self, updates, line)
        for token, is_inner, given, before in reached:
            token._take(given, before, is_inner, last_wins_at)
        for base, given in of_bases:
            base.update(given)

    def _take(self, updates: Variables, old: Variables, is_inner: bool, last_wins_at: str | None) -> None:
        for name, value in updates.items():
            mine = self.data.get(name)
            is_own = not is_same(mine, old.get(name)) and not is_same(mine, value)
            if is_own and is_inner:
                continue
            if is_own and last_wins_at is not None:
                self.top.record_conflict(last_wins_at, name, value, mine)
            self.data[name] = value
        self.delta = None


class Root(Token):
    """What the tokens of a level hang on. It stands nowhere and is not stored."""

    _state = TaskState.COMPLETED
    _parent = None

    def __init__(self, level: Process | Level, id: int):
        self.top, self.workflow, self.task_spec, self.id = level.top_workflow, level, level.spec.start, id
        self._children = []
        self._data = {}
        level.tasks[id] = self

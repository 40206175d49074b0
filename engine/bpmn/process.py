"""A running instance: SpiffWorkflow's BpmnWorkflow and its inner levels, with an index of open tokens and a ready queue."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import Any

from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from engine.bpmn import compensation, conditions, lineage
from engine.bpmn.compensation import Record
from engine.bpmn.data import Variables, merge
from engine.bpmn.escalation import raise_error
from engine.bpmn.failures import Broken, broken
from engine.bpmn.history import History
from engine.bpmn.host import Host
from engine.bpmn.lineage import Base, OnConflict
from engine.bpmn.specs import Node, ProcessSpec
from engine.bpmn.token import Root, Token
from engine.bpmn.waits import MergeConflict, Thrown
from engine.errors import BpmnError

#: More steps than this in one command means a loop that never waits.
MAX_STEPS = 100_000


def _ignore(name: str, kept: Any, dropped: Any) -> None:
    """Only a real join has conflicts."""


#: The id of the root under which things wait beside a level; what waits there brings no token to a join.
_BESIDE = -1


class _Tree:
    """What the process and its inner levels share.

    The library's constructors are not called: they make an event manager, signals, locks and a Python script engine for each object,
    and nothing here uses them. What a diagram holds is thus never evaluated as Python; FEEL is asked of the host.
    """

    spec: ProcessSpec
    tasks: dict[int, Token]
    task_tree: Token
    _watch_tree: Token | None
    is_isolated: bool
    definition_id: int
    completed: bool
    compensable: list[Record]
    #: Forks that left the tree although two tokens know them, and whether branches of different forks have joined.
    bases: dict[int, Base]
    is_crossed = False

    def plant(self, spec: ProcessSpec) -> None:
        """The root of the tokens; never stored, so without an id of its own."""
        self.spec, self.tasks, self.completed = spec, {}, False
        self.compensable, self.bases = [], {}
        self.task_tree = Root(self, 0)  # type: ignore[arg-type]
        self._watch_tree = None

    @property
    def watch_tree(self) -> Token:
        """The root of what waits beside the tokens; most levels need none."""
        if self._watch_tree is None:
            self._watch_tree = Root(self, _BESIDE)  # type: ignore[arg-type]
        return self._watch_tree

    def watchers(self) -> list[Token]:
        return self._watch_tree.child_tokens() if self._watch_tree is not None else []

    def begin(self, start: Node, variables: Variables) -> None:
        """Put the first token on ``start``."""
        token = Token(self, start, self.task_tree)  # type: ignore[arg-type]
        token.data = variables
        start._update(token)
        for event in self.spec.events:
            event.arm(self)  # type: ignore[arg-type]

    def clear(self) -> None:
        """End all tokens of this level and what waits beside them."""
        self.task_tree.prune()
        if self._watch_tree is not None:
            self._watch_tree.prune()

    def leaves(self) -> list[Token]:
        """The tokens of this level that carry its data: open, and neither instances nor waiting boundary events."""
        found = []
        todo = self.task_tree.child_tokens()
        while todo:
            token = todo.pop(0)
            if token.is_open:
                found.append(token)
            else:
                todo += token.child_tokens()
        return found

    def view(self, last: Token | None = None, on_conflict: Callable[[str, Any, Any], None] = _ignore) -> Variables:
        """The variables as they would be if all branches joined now, inner forks first; those of ``last`` win."""
        tops = self.task_tree.child_tokens()
        if len(tops) == 1 and (tops[0].is_open or tops[0] is last):
            return self.seen_at(tops[0])
        if self.is_crossed:
            return lineage.view(self, self._standing(last), last, on_conflict)  # type: ignore[arg-type]
        seen: dict[int, tuple[bool, int, Variables]] = {}
        for token in reversed(self._standing(last)):
            parts = sorted((seen[child] for child in token._children if child in seen), key=lambda part: part[:2])
            data = parts[0][2] if parts else self.seen_at(token)
            for part in parts[1:]:
                data = merge(token.data, data, part[2], on_conflict)
            seen[token.id] = (token is last or any(part[0] for part in parts), parts[-1][1] if parts else token.id, data)
        return seen[tops[0].id][2] if tops else {}

    def _standing(self, last: Token | None) -> list[Token]:
        """The forks and leaves of this level, forks first."""
        found = []
        todo = self.task_tree.child_tokens()
        while todo:
            token = todo.pop()
            found.append(token)
            if not token.is_open and token is not last:
                todo += token.child_tokens()
        return found

    def joined(self, tokens: list[Token], element_id: str | None) -> Variables:
        """The merged data of ``tokens`` in order of arrival; conflicts are recorded at ``element_id`` if given."""

        def record(token: Token) -> OnConflict:
            return lambda *found: token.top.record_conflict(element_id, *found) if element_id is not None else None

        if self.is_crossed:
            return lineage.joined(self, tokens, record)  # type: ignore[arg-type]
        data = self.seen_at(tokens[0])
        lines = [{above.id for above in tokens[0].ancestors()}]
        for token in tokens[1:]:
            fork = next(above for above in token.ancestors() if any(above.id in line for line in lines))
            data = merge(fork.data, data, self.seen_at(token), record(token))
            lines.append({above.id for above in token.ancestors()})
        return data

    @staticmethod
    def seen_at(token: Token) -> Variables:
        level = token.top.subprocesses.get(token.id)
        return level.view() if level is not None and not level.is_isolated else token.data

    # The library walks the whole tree here after each step; nothing in our trees needs polling.
    def update_waiting_tasks(self) -> None: ...

    def _task_completed_notify(self, task: Token) -> None: ...

    def collect_log_extras(self, dct: Any = None) -> dict[str, Any]:
        return {}


class Level(_Tree, BpmnSubWorkflow):  # type: ignore[misc]
    """An embedded sub-process (shares data with its activity) or a called process (isolated)."""

    def __init__(self, spec: ProcessSpec, activity: Token, definition_id: int, is_isolated: bool):
        self.activity = activity
        self.definition_id, self.is_isolated = definition_id, is_isolated
        self.top_workflow = activity.top
        self.depth: int = activity.workflow.depth + 1
        self.plant(spec)
        activity.top.subprocesses[activity.id] = self

    def finish(self, data: Variables) -> None:
        """The last token has ended: the activity goes on."""
        self.clear()
        self.completed = True
        activity = self.activity
        self.top_workflow.subprocesses.pop(activity.id, None)
        if self.is_isolated:
            activity.returned = data
        else:
            activity.data = data
            compensation.remember_level(self)
        activity.phase = "left" if activity.flow == compensation.REPLAY else "leaving"
        activity.wake()


class Process(_Tree, BpmnWorkflow):  # type: ignore[misc]
    """The instance itself. One object belongs to one command on one thread."""

    is_isolated = True
    host: Host

    def __init__(self, spec: ProcessSpec, definition_id: int, host: Host):
        self.index: dict[int, Token] = {}
        self.ready: deque[Token] = deque()
        self.next_id = 0
        #: The tokens that wait for a condition, those among them not looked at yet, and whether variables have changed since.
        self.conditional: set[int] = set()
        self.unseen: set[int] = set()
        self.is_changed = False
        self.host = host
        self.definition_id = definition_id
        self.history = History(host)
        self.thrown: list[Thrown] = []
        self.conflicts: list[MergeConflict] = []
        self.end_events: list[str] = []
        self.data: Variables = {}
        self.subprocesses: dict[int, Level] = {}
        self.plant(spec)

    def issue_id(self) -> int:
        self.next_id += 1
        return self.next_id

    def get_task_from_id(self, task_id: int) -> Token:
        return self.index[task_id]

    def now(self) -> datetime:
        return self.host.now()

    def record_conflict(self, element_id: str, name: str, kept: Any, dropped: Any) -> None:
        self.conflicts.append(MergeConflict(element_id, name, kept, dropped))

    def finish(self, data: Variables) -> None:
        """The last token has ended: so has the instance."""
        self.clear()
        self.compensable = []
        self.data, self.completed = data, True

    def let_go(self) -> None:
        """Nobody needs this object any more."""
        for level in self.subprocesses.values():
            level.__dict__.clear()
        self.__dict__.clear()

    def do_engine_steps(self, will_complete_task: Any = None, did_complete_task: Any = None) -> None:
        """Run until every token waits."""
        steps = 0
        self._look_at_conditions(self.conditional)
        while self.ready or self._joins_open():
            token = self.ready.popleft()
            if token._state != TaskState.READY:
                continue  # cancelled meanwhile
            steps += 1
            before = token.data if self.conditional else None
            if steps > MAX_STEPS:
                _fail(token, broken("endless", MAX_STEPS))
            else:
                _step(token)
            if self.conditional:
                has_changed = self.is_changed or token.data is not before or _has_passed_others(token)
                self._look_at_conditions(self.conditional if has_changed else self.unseen)

    def _look_at_conditions(self, tokens: set[int]) -> None:
        """Let the conditional events occur that became true. A step that changed nothing is only looked at for new ones."""
        self.is_changed, looked_at = False, sorted(tokens)
        self.unseen.clear()
        for key in looked_at:
            token = self.index.get(key)
            if token is None or token.wait is None or token.wait["kind"] != "condition":
                self.conditional.discard(key)
            else:
                conditions.look(token)

    def _joins_open(self) -> bool:
        """Nothing moves: inclusive joins may be complete because a token has gone another way; else somebody must be awaited."""
        waiting = [(token, token.wait["kind"]) for token in self.index.values() if token.wait is not None and token._parent != _BESIDE]
        joins = [token for token, kind in waiting if kind in ("join", "inclusive")]
        if not joins:
            return False
        for token in sorted((token for token, kind in waiting if kind == "inclusive"), key=lambda token: token.id):
            token.task_spec._update(token)
            if self.ready:
                return True  # what this join lets go may still come to another one, or to this one again
        if not self.ready and len(joins) == len(waiting):
            for token in joins:
                _fail(token, broken("deadlock"))
        return bool(self.ready)


def _has_passed_others(token: Token) -> bool:
    """Who goes on arrives later than other branches: where they disagree, that decides what a condition sees."""
    tokens, tops = token.workflow.tasks, token.workflow.task_tree._children
    return not token.is_open and any(key in tokens and not tokens[key].is_open for key in tops)


def _step(token: Token) -> None:
    """One step of one token; a failure stays with it, a BPMN error looks for its boundary event."""
    try:
        token.run()
    except Broken as failure:
        _fail(token, failure)
    except BpmnError as error:
        if not raise_error(token, error.code, str(error)):
            _fail(token, broken("uncaught-error", str(error), error=error.code))


def _fail(token: Token, failure: Broken) -> None:
    token.fail(failure.message, failure.detail)

"""Compensation: each level remembers what it has completed and can undo; a token undoes it, the last first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from engine.bpmn.data import Variables, changes, is_same
from engine.bpmn.token import Token

if TYPE_CHECKING:
    from engine.bpmn.process import Level, Process

#: What was completed: element id, variables of its own (of an instance), what its own level remembered.
Record = list[Any]

#: Where a token came from when it undoes something: by a handler, or as a sub-process whose content is undone.
HANDLER, REPLAY = "(handler)", "(replay)"
MARKS = (HANDLER, REPLAY)


def remember(token: Token) -> None:
    """``token`` completes an activity that has a handler. A body is remembered by its instances."""
    is_body = token.task_spec.common.multi_instance is not None and not token.is_instance
    if not is_body and token.flow not in MARKS:
        token.workflow.compensable.append([token.task_spec.name, _own(token), None])


def remember_level(level: Level) -> None:
    """A sub-process without a handler of its own ends: what it can undo is undone with it."""
    activity = level.activity
    if level.compensable and activity.task_spec.compensation is None and not level.is_isolated:
        activity.workflow.compensable.append([activity.task_spec.name, _own(activity), level.compensable])


def compensate(token: Token, levels: list[Process | Level], activity: str | None) -> bool:
    """Undo everything (or only ``activity``) in ``levels``. True when there is nothing to do."""
    todo: list[Record] = []
    for level in levels:
        todo += [record for record in level.compensable if activity in (None, record[0])]
        level.compensable = [record for record in level.compensable if activity not in (None, record[0])]
    if not todo:
        return True
    token.loop = {"todo": todo}
    token._set_state(TaskState.STARTED)
    _undo_next(token)
    return False


def scope_of(token: Token) -> list[Process | Level]:
    """What an event compensates: its own level, from an event sub-process also the levels around it; the outermost first."""
    levels: list[Process | Level] = [token.workflow]
    while levels[0] is not token.top and levels[0].spec.is_event_sub_process:
        levels.insert(0, levels[0].activity.workflow)
    return levels


def handled(child: Token) -> None:
    """One thing is undone: what the handler has set is kept, then comes the one before."""
    token: Token = child.parent
    assert token.loop is not None
    own = token.loop["own"]
    token.data = {**token.data, **{name: value for name, value in child.data.items() if not is_same(own.get(name, _NOTHING), value)}}
    token.top.is_changed = True
    token.prune()
    _undo_next(token)


_NOTHING = object()


def _undo_next(token: Token) -> None:
    assert token.loop is not None
    if not token.loop["todo"]:
        token.loop, token.phase = None, "leaving"
        token._ready()
        return
    name, own, inner = token.loop["todo"].pop()
    token.loop["own"] = own
    activity: Any = token.workflow.spec.node(name)
    node = activity if inner is not None else activity.compensation
    child = Token(token.workflow, node, token)
    child.data, child.flow = {**token.data, **own}, REPLAY if inner is not None else HANDLER
    if inner is not None:
        activity.replay(child, inner)
    else:
        node._update(child)


def _own(token: Token) -> Variables:
    """What only an instance of a multi-instance has; everything else is shared and seen as it is then."""
    return changes(token.parent.data, token.data) if token.is_instance else {}

"""How tokens move: along flows, into forks, out at ends, away when interrupted. Knows the tree, not the elements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from SpiffWorkflow.util.task import TaskState

from engine.bpmn.data import Variables
from engine.bpmn.token import Token

if TYPE_CHECKING:
    from engine.bpmn.catching import BoundaryEvent
    from engine.bpmn.process import Level, Process
    from engine.bpmn.specs import Node, SealedFlow


def flow_to(token: Token, flows: tuple[SealedFlow, ...]) -> None:
    """Let a completed token go on: one flow moves it, several fork it, none ends it."""
    token.prune()
    if not flows:
        _end(token)
    elif len(flows) == 1:
        successor = Token(token.workflow, flows[0].target)
        successor.data, successor.flow = token.data, flows[0].id
        successor.put_in_place_of(token)
        token.forget()
        flows[0].target._update(successor)
    else:
        _fork(token, flows)


def _fork(token: Token, flows: tuple[SealedFlow, ...]) -> None:
    token.wait, token.local = None, {}
    branches = [Token(token.workflow, flow.target, token) for flow in flows]
    for branch, flow in zip(branches, flows, strict=True):
        branch.data, branch.flow = dict(token.data), flow.id
    for branch in branches:
        branch.task_spec._update(branch)


def _end(token: Token) -> None:
    parent = token.parent
    parent._children.remove(token.id)
    token.forget()
    if not parent._children:
        token.workflow.finish(token.data)
        return
    parent.absorb(token)
    parent.straighten()


def terminate(token: Token) -> None:
    """End the token's whole level; what the other branches had set is kept, the terminating token's values win."""
    level = token.workflow
    data = dict(level.view(last=token))
    token.top.history.leave(token, "completed")
    level.clear()
    level.finish(data)


def interrupt(
    activity: Token, event: BoundaryEvent, variables: Variables, thrower: Token | None = None, waiting: Token | None = None
) -> None:
    """End ``activity`` with everything in it; its boundary ``event`` goes on in its place.

    ``waiting`` is the token that waited for the event, if there was one: it keeps its id.
    """
    data = {**_seen_at(activity, thrower), **variables}
    if waiting is not None:
        activity._children.remove(waiting.id)
        waiting.wait = None
    else:
        waiting = Token(activity.workflow, event)
    waiting.put_in_place_of(activity)
    activity.discard()
    waiting.data = data
    event._update(waiting)


def branch_off(activity: Token, event: BoundaryEvent, variables: Variables, waiting: Token | None = None) -> None:
    """A non-interrupting ``event`` starts a branch of its own beside ``activity``, which goes on."""
    data = dict(_seen_at(activity, None))
    fork = Token(activity.workflow, event)
    fork._set_state(TaskState.COMPLETED)
    if waiting is not None:
        activity._children.remove(waiting.id)
        waiting.wait = None
    else:
        waiting = Token(activity.workflow, event)
    fork.put_in_place_of(activity)
    for branch in (activity, waiting):
        branch._parent = fork.id
        fork._children.append(branch.id)
    activity.settle()
    activity.data = dict(data)
    fork.data, waiting.data = data, {**data, **variables}
    event._update(waiting)


def interrupt_level(level: Process | Level, node: Node, variables: Variables, thrower: Token | None) -> None:
    """End everything in ``level`` and all that waits beside it; its event sub-process ``node`` goes on alone."""
    data = {**level.view(last=thrower if thrower is not None and thrower.workflow is level else None), **variables}
    level.clear()
    token = Token(level, node, level.task_tree)
    token.data = data
    node._update(token)


def stand_alone(token: Token) -> None:
    """End everything else in the level of ``token`` and all that waits beside it; what the others had set is kept."""
    level = token.workflow
    token.data = dict(level.view(last=token))
    token.parent._children.remove(token.id)
    level.clear()
    level.task_tree._children.append(token.id)
    token._parent = level.task_tree.id


def branch_off_level(level: Process | Level, node: Node, variables: Variables) -> None:
    """Start the event sub-process ``node`` beside everything else in ``level``."""
    data = dict(level.view())
    (main,) = level.task_tree.child_tokens()
    main.settle()
    fork, branch = Token(level, node), Token(level, node)
    fork._set_state(TaskState.COMPLETED)
    fork.put_in_place_of(main)
    for token in (main, branch):
        token._parent = fork.id
        fork._children.append(token.id)
    fork.data, branch.data = data, {**data, **variables}
    node._update(branch)


def _seen_at(activity: Token, thrower: Token | None) -> Variables:
    """The data of an activity, or of the embedded level that runs in it."""
    level = activity.top.subprocesses.get(activity.id)
    if level is None or level.is_isolated:
        return activity.data
    seen: Variables = level.view(last=thrower if thrower is not None and thrower.workflow is level else None)
    return seen

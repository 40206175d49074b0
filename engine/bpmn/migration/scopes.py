"""Levels of an instance in a migration: sub-processes drawn around a step, taken away from around it, and steps begun anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from SpiffWorkflow.util.task import TaskState

from engine.bpmn.calling import SubProcessNode
from engine.bpmn.catching import AttachedEvent
from engine.bpmn.migration.waiting import begin_scope
from engine.bpmn.process import Level, Process
from engine.bpmn.specs import Node, ProcessSpec
from engine.bpmn.token import Token

if TYPE_CHECKING:
    from engine.bpmn.migration.moving import Walk


def levels_of(process: Process) -> list[Process | Level]:
    """The process and all inner levels, the outer ones first."""
    return [process, *sorted(process.subprocesses.values(), key=lambda level: level.depth)]


def wrap(walk: Walk, token: Token, old: Node) -> bool:
    """The target lies in a sub-process that the new version draws around it: begin that sub-process at this step.

    Only where one token stands in it and it is not an instance of several; else nobody could say what belongs together.
    """
    image = walk.plan.mapping.get(old.name)
    around = next((node for node in _sub_processes(token.workflow.spec) if image in _inside(node).task_specs), None)
    if image is None or around is None or around.common.multi_instance is not None or token.is_instance:
        return False
    inner_spec = _inside(around)
    neighbours = [other for other in token.workflow.task_tree.subtree() if other.is_open and other is not token and other.id > 0]
    if any(walk.plan.mapping.get(other.task_spec.name) in inner_spec.task_specs for other in neighbours):
        return False
    data = dict(token.data)
    token.settle()
    host = Token(token.workflow, around)
    host.put_in_place_of(token)
    host.data, host.flow = data, token.flow
    host._set_state(TaskState.STARTED)
    host.phase = "entered"
    walk.process.history.enter(host)
    level = Level(inner_spec, host, walk.move.target_id, is_isolated=False)
    _hang(token, level, level.task_tree)
    token.met = frozenset()  # forks of the level outside; the sub-process knows them now
    level.task_tree._children.append(token.id)
    walk.place(token, old, inner_spec.task_specs[image])
    begin_scope(walk, host, level)
    return True


def unwrap(walk: Walk, activity: Token, old_spec: ProcessSpec) -> bool:
    """The sub-process at which ``activity`` stands is gone, but all that stands in it has its place in the level outside."""
    level = walk.process.subprocesses.get(activity.id)
    outside = activity.workflow
    if (
        level is None
        or level.is_isolated
        or level.is_crossed
        or activity.is_instance
        or activity.task_spec.common.multi_instance is not None
    ):
        return False
    tops = level.task_tree.child_tokens()
    standing = [token for top in tops for token in top.subtree() if token.is_open and not isinstance(token.task_spec, AttachedEvent)]
    if len(tops) != 1 or any(walk.plan.mapping.get(token.task_spec.name) not in outside.spec.task_specs for token in standing):
        return False
    (top,) = tops
    top.settle()
    inner = list(top.subtree())
    level.task_tree._children.clear()
    for token in inner:
        _hang(token, outside, None)
    top.put_in_place_of(activity)
    outside.compensable += walk.records(outside, level.compensable)
    walk.found.disarmed += [child.task_spec.name for child in (*activity.child_tokens(), *level.watchers())]
    activity.discard()
    for token in inner:
        if walk.process.index.get(token.id) is token and (token.entered_at is not None or not token.is_open):
            walk.move_token(token, level.spec)
    return True


def put_afresh(token: Token, node: Node) -> Token:
    """A new token arrives at ``node`` in place of ``token``, whose work ends; it has its variables, not its inputs."""
    level = token.top.subprocesses.get(token.id)
    data = level.view() if level is not None and not level.is_isolated else token.data
    fresh = Token(token.workflow, node)
    fresh.put_in_place_of(token)
    token.discard()
    fresh.data = dict(data)
    node._update(fresh)
    return fresh


def _sub_processes(spec: ProcessSpec) -> list[SubProcessNode]:
    events = {event.target for event in spec.events}
    return [node for node in spec.task_specs.values() if isinstance(node, SubProcessNode) and node not in events]


def _inside(node: SubProcessNode) -> ProcessSpec:
    inner: ProcessSpec = node._wf_spec.levels[node.name]
    return inner


def _hang(token: Token, level: Process | Level, parent: Token | None) -> None:
    """Let ``token`` (with what it is in, if anything) belong to another level."""
    token.workflow.tasks.pop(token.id, None)
    token.workflow = level
    level.tasks[token.id] = token
    for child in [] if parent is None else list(_below(token)):
        child.workflow.tasks.pop(child.id, None)
        child.workflow = level
        level.tasks[child.id] = child
    if parent is not None:
        token._parent = parent.id


def _below(token: Token) -> list[Token]:
    index, found, todo = token.top.index, [], list(token._children)
    while todo:
        child = index[todo.pop()]
        found.append(child)
        todo += child._children
    return found

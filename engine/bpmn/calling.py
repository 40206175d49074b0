"""Embedded sub-processes (they share data with the activity) and call activities (isolated; only mappings pass)."""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.util.task import TaskState

from engine.bpmn.failures import broken
from engine.bpmn.host import asked
from engine.bpmn.mapping import mapped
from engine.bpmn.model import CalledElement
from engine.bpmn.process import Level
from engine.bpmn.settings import Call
from engine.bpmn.specs import Node, ProcessSpec
from engine.bpmn.token import Token

#: More levels than this mean a process that calls itself without end.
MAX_LEVELS = 50


def _require_depth(token: Token) -> None:
    if token.workflow.depth >= MAX_LEVELS:
        raise broken("too-deep", MAX_LEVELS)


class SubProcessNode(Node):
    """An embedded sub-process."""

    def enter(self, token: Token) -> bool:
        _require_depth(token)
        level_spec = token.workflow.spec.levels[self.element.id]
        assert level_spec.entry is not None
        token._set_state(TaskState.STARTED)
        Level(level_spec, token, token.workflow.definition_id, is_isolated=False).begin(level_spec.entry, dict(token.data))
        return False

    def replay(self, token: Token, compensable: list[Any]) -> None:
        """Undo what was done inside, in a level of its own."""
        level_spec = token.workflow.spec.levels[self.element.id]
        token.top.history.enter(token)
        token._set_state(TaskState.STARTED)
        level = Level(level_spec, token, token.workflow.definition_id, is_isolated=False)
        level.compensable = compensable
        first = Token(level, level_spec.compensator, level.task_tree)  # type: ignore[arg-type]  # has one if it can be undone
        first.data = dict(token.data)
        first.task_spec._update(first)


class CallActivityNode(Node):
    """Calls another process; which version is decided when the token arrives."""

    def enter(self, token: Token) -> bool:
        _require_depth(token)
        settings = self.settings
        assert isinstance(settings, Call)
        key = token.ask(settings.called)
        if not isinstance(key, str):
            raise broken("called-key", key)
        ref = CalledElement(key, settings.binding, settings.version, self.element.id, self.element.line)
        definition_id, definition = asked(token.top.host.called_definition, ref, token.workflow.definition_id)
        spec: ProcessSpec = definition._spec
        if spec.entry is None:
            raise broken("called-start", key=key)
        variables = mapped(token, settings.ins, token.variables)
        token._set_state(TaskState.STARTED)
        Level(spec, token, definition_id, is_isolated=True).begin(spec.entry, variables)
        return False

    def leave(self, token: Token) -> None:
        assert isinstance(self.settings, Call)
        token.data = {**token.data, **mapped(token, self.settings.outs, token.returned or {})}

"""Tasks: user, manual, script, operation, business rule."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.bpmn.clock_references import FOLLOWED, is_reference, moments_of
from engine.bpmn.data import copied, owned, owned_variables
from engine.bpmn.failures import broken
from engine.bpmn.host import asked
from engine.bpmn.model import DecisionRef
from engine.bpmn.settings import Operation, Rule, Script, Text, UserTask
from engine.bpmn.specs import Node
from engine.bpmn.token import Token, Wait
from engine.bpmn.waits import Activity

DEFAULT_PRIORITY = 50


class PassNode(Node):
    """A manual task or an event without effect."""


class UserTaskNode(Node):
    """Waits for a person."""

    def enter(self, token: Token) -> bool:
        token.hold("user_task", **user_task_wait(token, self.settings))  # type: ignore[arg-type]  # built for user tasks only
        return False


class ScriptNode(Node):
    """Evaluates FEEL; the result is a context to merge, or goes to the result variable."""

    def enter(self, token: Token) -> bool:
        settings = self.settings
        assert isinstance(settings, Script)
        value = token.ask(settings.expression)
        if settings.result_variable:
            token.data = {**token.data, settings.result_variable: value}
        elif isinstance(value, dict):
            token.data = {**token.data, **value}
        else:
            raise broken("script", value)
        return True


class OperationNode(Node):
    """Calls a vocabulary operation."""

    def enter(self, token: Token) -> bool:
        assert isinstance(self.settings, Operation)
        call_operation(token, self.settings)
        return True


class RuleNode(Node):
    """Asks a decision."""

    def enter(self, token: Token) -> bool:
        settings = self.settings
        assert isinstance(settings, Rule)
        key = _required_text(token.ask(settings.decision), "decisionRef")
        ref = DecisionRef(key, settings.binding, settings.version, self.element.id, self.element.line, settings.map_result)
        result = asked(owned, asked(token.top.host.decide, ref, token.variables, token.workflow.definition_id))
        if settings.result_variable:
            token.data = {**token.data, settings.result_variable: result}
        elif isinstance(result, dict):
            token.data = {**token.data, **result}
        elif result is not None:
            raise broken("decision", result, key=key)
        return True


def call_operation(token: Token, settings: Operation) -> None:
    """Call it with the input parameters; the result goes through output parameters if there are any, else is merged."""
    element = token.task_spec.element
    activity = Activity(token.id, element.id, element.name, token.workflow.spec.process_key, copied(token.data))
    answer: Any = asked(token.top.host.call, settings.topic, copied(dict(token.local)), activity)
    if not isinstance(answer, Mapping | None):
        raise broken("operation", type(answer).__name__, topic=settings.topic)
    result = asked(owned_variables, answer or {})
    if token.task_spec.common.outputs:
        token.local = {**token.local, **result}
    else:
        token.data = {**token.data, **result}


def user_task_wait(token: Token, settings: UserTask) -> Wait:
    form = settings.form
    return {
        "assignee": _optional_text(token, settings.assignee),
        "users": _names(token, settings.candidate_users),
        "groups": _names(token, settings.candidate_groups),
        **_moment(token, "due", settings.due),
        **_moment(token, "follow_up", settings.follow_up),
        "priority": _priority(token, settings.priority),
        "form": _required_text(token.ask(form.key), "formKey") if form is not None else None,
    }


def _optional_text(token: Token, text: Text | None) -> str | None:
    value = token.ask(text) if text is not None else None
    if value is not None and not isinstance(value, str):
        raise broken("text", value, what="assignee")
    return value or None


def _required_text(value: Any, what: str) -> str:
    if not isinstance(value, str) or not value:
        raise broken("text", value, what=what)
    return value


def _names(token: Token, text: Text | None) -> list[str]:
    """Names from a comma-separated literal, or from FEEL giving one text or a list of texts."""
    value = token.ask(text) if text is not None else None
    if value is None:
        return []
    names = value.split(",") if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise broken("names", value)
    return [name.strip() for name in names if name.strip()]


def _moment(token: Token, key: str, text: Text | None) -> dict[str, str | None]:
    """The moment under ``key``, and beside it the clock that it follows."""
    value = token.ask(text) if text is not None else None
    if value is None:
        return {key: None}
    if is_reference(value):
        return {key: moments_of(token.top.host, [value])[0], FOLLOWED[key]: value}
    due = asked(token.top.host.due_at, value, token.top.now())
    if not isinstance(due, datetime) or due.tzinfo is None:
        raise broken("moment", due, limit=value)
    return {key: due.isoformat()}


def _priority(token: Token, text: Text | None) -> int:
    value = token.ask(text) if text is not None else None
    if value is None:
        return DEFAULT_PRIORITY
    try:
        return int(value)
    except (TypeError, ValueError) as error:
        raise broken("priority", value) from error

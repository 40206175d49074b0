"""What a drawing refers to: processes, decisions, forms, operations, groups, expressions. For checks at deployment."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.bpmn.common import CYCLE
from engine.bpmn.cron import is_cron
from engine.bpmn.drawing import Drawing, Node
from engine.bpmn.model import CalledElement, DecisionRef, ExpressionRef, FormRef, GroupRef, LimitRef, OperationRef
from engine.bpmn.settings import (
    Call,
    Condition,
    FormLink,
    Listener,
    ListValue,
    Mapping,
    MapValue,
    Message,
    Operation,
    Rule,
    Script,
    Signal,
    StartForm,
    Text,
    Timer,
    UserTask,
    Value,
)
from engine.bpmn.source import line_of


@dataclass
class References:
    """Collected over all levels of one process. Links given by FEEL are known only at run time and are left out."""

    called: list[CalledElement] = field(default_factory=list)
    decisions: list[DecisionRef] = field(default_factory=list)
    forms: list[FormRef] = field(default_factory=list)
    operations: list[OperationRef] = field(default_factory=list)
    groups: list[GroupRef] = field(default_factory=list)
    expressions: list[ExpressionRef] = field(default_factory=list)
    limits: list[LimitRef] = field(default_factory=list)

    def feel(self, text: Text | None, node: Node, purpose: str) -> None:
        if text is not None and text.is_feel:
            self.expressions.append(ExpressionRef(text.source, node.element.id, node.element.line, purpose))

    def limit(self, text: Text | None, node: Node, purpose: str) -> None:
        """A moment or limit: FEEL, or literal text."""
        self.feel(text, node, purpose)
        if text is not None and not text.is_feel:
            self.limits.append(LimitRef(text.source, node.element.id, node.element.line))

    def cycle(self, text: Text, node: Node) -> None:
        """Of a literal cycle its interval, or the whole when it never occurs (R0) or is none; cron has no limit."""
        if not text.is_feel and is_cron(text.source):
            return
        match = None if text.is_feel else CYCLE.match(text.source)
        if match is not None and (not match[1] or match[1].strip("0")):
            text = Text(match[2], is_feel=False)
        self.limit(text, node, "timer cycle")

    def value(self, value: Value, node: Node, purpose: str) -> None:
        if isinstance(value, ListValue):
            for item in value.items:
                self.value(item, node, purpose)
        elif isinstance(value, MapValue):
            for _, item in value.entries:
                self.value(item, node, purpose)
        else:
            self.feel(value, node, purpose)


def references_of(drawing: Drawing) -> References:
    found = References()
    for level in drawing.levels():
        for node in level.nodes.values():
            _common(node, found)
            _settings(node, found)
        for flow in level.flows:
            _listeners(flow.listeners, flow.id, line_of(flow.xml), found)
            if flow.condition is not None:
                found.expressions.append(ExpressionRef(flow.condition.source, flow.id, line_of(flow.xml), "condition"))
    return found


def _listeners(listeners: tuple[Listener, ...], element_id: str, line: int | None, found: References) -> None:
    for listener in listeners:
        if listener.topic is not None:
            found.operations.append(OperationRef(listener.topic, element_id, line))
        texts = [(listener.script, "script"), *((field.value, f"input {field.name}") for field in listener.inputs)]
        for text, purpose in texts:
            if isinstance(text, Text) and text.is_feel:
                found.expressions.append(ExpressionRef(text.source, element_id, line, purpose))


def _common(node: Node, found: References) -> None:
    _listeners(node.common.listeners, node.element.id, node.element.line, found)
    for parameter in node.common.inputs:
        found.value(parameter.value, node, f"input {parameter.name}")
    for parameter in node.common.outputs:
        found.value(parameter.value, node, f"output {parameter.name}")
    found.feel(node.common.correlation_key, node, "correlation key")
    if node.common.loop is not None:
        found.feel(node.common.loop.condition, node, "loop condition")
    loop = node.common.multi_instance
    if loop is not None:
        found.feel(loop.cardinality, node, "loop cardinality")
        found.feel(loop.collection, node, "collection")
        found.feel(loop.completion, node, "completion condition")
        found.feel(loop.output_item, node, "output item")


def _settings(node: Node, found: References) -> None:
    settings, element = node.settings, node.element
    match settings:
        case UserTask():
            _user_task(settings, node, found)
        case StartForm():
            _form(settings.form, node, found)
        case Script():
            found.feel(settings.expression, node, "script")
        case Operation():
            found.operations.append(OperationRef(settings.topic, element.id, element.line))
        case Rule():
            found.feel(settings.decision, node, "decision")
            if not settings.decision.is_feel:
                key, binding, version = settings.decision.source, settings.binding, settings.version
                found.decisions.append(DecisionRef(key, binding, version, element.id, element.line, settings.map_result))
        case Call():
            _call(settings, node, found)
        case Timer(kind="cycle"):
            found.cycle(settings.value, node)
        case Timer():
            found.limit(settings.value, node, f"timer {settings.kind}")
        case Condition():
            found.feel(settings.expression, node, "condition")
        case Message() | Signal():
            found.feel(settings.name, node, "event name")
            if isinstance(settings, Signal):
                _mappings(settings.ins, node, found, "in")


def _user_task(settings: UserTask, node: Node, found: References) -> None:
    found.feel(settings.assignee, node, "assignee")
    found.feel(settings.candidate_users, node, "candidate users")
    found.feel(settings.candidate_groups, node, "candidate groups")
    found.limit(settings.due, node, "due date")
    found.limit(settings.follow_up, node, "follow-up date")
    found.feel(settings.priority, node, "priority")
    _form(settings.form, node, found)
    groups = settings.candidate_groups
    if groups is not None and not groups.is_feel:
        for group in groups.source.split(","):
            if group.strip():
                found.groups.append(GroupRef(group.strip(), node.element.id, node.element.line))


def _form(form: FormLink | None, node: Node, found: References) -> None:
    if form is None:
        return
    found.feel(form.key, node, "form")
    if not form.key.is_feel:
        found.forms.append(FormRef(form.key.source, form.binding, form.version, node.element.id, node.element.line))


def _call(settings: Call, node: Node, found: References) -> None:
    found.feel(settings.called, node, "called process")
    if not settings.called.is_feel:
        ref = CalledElement(settings.called.source, settings.binding, settings.version, node.element.id, node.element.line)
        found.called.append(ref)
    _mappings(settings.ins, node, found, "in")
    _mappings(settings.outs, node, found, "out")


def _mappings(mappings: tuple[Mapping, ...], node: Node, found: References, purpose: str) -> None:
    for mapping in mappings:
        found.feel(mapping.value, node, f"{purpose} {mapping.target}")

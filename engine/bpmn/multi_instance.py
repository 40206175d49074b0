"""Several runs of one activity: a body token with an instance token each. Variables of an instance stay in it."""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.util.task import TaskState

from engine.bpmn.data import Variables
from engine.bpmn.failures import broken
from engine.bpmn.settings import MultiInstance, Text
from engine.bpmn.token import Token

#: More instances than this are refused: a mistaken collection should not fill the database.
MAX_INSTANCES = 10_000


def start(body: Token, settings: MultiInstance) -> bool:
    """Create the instances (all, or the first of a sequence). True when there is nothing to do."""
    items = _items(body, settings)
    body.loop = {"total": len(items), "done": 0, "next": 0, "out": {}}
    if not items:
        if settings.output_collection is not None:
            body.data = {**body.data, settings.output_collection: []}
        return True
    body._set_state(TaskState.STARTED)
    if settings.sequential:
        body.loop["items"] = items
        create(body, settings, 0, items[0])
    else:
        for index, item in enumerate(items):
            create(body, settings, index, item)
    return False


def judge(instance: Token) -> None:
    """Before an instance completes: take its output and ask whether the others are still needed. May break the instance."""
    settings = instance.task_spec.common.multi_instance
    body: Token = instance.parent
    assert settings is not None and body.loop is not None and instance.loop is not None
    done = body.loop["done"] + 1
    counts = {
        "nrOfInstances": body.loop["total"],
        "nrOfCompletedInstances": done,
        "nrOfActiveInstances": _active(body, settings, instance),
    }
    if settings.output_collection is not None and settings.output_item is not None:
        value = _value_of(instance, settings.output_item)
        instance.loop["out"] = value
        counts[settings.output_collection] = _outputs({**body.loop["out"], str(instance.loop["index"]): value})
    enough = instance.ask(settings.completion, counts) if settings.completion is not None else False
    if not isinstance(enough, bool):
        raise broken("completion", enough)
    instance.loop["enough"] = enough


def instance_completed(instance: Token) -> None:
    """Count it, keep its output, start the next or let the body go on."""
    body: Token = instance.parent
    settings = instance.task_spec.common.multi_instance
    assert settings is not None and body.loop is not None and instance.loop is not None
    body.loop["done"] += 1
    if settings.output_collection is not None:
        body.loop["out"][str(instance.loop["index"])] = instance.loop["out"]
    body._children.remove(instance.id)
    instance.forget()
    if instance.loop["enough"] or body.loop["done"] == body.loop["total"]:
        _complete(body, settings)
    elif settings.sequential:
        index = body.loop["next"] + 1
        body.loop["next"] = index
        create(body, settings, index, body.loop["items"][index])


def _complete(body: Token, settings: MultiInstance) -> None:
    """What is left of the instances ends at once, even what could have run in the same step."""
    assert body.loop is not None
    others = [child for child in body.child_tokens() if child.is_instance]
    body._children = [child.id for child in body.child_tokens() if not child.is_instance]
    for other in others:
        other.discard()
    if settings.output_collection is not None:
        body.data = {**body.data, settings.output_collection: _outputs(body.loop["out"])}
        body.top.is_changed = True
    body.phase = "leaving"
    body._ready()


def create(body: Token, settings: MultiInstance, index: int, item: Any) -> None:
    instance = Token(body.workflow, body.task_spec, body)
    instance.is_instance, instance.phase = True, "entered"
    instance.loop = {"index": index}
    own: Variables = {"loopCounter": index}
    if settings.element_variable is not None:
        own[settings.element_variable] = item
    instance.data = {**body.data, **own}
    body.task_spec._update(instance)


def _items(body: Token, settings: MultiInstance) -> list[Any]:
    if settings.cardinality is not None:
        number = body.ask(settings.cardinality)
        if isinstance(number, float) and number.is_integer():
            number = int(number)
        if isinstance(number, bool) or not isinstance(number, int) or number < 0:
            raise broken("cardinality", number)
        items: Any = [None] * min(number, MAX_INSTANCES + 1)
    else:
        assert settings.collection is not None
        items = _value_of(body, settings.collection)
    if not isinstance(items, list):
        raise broken("collection", items)
    if len(items) > MAX_INSTANCES:
        raise broken("too-many", MAX_INSTANCES)
    return items


def _value_of(token: Token, text: Text) -> Any:
    """FEEL, or the value of the variable that is named literally."""
    if text.is_feel:
        return token.ask(text)
    if text.source not in token.variables:
        raise broken("variable", text.source)
    return token.variables[text.source]


def _active(body: Token, settings: MultiInstance, instance: Token) -> int:
    assert body.loop is not None
    if settings.sequential:
        return 0
    return sum(1 for child in body.child_tokens() if child.is_instance and child is not instance)


def _outputs(by_index: dict[str, Any]) -> list[Any]:
    return [by_index[key] for key in sorted(by_index, key=int)]

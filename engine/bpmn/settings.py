"""What each element is told to do: the attributes of a diagram as frozen values, read once at deployment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from engine.bpmn.model import Binding, BoundTo, MapResult


@dataclass(frozen=True)
class Text:
    """Literal text, or FEEL (without its leading “=”) when ``is_feel``."""

    source: str
    is_feel: bool


@dataclass(frozen=True)
class ListValue:
    """A ``camunda:list`` of parameter values."""

    items: tuple[Value, ...]


@dataclass(frozen=True)
class MapValue:
    """A ``camunda:map`` of parameter values."""

    entries: tuple[tuple[str, Value], ...]


Value = Text | ListValue | MapValue


@dataclass(frozen=True)
class Parameter:
    """One input or output parameter: ``name`` receives ``value``."""

    name: str
    value: Value


@dataclass(frozen=True)
class Mapping:
    """One ``camunda:in`` or ``camunda:out``: a variable or a value goes to ``target``; without a target, all variables go.

    ``is_local``: only the element's own input parameters count.
    """

    target: str | None = None
    variable: str | None = None
    value: Text | None = None
    is_local: bool = False


@dataclass(frozen=True)
class MultiInstance:
    """Several runs of one activity. ``collection`` is FEEL, or literally the name of a variable."""

    sequential: bool
    cardinality: Text | None
    collection: Text | None
    element_variable: str | None
    completion: Text | None
    output_collection: str | None
    output_item: Text | None


@dataclass(frozen=True)
class StandardLoop:
    """One activity again and again while ``condition`` holds, at most ``maximum`` times."""

    condition: Text | None
    test_before: bool
    maximum: int | None


ListenerEvent = Literal["start", "end", "take", "create", "complete", "delete"]


@dataclass(frozen=True)
class Listener:
    """What runs beside an element when ``event`` comes: an operation (``topic``) with its inputs, or FEEL that sets variables."""

    event: ListenerEvent
    topic: str | None
    script: Text | None
    inputs: tuple[Parameter, ...] = ()


@dataclass(frozen=True)
class Common:
    """What any element may carry. ``initiator`` names the variable for who starts the process."""

    async_before: bool = False
    async_after: bool = False
    retry_cycle: str | None = None
    inputs: tuple[Parameter, ...] = ()
    outputs: tuple[Parameter, ...] = ()
    multi_instance: MultiInstance | None = None
    loop: StandardLoop | None = None
    correlation_key: Text | None = None
    listeners: tuple[Listener, ...] = ()
    initiator: str | None = None


@dataclass(frozen=True)
class FormLink:
    key: Text
    binding: Binding
    version: BoundTo


@dataclass(frozen=True)
class UserTask:
    assignee: Text | None
    candidate_users: Text | None
    candidate_groups: Text | None
    due: Text | None
    follow_up: Text | None
    priority: Text | None
    form: FormLink | None


@dataclass(frozen=True)
class Script:
    expression: Text
    result_variable: str | None


@dataclass(frozen=True)
class Operation:
    topic: str


@dataclass(frozen=True)
class Rule:
    decision: Text
    binding: Binding
    version: BoundTo
    map_result: MapResult
    result_variable: str | None


@dataclass(frozen=True)
class Call:
    called: Text
    binding: Binding
    version: BoundTo
    ins: tuple[Mapping, ...]
    outs: tuple[Mapping, ...]


@dataclass(frozen=True)
class SubProcess:
    """An embedded sub-process or transaction; its own drawing carries its content."""


@dataclass(frozen=True)
class Gateway:
    default: str | None


@dataclass(frozen=True)
class Pass:
    """Nothing to do: manual tasks, none events."""


@dataclass(frozen=True)
class StartForm:
    """The form of a none start event."""

    form: FormLink | None


@dataclass(frozen=True)
class Timer:
    """``kind`` cycle holds text such as ``R3/PT10M``."""

    kind: Literal["date", "duration", "cycle"]
    value: Text


@dataclass(frozen=True)
class Message:
    name: Text


@dataclass(frozen=True)
class Signal:
    name: Text
    ins: tuple[Mapping, ...] = ()


@dataclass(frozen=True)
class Error:
    """``code`` None catches every error."""

    code: str | None
    code_variable: str | None = None
    message_variable: str | None = None


@dataclass(frozen=True)
class Escalation:
    """``code`` None catches every escalation."""

    code: str | None
    code_variable: str | None = None


@dataclass(frozen=True)
class Condition:
    """Occurs when the expression becomes true; with ``variable`` only when that was created or updated (``on``)."""

    expression: Text
    variable: str | None = None
    on: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Compensate:
    """Undo what ``activity`` did, or without it all completed activities of the scope. At a boundary: here stands how."""

    activity: str | None = None


@dataclass(frozen=True)
class Cancel:
    """A transaction is given up: undo what it did and leave it at its cancel boundary event."""


@dataclass(frozen=True)
class Link:
    """A throwing link goes on at the catching link of the same name and level."""

    name: str


@dataclass(frozen=True)
class Terminate:
    """The end event that ends its whole scope."""


Work = UserTask | Script | Operation | Rule | Call | SubProcess
Event = StartForm | Timer | Message | Signal | Error | Escalation | Condition | Compensate | Cancel | Link | Terminate
Settings = Work | Event | Gateway | Pass

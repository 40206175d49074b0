"""What a deployed process is: frozen values and references. Knows nothing of execution."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from engine.bpmn.specs import ProcessSpec

Binding = Literal["latest", "deployment", "version", "versionTag"]
#: The number that the binding “version” names, or the tag that “versionTag” names.
BoundTo = int | str | None
MapResult = Literal["singleEntry", "singleResult", "collectEntries", "resultList"]


@dataclass(frozen=True)
class Element:
    """One BPMN node as it was drawn. ``type`` is the BPMN local name, ``parent`` the enclosing sub-process.

    ``not_completed_by``: ids of elements; who completed one of them for the same case may not complete this one.
    ``is_once``: a start event that begins no second instance of its process beside a file while one is running there.
    """

    id: str
    name: str
    type: str
    lane: str | None
    line: int | None
    parent: str | None
    documentation: str
    not_completed_by: tuple[str, ...] = ()
    is_once: bool = False


@dataclass(frozen=True)
class CalledElement:
    """A process called by a call activity; ``key`` is the process id."""

    key: str
    binding: Binding
    version: BoundTo
    element_id: str
    line: int | None


@dataclass(frozen=True)
class DecisionRef:
    """A decision asked by a business rule task, and the shape in which its result is wanted."""

    key: str
    binding: Binding
    version: BoundTo
    element_id: str
    line: int | None
    map_result: MapResult = "singleResult"


@dataclass(frozen=True)
class FormRef:
    """A form shown at a user task or a start event."""

    key: str
    binding: Binding
    version: BoundTo
    element_id: str
    line: int | None


@dataclass(frozen=True)
class OperationRef:
    """A vocabulary operation called by a service or send task."""

    topic: str
    element_id: str
    line: int | None


@dataclass(frozen=True)
class GroupRef:
    """A candidate group named literally in a diagram."""

    group: str
    element_id: str
    line: int | None


@dataclass(frozen=True)
class ExpressionRef:
    """A FEEL text without its leading “=”, and what it is for."""

    text: str
    element_id: str
    line: int | None
    purpose: str


@dataclass(frozen=True)
class LimitRef:
    """A date, duration or working-time limit written literally: of a timer, a due or a follow-up date."""

    text: str
    element_id: str
    line: int | None


@dataclass(frozen=True)
class TimerStart:
    """A timer that starts instances: a date, duration or cycle, literal or FEEL without variables. See ``schedule``."""

    element_id: str
    kind: Literal["date", "duration", "cycle"]
    text: str
    is_feel: bool
    line: int | None


@dataclass(frozen=True)
class ProcessDefinition:
    """One executable process of a file. ``sha256`` is the digest of the whole file.

    ``message_starts`` and ``signal_starts`` map the name of the event to the id of the start event.
    """

    key: str
    name: str
    version_tag: str | None
    file: str
    sha256: str
    elements: Mapping[str, Element]
    start_form_key: str | None
    start_form: FormRef | None
    message_starts: Mapping[str, str]
    signal_starts: Mapping[str, str]
    timer_starts: tuple[TimerStart, ...]
    called: tuple[CalledElement, ...]
    decisions: tuple[DecisionRef, ...]
    forms: tuple[FormRef, ...]
    operations: tuple[OperationRef, ...]
    groups: tuple[GroupRef, ...]
    expressions: tuple[ExpressionRef, ...]
    limits: tuple[LimitRef, ...]
    _spec: ProcessSpec = field(repr=False, compare=False)

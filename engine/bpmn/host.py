"""What a running execution asks of the outside, and how a refusal from outside becomes a failure of one token."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar

from engine.bpmn.failures import Broken
from engine.bpmn.model import CalledElement, DecisionRef, ProcessDefinition
from engine.bpmn.waits import Activity
from engine.errors import BpmnError, EngineError

T = TypeVar("T")


class Host(Protocol):
    """The runtime supplies one per command. Any exception becomes a Failure of the asking token."""

    def now(self) -> datetime:
        """The current moment, aware, UTC."""
        ...

    def starter(self) -> str | None:
        """Who does this now; None when no person does."""
        ...

    def evaluate(self, expression: str, variables: Mapping[str, Any]) -> Any:
        """The value of a FEEL expression."""
        ...

    def decide(self, ref: DecisionRef, variables: Mapping[str, Any], caller_id: int) -> Any:
        """The result of a decision, in the shape ``ref.map_result`` asks for; ``caller_id`` is the definition that asks."""
        ...

    def call(self, topic: str, inputs: Mapping[str, Any], activity: Activity) -> Mapping[str, Any]:
        """Run a vocabulary operation. A BpmnError goes to error boundary events."""
        ...

    def due_at(self, value: Any, start: datetime) -> datetime:
        """The moment that a date, duration or working-time limit names, counted from ``start``."""
        ...

    def clock_moments(self, references: Sequence[str]) -> Mapping[str, datetime | None]:
        """When each reference to a clock of the case (``clock:finish-1个工作日``) is due; None while that clock does not run."""
        ...

    def called_definition(self, ref: CalledElement, caller_id: int) -> tuple[int, ProcessDefinition]:
        """The definition that a call activity of definition ``caller_id`` calls now, with its id."""
        ...

    def definition(self, definition_id: int) -> ProcessDefinition:
        """The definition with that id, for loading state."""
        ...


def asked(question: Callable[..., T], *arguments: Any) -> T:
    """The host's answer; whatever it raises breaks the asking token only. A BpmnError passes."""
    try:
        return question(*arguments)
    except (BpmnError, Broken):
        raise
    except EngineError as error:
        raise Broken(str(error), f"{type(error).__name__}: {error}") from error
    except Exception as error:  # whatever an operation raises stops its token, not the command
        raise Broken(f"{type(error).__name__}: {error}", traceback.format_exc()) from error

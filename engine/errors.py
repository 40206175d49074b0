"""Every error raised on purpose. Each says what was expected, what was found, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Self

#: An error refuses a deployment; a warning is told and keeps from nothing; information is what may well be meant.
Severity = Literal["error", "warning", "info"]


class EngineError(Exception):
    """Something the caller can act on. A bug must never look like one of these.

    ``code`` stands for the message where a page says it in another language; ``facts`` are what it speaks of.
    """

    code: str = ""
    facts: Mapping[str, object] = {}

    def coded(self, code: str, **facts: object) -> Self:
        """The same error under a code."""
        self.code, self.facts = code, facts
        return self


class NotFound(EngineError):
    """No such record."""


class NotAllowed(EngineError):
    """The actor may not do this."""


class Conflict(EngineError):
    """The record has moved on since it was read. Nothing was changed."""


class StorageFailed(EngineError):
    """A file could not be kept or read: the disk is full or away. Nothing was changed."""


class InvalidInput(EngineError):
    """What was entered cannot be accepted; ``fields`` says which field needs which correction."""

    def __init__(self, message: str, fields: Mapping[str, Sequence[str]] | None = None):
        super().__init__(message)
        self.fields: dict[str, list[str]] = {key: list(texts) for key, texts in (fields or {}).items()}


@dataclass(frozen=True)
class Finding:
    """One thing to mend in a file: where it is, what is wrong, and the remedy."""

    file: str
    line: int | None
    element_id: str | None
    element_name: str | None
    code: str
    message: str
    remedy: str
    severity: Severity = "error"

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        element = f" {self.element_id}" if self.element_id else ""
        name = f" “{self.element_name}”" if self.element_name else ""
        return f"{place}:{element}{name} [{self.code}] {self.message} → {self.remedy}"


class InvalidDefinition(EngineError):
    """Files cannot be deployed; ``findings`` lists everything to mend. Nothing was deployed."""

    def __init__(self, message: str, findings: Sequence[Finding]):
        super().__init__(message)
        self.findings: tuple[Finding, ...] = tuple(findings)


class ExpressionFailed(EngineError):
    """A FEEL expression or decision gave no usable value; the text is for the analyst."""

    def __init__(self, message: str, code: str = "FEEL", expression: str | None = None, position: int | None = None):
        super().__init__(message)
        self.code, self.expression, self.position = code, expression, position


class BpmnError(EngineError):
    """A business error that an error boundary event with the same code may catch."""

    def __init__(self, code: str, message: str = ""):
        super().__init__(message or code)
        self.code = code

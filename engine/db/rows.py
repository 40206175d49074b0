"""What a command reads of a process instance, of a user task and of a job: plain values, outside the unit of work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class InstanceRow:
    """A process instance as one command has read it; ``version`` is what the row must still have when it is written."""

    id: int
    definition_id: int
    business_key: str
    org_unit: str
    status: str
    state: bytes
    version: int
    started_at: datetime

    @property
    def chain(self) -> str:
        """The evidence chain it belongs to: its case, or itself."""
        return self.business_key or f"instance-{self.id}"


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A user task as one command has read it."""

    id: str
    instance_id: int
    token: int
    element_id: str
    name: str
    business_key: str
    org_unit: str
    assignee: str | None
    candidate_users: list[str]
    candidate_groups: list[str]
    due_at: datetime | None
    form_key: str | None
    form_definition_id: int | None
    ended_at: datetime | None
    outcome: str | None
    version: int

    @property
    def chain(self) -> str:
        """The evidence chain it belongs to: its case, or its instance."""
        return self.business_key or f"instance-{self.instance_id}"


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job as a worker has claimed it: it holds it until its lease ends."""

    due_at: datetime
    id: int
    kind: str
    instance_id: int | None
    token: int | None
    element_id: str | None
    payload: dict[str, Any]
    owner: str
    attempts: int

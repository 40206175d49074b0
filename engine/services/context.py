"""What an operation is given: one transaction's session, the moment, the case. Decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.orm import Session

from engine.actors import Actor
from engine.db.case_tables import Case
from engine.errors import NotFound
from engine.services import evidence
from engine.services.case_kinds import Kinds
from engine.services.csv_tables import CsvRow
from engine.services.files import FileStore
from engine.services.secrets import Secrets
from engine.services.working_time import WorkCalendar


class RuleBook(Protocol):
    """The rules as the running program knows them: what a change would have done, and what held when a case was accepted."""

    def replay(self, definition_ids: Sequence[int], days: int) -> Mapping[str, Any]:
        """Ask these versions of tables what the last ``days`` days' decisions would have been."""
        ...

    def rows(self, key: str) -> Sequence[CsvRow]:
        """The rows of a data file, as they were when the case was accepted; none where there is no such file."""
        ...


@dataclass(frozen=True)
class TemplateVersion:
    """The template of a document in force: which version it is, and its file."""

    definition_id: int
    content: bytes


def _no_template(key: str) -> TemplateVersion:
    raise NotFound(f"Expected a document template {key!r} to be in force but there is none. Deploy processes/documents/{key}.md.")


@dataclass(frozen=True)
class OperationContext:
    """Where and when an operation runs. ``schedule(kind, payload, run_at)`` writes a job row in the same transaction.

    ``public_url`` is the address citizens reach the site by; it stands before the links in notices. ``channels``: ways out of the building
    that are set up. ``kinds``: of case files, of what is
    done on them, of their statuses and clocks. ``template(key)`` is the template of a document in force here; ``files`` keeps
    what is printed. ``rules`` is None where no running program stands behind it.
    """

    session: Session
    now: datetime
    calendar: WorkCalendar
    secrets: Secrets
    actor: Actor
    instance_id: int
    case_no: str
    element_id: str
    element_name: str
    variables: Mapping[str, Any]
    schedule: Callable[[str, dict[str, Any], datetime | None], None]
    public_url: str = ""
    channels: frozenset[str] = frozenset()
    rules: RuleBook | None = None
    kinds: Kinds = field(default_factory=Kinds)
    files: FileStore | None = None
    template: Callable[[str], TemplateVersion] = _no_template

    def case(self) -> Case:
        """The case the process is about; raises NotFound when there is none."""
        case = self.session.get(Case, self.case_no) if self.case_no else None
        if case is None:
            raise NotFound(f"Expected “{self.element_id}” to run for a case but no case has the number {self.case_no!r}.")
        self.session.info[Case] = case  # held, or the session would forget it and read it again at the next operation
        return case

    def record(self, event: str, **facts: Any) -> None:
        """Add a fact to the case's evidence chain."""
        evidence.record(self.session, self.now, self.actor, self.case_no, event, **facts)

"""What has come of a case file in a trial: everything an expectation can be about. Changes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.actors import Actor
from engine.db.case_tables import Card, Case, CaseClock, CaseEntry, Notice
from engine.db.file_tables import Document
from engine.db.tables import DecisionRun, ElementRun, Incident, ProcessInstance, UserTask


@dataclass(frozen=True)
class Visit:
    """A token was at an element of a version of a process."""

    definition_id: int
    process_key: str
    element_id: str
    entered_at: datetime
    left_at: datetime | None
    outcome: str


@dataclass(frozen=True)
class TaskSeen:
    """A user task that came up; ``group`` is the candidate group, or that of its holder."""

    element_id: str
    name: str
    holder: str
    group: str
    created_at: datetime
    due_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True)
class Report:
    """What has happened so far: everything an expectation can be about."""

    visits: tuple[Visit, ...]
    tasks: tuple[TaskSeen, ...]
    decisions: tuple[tuple[str, int, tuple[str, ...]], ...]  # (decision, its version's row number, rows hit)
    notices: tuple[tuple[str, str, datetime], ...]  # (template, audience, when)
    cards: tuple[str, ...]
    clocks: Mapping[str, datetime]
    incidents: tuple[str, ...]
    is_ended: bool
    end_event: str | None
    status: str | None
    result: str | None
    level: str | None
    owner: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    entries: Mapping[str, int] = field(default_factory=dict)
    children: tuple[str, ...] = ()
    clock_states: Mapping[str, str] = field(default_factory=dict)
    documents: tuple[str, ...] = ()

    def open_tasks(self) -> list[str]:
        return sorted(task.element_id for task in self.tasks if task.ended_at is None)

    def path(self) -> list[str]:
        """Ids of the elements in the order in which tokens came to them."""
        return [visit.element_id for visit in self.visits]


def report_of(session: Session, people: Mapping[str, Actor], key: str) -> Report:
    """Everything that happened to the file and to the process instances of its key."""
    own = session.scalars(select(ProcessInstance).where(ProcessInstance.business_key == key).order_by(ProcessInstance.id)).all()
    ids = [instance.id for instance in own]
    runs = select(ElementRun).where(ElementRun.instance_id.in_(ids)).order_by(ElementRun.entered_at, ElementRun.token)
    seen = select(UserTask).where(UserTask.instance_id.in_(ids)).order_by(UserTask.created_at, UserTask.token)
    decided = select(DecisionRun).where(DecisionRun.instance_id.in_(ids)).order_by(DecisionRun.id)
    failed = select(Incident).where(Incident.instance_id.in_(ids), Incident.resolved_at.is_(None))
    return Report(
        visits=tuple(_visit(run) for run in session.scalars(runs)),
        tasks=tuple(_seen(task, people) for task in session.scalars(seen)),
        decisions=tuple((run.decision_key, run.definition_id, tuple(run.hits)) for run in session.scalars(decided)),
        incidents=tuple(f"{failure.element_id}: {failure.message}" for failure in session.scalars(failed)),
        is_ended=bool(own) and all(instance.status == "ended" for instance in own),
        end_event=own[0].end_event if own else None,
        **_of_file(session, key),
        **_clocks(session, key),
    )


def _of_file(session: Session, key: str) -> dict[str, Any]:
    case = session.get(Case, key)
    written = select(Notice).where(Notice.case_no == key).order_by(Notice.id)
    below = select(Case.kind).where(Case.parent_no == key).order_by(Case.received_at, Case.no)
    return {
        "notices": tuple((notice.template, notice.audience, notice.created_at) for notice in session.scalars(written)),
        "cards": tuple(session.scalars(select(Card.lamp).where(Card.case_no == key).order_by(Card.id))),
        "entries": Counter(session.scalars(select(CaseEntry.kind).where(CaseEntry.case_no == key))),
        "children": tuple(session.scalars(below)),
        "documents": tuple(session.scalars(select(Document.template).where(Document.case_no == key).order_by(Document.id))),
        "status": case.status if case else None,
        "result": case.result if case else None,
        "level": case.level if case else None,
        "owner": case.owner_id if case else None,
        "facts": case.facts if case else {},
    }


def _clocks(session: Session, key: str) -> dict[str, Any]:
    """Due times and states by kind, or by “kind#subject”; of each the latest."""
    rows = list(session.scalars(select(CaseClock).where(CaseClock.case_no == key).order_by(CaseClock.id)))
    named = {f"{row.kind}#{row.subject}" if row.subject else row.kind: row for row in rows}
    return {"clocks": {name: row.due_at for name, row in named.items()}, "clock_states": {name: _state(row) for name, row in named.items()}}


def _state(clock: CaseClock) -> str:
    if clock.stopped_at is not None:
        return "stopped"
    return "resting" if clock.paused_at is not None else "running"


def moments(report: Report) -> Iterator[tuple[str, datetime]]:
    """(task, due) of every task that has a due time."""
    return ((task.element_id, task.due_at) for task in report.tasks if task.due_at is not None)


def _visit(run: ElementRun) -> Visit:
    return Visit(run.definition_id, run.process_key, run.element_id, run.entered_at, run.left_at, run.outcome)


def _seen(task: UserTask, people: Mapping[str, Actor]) -> TaskSeen:
    holder = task.completed_by or task.assignee or ", ".join([*task.candidate_users, *task.candidate_groups])
    person = people.get(holder)
    group = next(iter(task.candidate_groups or sorted(person.groups if person else ())), holder)
    return TaskSeen(task.element_id, task.name, holder, group, task.created_at, task.due_at, task.ended_at)

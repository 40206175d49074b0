"""Acting in a throw-away installation: completing tasks, letting time pass, sending messages; and what came of it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from engine.actors import SYSTEM, Actor
from engine.case_opening import CaseIntake, open_case
from engine.commands import cases, instances, jobs, messages, user_tasks
from engine.db.case_tables import Card, Case, CaseClock, Notice
from engine.db.tables import DecisionRun, ElementRun, Incident, Job, ProcessInstance, UserTask
from engine.errors import EngineError, InvalidInput
from engine.services.working_time import limit_or_moment
from engine.trials.centre import Centre

#: More rounds of due jobs than this at one moment are a loop.
MOST_ROUNDS = 500
#: More moments at which something falls due than this, in one trial, are a timer that never ends.
MOST_STOPS = 3_000
#: Seconds of CPU that one trial may cost; a month of a case costs less than one.
LONGEST_TRIAL = 20.0
#: Nothing is waited for longer.
LAST_MOMENT = datetime.fromisoformat("2099-12-31T00:00+08:00")


class Stuck(EngineError):
    """A step that cannot be carried out where the process stands; the text says what was open instead."""

    def __init__(self, message: str, in_chinese: str = ""):
        super().__init__(message)
        self.in_chinese = in_chinese


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

    def open_tasks(self) -> list[str]:
        return sorted(task.element_id for task in self.tasks if task.ended_at is None)

    def path(self) -> list[str]:
        """Ids of the elements in the order in which tokens came to them."""
        return [visit.element_id for visit in self.visits]


class Player:
    """Plays one case or process instance in a centre."""

    def __init__(self, centre: Centre):
        self.centre = centre
        self.key = ""
        self._stops = 0
        self._began = time.thread_time()

    def register(self, submission: Mapping[str, Any], person: str) -> None:
        """Open a case with what the registration form submits."""
        self.key = cases.register_case(self.centre.engine, self._person(person), submission)
        self.settle()

    def open(self, intake: CaseIntake, person: str) -> None:
        """Open a case with facts that are known already."""
        engine = self.centre.engine
        with engine.database.transaction() as session:
            self.key = open_case(engine, session, self._person(person), intake).no
        self.settle()

    def start(self, process: str, variables: Mapping[str, Any], key: str) -> None:
        """Start a process by itself."""
        admin = self._person("admin")
        self.key = key
        instances.start_instance(self.centre.engine, admin, process, key, variables)
        self.settle()

    def complete(self, element_id: str, answers: Mapping[str, Any], person: str | None = None) -> None:
        """Complete one open task of this element; by its assignee or a candidate unless somebody is named."""
        task, actor = self._task(element_id, person)
        user_tasks.complete_task(self.centre.engine, actor, task.id, answers)
        self.settle()

    def complete_all(self, element_id: str, answers: Mapping[str, Any]) -> None:
        """Complete every task of this element that is open now, each by who it is for."""
        waiting = sum(task.element_id == element_id for task in self._open_tasks())
        for _task in range(max(1, waiting)):
            self.complete(element_id, answers)

    def send(self, message: str, variables: Mapping[str, Any]) -> None:
        """Deliver a message to the token of this case that waits for it."""
        messages.correlate_message(self.centre.engine, SYSTEM, message, self.key, variables)
        self.settle()

    def wait(self, limit: str) -> None:
        """Let a limit pass, such as “3个工作日” or “PT2H”."""
        engine = self.centre.engine
        with engine.database.reading() as session:
            calendar = engine.calendars.read(session)
        try:
            moment = limit_or_moment(calendar, limit, self.centre.clock.now())
        except (OverflowError, ValueError) as error:
            raise InvalidInput(f"Expected a limit such as 3个工作日 or PT2H but got {limit[:80]!r}.") from error
        self.wait_until(moment)

    def wait_until(self, moment: datetime) -> None:
        """Move the clock on, stopping at everything that falls due on the way."""
        if moment < self.centre.clock.now():
            raise InvalidInput(f"Expected a moment to come but {moment.isoformat()} has passed already in this scenario.")
        if moment > LAST_MOMENT:
            raise InvalidInput(f"Expected a moment before {LAST_MOMENT.year} but got {moment.isoformat()}.")
        while (due := self._next_due()) is not None and due <= moment:
            self._require_end()
            self.centre.clock.move_to(max(due, self.centre.clock.now()))
            self.settle()
        self.centre.clock.move_to(moment)

    def settle(self) -> None:
        """Let the worker do what is due now."""
        for _round in range(MOST_ROUNDS):
            self._require_time()
            if not jobs.run_due_jobs(self.centre.engine, "trial"):
                return
        raise Stuck(f"Expected the work of this moment to end but {MOST_ROUNDS} rounds left some: the process goes round in circles.")

    def report(self) -> Report:
        """Everything that happened to the case and to the process instances of its key."""
        with self.centre.engine.database.reading() as session:
            found = select(ProcessInstance).where(ProcessInstance.business_key == self.key).order_by(ProcessInstance.id)
            own = session.scalars(found).all()
            ids = [instance.id for instance in own]
            case = session.get(Case, self.key)
            runs = select(ElementRun).where(ElementRun.instance_id.in_(ids)).order_by(ElementRun.entered_at, ElementRun.token)
            seen = select(UserTask).where(UserTask.instance_id.in_(ids)).order_by(UserTask.created_at, UserTask.token)
            decided = select(DecisionRun).where(DecisionRun.instance_id.in_(ids)).order_by(DecisionRun.id)
            failed = select(Incident).where(Incident.instance_id.in_(ids), Incident.resolved_at.is_(None))
            written = select(Notice).where(Notice.case_no == self.key).order_by(Notice.id)
            clocks = select(CaseClock).where(CaseClock.case_no == self.key).order_by(CaseClock.id)
            cards = select(Card.lamp).where(Card.case_no == self.key).order_by(Card.id)
            return Report(
                visits=tuple(_visit(run) for run in session.scalars(runs)),
                tasks=tuple(_seen(task, self.centre.people) for task in session.scalars(seen)),
                decisions=tuple((run.decision_key, run.definition_id, tuple(run.hits)) for run in session.scalars(decided)),
                notices=tuple((notice.template, notice.audience, notice.created_at) for notice in session.scalars(written)),
                cards=tuple(session.scalars(cards)),
                clocks={clock.kind: clock.due_at for clock in session.scalars(clocks)},
                incidents=tuple(f"{failure.element_id}: {failure.message}" for failure in session.scalars(failed)),
                is_ended=bool(own) and all(instance.status == "ended" for instance in own),
                end_event=own[0].end_event if own else None,
                status=case.status if case else None,
                result=case.result if case else None,
                level=case.level if case else None,
            )

    def _require_end(self) -> None:
        self._stops += 1
        if self._stops > MOST_STOPS:
            raise Stuck(f"Expected at most {MOST_STOPS} moments at which something falls due but there are more: a timer never ends.")

    def _require_time(self) -> None:
        if time.thread_time() - self._began > LONGEST_TRIAL:
            raise Stuck(f"Expected a trial of at most {LONGEST_TRIAL:.0f} seconds of work but it goes on: the process never comes to rest.")

    def _person(self, name: str) -> Actor:
        found = self.centre.person(name)
        if found is None:
            groups = sorted({group for actor in self.centre.people.values() for group in actor.groups})
            raise InvalidInput(f"Expected a group or account ({', '.join(groups)}) but got {name!r}.")
        return found

    def _task(self, element_id: str, person: str | None) -> tuple[UserTask, Actor]:
        waiting = self._open_tasks()
        for task in waiting:
            if task.element_id == element_id:
                actor = self._person(person) if person else self._holder(task)
                if actor is not None and (person is None or self._may(task, actor)):
                    return task, actor
        words = ", ".join(sorted({task.element_id for task in waiting})) or "no task at all"
        raise Stuck(
            f"Expected an open task {element_id!r}{f' for {person}' if person else ''} but there is {words}.",
            f"没有待办 {element_id}{f'(由 {person} 办理)' if person else ''},此时待办:{words}。",
        )

    def _holder(self, task: UserTask) -> Actor | None:
        names = [task.assignee] if task.assignee else [*task.candidate_users, *task.candidate_groups]
        return next((actor for name in names if name and (actor := self.centre.person(name)) is not None), None)

    def _may(self, task: UserTask, actor: Actor) -> bool:
        if task.assignee is not None:
            return task.assignee == actor.id
        return actor.id in task.candidate_users or actor.has_group(*task.candidate_groups)

    def _open_tasks(self) -> list[UserTask]:
        with self.centre.engine.database.reading() as session:
            waiting = select(UserTask).where(UserTask.business_key == self.key, UserTask.ended_at.is_(None))
            return list(session.scalars(waiting.order_by(UserTask.created_at, UserTask.token)))

    def _next_due(self) -> datetime | None:
        with self.centre.engine.database.reading() as session:
            return session.scalar(select(func.min(Job.run_at)))


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

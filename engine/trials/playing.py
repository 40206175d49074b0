"""Acting in a throw-away installation: completing tasks, acting on files, letting time pass, sending messages."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from engine.actors import SYSTEM, Actor
from engine.case_opening import CaseIntake, open_case, open_file
from engine.commands import case_actions, case_files, cases, instances, jobs, messages, user_tasks
from engine.db.case_tables import Case
from engine.db.tables import Job, UserTask
from engine.errors import EngineError, InvalidInput
from engine.services.case_kinds import Kinds
from engine.services.kind_files import OWNER
from engine.services.working_time import limit_or_moment
from engine.trials.centre import Centre
from engine.trials.reporting import Report, report_of

#: More rounds of due jobs than this at one moment are a loop.
MOST_ROUNDS = 500
#: More moments at which something falls due than this, in one trial, are a timer that never ends.
MOST_STOPS = 3_000
#: Seconds of CPU that one trial may cost; a month of a case costs less than one.
LONGEST_TRIAL = 20.0
#: Who acts behind the link that was sent to the applicant.
APPLICANT = "applicant"
#: Nothing is waited for longer.
LAST_MOMENT = datetime.fromisoformat("2099-12-31T00:00+08:00")


class Stuck(EngineError):
    """A step that cannot be carried out where the process stands; the text says what was open instead."""

    def __init__(self, message: str, in_chinese: str = ""):
        super().__init__(message)
        self.in_chinese = in_chinese


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
            calendar = engine.reference.read(session).calendar
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

    def act(self, action: str, answers: Mapping[str, Any], person: str | None = None) -> None:
        """Do something on the file (件上操作): by whoever is named, or the first of its groups; “applicant” stands behind the link."""
        engine, chosen = self.centre.engine, self._kinds().action(action)
        if person == APPLICANT or (person is None and not chosen.groups):
            case_actions.act_as_citizen(engine, self._case().public_token, action, answers)
        else:
            owner = self._case().owner_id if OWNER in chosen.groups else None
            case_actions.act(engine, self._person(person or owner or self._first(chosen.groups)), self.key, action, answers)
        self.settle()

    def open_file(self, kind: str, answers: Mapping[str, Any], person: str | None = None) -> None:
        """Open a file of another kind; the one that is played, if any, is its parent."""
        engine, chosen, parent = self.centre.engine, self._kinds().kind(kind), self.key or None
        if person == APPLICANT or (person is None and not chosen.openers):
            with engine.database.transaction() as session:
                opened = open_file(engine, session, SYSTEM, kind, answers, parent_no=parent, channel="网上大厅").no
        else:
            opener = self._person(person or self._first(chosen.openers))
            opened = case_files.open_case_file(engine, opener, kind, answers, parent_no=parent)
        self.key = self.key or opened
        self.settle()

    @contextmanager
    def at(self, place: str) -> Iterator[None]:
        """What is done in here is done on another file, the latest at “child:complaint”, “child:a/child:b” or, anywhere, “file:x”."""
        before, self.key = self.key, self._placed(place)
        try:
            yield
        finally:
            self.key = before

    def report(self) -> Report:
        """Everything that happened to the case and to the process instances of its key."""
        with self.centre.engine.database.reading() as session:
            return report_of(session, self.centre.people, self.key)

    def _placed(self, place: str) -> str:
        number = self.key
        for step in place.split("/"):
            word, _, kind = step.partition(":")
            with self.centre.engine.database.reading() as session:
                found = select(Case.no).where(Case.kind == kind).order_by(Case.received_at.desc(), Case.no.desc()).limit(1)
                number = session.scalar(found if word == "file" else found.where(Case.parent_no == number)) or ""
            if not number:
                raise Stuck(f"Expected a file at {place!r} but there is none at {step!r}.", f"没有案卷 {place}。")
        return number

    def _kinds(self) -> Kinds:
        with self.centre.engine.database.reading() as session:
            return self.centre.engine.reference.read(session).kinds

    def _case(self) -> Case:
        with self.centre.engine.database.reading() as session:
            return session.get_one(Case, self.key)

    def _first(self, groups: Iterable[str]) -> str:
        """The first of the groups that has somebody."""
        return next((group for group in sorted(groups) if self.centre.person(group) is not None), next(iter(sorted(groups))))

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

"""Moves an installation through virtual time: what arrives, what falls due, when people do something. What they do is in ``acting``."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import count

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.actors import Actor
from engine.assembly import Engine
from engine.clock import MovableClock, local
from engine.commands import evidence, jobs
from engine.db.case_tables import Case
from engine.db.tables import InboxEntry, Subscription, UserTask
from engine.errors import Conflict, EngineError, NotFound
from engine.services.case_actions import is_at_hand
from engine.services.case_kinds import CASE
from engine.services.working_time import WorkCalendar
from engine.simulation.acting import Crowd, Tally
from engine.simulation.caseload import Arrival
from engine.simulation.habits import Habits

#: People look at their inbox this often.
LOOK_EVERY = timedelta(minutes=20)
#: A citizen answers between an hour and this much later, at any time of the day.
LATEST_ANSWER = timedelta(days=9)
#: What still waits after so long is asked again: nobody is silent for ever.
ASKED_AGAIN = timedelta(days=30)
#: So long after its end people still come back to a file.
LOOKED_BACK_ON = timedelta(days=21)
#: Rounds of due jobs at one moment; more are a loop.
MOST_ROUNDS = 2_000

_QUESTIONS = select(Subscription.instance_id, Subscription.token, Subscription.name, Subscription.correlation_key).where(
    Subscription.kind == "message"
)

Step = Callable[[], None]


class Simulation:
    """One installation played by chance. ``people`` are those who work in it; the clock is moved here and nowhere else."""

    def __init__(self, engine: Engine, clock: MovableClock, people: Iterable[Actor], habits: Habits, seed: int):
        self.engine, self.clock = engine, clock
        self.chance, self.tally = random.Random(seed), Tally()
        self.crowd = Crowd(engine, people, habits, self.chance, self.tally)
        self._agenda: list[tuple[datetime, int, Step]] = []
        self._order = count()
        self._seen_tasks: set[str] = set()
        self._asked_at: dict[tuple[int, int, str], datetime] = {}
        self._looked_at = self._last_arrival = clock.now()
        self._today = local(clock.now()).date()

    @property
    def habits(self) -> Habits:
        """What people do at present; ``crowd.take_on`` changes it."""
        return self.crowd.habits

    def plan(self, moment: datetime, step: Step) -> None:
        """Do something then; what lies in the past is done at once."""
        heapq.heappush(self._agenda, (max(moment, self.clock.now()), next(self._order), step))

    def expect(self, arrivals: Iterable[Arrival]) -> None:
        """These people will come."""
        for arrival in arrivals:
            self.plan(arrival.at, self._arriving(arrival))
            self._last_arrival = max(self._last_arrival, arrival.at)

    def run_until(self, moment: datetime, progress: Callable[[datetime], None] = lambda moment: None) -> None:
        """Play on; at the end nothing that was due is left undone."""
        while (due := self._next_event(moment)) is not None:
            self.clock.move_to(max(due, self.clock.now()))
            self._work_off_jobs()
            while self._agenda and self._agenda[0][0] <= self.clock.now():
                heapq.heappop(self._agenda)[2]()
            if self.clock.now() >= self._looked_at + LOOK_EVERY:
                self._look_around()
            progress(self.clock.now())
        self.clock.move_to(moment)
        self._work_off_jobs()
        self._look_around()

    def _next_event(self, horizon: datetime) -> datetime | None:
        """The next moment at which something happens, before ``horizon``; while tasks wait to be noticed, people look around."""
        moments = [self._looked_at + LOOK_EVERY]
        if self._agenda:
            moments.append(self._agenda[0][0])
        if (wait := jobs.next_due(self.engine)) is not None:
            moments.append(self.clock.now() + timedelta(seconds=wait))
        soonest = min(moments)
        if soonest == moments[0] and not self._is_open(soonest):  # nobody looks by night: on to what happens next, or the morning
            soonest = min([*moments[1:], self._opening(soonest)])
        return soonest if soonest < horizon else None

    def _is_open(self, moment: datetime) -> bool:
        return self._calendar.effective(moment) == moment

    def _opening(self, moment: datetime) -> datetime:
        return self._calendar.effective(moment)

    @property
    def _calendar(self) -> WorkCalendar:
        with self.engine.database.reading() as session:
            return self.engine.reference.read(session).calendar

    def _work_off_jobs(self) -> None:
        for _round in range(MOST_ROUNDS):
            if not jobs.run_due_jobs(self.engine, "simulation", 64):
                break
            self.tally.done["job rounds"] += 1
        else:
            self._trouble(f"jobs at {self.clock.now()} do not come to an end")
        if (today := local(self.clock.now()).date()) != self._today:
            self._today = today
            evidence.seal_evidence(self.engine)
            self._plan_the_day()

    def _plan_the_day(self) -> None:
        """Now and then somebody opens a file of another kind, or does something on a case beside its tasks."""
        now = self.clock.now()
        if not self._calendar.is_working_day(self._today):
            return
        with self.engine.database.reading() as session:
            kinds = [kind for kind in self.engine.reference.read(session).kinds.files.values() if kind.start_form and kind.kind != CASE]
            open_files = session.scalars(select(Case.no).where(Case.closed_at.is_(None)).order_by(Case.no)).all()
            ended_files = self._looked_back_on(session, now)
        for kind in kinds if now <= self._last_arrival else ():
            if self.chance.random() < self.habits.opened:
                self._at_some_time(now, "file", partial(self.crowd.open_file, kind))
        for no in (*open_files, *ended_files):
            if self.chance.random() < self.habits.acted_on:
                self._at_some_time(now, "action", partial(self.crowd.act, no))
        for no in open_files:
            if self.chance.random() < self.habits.handed_in:
                self._at_some_time(now, "paper", partial(self.crowd.hand_in, no))

    def _looked_back_on(self, session: Session, now: datetime) -> list[str]:
        """Files that ended not long ago in a way that some action takes up."""
        actions = self.engine.reference.read(session).kinds.actions.values()
        ended = session.scalars(select(Case).where(Case.closed_at > now - LOOKED_BACK_ON).order_by(Case.no))
        return [case.no for case in ended if any(is_at_hand(action, case) for action in actions)]

    def _at_some_time(self, now: datetime, what: str, step: Step) -> None:
        self.plan(self._calendar.add(now, timedelta(hours=7) * self.chance.random()), lambda: self._attempt(what, step))

    # ── people notice work ──────────────────────────────────────────────────
    def _look_around(self) -> None:
        self._looked_at = self.clock.now()
        calendar = self._calendar
        with self.engine.database.reading() as session:
            waiting = set(session.scalars(select(InboxEntry.task_id).distinct()))
            fresh = sorted(waiting - self._seen_tasks)
            tasks = [task for part in _parts(fresh) for task in session.scalars(select(UserTask).where(UserTask.id.in_(part)))]
            asked = session.execute(_QUESTIONS).all()
        self._seen_tasks = waiting
        for task in sorted(tasks, key=lambda one: one.id):
            self.plan(self._moment_for(calendar, task), self._completing(task.id))
        for instance_id, token, name, case_no in asked:
            key = (instance_id, token, name)
            if key not in self._asked_at or self._looked_at >= self._asked_at[key] + ASKED_AGAIN:
                self._asked_at[key] = self._looked_at
                self._consider(name, case_no or "")

    def _moment_for(self, calendar: WorkCalendar, task: UserTask) -> datetime:
        limit = calendar.working_time_between(task.created_at, task.due_at) if task.due_at else None
        return calendar.add(max(task.created_at, self.clock.now()), self.habits.handling(self.chance, limit))

    def _consider(self, message: str, case_no: str) -> None:
        """Somebody is asked something, or may do something unasked; who answers does it in the end."""
        if not self.habits.answers(self.chance, message):
            return
        after = timedelta(hours=1) + (LATEST_ANSWER - timedelta(hours=1)) * self.chance.random() ** 2
        self.plan(self.clock.now() + after, lambda: self._attempt(message, partial(self.crowd.answer, message, case_no)))

    def _arriving(self, arrival: Arrival) -> Step:
        def come() -> None:
            self._attempt("arrival", self.crowd.arrive_online if arrival.is_online else self.crowd.arrive_at_counter)

        return come

    def _completing(self, task_id: str) -> Step:
        return lambda: self._attempt("task", partial(self.crowd.complete, task_id))

    def _attempt(self, what: str, step: Step) -> None:
        """What comes too late is no trouble; what is refused for another reason is."""
        try:
            step()
            self.tally.done[what] += 1
        except (Conflict, NotFound) as error:
            self.tally.done[f"{what}, too late"] += 1
            if isinstance(error, NotFound) and "nobody" in str(error):
                self._trouble(f"{what}: {error}")
        except EngineError as error:
            self._trouble(f"{what}: {error} {getattr(error, 'fields', '')}")

    def _trouble(self, words: str) -> None:
        self.tally.troubles.append(f"{local(self.clock.now()):%m-%d %H:%M} {words}"[:500])


def _parts(ids: Sequence[str], size: int = 500) -> list[Sequence[str]]:
    return [ids[start : start + size] for start in range(0, len(ids), size)]

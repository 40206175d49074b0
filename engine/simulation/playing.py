"""Moves an installation through virtual time: what arrives, what falls due, what people do. Does nothing that a person could not do."""

from __future__ import annotations

import heapq
import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from typing import Any

from sqlalchemy import select

from engine import appointment_slots, forms
from engine.actors import Actor
from engine.assembly import Engine
from engine.clock import MovableClock, local
from engine.commands import case_actions, case_files, cases, evidence, jobs, materials, messages, partners, user_tasks
from engine.db.case_tables import Case
from engine.db.tables import InboxEntry, Subscription, UserTask
from engine.errors import Conflict, EngineError, InvalidInput, NotAllowed, NotFound
from engine.queries import case_actions as possible
from engine.services.case_actions import may
from engine.services.case_kinds import CASE, Action, Kind
from engine.services.materials import case_materials
from engine.services.working_time import WorkCalendar
from engine.simulation.applicants import applicant
from engine.simulation.caseload import COUNTER_CHANNELS, ONLINE_CHANNELS, WORDS, Arrival
from engine.simulation.filling import Pen, references
from engine.simulation.habits import Habits
from engine.simulation.ordering import order

#: People look at their inbox this often.
LOOK_EVERY = timedelta(minutes=20)
#: A form that is refused is filled in anew so often, then it counts as a trouble.
MOST_TRIES = 6
#: A citizen answers between an hour and this much later, at any time of the day.
LATEST_ANSWER = timedelta(days=9)
REMEMBERED = 20  # so many who came last may come again with the same matter
#: Rounds of due jobs at one moment; more are a loop.
MOST_ROUNDS = 2_000

Step = Callable[[], None]


@dataclass
class Tally:
    """What was done: numbers by kind, and every trouble in words."""

    done: Counter[str] = field(default_factory=Counter)
    troubles: list[str] = field(default_factory=list)


class Simulation:
    """One installation played by chance. ``people`` are those who work in it; the clock is moved here and nowhere else."""

    def __init__(self, engine: Engine, clock: MovableClock, people: Iterable[Actor], habits: Habits, seed: int):
        self.engine, self.clock, self.people, self.habits = engine, clock, tuple(people), habits
        self.chance = random.Random(seed)
        self.pen = Pen(self.chance, habits.wishes, habits.left_empty)
        self.tally = Tally()
        self._members: dict[str, list[Actor]] = {}
        for person in self.people:
            for group in person.groups:
                self._members.setdefault(group, []).append(person)
        self._by_id = {person.id: person for person in self.people}
        self._agenda: list[tuple[datetime, int, Step]] = []
        self._order = count()
        self._seen_tasks: set[str] = set()
        self._told: list[dict[str, Any]] = []
        self._seen_questions: set[tuple[int, int]] = set()
        self._looked_at = self._last_arrival = clock.now()
        self._today = local(clock.now()).date()

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
        for kind in kinds if now <= self._last_arrival else ():
            if self.chance.random() < self.habits.opened:
                self._at_some_time(now, "file", partial(self._open, kind))
        for no in open_files:
            if self.chance.random() < self.habits.acted_on:
                self._at_some_time(now, "action", partial(self._act, no))
            if self.chance.random() < self.habits.handed_in:
                self._at_some_time(now, "paper", partial(self._hand_in, no))

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
            asked = session.scalars(select(Subscription).where(Subscription.kind == "message")).all()
        self._seen_tasks = waiting
        for task in sorted(tasks, key=lambda one: one.id):
            self.plan(self._moment_for(calendar, task), self._completing(task.id))
        for question in asked:
            key = (question.instance_id, question.token)
            if key not in self._seen_questions:
                self._seen_questions.add(key)
                self._consider(question.name, question.correlation_key or "")

    def _moment_for(self, calendar: WorkCalendar, task: UserTask) -> datetime:
        limit = calendar.working_time_between(task.created_at, task.due_at) if task.due_at else None
        return calendar.add(max(task.created_at, self.clock.now()), self.habits.handling(self.chance, limit))

    def _consider(self, message: str, case_no: str) -> None:
        """Somebody is asked something, or may do something unasked; who answers does it in the end."""
        if not self.habits.answers(self.chance, message):
            return
        answer = _ANSWERS.get(message)
        after = timedelta(hours=1) + (LATEST_ANSWER - timedelta(hours=1)) * self.chance.random() ** 2
        step = partial(answer, self, case_no) if answer else partial(self._answer, message, case_no)
        self.plan(self.clock.now() + after, lambda: self._attempt(message, step))

    # ── what people do ──────────────────────────────────────────────────────
    def _arriving(self, arrival: Arrival) -> Step:
        def come() -> None:
            self._attempt("arrival", self._arrive_online if arrival.is_online else self._arrive_at_counter)

        return come

    def _arrive_at_counter(self) -> None:
        clerk = self.chance.choice(self._members["window"])
        self._fill("case_register", self._telling(COUNTER_CHANNELS), lambda values: cases.register_case(self.engine, clerk, values))

    def _arrive_online(self) -> None:
        telling = self._telling(ONLINE_CHANNELS)
        if self.chance.random() < self.habits.ordered:
            partners.receive_order(self.engine, *order(self.chance, self.engine.secrets, self.clock.now(), telling))
            return
        person = {key.removeprefix("applicant."): value for key, value in telling.items() if key.startswith("applicant.")}
        cases.receive_arrival(self.engine, telling["channel"], person, telling["text"])

    def _open(self, kind: Kind) -> None:
        """Somebody who may opens a file of this kind."""
        people = [person for group in sorted(kind.openers) for person in self._members.get(group, ())]
        if not people:
            raise NotFound(f"Expected somebody to open a {kind.kind} but there is nobody in {', '.join(sorted(kind.openers))}.")
        opener = self.chance.choice(people)
        known = applicant(self.chance) if kind.applicant != "none" else {}
        self._fill(str(kind.start_form), known, lambda values: case_files.open_case_file(self.engine, opener, kind.kind, values))
        self.tally.done[f"{kind.kind}.opened"] += 1

    def _act(self, case_no: str) -> None:
        """Somebody does one of the things that are possible on the file now."""
        with self.engine.database.reading() as session:
            actions = self.engine.reference.read(session).kinds.actions
        for person in self._able(actions.values(), case_no)[:8]:
            try:
                found = possible.case_actions(self.engine, person, case_no)
            except NotAllowed:
                continue
            if found:
                weighted = [(view, self.habits.seldom.get(actions[view.action].message, 1.0)) for view in found]
                return self._do(person, case_no, self.pen.chosen(weighted))
        return None

    def _answer(self, message: str, case_no: str) -> None:
        """A file waits for something that people do by an action: whoever may does it, or the citizen on their page."""
        with self.engine.database.reading() as session:
            kinds = self.engine.reference.read(session).kinds
        named = {action.action: action for action in kinds.actions.values() if action.message == message}
        for view in possible.public_actions(self.engine, self._token(case_no)) if named and self.chance.random() < 0.5 else ():
            if view.action in named:
                return self._do(None, case_no, view)
        for person in self._able(named.values(), case_no):
            try:
                views = possible.case_actions(self.engine, person, case_no)
            except NotAllowed:
                continue
            if fitting := [view for view in views if view.action in named]:
                return self._do(person, case_no, self.chance.choice(fitting))
        return None

    def _able(self, actions: Iterable[Action], case_no: str) -> list[Actor]:
        """Whoever may do one of the actions on such a file, in any order; whether they may see it is for the engine to say."""
        with self.engine.database.reading() as session:
            case = session.get(Case, case_no)
        wanted = [action for action in actions if case is not None and case.kind in action.kinds]
        able = [person for person in self.people if case is not None and any(may(action, case, person) for action in wanted)]
        return self.chance.sample(able, len(able))

    def _hand_in(self, case_no: str) -> None:
        """The applicant brings one of the materials to the counter."""
        with self.engine.database.reading() as session:
            case = session.get_one(Case, case_no)
            asked = [one.id for one in case_materials(session, case, self.engine.clock.now())] if case.kind == CASE else []
        clerks = [person for person in self._members["window"] if case.org_unit in person.scope]
        if asked and clerks:
            materials.receive_material(self.engine, self.chance.choice(clerks), case_no, self.chance.choice(asked))

    def _do(self, person: Actor | None, case_no: str, view: possible.ActionView) -> None:
        if person is None:
            token = self._token(case_no)
            page = possible.public_action(self.engine, token, view.action)
            send = partial(case_actions.act_as_citizen, self.engine, token, view.action)
        else:
            page = possible.case_action(self.engine, person, case_no, view.action)
            send = partial(case_actions.act, self.engine, person, case_no, view.action)
        self._send(page.schema or {}, {}, send)
        self.tally.done[f"action.{view.action}"] += 1

    def _telling(self, channels: Sequence[tuple[str, float]]) -> dict[str, Any]:
        if self._told and self.chance.random() < self.habits.said_again:
            return {**self.chance.choice(self._told), "channel": self.pen.chosen(channels)}
        matter = self.pen.chosen(self.habits.wishes.get("matter", [(one, 1.0) for one in WORDS]))
        telling = {**applicant(self.chance), "channel": self.pen.chosen(channels), "matter": matter, "text": WORDS[matter]}
        self._told = [*self._told[-REMEMBERED:], telling]
        return telling

    def _fill(self, form_key: str, known: Mapping[str, Any], send: Callable[[Mapping[str, Any]], object]) -> None:
        """Fill in a form and send it; what is refused is filled in anew."""
        with self.engine.database.reading() as session:
            schema = forms.latest_form(self.engine, session, form_key)
            known = {**known, **self.pen.counter(schema)}
            schema = appointment_slots.offered_at(self.engine, session, schema, known.get("appointment.counter"))
        self._send(schema, known, send)

    def _send(self, schema: Mapping[str, Any], known: Mapping[str, Any], send: Callable[[Mapping[str, Any]], object]) -> None:
        for attempt in range(MOST_TRIES):
            try:
                send({**self.pen.filled(schema, self.clock.now()), **self._numbers(schema), **known})
                return
            except InvalidInput:
                if attempt == MOST_TRIES - 1:
                    raise

    def _numbers(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """Numbers of files for some of the fields that ask for one: a file may not name itself, and often there is no other.

        The rest stays empty: what chance would write there is the number of nothing.
        """
        asked = dict(references(schema))
        wanted = {key: kind for key, kind in asked.items() if not kind.startswith(forms.SHARED_BY)}
        shared = self._shared({key: kind for key, kind in asked.items() if key not in wanted})
        if not wanted:
            return shared
        with self.engine.database.reading() as session:
            lists = {kind: session.scalars(forms.numbers_of(kind).limit(50)).all() for kind in set(wanted.values())}
        named = {key: kind for key, kind in wanted.items() if lists[kind] and self.chance.random() < 0.5}
        return shared | dict.fromkeys(wanted, "") | {key: self.chance.choice(lists[kind]) for key, kind in named.items()}

    def _shared(self, wanted: Mapping[str, str]) -> dict[str, Any]:
        """A department and something that it shares, for each field that asks for an item."""
        if not wanted:
            return {}
        with self.engine.database.reading() as session:
            items = forms.shared_items(session)
        chosen: dict[str, Any] = {}
        for key, refers_to in wanted.items():
            chosen[refers_to.removeprefix(forms.SHARED_BY)], chosen[key] = self.chance.choice(items)
        return chosen

    def _completing(self, task_id: str) -> Step:
        return lambda: self._attempt("task", lambda: self._complete(task_id))

    def _complete(self, task_id: str) -> None:
        with self.engine.database.reading() as session:
            task = session.get(UserTask, task_id)
            if task is None or task.ended_at is not None:
                return
            schema = self._form_of(session, task)
        people = self._candidates(task)
        if not people:
            raise NotFound(f"Expected somebody to do {task.element_id} ({task.candidate_groups or task.assignee}) but there is nobody.")
        for number, person in enumerate(people):
            try:
                self._send(schema, {}, partial(user_tasks.complete_task, self.engine, person, task_id))
                self.tally.done[f"{task.process_key}.{task.element_id}"] += 1
                return
            except NotAllowed:  # whoever proposed may not approve: somebody else will
                if number == len(people) - 1:
                    raise

    def _form_of(self, session: Any, task: UserTask) -> Mapping[str, Any]:
        if task.form_key is None:
            return {}
        if task.form_definition_id:
            return forms.form(self.engine, session, task.form_definition_id, task.business_key)
        return forms.latest_form(self.engine, session, task.form_key, task.org_unit, task.business_key)

    def _candidates(self, task: UserTask) -> list[Actor]:
        if task.assignee:
            return [self._by_id[task.assignee]] if task.assignee in self._by_id else []
        found = [self._by_id[user] for user in task.candidate_users if user in self._by_id]
        found += [person for group in task.candidate_groups for person in self._members.get(group, ()) if task.org_unit in person.scope]
        return self.chance.sample(found, len(found))

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

    def _token(self, case_no: str) -> str:
        with self.engine.database.reading() as session:
            case = session.get(Case, case_no)
        if case is None:
            raise NotFound(f"Expected case {case_no} to exist but it does not.")
        return case.public_token


def _confirm(simulation: Simulation, case_no: str) -> None:
    said = simulation.pen.chosen(simulation.habits.wishes.get("confirmation", [("已解决", 1.0), ("未解决", 1.0)]))
    messages.confirm_answer(simulation.engine, simulation._token(case_no), said, "" if said == "已解决" else "问题还没有真正解决。")


def _rate(simulation: Simulation, case_no: str) -> None:
    level = simulation.pen.chosen(simulation.habits.wishes.get("rating.level", [(level, 1.0) for level in range(1, 6)]))
    messages.rate_case(simulation.engine, simulation._token(case_no), {"level": level, "tags": [], "text": ""})


#: Questions to the citizen, and how they answer on their page.
_ANSWERS: Mapping[str, Callable[[Simulation, str], None]] = {"case_confirmed": _confirm, "case_rated": _rate}


def _parts(ids: Sequence[str], size: int = 500) -> list[Sequence[str]]:
    return [ids[start : start + size] for start in range(0, len(ids), size)]

"""What people do at the real commands: register, open, act, answer, hand in, do their tasks. Knows no calendar and plans nothing."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from engine import appointment_slots, forms
from engine.actors import Actor
from engine.assembly import Engine
from engine.commands import case_actions, case_files, cases, materials, messages, partners, user_tasks
from engine.db.case_tables import Case
from engine.db.tables import UserTask
from engine.errors import InvalidInput, NotAllowed, NotFound
from engine.queries import case_actions as possible
from engine.services.case_actions import may
from engine.services.case_kinds import CASE, Action, Kind
from engine.services.materials import case_materials
from engine.simulation.applicants import applicant
from engine.simulation.caseload import COUNTER_CHANNELS, ONLINE_CHANNELS, WORDS
from engine.simulation.filling import Pen
from engine.simulation.habits import Habits
from engine.simulation.naming import named
from engine.simulation.ordering import order

#: A form that is refused is filled in anew so often, then it counts as a trouble.
MOST_TRIES = 6
#: So many who came last may come again with the same matter.
REMEMBERED = 8
#: So many people are asked for what they may do on a file.
MOST_ASKED = 8


@dataclass
class Tally:
    """What was done: numbers by kind, and every trouble in words."""

    done: Counter[str] = field(default_factory=Counter)
    troubles: list[str] = field(default_factory=list)


class Crowd:
    """Those who work in an installation, and the citizens; each method is one thing that somebody does, at the moment of the clock."""

    def __init__(self, engine: Engine, people: Iterable[Actor], habits: Habits, chance: random.Random, tally: Tally):
        self.engine, self.people, self.chance, self.tally = engine, tuple(people), chance, tally
        self._members: dict[str, list[Actor]] = {}
        for person in self.people:
            for group in person.groups:
                self._members.setdefault(group, []).append(person)
        self._by_id = {person.id: person for person in self.people}
        self._told: list[dict[str, Any]] = []
        self.take_on(habits)

    def take_on(self, habits: Habits) -> None:
        """From now on people do as these habits say. Whoever hands a case over gives it to somebody of the window."""
        self.habits = habits
        clerks = [(person.id, 1.0) for person in self._members.get("window", ())]
        self.pen = Pen(self.chance, {"new_owner": clerks, **habits.wishes}, habits.left_empty)

    def arrive_at_counter(self) -> None:
        """A clerk registers what somebody tells."""
        clerk = self.chance.choice(self._members["window"])
        self._fill("case_register", self._telling(COUNTER_CHANNELS), lambda values: cases.register_case(self.engine, clerk, values))

    def arrive_online(self) -> None:
        """It comes in by itself: as an order of a partner, or through a channel."""
        telling = self._telling(ONLINE_CHANNELS)
        if self.chance.random() < self.habits.ordered:
            partners.receive_order(self.engine, *order(self.chance, self.engine.secrets, self.engine.clock.now(), telling))
            return
        person = {key.removeprefix("applicant."): value for key, value in telling.items() if key.startswith("applicant.")}
        cases.receive_arrival(self.engine, telling["channel"], person, telling["text"])

    def open_file(self, kind: Kind) -> None:
        """Somebody who may opens a file of this kind."""
        people = [person for group in sorted(kind.openers) for person in self._members.get(group, ())]
        if not people:
            raise NotFound(f"Expected somebody to open a {kind.kind} but there is nobody in {', '.join(sorted(kind.openers))}.")
        opener = self.chance.choice(people)
        known = applicant(self.chance) if kind.applicant != "none" else {}
        self._fill(str(kind.start_form), known, lambda values: case_files.open_case_file(self.engine, opener, kind.kind, values))
        self.tally.done[f"{kind.kind}.opened"] += 1

    def act(self, case_no: str) -> None:
        """Somebody does one of the things that are possible on the file now."""
        with self.engine.database.reading() as session:
            actions = self.engine.reference.read(session).kinds.actions
        for person in self._able(actions.values(), case_no)[:MOST_ASKED]:
            try:
                found = possible.case_actions(self.engine, person, case_no)
            except NotAllowed:
                continue
            if found:
                weighted = [(view, self.habits.inclined.get(actions[view.action].message, 1.0)) for view in found]
                return self._do(person, case_no, self.pen.chosen(weighted))
        return None

    def answer(self, message: str, case_no: str) -> None:
        """A file waits for something that people do by an action: whoever may does it, or the citizen on their page."""
        if (on_their_page := _ANSWERS.get(message)) is not None:
            return on_their_page(self, case_no)
        with self.engine.database.reading() as session:
            kinds = self.engine.reference.read(session).kinds
        fitting = {action.action: action for action in kinds.actions.values() if action.message == message}
        for view in possible.public_actions(self.engine, self._token(case_no)) if fitting and self.chance.random() < 0.5 else ():
            if view.action in fitting:
                return self._do(None, case_no, view)
        for person in self._able(fitting.values(), case_no):
            try:
                views = possible.case_actions(self.engine, person, case_no)
            except NotAllowed:
                continue
            if found := [view for view in views if view.action in fitting]:
                return self._do(person, case_no, self.chance.choice(found))
        return None

    def confirm(self, case_no: str) -> None:
        """The applicant says whether it is solved."""
        said = self.pen.chosen(self.habits.wishes.get("confirmation", [("已解决", 1.0), ("未解决", 1.0)]))
        messages.confirm_answer(self.engine, self._token(case_no), said, "" if said == "已解决" else "问题还没有真正解决。")

    def rate(self, case_no: str) -> None:
        """The applicant rates the case."""
        level = self.pen.chosen(self.habits.wishes.get("rating.level", [(level, 1.0) for level in range(1, 6)]))
        messages.rate_case(self.engine, self._token(case_no), {"level": level, "tags": [], "text": ""})

    def hand_in(self, case_no: str) -> None:
        """The applicant brings one of the materials to the counter."""
        with self.engine.database.reading() as session:
            case = session.get_one(Case, case_no)
            asked = [one.id for one in case_materials(session, case, self.engine.clock.now())] if case.kind == CASE else []
        clerks = [person for person in self._members["window"] if case.org_unit in person.scope]
        if asked and clerks:
            materials.receive_material(self.engine, self.chance.choice(clerks), case_no, self.chance.choice(asked))

    def complete(self, task_id: str) -> None:
        """Somebody who may does the task, if it is still to be done."""
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

    def _able(self, actions: Iterable[Action], case_no: str) -> list[Actor]:
        """Whoever may do one of the actions on such a file, in any order; whether they may see it is for the engine to say."""
        with self.engine.database.reading() as session:
            case = session.get(Case, case_no)
        wanted = [action for action in actions if case is not None and case.kind in action.kinds]
        able = [person for person in self.people if case is not None and any(may(action, case, person) for action in wanted)]
        return self.chance.sample(able, len(able))

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
                send({**self.pen.filled(schema, self.engine.clock.now()), **named(self.engine, self.chance, schema), **known})
                return
            except InvalidInput:
                if attempt == MOST_TRIES - 1:
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

    def _token(self, case_no: str) -> str:
        with self.engine.database.reading() as session:
            case = session.get(Case, case_no)
        if case is None:
            raise NotFound(f"Expected case {case_no} to exist but it does not.")
        return case.public_token


#: Questions to the citizen, and how they answer on their page.
_ANSWERS: Mapping[str, Callable[[Crowd, str], None]] = {"case_confirmed": Crowd.confirm, "case_rated": Crowd.rate}

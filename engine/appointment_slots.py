"""Half hours that may be booked (预约时段): what DT31 says of each, as choices of a form and once more when one is sent. Books none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy.orm import Session

from engine import forms
from engine.assembly import Engine
from engine.clock import local
from engine.db.case_tables import Case, Party
from engine.errors import InvalidInput
from engine.feel import DecisionModel
from engine.services import appointments
from engine.services.appointments import Wish
from engine.services.codes import Correction
from engine.services.identity import in_one_piece
from engine.services.working_time import WorkCalendar
from engine.versions import Place, latest

#: The source of choices of a field that asks for a half hour. Counter, special need and way are those of the context “appointment”.
SOURCE = forms.SLOTS
TABLE = "DT31"
#: So far ahead half hours are offered, and so many are named to whoever asked for one that has gone.
AHEAD = timedelta(days=14)
NAMED = 4
#: Nobody is offered a half hour outside these, whatever the table says.
OPENS, CLOSES = time(8), time(21)
STEP = timedelta(minutes=appointments.HALF)
FULL = "这个时段不能预约"
WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def offered(
    engine: Engine, session: Session, schema: Mapping[str, Any], values: Mapping[str, Any], org_unit: str, own: Case | None = None
) -> Mapping[str, Any]:
    """The form with the half hours that are free at the counter in ``values``. A form that asks for none stays as it is."""
    if not forms.asking_for(schema, SOURCE):
        return schema
    wanted = {name: value for name, value in _wanted(values, own).items() if name != "slot"}
    counter = _Counter(engine, session, org_unit, wanted, own)
    return forms.with_choices(schema, SOURCE, [_choice(slot) for slot in counter.free()])


def offered_at(engine: Engine, session: Session, schema: Mapping[str, Any], counter: str | None) -> dict[str, Any]:
    """The same for one counter of the centre's own window."""
    return dict(offered(engine, session, schema, {"appointment": {"counter": counter}}, engine.settings.org_unit))


def require_free(
    engine: Engine, session: Session, schema: Mapping[str, Any], values: Mapping[str, Any], org_unit: str, own: Case | None = None
) -> None:
    """Refuse a half hour that the table refuses (full, past, outside the hours) and name the next free ones.

    Until the transaction ends nobody else is let through; the file that is written in it holds the place from then on.
    """
    for component in forms.asking_for(schema, SOURCE):
        key = str(component["key"])
        if slot := forms.member(values, key):
            appointments.hold(session, org_unit)
            wanted = {**_wanted(values, own), "slot": slot}
            counter = _Counter(engine, session, org_unit, wanted, own, _phone_index(engine, session, values, own))
            if (answer := counter.asked_for(key))["code"] == "refused":
                told = _told(str(answer.get("reason") or FULL), counter.nearest())
                raise InvalidInput(f"Expected a half hour that can be booked but {slot} cannot.", {key: [told]})


@dataclass(frozen=True)
class _Counter:
    """A counter and its half hours as whoever asks sees them."""

    engine: Engine
    session: Session
    org_unit: str
    wanted: Mapping[str, Any]
    own: Case | None = None
    phone_index: str | None = None
    asked: dict[tuple[Any, ...], Mapping[str, Any]] = field(default_factory=dict)

    @cached_property
    def now(self) -> datetime:
        return self.engine.clock.now()

    @cached_property
    def wish(self) -> Wish:
        return appointments.wish({"slot": local(self.now).isoformat(), **self.wanted}, self.now)

    def free(self) -> Iterator[datetime]:
        """Half hours to come that the table lets be booked."""
        for slot in _half_hours(self.now):
            if self.answer(replace(self.wish, slot=slot, is_walk_in=False))["code"] == "bookable":
                yield slot

    def nearest(self) -> list[datetime]:
        """Free half hours from the one that was asked for on; the first ones where nothing is free after it."""
        free = list(self.free())
        return [slot for slot in free if slot >= self.wish.slot][:NAMED] or free[:NAMED]

    def asked_for(self, key: str) -> Mapping[str, Any]:
        """What the table says of the half hour that stands in a field. Raises InvalidInput when it is none."""
        try:
            return self.answer(self.wish)
        except InvalidInput as error:
            raise InvalidInput(str(error), dict.fromkeys([key], next(iter(error.fields.values())))) from error

    def answer(self, wish: Wish) -> Mapping[str, Any]:
        """What the table says; the same question of another day is asked once."""
        facts = appointments.slot_facts(self._calendar, self.now, wish, self._taken[wish.slot.isoformat()], self._missed)
        question = tuple(value for name, value in facts.items() if name != "day")
        if question not in self.asked:
            outcome = self.engine.feel.decide(self._model, TABLE, {"slot_facts": facts}, self.now)
            self.asked[question] = outcome.value or {"code": "refused"}
        return self.asked[question]

    @cached_property
    def _taken(self) -> Counter[str]:
        return appointments.places_taken(self.session, self.org_unit, self.wish.counter, self.own)

    @cached_property
    def _missed(self) -> int:
        return appointments.times_missed(self.session, self.phone_index, self.now)

    @cached_property
    def _model(self) -> DecisionModel:
        row = latest(self.session, "decision", TABLE, Place(self.org_unit, self.now))
        return self.engine.definitions.decision(self.session, row.id)

    @cached_property
    def _calendar(self) -> WorkCalendar:
        return self.engine.reference.read(self.session).calendar


def _wanted(values: Mapping[str, Any], own: Case | None) -> dict[str, Any]:
    """What is known of the appointment: what was booked, and over it what the form says."""
    booked = own.facts.get("appointment") or {} if own else {}
    said = values.get("appointment") or {}
    return {**booked, **{name: value for name, value in said.items() if value is not None}}


def _phone_index(engine: Engine, session: Session, values: Mapping[str, Any], own: Case | None) -> str | None:
    if own is not None:
        party = session.get(Party, own.applicant_id) if own.applicant_id else None
        return party.phone_index if party else None
    phone = forms.member(values, "applicant.phone")
    return engine.secrets.blind_index(in_one_piece(str(phone)), "phone") if phone else None


def _half_hours(now: datetime) -> Iterator[datetime]:
    today = local(now).replace(hour=0, minute=0, second=0, microsecond=0)
    slot, end = today, today + AHEAD
    while slot < end:
        if slot > now and OPENS <= slot.time() < CLOSES:
            yield slot
        slot += STEP


def _choice(slot: datetime) -> dict[str, str]:
    label = f"{_day(slot)} {slot:%H:%M}–{slot + STEP:%H:%M}"
    return {"value": slot.isoformat(), "label": label, "en": _english(slot), "group": _day(slot), "group_en": _english_day(slot)}


def _told(reason: str, free: Sequence[datetime]) -> Correction:
    named = "、".join(f"{_day(slot)} {slot:%H:%M}" for slot in free)
    english = "; ".join(map(_english, free))
    return Correction(
        f"{reason}。最近可约的时段：{named}。" if free else f"{reason}。可拨打窗口电话预约。",
        f"This half hour cannot be booked. The next free ones: {english}."
        if free
        else "This cannot be booked online. Please call the window.",
    )


def _day(slot: datetime) -> str:
    return f"{slot.month}月{slot.day}日{appointments.WEEKDAYS[slot.weekday()]}"


def _english(slot: datetime) -> str:
    return f"{_english_day(slot)}, {slot:%H:%M}–{slot + STEP:%H:%M}"


def _english_day(slot: datetime) -> str:
    return f"{WEEKDAYS_EN[slot.weekday()]} {slot.day} {MONTHS_EN[slot.month - 1]}"

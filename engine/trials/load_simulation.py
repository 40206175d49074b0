"""A simple queueing model of the centre: cases arrive, each passes its tasks, each group has so many people. Pure: knows no database.

Time is working minutes from the beginning; nobody arrives or works outside them. Tasks of one stage run side by side, stages one after
the other. Within a group: first come, first served, by whoever is free. The same seed gives the same arrivals and cases to every version
compared, so that only the version makes a difference.
"""

from __future__ import annotations

import heapq
import random
from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from engine.errors import InvalidInput

#: More cases than this are not simulated.
MOST_ARRIVALS = 20_000


@dataclass(frozen=True)
class Leg:
    """One task: who does it, working minutes of handling, and within how many working minutes it has to be done."""

    element_id: str
    group: str
    minutes: float
    limit: float | None = None


@dataclass(frozen=True)
class Route:
    """The tasks of a case in stages, and the working minutes within which all must be done."""

    stages: tuple[tuple[Leg, ...], ...]
    limit: float | None = None


@dataclass(frozen=True)
class GroupLoad:
    """How a group fared; minutes are working minutes. ``queue`` holds how many waited at the end of each day."""

    group: str
    staff: int
    tasks: int
    mean_wait: float
    p90_wait: float
    longest_queue: int
    utilisation: float
    breaches: int
    queue: tuple[int, ...]


@dataclass(frozen=True)
class Forecast:
    """What would come of it. ``late`` cases took longer than their limit; ``open_at_end`` were not done when the time was over."""

    arrivals: int
    finished: int
    late: int
    open_at_end: int
    mean_time: float
    groups: tuple[GroupLoad, ...]


def arrivals(rate_per_day: float, days: int, day_minutes: float, seed: int) -> tuple[float, ...]:
    """Moments of random arrivals: so many a working day on average."""
    if rate_per_day * days > MOST_ARRIVALS:
        raise InvalidInput(f"Expected at most {MOST_ARRIVALS:,} cases to simulate but got {rate_per_day * days:,.0f}. Take fewer days.")
    chance, moment, found = random.Random(seed), 0.0, list[float]()
    while rate_per_day > 0:
        moment += chance.expovariate(rate_per_day / day_minutes)
        if moment >= days * day_minutes:
            break
        found.append(moment)
    return tuple(found)


def picks(number: int, among: int, seed: int) -> tuple[int, ...]:
    """Which case of history each arrival resembles."""
    chance = random.Random(seed + 1)
    return tuple(chance.randrange(among) for _arrival in range(number)) if among else ()


def simulate(moments: Sequence[float], routes: Sequence[Route], staff: Mapping[str, int], horizon: float, day_minutes: float) -> Forecast:
    """Let ``routes[i]`` arrive at ``moments[i]``; a group nobody is in is taken as one person."""
    return _Run(moments, routes, staff, horizon, day_minutes).forecast()


@dataclass
class _Group:
    staff: int
    free: int
    waiting: deque[tuple[int, float, Leg]] = field(default_factory=deque)
    waits: list[float] = field(default_factory=list)
    busy: float = 0.0
    breaches: int = 0
    longest: int = 0
    queue: list[int] = field(default_factory=list)


@dataclass
class _Going:
    """A case on its way: the stage it is in, and how many of its tasks are still to be done."""

    route: Route
    arrived: float
    stage: int = -1
    left: int = 0
    ended: float | None = None


class _Run:
    def __init__(self, moments: Sequence[float], routes: Sequence[Route], staff: Mapping[str, int], horizon: float, day: float):
        self._horizon, self._day = horizon, day
        self._groups = defaultdict[str, _Group](lambda: _Group(1, 1))
        self._groups.update({group: _Group(max(1, number), max(1, number)) for group, number in staff.items()})
        self._cases = [_Going(route, moment) for moment, route in zip(moments, routes, strict=True)]
        self._order = count()
        self._events: list[tuple[float, bool, int, int, Leg | None]] = []
        for number, case in enumerate(self._cases):
            self._add(case.arrived, number, None)

    def forecast(self) -> Forecast:
        days = 1
        while self._events and self._events[0][0] < self._horizon:
            while days * self._day <= self._events[0][0]:
                self._close_day()
                days += 1
            moment, _is_arrival, _order, number, leg = heapq.heappop(self._events)
            self._take(moment, number, leg)
        while days * self._day <= self._horizon:
            self._close_day()
            days += 1
        return self._result()

    def _add(self, moment: float, number: int, leg: Leg | None) -> None:
        """At the same moment, who becomes free does so before anybody arrives."""
        heapq.heappush(self._events, (moment, leg is None, next(self._order), number, leg))

    def _close_day(self) -> None:
        for group in self._groups.values():
            group.queue.append(len(group.waiting))

    def _take(self, moment: float, number: int, leg: Leg | None) -> None:
        """A case arrives (no leg), or somebody has done a task."""
        case = self._cases[number]
        if leg is not None:
            group = self._groups[leg.group]
            group.free += 1
            case.left -= 1
            self._serve(moment, group)
        if case.left == 0:
            self._next_stage(moment, number)

    def _next_stage(self, moment: float, number: int) -> None:
        case = self._cases[number]
        case.stage += 1
        if case.stage >= len(case.route.stages):
            case.ended = moment
            return
        case.left = len(case.route.stages[case.stage])
        for leg in case.route.stages[case.stage]:
            group = self._groups[leg.group]
            group.waiting.append((number, moment, leg))
            self._serve(moment, group)
            group.longest = max(group.longest, len(group.waiting))

    def _serve(self, moment: float, group: _Group) -> None:
        while group.free and group.waiting:
            number, since, leg = group.waiting.popleft()
            group.free -= 1
            group.waits.append(moment - since)
            group.busy += max(0.0, min(leg.minutes, self._horizon - moment))
            group.breaches += leg.limit is not None and moment + leg.minutes - since > leg.limit
            self._add(moment + leg.minutes, number, leg)

    def _result(self) -> Forecast:
        ended = [(case, case.ended - case.arrived) for case in self._cases if case.ended is not None]
        still = [(case, self._horizon - case.arrived) for case in self._cases if case.ended is None]
        late = sum(case.route.limit is not None and taken > case.route.limit for case, taken in (*ended, *still))
        loads = tuple(self._load(name, group) for name, group in sorted(self._groups.items()) if group.waits or group.waiting)
        mean = sum(taken for _case, taken in ended) / len(ended) if ended else 0.0
        return Forecast(len(self._cases), len(ended), late, len(still), mean, loads)

    def _load(self, name: str, group: _Group) -> GroupLoad:
        unserved = [self._horizon - since for _number, since, _leg in group.waiting]
        overdue = sum(leg.limit is not None and self._horizon - since > leg.limit for _number, since, leg in group.waiting)
        waits = sorted([*group.waits, *unserved])
        return GroupLoad(
            group=name,
            staff=group.staff,
            tasks=len(waits),
            mean_wait=sum(waits) / len(waits),
            p90_wait=waits[min(len(waits) - 1, int(len(waits) * 0.9))],
            longest_queue=group.longest,
            utilisation=min(1.0, group.busy / (group.staff * self._horizon)) if self._horizon else 0.0,
            breaches=group.breaches + overdue,
            queue=tuple(group.queue),
        )

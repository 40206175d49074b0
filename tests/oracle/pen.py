"""Draws the elements of one process at random: activities, events, markers, event sub-processes. Knows no order of elements."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.oracle.drawing import Boundary, Call, Condition, Event, Flow, Kind, Level, Loop, Many, Node, Sum, Timer, Trigger

VARIABLES = ("v0", "v1", "v2", "v3")
MOST_LEVELS = 4


class Pen:
    """Draws one process; ``called`` are the keys of the processes that it calls, ``left`` how much more it may draw."""

    def __init__(self, dice: random.Random, key: str = "P"):
        self.dice, self.key, self.called = dice, key, set[str]()
        self.nodes: list[Node] = []
        self.flows: list[Flow] = []
        self.left = 0
        self._number, self._depth = 0, 0

    # --- levels and flows ---------------------------------------------------------------------------------------------

    def level(self, draw: Callable[[], tuple[str, str]]) -> Level:
        """A start, what ``draw`` draws, an end, and sometimes event sub-processes."""
        outside = self.nodes, self.flows
        self.nodes, self.flows = [], []
        self._depth += 1
        begin, end = self.add("start"), self.add("end")
        first, last = draw()
        self.flow(begin, first)
        self.flow(last, end)
        if self.dice.random() < 0.25 and self._depth < MOST_LEVELS:
            self._add_guards()
        self._depth -= 1
        level = Level(tuple(self.nodes), tuple(self.flows))
        self.nodes, self.flows = outside
        return level

    def _add_guards(self) -> None:
        for _ in range(self.dice.choice([1, 1, 2])):
            event = self._caught()
            if not any(node.kind == "guard" and node.event == event for node in self.nodes):
                inner = self.level(self._guard_content)
                interrupting = event.kind == "error" or self.dice.random() < 0.5
                self.add("guard", event=event, interrupting=interrupting, inner=inner)

    def _guard_content(self) -> tuple[str, str]:
        task = self.add("task")
        if self.dice.random() < 0.3:
            last = self.add("throw", event=self.dice.choice([self.undoing(None), self.thrown()]))
        else:
            last = self.add("script", sets=self.sum())
        self.flow(task, last)
        return task, last

    def name(self, kind: str) -> str:
        self._number += 1
        return f"{self.key}_{kind}{self._number}"

    def add(self, kind: Kind, **facts: Any) -> str:
        node = Node(self.name(kind), kind, **facts)
        self.nodes.append(node)
        return node.id

    def flow(self, source: str, target: str, condition: Condition | None = None) -> str:
        flow = Flow(self.name("flow"), source, target, condition)
        self.flows.append(flow)
        return flow.id

    def node(self, id: str) -> Node:
        return next(node for node in self.nodes if node.id == id)

    def change(self, id: str, **facts: Any) -> str:
        node = self.node(id)
        self.nodes[self.nodes.index(node)] = replace(node, **facts)
        return id

    # --- activities ---------------------------------------------------------------------------------------------------

    def add_activity(self) -> str:
        """A task, a service, a sub-process or a call, perhaps several times."""
        kinds: list[Kind] = ["task", "task", "service", "script", "sub", "sub", "sub"] if self._depth < MOST_LEVELS else ["task", "service"]
        kind = self.dice.choice([*kinds, "call", "call"] if self.key == "P" else kinds)
        id = self.add(kind)
        if kind == "sub":
            self.change(id, inner=self.level(self.block))
        elif kind == "call":
            key = self.dice.choice(["Q", "R"])
            self.called.add(key)
            self.change(id, call=Call(key, self._passed(), self._returned()))
        elif kind == "service":
            self.change(id, event=Event("error", self.dice.choice(["E1", "E2"])), condition=self.condition_on(*VARIABLES))
        elif kind == "script":
            self.change(id, sets=self.sum())
        marker = self.dice.random()
        if marker < 0.25:
            self.change(id, many=self._many())
        elif marker < 0.45:
            loop = Loop(self.dice.randint(0, 3), self.dice.choice([None, self.condition_on(*VARIABLES)]), self.dice.random() < 0.3)
            self.change(id, loop=loop)
        return id

    def block(self) -> tuple[str, str]:
        """What is drawn in a sub-process."""
        raise NotImplementedError

    def _passed(self) -> tuple[Sum, ...] | None:
        """Everything, or something for each variable, because no expression may meet a variable that is not there."""
        if self.dice.random() < 0.4:
            return None
        sums = [Sum(target, self.dice.choice(VARIABLES), self.dice.choice([None, None, 5])) for target in VARIABLES]
        return (*sums, Sum("not_there", "nowhere", None))

    def _returned(self) -> tuple[Sum, ...] | None:
        passed = self._passed()
        return passed if passed is None else tuple(self.dice.sample(passed, self.dice.randint(0, 3)))

    def _many(self) -> Many:
        number = self.dice.choice([0, 1, 2, 2, 3])
        items = tuple(self.dice.randrange(9) for _ in range(number)) if self.dice.random() < 0.4 else None
        enough = self.condition_on("nrOfCompletedInstances", "nrOfActiveInstances", *VARIABLES) if self.dice.random() < 0.3 else None
        output = self.dice.choice([None, None, "loopCounter", "v0", "item" if items is not None else "v1"])
        return Many(number, self.dice.random() < 0.5, items, enough, output)

    # --- events -------------------------------------------------------------------------------------------------------

    def attach(self, activity: str, target: str, interrupting: bool) -> None:
        """An event at the border, mostly one that can come about there."""
        event = self._caught()
        if self.node(activity).kind == "service" and self.dice.random() < 0.8:
            event = Event("error", self.dice.choice(["E1", "E2", None]))
        if not any(border.event == event for border in self.node(activity).boundaries):
            self.attach_event(activity, target, event, interrupting or event.kind == "error")
        else:
            self.attach_event(activity, target, self.timed(), interrupting)

    def attach_event(self, activity: str, target: str, event: Event, interrupting: bool) -> None:
        border = Boundary(self.name("event"), interrupting, event)
        self.change(activity, boundaries=(*self.node(activity).boundaries, border))
        self.flow(border.id, target)

    def add_end(self, kind: Trigger | None = None) -> str:
        """A plain end as often as all others together."""
        drawn: Trigger | None = kind or self.dice.choice(
            [None, None, None, None, "terminate", "error", "escalation", "message", "compensate"]
        )
        if drawn in (None, "terminate"):
            return self.add("end", event=Event(drawn) if drawn else None)
        event = {"error": Event("error", self._code("E")), "escalation": Event("escalation", self._code("L"))}
        return self.add("end", event=event.get(drawn) or (self.undoing(None) if drawn == "compensate" else self._named()))

    def awaited(self, with_conditions: bool = True) -> Event:
        kinds = ["timer", "message", "signal"] + (["condition"] if with_conditions else [])
        match self.dice.choice(kinds):
            case "timer":
                return self.timed()
            case "condition":
                return Event("condition", condition=self.condition_on(*VARIABLES))
        return self._named()

    def _caught(self) -> Event:
        """What an event at a border or of an event sub-process may wait for or catch."""
        match self.dice.choice(["awaited", "awaited", "error", "escalation"]):
            case "error":
                return Event("error", self.dice.choice(["E1", "E2", None]))
            case "escalation":
                return Event("escalation", self.dice.choice(["L1", "L2", None]))
        return self.awaited()

    def thrown(self) -> Event | None:
        return self.dice.choice([None, self._named(), Event("escalation", self._code("L")), Event("escalation", self._code("L"))])

    def timed(self) -> Event:
        kind = self.dice.choice(["date", "duration", "cycle"])
        return Event(
            "timer", timer=Timer(kind, self.dice.choice([1, 45, 60, 240]), self.dice.choice([None, 1, 2, 3]) if kind == "cycle" else 1)
        )

    def _named(self) -> Event:
        if self.dice.random() < 0.5:
            return Event("signal", self.dice.choice(["s1", "s2"]))
        return Event("message", self.dice.choice(["m1", "m2"]), key=self.dice.choice([None, *VARIABLES]))

    def _code(self, letter: str) -> str:
        return letter + self.dice.choice("12")

    @staticmethod
    def link(name: str) -> Event:
        return Event("link", name)

    @staticmethod
    def undoing(activity: str | None) -> Event:
        return Event("compensate", activity)

    @staticmethod
    def cancelling() -> Event:
        return Event("cancel")

    # --- conditions and sums ------------------------------------------------------------------------------------------

    def condition_on(self, *variables: str) -> Condition:
        modulus = self.dice.choice([2, 2, 3])
        return Condition(self.dice.choice(variables), modulus, self.dice.randrange(modulus))

    def sum(self) -> Sum:
        return Sum(self.dice.choice(VARIABLES), self.dice.choice(VARIABLES), self.dice.randrange(5))

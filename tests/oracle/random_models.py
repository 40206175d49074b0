"""Random models from a seed: well-nested ones and arbitrary graphs. Draws; never plays."""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.oracle.drawing import Boundary, Call, Condition, Flow, Kind, Level, Loop, Many, Model, Node

VARIABLES = ("v0", "v1", "v2", "v3")


def random_model(seed: int) -> Model:
    """Every second model is well nested, every other an arbitrary graph."""
    dice = random.Random(seed)
    pen = Pen(dice)
    levels = {"P": pen.structured(dice.randint(4, 18)) if seed % 2 == 0 else pen.unstructured(dice.randint(3, 9))}
    for key in sorted(pen.called):
        levels[key] = Pen(dice, key).structured(dice.randint(1, 4))
    return Model(levels)


class Pen:
    """Draws one process; ``called`` are the keys of the processes that it calls."""

    def __init__(self, dice: random.Random, key: str = "P"):
        self.dice, self.key, self.called = dice, key, set[str]()
        self.nodes: list[Node] = []
        self.flows: list[Flow] = []
        self._number, self._left, self._depth = 0, 0, 0

    # --- well nested --------------------------------------------------------------------------------------------------

    def structured(self, size: int) -> Level:
        self._left = size
        return self._level(self._block)

    def _level(self, draw: Callable[[], tuple[str, str]]) -> Level:
        outside = self.nodes, self.flows
        self.nodes, self.flows = [], []
        self._depth += 1
        begin, end = self._add("start"), self._add("end")
        first, last = draw()
        self._flow(begin, first)
        self._flow(last, end)
        self._depth -= 1
        level = Level(tuple(self.nodes), tuple(self.flows))
        self.nodes, self.flows = outside
        return level

    def _block(self) -> tuple[str, str]:
        self._left -= 1
        if self._left <= 0:
            return self._alone(self._add("task"))
        kinds = ["row", "row", "and", "and", "or", "xor", "loop", "guarded", "activity", "activity", "side", "link", "early", "race"]
        drawn: tuple[str, str] = getattr(self, f"_{self.dice.choice(kinds)}")()
        return drawn

    def _alone(self, id: str) -> tuple[str, str]:
        return id, id

    def _row(self) -> tuple[str, str]:
        first, last = self._block()
        for _ in range(self.dice.randint(1, 2)):
            begin, end = self._block()
            self._flow(last, begin)
            last = end
        return first, last

    def _and(self) -> tuple[str, str]:
        return self._branches("and", lambda: None)

    def _or(self) -> tuple[str, str]:
        return self._branches("or", self._condition)

    def _xor(self) -> tuple[str, str]:
        return self._branches("xor", self._condition)

    def _branches(self, kind: Kind, condition: Callable[[], Condition | None]) -> tuple[str, str]:
        split, join = self._add(kind), self._add(kind)
        count = self.dice.randint(2, 3)
        for index in range(count):
            first, last = self._block()
            is_default = kind != "and" and index == count - 1
            flow = self._flow(split, first, None if is_default else condition())
            self._flow(last, join)
            if is_default:
                self._change(split, default=flow)
        return split, join

    def _loop(self) -> tuple[str, str]:
        merge, split, task = self._add("xor"), self._add("xor"), self._add("task")
        first, last = self._block()
        self._flow(merge, first)
        self._flow(last, split)
        self._flow(split, task, self._condition())
        self._flow(task, merge)
        out = self._add("xor")
        self._change(split, default=self._flow(split, out))
        return merge, out

    def _activity(self) -> tuple[str, str]:
        return self._alone(self._add_activity())

    def _guarded(self) -> tuple[str, str]:
        """An activity with an interrupting boundary event that joins again."""
        activity, merge, task = self._add_activity(), self._add("xor"), self._add("task")
        self._attach(activity, task, interrupting=True)
        self._flow(activity, merge)
        self._flow(task, merge)
        return activity, merge

    def _side(self) -> tuple[str, str]:
        """An activity with a non-interrupting boundary event whose branch ends by itself."""
        activity = self._add_activity()
        first, last = self._block()
        self._attach(activity, first, interrupting=False)
        self._flow(last, self._add("end"))
        return activity, activity

    def _link(self) -> tuple[str, str]:
        throw, catch = self._add("throw"), self._add("catch")
        self._change(throw, link=catch)
        self._change(catch, link=catch)
        first, last = self._block()
        self._flow(catch, first)
        return throw, last

    def _early(self) -> tuple[str, str]:
        """A choice between going on and an end, which may end the whole level."""
        split, task = self._add("xor"), self._add("task")
        self._flow(split, self._add(self.dice.choice(["end", "terminate"])), self._condition())
        self._change(split, default=self._flow(split, task))
        return split, task

    def _race(self) -> tuple[str, str]:
        """A sub-process with two branches, one of which ends the other."""
        return self._alone(self._change(self._add("sub"), inner=self._level(self._two_ends)))

    def _two_ends(self) -> tuple[str, str]:
        split = self._add("and")
        for end in ("terminate", None):
            first, last = self._block()
            self._flow(split, first)
            if end is not None:
                self._flow(last, self._add("terminate"))
        return split, last

    # --- arbitrary graphs ---------------------------------------------------------------------------------------------

    def unstructured(self, size: int) -> Level:
        self._left = self.dice.randint(0, 5)
        return self._level(lambda: self._graph(size))

    def _graph(self, size: int) -> tuple[str, str]:
        """Forward flows at random, each node reached from an earlier one; flows back lead through a task of their own."""
        kinds: list[Kind] = ["task", "task", "task", "activity", "xor", "and", "and", "or", "or"]  # type: ignore[list-item]
        order = [self._add("task")]
        for _ in range(size):
            kind = self.dice.choice(kinds)
            order.append(self._add_activity() if kind == "activity" else self._add(kind))  # type: ignore[comparison-overlap]
        order.append(self._add(self.dice.choice(["xor", "task", "or"])))
        pairs = {(self.dice.choice(order[:index]), order[index]) for index in range(1, len(order))}
        pairs |= {(id, self.dice.choice(order[index + 1 :])) for index, id in enumerate(order[:-1]) if self.dice.random() < 0.6}
        pairs |= {(id, order[-1]) for id in order[:-1] if id not in {source for source, _ in pairs}}
        for source, target in sorted(pairs):
            self._flow(source, target)
        for _ in range(self.dice.choice([0, 0, 1, 1, 2])):
            back = self._add("task")
            late, soon = sorted(self.dice.sample(range(len(order) - 1), 2), reverse=True)
            self._flow(order[late], back)
            self._flow(back, order[soon])
        if self.dice.random() < 0.3:
            self._flow(self.dice.choice(order[:-1]), self._add("terminate"))
        for id in order:
            if self.dice.random() < 0.15 and self._kind(id) in ("task", "sub", "call"):
                self._attach(id, self.dice.choice(order), interrupting=self.dice.random() < 0.6, through_task=True)
        self._decide()
        return order[0], order[-1]

    def _decide(self) -> None:
        """Conditions and default flows for the gateways that choose."""
        for node in [node for node in self.nodes if node.kind in ("xor", "or")]:
            leaving = [flow for flow in self.flows if flow.source == node.id]
            has_default = self.dice.random() < 0.9
            if len(leaving) > 1:
                for flow in leaving[has_default:]:
                    self.flows[self.flows.index(flow)] = Flow(flow.id, flow.source, flow.target, self._condition())
                if has_default:
                    self._change(node.id, default=leaving[0].id)

    # --- elements -----------------------------------------------------------------------------------------------------

    def _name(self, kind: str) -> str:
        self._number += 1
        return f"{self.key}_{kind}{self._number}"

    def _add(self, kind: Kind) -> str:
        node = Node(self._name(kind), kind)
        self.nodes.append(node)
        return node.id

    def _add_activity(self) -> str:
        """A task, a sub-process or a call, perhaps several times."""
        kinds: list[Kind] = ["task", "sub", "sub"] if self._depth < 4 else ["task"]
        kind = self.dice.choice([*kinds, "call"] if self.key == "P" else kinds)
        id = self._add(kind)
        if kind == "sub":
            self._change(id, inner=self._level(self._block))
        elif kind == "call":
            key = self.dice.choice(["Q", "R"])
            self.called.add(key)
            self._change(id, call=Call(key, self.dice.choice([None, ("v0",), ("v1", "v2")])))
        marker = self.dice.random()
        if marker < 0.25:
            self._change(id, many=Many(self.dice.choice([0, 1, 2, 2, 3]), self.dice.random() < 0.5))
        elif marker < 0.45:
            loop = Loop(self.dice.randint(0, 3), self.dice.choice([None, self._condition()]), self.dice.random() < 0.3)
            self._change(id, loop=loop)
        return id

    def _attach(self, activity: str, target: str, interrupting: bool, through_task: bool = False) -> None:
        event = Boundary(self._name("event"), interrupting)
        node = next(node for node in self.nodes if node.id == activity)
        self._change(activity, boundaries=(*node.boundaries, event))
        if through_task:
            task = self._add("task")
            self._flow(task, target)
            target = task
        self._flow(event.id, target)

    def _flow(self, source: str, target: str, condition: Condition | None = None) -> str:
        flow = Flow(self._name("flow"), source, target, condition)
        self.flows.append(flow)
        return flow.id

    def _change(self, id: str, **facts: object) -> str:
        index = next(index for index, node in enumerate(self.nodes) if node.id == id)
        self.nodes[index] = Node(**{**self.nodes[index].__dict__, **facts})  # type: ignore[arg-type]
        return id

    def _kind(self, id: str) -> Kind:
        return next(node.kind for node in self.nodes if node.id == id)

    def _condition(self) -> Condition:
        modulus = self.dice.choice([2, 2, 3])
        return Condition(self.dice.choice(VARIABLES), modulus, self.dice.randrange(modulus))

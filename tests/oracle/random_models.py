"""Random models from a seed: well-nested ones and arbitrary graphs. Draws; never plays."""

from __future__ import annotations

import random
from dataclasses import replace

from tests.oracle.drawing import Condition, Kind, Level, Model, Node
from tests.oracle.pen import VARIABLES, Pen

__all__ = ["VARIABLES", "random_model"]

_BLOCKS = ["row", "row", "and", "and", "or", "xor", "loop", "guarded", "guarded", "activity", "activity", "side", "link", "early", "race"]
_EVENTFUL = ["catch", "throw", "first", "undo", "undo", "script", "trip"]


def random_model(seed: int) -> Model:
    """Every second model is well nested, every other an arbitrary graph."""
    dice = random.Random(seed)
    pen = Blocks(dice)
    levels = {"P": pen.structured(dice.randint(4, 18)) if seed % 2 == 0 else pen.unstructured(dice.randint(3, 9))}
    for key in sorted(pen.called):
        levels[key] = Blocks(dice, key).structured(dice.randint(1, 4))
    return Model(levels)


class Blocks(Pen):
    """Draws one process from blocks, or as a graph."""

    # --- well nested --------------------------------------------------------------------------------------------------

    def structured(self, size: int) -> Level:
        self.left = size
        return self.level(self.block)

    def block(self) -> tuple[str, str]:
        self.left -= 1
        if self.left <= 0:
            return self._alone(self.add("task"))
        drawn: tuple[str, str] = getattr(self, f"_{self.dice.choice(_BLOCKS + _EVENTFUL)}")()
        return drawn

    def _alone(self, id: str) -> tuple[str, str]:
        return id, id

    def _row(self) -> tuple[str, str]:
        first, last = self.block()
        for _ in range(self.dice.randint(1, 2)):
            begin, end = self.block()
            self.flow(last, begin)
            last = end
        return first, last

    def _and(self) -> tuple[str, str]:
        return self._branches("and")

    def _or(self) -> tuple[str, str]:
        return self._branches("or")

    def _xor(self) -> tuple[str, str]:
        return self._branches("xor")

    def _branches(self, kind: Kind) -> tuple[str, str]:
        split, join = self.add(kind), self.add(kind)
        count = self.dice.randint(2, 3)
        for index in range(count):
            first, last = self.block()
            is_default = kind != "and" and index == count - 1
            flow = self.flow(split, first, None if is_default or kind == "and" else self.condition())
            self.flow(last, join)
            if is_default:
                self.change(split, default=flow)
        return split, join

    def _loop(self) -> tuple[str, str]:
        merge, split, task = self.add("xor"), self.add("xor"), self.add("task")
        first, last = self.block()
        self.flow(merge, first)
        self.flow(last, split)
        self.flow(split, task, self.condition())
        self.flow(task, merge)
        out = self.add("xor")
        self.change(split, default=self.flow(split, out))
        return merge, out

    def _activity(self) -> tuple[str, str]:
        return self._alone(self.add_activity())

    def _guarded(self) -> tuple[str, str]:
        """An activity with an interrupting event at its border that joins again."""
        activity, merge, task = self.add_activity(), self.add("xor"), self.add("task")
        self.attach(activity, task, interrupting=True)
        self.flow(activity, merge)
        self.flow(task, merge)
        return activity, merge

    def _side(self) -> tuple[str, str]:
        """An activity with a non-interrupting event at its border whose branch ends by itself."""
        activity, task = self.add_activity(), self.add("task")
        first, last = self.block()
        self.attach(activity, task, interrupting=False)
        self.flow(task, first)
        self.flow(last, self.add_end())
        return activity, activity

    def _link(self) -> tuple[str, str]:
        throw, catch = self.add("throw"), self.add("catch")
        for end in (throw, catch):
            self.change(end, event=self.link(catch))
        first, last = self.block()
        self.flow(catch, first)
        return throw, last

    def _early(self) -> tuple[str, str]:
        """A choice between going on and an end, which may end the whole level or throw something."""
        split, task = self.add("xor"), self.add("task")
        self.flow(split, self.add_end(), self.condition())
        self.change(split, default=self.flow(split, task))
        return split, task

    def _race(self) -> tuple[str, str]:
        """A sub-process with two branches, one of which ends the other."""
        return self._alone(self.change(self.add("sub"), inner=self.level(self._two_ends)))

    def _two_ends(self) -> tuple[str, str]:
        split = self.add("and")
        first, last = self.block()
        self.flow(split, first)
        self.flow(last, self.add_end("terminate"))
        first, last = self.block()
        self.flow(split, first)
        return split, last

    # --- events -------------------------------------------------------------------------------------------------------

    def _catch(self) -> tuple[str, str]:
        catch = self.add("catch", event=self.awaited())
        if not self.node(catch).is_event("condition"):
            return self._alone(catch)
        return self._before_task(catch)

    def _before_task(self, id: str) -> tuple[str, str]:
        task = self.add("task")
        self.flow(id, task)
        return id, task

    def _throw(self) -> tuple[str, str]:
        return self._alone(self.add("throw", event=self.thrown()))

    def _first(self) -> tuple[str, str]:
        """Whichever event comes first."""
        gateway, merge = self.add("first"), self.add("xor")
        for _ in range(self.dice.randint(2, 3)):
            catch, (first, last) = self.add("catch", event=self.awaited()), self._before_task(self.add("script", sets=self.sum()))
            self.flow(gateway, catch)
            self.flow(catch, first)
            self.flow(last, merge)
        return gateway, merge

    def _script(self) -> tuple[str, str]:
        return self._alone(self.add("script", sets=self.sum()))

    def _undo(self) -> tuple[str, str]:
        """An activity that can be undone, and later perhaps an event that does it."""
        activity = self.add_activity()
        kind: Kind = self.dice.choice(["task", "task", "script"])
        handler = Node(self.name("handler"), kind, sets=self.sum() if kind == "script" else None)
        self.change(activity, handler=handler)
        first, last = self.block()
        self.flow(activity, first)
        if self.dice.random() < 0.3:
            return activity, last
        throw = self.add("throw", event=self.undoing(self.dice.choice([None, activity])))
        self.flow(last, throw)
        return activity, throw

    def _trip(self) -> tuple[str, str]:
        """A transaction that may be cancelled."""
        trip, merge, task = self.add("sub", transaction=True), self.add("xor"), self.add("task")
        self.change(trip, inner=self.level(self._cancellable))
        self.attach_event(trip, task, self.cancelling(), interrupting=True)
        self.flow(trip, merge)
        self.flow(task, merge)
        return trip, merge

    def _cancellable(self) -> tuple[str, str]:
        first, middle = self._undo()
        split, task = self.add("xor"), self.add("task")
        self.flow(middle, split)
        self.flow(split, self.add("end", event=self.cancelling()), self.condition())
        self.change(split, default=self.flow(split, task))
        return first, task

    # --- arbitrary graphs ---------------------------------------------------------------------------------------------

    def unstructured(self, size: int) -> Level:
        self.left = self.dice.randint(0, 5)
        return self.level(lambda: self._graph(size))

    def _graph(self, size: int) -> tuple[str, str]:
        """Forward flows at random, each node reached from an earlier one; flows back lead through a task of their own."""
        order = [self.add("task"), *(self._any() for _ in range(size)), self.add(self.dice.choice(["xor", "task", "or"]))]
        pairs = {(self.dice.choice(order[:index]), order[index]) for index in range(1, len(order))}
        pairs |= {(id, self.dice.choice(order[index + 1 :])) for index, id in enumerate(order[:-1]) if self.dice.random() < 0.6}
        pairs |= {(id, order[-1]) for id in order[:-1] if id not in {source for source, _ in pairs}}
        for source, target in sorted(pairs):
            self.flow(source, target)
        for _ in range(self.dice.choice([0, 0, 1, 1, 2])):
            back = self.add("task")
            late, soon = sorted(self.dice.sample(range(len(order) - 1), 2), reverse=True)
            self.flow(order[late], back)
            self.flow(back, order[soon])
        if self.dice.random() < 0.3:
            self.flow(self.dice.choice(order[:-1]), self.add_end("terminate"))
        for id in order:
            if self.dice.random() < 0.2 and self.node(id).kind in ("task", "sub", "call", "service"):
                self.attach(id, self._before(self.dice.choice(order)), interrupting=self.dice.random() < 0.6)
        self._decide()
        return order[0], order[-1]

    def _any(self) -> str:
        kinds = ["task", "task", "activity", "activity", "xor", "and", "and", "or", "or", "catch", "throw", "script"]
        kind = self.dice.choice(kinds)
        match kind:
            case "activity":
                return self.add_activity()
            case "catch":
                return self.add("catch", event=self.awaited(with_conditions=False))
            case "throw":
                return self.add("throw", event=self.thrown())
            case "script":
                return self.add("script", sets=self.sum())
        return self.add(kind)

    def _before(self, target: str) -> str:
        """A task in front of ``target``."""
        task = self.add("task")
        self.flow(task, target)
        return task

    def _decide(self) -> None:
        """Conditions and default flows for the gateways that choose."""
        for node in [node for node in self.nodes if node.kind in ("xor", "or")]:
            leaving = [flow for flow in self.flows if flow.source == node.id]
            has_default = self.dice.random() < 0.9
            if len(leaving) > 1:
                for flow in leaving[has_default:]:
                    self.flows[self.flows.index(flow)] = replace(flow, condition=self.condition())
                if has_default:
                    self.change(node.id, default=leaving[0].id)

    def condition(self) -> Condition:
        return self.condition_on(*VARIABLES)

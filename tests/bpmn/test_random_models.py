"""Random well-nested models: every task runs exactly as often as its blocks say, in any order of completion, and the end is reached."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.bpmn.execution import Execution
from engine.bpmn.parse import parse
from tests.bpmn.conftest import HostDouble
from tests.bpmn.diagrams import (
    catch,
    chain,
    conditional,
    definition,
    end,
    event_sub,
    file_of,
    flow,
    inclusive,
    link,
    looped,
    parallel,
    process,
    script,
    start,
    sub,
    throw,
    timer,
    undoing,
    user,
    xor,
)

#: ("task",) · ("seq", blocks) · ("and", blocks) · ("or", [(taken, block)]) · ("xor", index, blocks) ·
#: ("loop", rounds, block) · ("sub", block) · ("guarded", block): in a sub-process with event sub-processes that nothing triggers ·
#: ("repeat", rounds, block): in a sub-process with the loop marker · ("link", block) · ("undone",): a task and the one that undoes it
Block = tuple[Any, ...]


def blocks() -> st.SearchStrategy[Block]:
    return st.recursive(
        st.sampled_from([("task",), ("task",), ("undone",)]),
        lambda inner: st.one_of(
            st.tuples(st.just("seq"), st.lists(inner, min_size=1, max_size=3)),
            st.tuples(st.just("and"), st.lists(inner, min_size=2, max_size=3)),
            st.tuples(st.just("or"), st.lists(st.tuples(st.booleans(), inner), min_size=2, max_size=3)),
            st.tuples(st.just("xor"), st.integers(0, 1), st.lists(inner, min_size=2, max_size=2)),
            st.tuples(st.just("loop"), st.integers(1, 3), inner),
            st.tuples(st.just("sub"), inner),
            st.tuples(st.just("guarded"), inner),
            st.tuples(st.just("repeat"), st.integers(1, 3), inner),
            st.tuples(st.just("link"), inner),
        ),
        max_leaves=8,
    )


@dataclass
class Pen:
    """Draws blocks; ``wanted`` counts how often each task must run."""

    parts: list[str]
    wanted: Counter[str]
    number: int = 0

    def name(self, kind: str) -> str:
        self.number += 1
        return f"{kind}{self.number}"

    def add(self, *parts: str) -> None:
        self.parts += parts

    def draw(self, block: Block, times: int) -> tuple[str, str]:
        """The first and the last element of the block, which runs ``times`` times."""
        return getattr(self, f"draw_{block[0]}")(*block[1:], times)

    def draw_task(self, times: int) -> tuple[str, str]:
        name = self.name("t")
        self.wanted[name] += times
        self.add(user(name))
        return name, name

    def draw_seq(self, inner: list[Block], times: int) -> tuple[str, str]:
        drawn = [self.draw(block, times) for block in inner]
        self.add(*(flow(a[1], b[0]) for a, b in pairwise(drawn)))
        return drawn[0][0], drawn[-1][1]

    def draw_and(self, inner: list[Block], times: int) -> tuple[str, str]:
        fork, join = self.name("fork"), self.name("join")
        self.add(parallel(fork), parallel(join))
        for block in inner:
            first, last = self.draw(block, times)
            self.add(flow(fork, first), flow(last, join))
        return fork, join

    def draw_or(self, inner: list[tuple[bool, Block]], times: int) -> tuple[str, str]:
        fork, join, default = self.name("or"), self.name("orjoin"), self.name("default")
        self.add(inclusive(fork, default=default), inclusive(join), flow(fork, join, id=default))
        for taken, block in inner:
            first, last = self.draw(block, times if taken else 0)
            self.add(flow(fork, first, "1 = 1" if taken else "1 = 2"), flow(last, join))
        return fork, join

    def draw_xor(self, chosen: int, inner: list[Block], times: int) -> tuple[str, str]:
        split, merge, default = self.name("x"), self.name("m"), self.name("default")
        self.add(xor(split, default=default), xor(merge))
        for index, block in enumerate(inner):
            first, last = self.draw(block, times if index == chosen else 0)
            self.add(flow(split, first, None if index else f"{chosen} = 0", id=default if index else None), flow(last, merge))
        return split, merge

    def draw_loop(self, rounds: int, inner: Block, times: int) -> tuple[str, str]:
        zero, again, more, back = self.name("zero"), self.name("again"), self.name("more"), self.name("back")
        counter, done = self.name("n"), self.name("done")
        first, last = self.draw(inner, times * rounds)
        self.add(script(zero, f"{{{counter}: 0}}"), xor(again), script(more, f"{{{counter}: {counter} + 1}}"), xor(done, default=back))
        out = self.name("out")
        self.add(
            xor(out),
            chain(zero, again, first),
            chain(last, more, done),
            flow(done, out, f"{counter} >= {rounds}"),
            flow(done, again, id=back),
        )
        return zero, out

    def draw_undone(self, times: int) -> tuple[str, str]:
        task, handler, event = self.name("t"), self.name("h"), self.name("undo")
        self.wanted.update({task: times, handler: times})
        self.add(user(task), undoing(task, user(handler)), throw(event, f'<bpmn:compensateEventDefinition activityRef="{task}"/>'))
        self.add(flow(task, event))
        return task, event

    def draw_link(self, inner: Block, times: int) -> tuple[str, str]:
        out, into = self.name("out"), self.name("in")
        first, last = self.draw(inner, times)
        self.add(throw(out, link(into)), catch(into, link(into)), flow(into, first))
        return out, last

    def draw_repeat(self, rounds: int, inner: Block, times: int) -> tuple[str, str]:
        return self.draw_sub(inner, times * rounds, looped(loopMaximum=str(rounds)))

    def draw_guarded(self, inner: Block, times: int) -> tuple[str, str]:
        kinds = [timer("timeDuration", "P1D"), conditional("1 = 2"), definition("error")]
        names = [self.name("guard") for _ in kinds]
        guards = [event_sub(name, kind, user(f"{name}_task")) for name, kind in zip(names, kinds, strict=True)]
        return self.draw_sub(inner, times, *guards)

    def draw_sub(self, inner: Block, times: int, *more: str) -> tuple[str, str]:
        name, outside = self.name("s"), self.parts
        self.parts = []
        first, last = self.draw(inner, times)
        inside, self.parts = self.parts, outside
        self.add(sub(name, *more, start(f"{name}s"), end(f"{name}e"), *inside, flow(f"{name}s", first), flow(last, f"{name}e")))
        return name, name


@settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(block=blocks(), seed=st.integers(0, 2**16))
def test_every_task_of_a_random_model_runs_exactly_as_often_as_it_should(block: Block, seed: int):
    pen = Pen([], Counter())
    first, last = pen.draw(block, 1)
    source = file_of(process(start(), end(), *pen.parts, flow("start", first), flow(last, "end")))
    host = HostDouble()
    (host.definitions[1],) = parse(source, "random.bpmn")
    dice = random.Random(seed)
    execution = Execution.start(1, host.definitions[1], host, {})
    done: Counter[str] = Counter()
    while not execution.completed:
        execution = Execution.load(execution.dump(), host)
        waits = execution.waits()
        assert waits.failures == {}
        token = dice.choice(sorted(waits.user_tasks))
        done[waits.user_tasks[token].element_id] += 1
        execution.complete(token, {f"by_{token}": token})
        assert sum(done.values()) <= sum(pen.wanted.values())
    assert done == +pen.wanted
    assert len([name for name in execution.variables if name.startswith("by_")]) == sum(done.values())

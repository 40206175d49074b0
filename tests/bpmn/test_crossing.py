"""Branches that cross: a change made by who knew a value wins over a branch that only carries the older one, in any order."""

from __future__ import annotations

from itertools import permutations

import orjson
import pytest

from tests.bpmn.conftest import Begin
from tests.bpmn.diagrams import chain, end, file_of, flow, parallel, process, start, user, xor


def crossing(last: str = "join") -> bytes:
    """set → fork → (correct | cross); beside → cross → look; correct and look come to ``last``."""
    gateway = parallel("join") if last == "join" else xor("join")
    parts = [start(), parallel("split"), user("set"), parallel("fork"), user("correct"), user("beside"), parallel("cross"), user("look")]
    flows = [chain("start", "split", "set", "fork", "correct", "join", "end"), chain("split", "beside", "cross", "look", "join")]
    return file_of(process(*parts, gateway, end(), *flows, flow("fork", "cross")))


def orders() -> list[tuple[str, ...]]:
    """All orders in which the tasks can be done."""
    before = [("set", "correct"), ("set", "look"), ("beside", "look")]
    tasks = ("set", "beside", "correct", "look")
    return [order for order in permutations(tasks) if all(order.index(a) < order.index(b) for a, b in before)]


@pytest.mark.parametrize("last", ["join", "end"])
@pytest.mark.parametrize("order", orders(), ids="-".join)
def test_a_correction_is_kept_whichever_branch_comes_last(begin: Begin, order: tuple[str, ...], last: str):
    run = begin(crossing(last), x=0)
    values = {"set": {"x": 5}, "correct": {"x": 6}, "beside": {"y": 1}, "look": {"z": 2}}
    for name in order:
        run.complete(name, **values[name])
    assert run.completed
    assert (run.variables, run.conflicts()) == ({"x": 6, "y": 1, "z": 2}, [])


@pytest.mark.parametrize("order", orders(), ids="-".join)
def test_what_one_would_see_now_is_what_the_join_will_make_of_it(begin: Begin, order: tuple[str, ...]):
    run = begin(crossing(), x=0)
    for name in order:
        run.complete(name, **({"x": 5} if name == "set" else {"x": 6} if name == "correct" else {}))
        done = order[: order.index(name) + 1]
        assert run.variables["x"] == (6 if "correct" in done else 5 if "set" in done else 0)


def test_changes_that_do_not_know_each_other_are_a_conflict(begin: Begin):
    run = begin(crossing(), x=0)
    run.complete("set", x=5)
    run.complete("beside")
    run.complete("look", x=7)
    run.complete("correct", x=6)
    assert run.variables == {"x": 6}
    assert [(found.element_id, found.kept, found.dropped) for found in run.conflicts()] == [("join", 6, 7)]


def test_forks_are_kept_only_while_two_branches_know_them(begin: Begin):
    run = begin(crossing(), x=0)
    assert b"bases" not in run.execution.dump()
    run.complete("set", x=5)
    run.complete("beside")
    assert len(orjson.loads(run.execution.dump())["bases"]) == 1
    run.complete("correct")
    run.complete("look")
    assert b"bases" not in run.execution.dump()


def test_crossing_again_and_again_does_not_grow_the_state(begin: Begin):
    parts = [start(), xor("again"), parallel("split"), user("set"), parallel("fork"), user("correct"), user("beside")]
    parts += [parallel("cross"), user("look"), parallel("join"), xor("more", default="out"), end()]
    flows = [chain("start", "again", "split", "set", "fork", "correct", "join", "more"), chain("split", "beside", "cross", "look", "join")]
    flows += [flow("fork", "cross"), flow("more", "again", "true"), flow("more", "end", id="out")]
    run = begin(file_of(process(*parts, *flows)), x=0)
    sizes = []
    for _ in range(30):
        for name in ("set", "beside", "correct", "look"):
            run.complete(name, **({"x": 5} if name == "set" else {"x": 6} if name == "correct" else {}))
        assert run.variables["x"] == 6
        sizes.append(len(run.execution.dump()))
    assert max(sizes) - min(sizes) <= 12

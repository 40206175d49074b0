"""Levels of a running instance in another version: several instances, sub-processes drawn or taken away, called processes."""

from __future__ import annotations

from typing import Any

import pytest

from engine.errors import NotFound
from tests.bpmn.conftest import Begin, HostDouble
from tests.bpmn.diagrams import (
    boundary,
    call,
    cardinality,
    chain,
    end,
    file_of,
    flow,
    many,
    message,
    parallel,
    process,
    start,
    straight,
    sub,
    timer,
    user,
)
from tests.bpmn.migrating import moved, obstacles

TWO = file_of(straight(user("a", candidateGroups="window"), user("b"), ids=["a", "b"]))


def line(*parts: str, ids: str) -> bytes:
    return file_of(message("m_go", "go"), straight(*parts, ids=ids.split()))


def test_instances_half_done_go_on_and_the_rest_follows_the_new_version(begin: Begin):
    def each(sequential: bool, name: str) -> bytes:
        return line(user(name, many(cardinality("3"), sequential=sequential), candidateGroups=name), ids=name)

    run = begin(each(True, "a"))
    run.complete("a")
    moved(run, each(True, "b"), a="b")
    assert run.tasks == ["b"]
    run.complete("b", "b")
    assert run.completed


def test_a_sequence_becomes_parallel_and_all_that_is_left_begins_at_once(begin: Begin):
    def each(sequential: bool) -> bytes:
        return line(user("a", many(sequential=sequential, collection="= people", elementVariable="who"), assignee="= who"), ids="a")

    run = begin(each(True), people=["x", "y", "z"])
    run.complete("a")
    moved(run, each(False))
    assert sorted(task.assignee or "" for task in run.waits.user_tasks.values()) == ["y", "z"]
    run.complete("a", "a")
    assert run.completed


def test_parallel_instances_do_not_become_a_sequence_nor_several_a_single_one(begin: Begin):
    run = begin(line(user("a", many(cardinality("3"))), ids="a"))
    assert set(obstacles(run, line(user("a", many(cardinality("3"), sequential=True)), ids="a"))) == {("instances", "a")}
    assert set(obstacles(run, line(user("a"), ids="a"))) == {("instances", "a")}
    moved(run, line(user("a"), ids="a"), a="a")
    assert run.tasks == ["a"]
    assert obstacles(run, line(user("a", many(cardinality("3"))), ids="a"), source_id=4) == [("instances", "a")]


def test_a_thousand_and_more_instances_move_together(begin: Begin):
    run = begin(line(user("a", many(cardinality("2000"))), ids="a"))
    moved(run, line(user("a", many(cardinality("2000")), candidateGroups="legal"), ids="a"))
    assert {task.candidate_groups for task in run.waits.user_tasks.values()} == {("legal",)}
    assert len(run.tasks) == 2000


def test_what_stands_in_a_sub_process_moves_with_it_also_when_it_has_another_id(begin: Begin):
    def inside(name: str, *more: str) -> bytes:
        return line(sub(name, start("s"), user("a"), *map(user, more), end("e"), chain("s", "a", *more, "e")), ids=name)

    run = begin(inside("box"))
    moved(run, inside("crate", "legal"), box="crate")
    run.complete("a", "legal")
    assert run.completed


def test_a_sub_process_drawn_around_a_step_begins_with_it(begin: Begin):
    run = begin(TWO, x=1)
    around = sub("box", start("s"), user("a"), user("more"), end("e"), chain("s", "a", "more", "e"))
    limit = boundary("late", "box", timer("timeDuration", "P1D"))
    moved(run, line(around, limit, end("e2"), flow("late", "e2"), user("b"), ids="box b"))
    assert (run.tasks, run.timers) == (["a"], ["late"])
    run.complete("a", y=2)
    run.complete("more")
    assert (run.data_at("b"), run.timers) == ({"x": 1, "y": 2}, [])


def test_a_sub_process_taken_away_leaves_its_steps_where_they_are(begin: Begin):
    inside = [
        start("s"),
        parallel("f"),
        user("a"),
        user("c"),
        parallel("j"),
        end("e"),
        chain("s", "f", "a", "j", "e"),
        chain("f", "c", "j"),
    ]
    run = begin(line(sub("box", *inside), ids="box"), x=1)
    run.complete("c", y=2)
    flat = [parallel("f"), user("a"), user("c"), parallel("j"), user("last")]
    moved(run, file_of(process(start(), end(), *flat, chain("start", "f", "a", "j", "last", "end"), chain("f", "c", "j"))))
    assert run.tasks == ["a"]
    run.complete("a", z=3)
    assert run.data_at("last") == {"x": 1, "y": 2, "z": 3}


def test_a_called_process_is_moved_inside_the_instances_of_its_callers(begin: Begin, host: HostDouble):
    called = straight(user("q1"), user("q2"), ids=["q1", "q2"], key="Q")
    run = begin(line(call("sub", "Q"), ids="sub"), file_of(called))
    found = moved(run, file_of(straight(user("q1"), user("q3"), ids=["q1", "q3"], key="Q")), source_id=2)
    assert not found.is_outermost
    run.complete("q1", "q3")
    assert run.completed


def test_a_process_moves_while_the_process_it_calls_stays(begin: Begin):
    run = begin(line(call("sub", "Q"), ids="sub"), file_of(straight(user("q"), ids=["q"], key="Q")))
    assert moved(run, line(call("sub", "Q"), user("z"), ids="sub z")).is_outermost
    run.complete("q", "z")
    assert run.completed


def test_an_instance_whose_called_process_is_missing_is_not_loaded(begin: Begin, host: HostDouble):
    run = begin(line(call("sub", "Q"), ids="sub"), file_of(straight(user("q"), ids=["q"], key="Q")))
    state = run.execution.dump()
    del host.definitions[2]
    host.definition = lambda number: host.definitions.get(number) or _none(number)  # type: ignore[method-assign]
    with pytest.raises(NotFound):
        type(run.execution).load(state, host)


def _none(number: int) -> Any:
    raise NotFound(f"Expected definition {number} but there is none.")

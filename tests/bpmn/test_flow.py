"""Sequence, choice, parallel and inclusive gateways; joins inside loops; data of branches."""

from __future__ import annotations

import pytest

from tests.bpmn.conftest import Begin
from tests.bpmn.diagrams import (
    chain,
    definition,
    element,
    end,
    file_of,
    flow,
    inclusive,
    parallel,
    process,
    script,
    start,
    straight,
    sub,
    user,
    xor,
)


def test_a_process_runs_from_start_to_end(begin: Begin):
    run = begin(file_of(straight(user("a"), ids=["a"])), x=1)
    assert run.tasks == ["a"]
    run.complete("a", y=2)
    assert run.completed
    assert run.variables == {"x": 1, "y": 2}
    assert run.ends == ("end",)


def test_an_exclusive_gateway_takes_the_first_flow_whose_condition_holds(begin: Begin):
    parts = [start(), xor("g", default="otherwise"), user("small"), user("large"), user("other"), end()]
    flows = [
        flow("g", "small", "= amount < 10"),
        flow("g", "large", "amount >= 10 and amount < 100"),
        flow("g", "other", id="otherwise"),
        chain("start", "g") + chain("small", "end") + chain("large", "end") + chain("other", "end"),
    ]
    assert begin(file_of(process(*parts, *flows)), amount=5).tasks == ["small"]


@pytest.mark.parametrize(("amount", "task"), [(5, "small"), (50, "large"), (500, "other")])
def test_the_default_flow_is_taken_when_no_condition_holds(begin: Begin, amount: int, task: str):
    parts = [start(), xor("g", default="otherwise"), user("small"), user("large"), user("other"), end()]
    flows = [flow("g", "small", "amount < 10"), flow("g", "large", "amount < 100"), flow("g", "other", id="otherwise")]
    run = begin(
        file_of(process(*parts, *flows, chain("start", "g"), *(flow(t, "end") for t in ("small", "large", "other")))), amount=amount
    )
    assert run.tasks == [task]


def test_without_a_true_condition_and_a_default_the_token_fails_at_the_gateway(begin: Begin):
    parts = [start(), xor("g"), user("a"), user("b"), end(), chain("start", "g")]
    run = begin(file_of(process(*parts, flow("g", "a", "n = 1"), flow("g", "b", "n = 2"), flow("a", "end"), flow("b", "end"))), n=3)
    assert list(run.failures) == ["g"]
    run.set_variables(n=2)
    run.retry()
    assert run.tasks == ["b"]


def test_a_condition_that_is_neither_true_nor_false_is_a_failure(begin: Begin):
    parts = [start(), xor("g", default="d"), user("a"), user("b"), end(), chain("start", "g")]
    run = begin(file_of(process(*parts, flow("g", "a", "n + 1"), flow("g", "b", id="d"), flow("a", "end"), flow("b", "end"))), n=3)
    assert "true 或 false" in run.failures["g"]


def two_branches(*more: str) -> bytes:
    parts = [start(), parallel("fork"), user("a"), user("b"), parallel("join"), user("after"), end(), *more]
    return file_of(process(*parts, chain("start", "fork", "a", "join", "after", "end"), chain("fork", "b", "join")))


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_a_parallel_join_waits_for_all_branches(begin: Begin, order: tuple[str, str]):
    run = begin(two_branches())
    assert run.tasks == ["a", "b"]
    run.complete(order[0])
    assert run.tasks == [order[1]]
    run.complete(order[1])
    assert run.tasks == ["after"]
    run.complete("after")
    assert run.completed


def test_what_a_branch_changed_wins_at_the_join(begin: Begin):
    run = begin(two_branches(), x=1, untouched=[1, 2], list=[1, 2, 3])
    run.complete("b", list=[9], new_b=True)
    run.complete("a", x=5, new_a="a")
    assert run.data_at("after") == {"x": 5, "untouched": [1, 2], "list": [9], "new_a": "a", "new_b": True}
    assert run.conflicts() == []


def test_branches_do_not_see_each_other_before_the_join(begin: Begin):
    run = begin(two_branches(), x=1)
    run.complete("b", x=2)
    assert run.data_at("a") == {"x": 1}


def test_a_variable_changed_differently_in_two_branches_keeps_the_last_arrival_and_is_recorded(begin: Begin):
    run = begin(two_branches(), x=1)
    run.complete("b", x="from b")
    run.complete("a", x="from a")
    assert run.data_at("after")["x"] == "from a"
    (conflict,) = run.conflicts()
    assert (conflict.element_id, conflict.variable, conflict.kept, conflict.dropped) == ("join", "x", "from a", "from b")


def test_one_and_true_and_one_point_zero_are_different_changes(begin: Begin):
    run = begin(two_branches(), x=1, y=0)
    run.complete("a", x=True)
    run.complete("b", y=False)
    data = run.data_at("after")
    assert data["x"] is True
    assert data["y"] is False


def test_a_parallel_join_in_a_loop_waits_for_all_branches_in_every_round(begin: Begin):
    parts = [
        start(),
        xor("again"),
        parallel("fork"),
        user("a"),
        user("b"),
        parallel("join"),
        user("check"),
        xor("done", default="back"),
        end(),
    ]
    flows = [chain("start", "again", "fork", "a", "join", "check", "done"), chain("fork", "b", "join"), flow("done", "end", "finished")]
    run = begin(file_of(process(*parts, *flows, flow("done", "again", id="back"))), finished=False)
    for _ in range(3):
        run.complete("b")
        assert run.tasks == ["a"]
        run.complete("a")
        assert run.tasks == ["check"]
        run.complete("check")
    run.complete("a", "b")
    run.complete("check", finished=True)
    assert run.completed


def test_an_excess_token_waits_at_the_join_for_its_own_partner(begin: Begin):
    """Two tokens come by one flow before the first comes by the other: the join opens once, then once more."""
    parts = [start(), parallel("fork"), user("a1"), user("a2"), xor("merge"), user("b"), parallel("join"), user("after"), end()]
    flows = [chain("start", "fork", "a1", "merge", "join", "after", "end"), chain("fork", "a2", "merge"), chain("fork", "b", "join")]
    run = begin(file_of(process(*parts, *flows)))
    run.complete("a1", "a2")
    assert run.tasks == ["b"]
    run.complete("b")
    assert run.tasks == ["after"]


def inclusive_diamond() -> bytes:
    parts = [start(), inclusive("fork", default="d"), user("a"), user("b"), user("c"), inclusive("join"), user("after"), end()]
    flows = [flow("fork", "a", "wants_a"), flow("fork", "b", "wants_b"), flow("fork", "c", id="d"), chain("start", "fork")]
    return file_of(process(*parts, *flows, *(flow(x, "join") for x in "abc"), chain("join", "after", "end")))


@pytest.mark.parametrize(("wants_a", "wants_b", "tasks"), [(True, True, ["a", "b"]), (True, False, ["a"]), (False, False, ["c"])])
def test_an_inclusive_join_waits_for_the_branches_that_were_taken(begin: Begin, wants_a: bool, wants_b: bool, tasks: list[str]):
    run = begin(inclusive_diamond(), wants_a=wants_a, wants_b=wants_b)
    assert run.tasks == tasks
    for task in tasks:
        assert "after" not in run.tasks
        run.complete(task, **{task: 1})
    assert run.tasks == ["after"]
    assert {task: run.data_at("after")[task] for task in tasks} == dict.fromkeys(tasks, 1)


def test_an_inclusive_join_opens_when_the_other_branch_has_gone_another_way(begin: Begin):
    parts = [
        start(),
        inclusive("fork"),
        user("a"),
        user("b"),
        xor("turn", default="on"),
        end("elsewhere"),
        inclusive("join"),
        user("after"),
        end(),
    ]
    flows = [
        flow("fork", "a", "true"),
        flow("fork", "b", "true"),
        flow("a", "join"),
        flow("b", "turn"),
        flow("turn", "elsewhere", "leave"),
        flow("turn", "join", id="on"),
    ]
    run = begin(file_of(process(*parts, *flows, chain("start", "fork"), chain("join", "after", "end"))))
    run.complete("a")
    assert run.tasks == ["b"]
    run.complete("b", leave=True)
    assert run.tasks == ["after"]
    run.complete("after")
    assert run.completed
    assert run.ends == ("elsewhere", "end")


def test_two_flows_between_the_same_gateways_are_two_tokens(begin: Begin):
    parts = [start(), parallel("fork"), parallel("join"), user("after"), end()]
    run = begin(file_of(process(*parts, chain("start", "fork"), flow("fork", "join"), flow("fork", "join"), chain("join", "after", "end"))))
    assert run.tasks == ["after"]


def test_several_flows_out_of_a_task_run_in_parallel_and_into_a_task_run_it_twice(begin: Begin):
    parts = [start(), user("a"), user("b"), user("c"), user("d"), end(), chain("start", "a", "b", "d", "end"), chain("a", "c", "d")]
    run = begin(file_of(process(*parts)))
    run.complete("a")
    assert run.tasks == ["b", "c"]
    run.complete("b", "c")
    assert run.tasks == ["d", "d"]
    run.complete("d", "d")
    assert run.completed


def test_what_a_branch_changed_holds_for_the_others_after_its_end(begin: Begin):
    parts = [start(), parallel("fork"), user("a"), user("b"), end("end_a"), end("end_b")]
    run = begin(file_of(process(*parts, chain("start", "fork", "a", "end_a"), chain("fork", "b", "end_b"))), x=1)
    run.complete("a", x=2)
    assert run.data_at("b") == {"x": 2}
    run.complete("b")
    assert run.variables == {"x": 2}
    assert run.ends == ("end_a", "end_b")


def test_terminate_ends_only_its_own_level(begin: Begin):
    inner = sub(
        "s",
        start("s1"),
        parallel("f"),
        user("a"),
        user("b"),
        end("t", definition("terminate")),
        end("e1"),
        chain("s1", "f", "a", "t"),
        chain("f", "b", "e1"),
    )
    run = begin(file_of(process(start(), inner, user("after"), end(), chain("start", "s", "after", "end"))), x=1)
    assert run.tasks == ["a", "b"]
    run.complete("a", x=2)
    assert run.tasks == ["after"]
    assert run.data_at("after") == {"x": 2}
    assert ("b", "cancelled") in run.path("userTask")


def test_terminate_stops_a_sibling_that_is_ready_in_the_same_step(begin: Begin):
    parts = [start(), parallel("f"), end("t", definition("terminate")), script("boom", "{x: 2}"), user("never"), end("e1")]
    run = begin(file_of(process(*parts, chain("start", "f", "t"), chain("f", "boom", "never", "e1"))), x=1)
    assert run.completed
    assert run.tasks == []


def test_a_manual_task_passes_through(begin: Begin):
    run = begin(file_of(straight(element("manualTask", "m"), user("a"), ids=["m", "a"])))
    assert run.tasks == ["a"]


def test_a_join_whose_other_branch_can_never_come_is_a_failure_and_not_a_silent_hang(begin: Begin):
    parts = [start(), xor("either", default="d"), user("a"), user("b"), parallel("join"), end()]
    flows = [
        chain("start", "either"),
        flow("either", "a", "1 = 1"),
        flow("either", "b", id="d"),
        chain("a", "join", "end"),
        chain("b", "join"),
    ]
    run = begin(file_of(process(*parts, *flows)))
    run.complete("a")
    assert list(run.failures) == ["join"]
    run.retry()
    assert list(run.failures) == ["join"]
    assert not run.completed

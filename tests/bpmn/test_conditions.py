"""Conditional events: in the flow, at a boundary, behind an event-based gateway, as the start of an event sub-process."""

from __future__ import annotations

import pytest

from tests.bpmn.conftest import Begin, HostDouble
from tests.bpmn.diagrams import (
    boundary,
    call,
    catch,
    chain,
    collected,
    conditional,
    definition,
    element,
    end,
    error,
    event_sub,
    extensions,
    file_of,
    many,
    mapping,
    parallel,
    process,
    script,
    start,
    straight,
    sub,
    timer,
    user,
)


def test_a_condition_that_holds_already_lets_the_token_pass(begin: Begin):
    run = begin(file_of(straight(catch("w", conditional("x > 1")), user("t"), ids=["w", "t"])), x=2)
    assert run.tasks == ["t"]
    assert ("w", "completed") in run.path()


def test_a_condition_is_looked_at_whenever_variables_change(begin: Begin):
    run = begin(file_of(straight(catch("w", conditional("= x > 1")), user("t"), ids=["w", "t"])), x=0)
    assert run.execution.active_elements() == [("P", "w")]
    run.set_variables(x=1)
    assert run.tasks == []
    run.set_variables(x=2)
    assert run.tasks == ["t"]


def test_a_variable_that_nobody_has_set_yet_makes_a_condition_untrue(begin: Begin):
    run = begin(file_of(straight(catch("w", conditional("approved")), user("t"), ids=["w", "t"])))
    assert run.failures == {}
    run.set_variables(approved=True)
    assert run.tasks == ["t"]


def beside(*parts: str, ids: list[str]) -> bytes:
    """A branch with these elements beside the tasks “a” and “b”, then the task “t”."""
    flows = [chain("start", "f", *ids, "j", "t", "end"), chain("f", "a", "b", "j")]
    return file_of(process(start(), parallel("f"), *parts, user("a"), user("b"), parallel("j"), user("t"), end(), *flows))


def test_a_branch_may_wait_for_what_another_branch_sets(begin: Begin):
    run = begin(beside(catch("w", conditional("approved = true")), user("c"), ids=["w", "c"]), n=0)
    assert run.tasks == ["a"]
    run.complete("a", approved=True, n=1)
    assert run.tasks == ["b", "c"]
    assert run.data_at("c") == {"n": 1, "approved": True}


def test_what_another_branch_sets_later_is_not_lost_by_what_a_condition_has_seen(begin: Begin):
    run = begin(beside(catch("w", conditional("n = 1")), user("c"), ids=["w", "c"]), n=0)
    run.complete("a", n=1)
    run.complete("b", n=2)
    run.complete("c", m=3)
    assert run.data_at("t") == {"n": 2, "m": 3}
    assert run.conflicts() == []


def test_what_two_branches_set_differently_stays_theirs(begin: Begin):
    parts = [user("own"), catch("w", conditional("go")), user("c")]
    run = begin(beside(*parts, ids=["own", "w", "c"]), n=0)
    run.complete("own", n=5)
    run.complete("a", n=1, go=True)
    assert run.data_at("c") == {"n": 5, "go": True}
    assert run.data_at("b") == {"n": 1, "go": True}


def bordered(interrupting: bool, host: str = "") -> bytes:
    activity = host or user("a")
    parts = [start(), parallel("f"), activity, boundary("late", "a", conditional("n > 1"), interrupting=interrupting), user("t"), user("b")]
    flows = [chain("start", "f", "a", "end"), chain("late", "t", "end2"), chain("f", "b", "end3")]
    return file_of(process(*parts, end(), end("end2"), end("end3"), *flows))


def test_a_condition_interrupts_the_activity_at_whose_border_it_stands(begin: Begin):
    run = begin(bordered(True), n=0)
    run.set_variables(n=2)
    assert run.tasks == ["b", "t"]
    assert ("a", "cancelled") in run.path()


def test_a_condition_at_the_border_sees_what_happens_inside_a_sub_process(begin: Begin):
    inner = sub("a", start("ss"), user("u"), user("v"), end("se"), chain("ss", "u", "v", "se"))
    run = begin(bordered(True, inner), n=0)
    run.complete("u", n=2)
    assert run.tasks == ["b", "t"]
    assert run.data_at("t") == {"n": 2}


def test_a_non_interrupting_condition_occurs_each_time_it_becomes_true(begin: Begin):
    run = begin(bordered(False), n=0)
    run.set_variables(n=2)
    run.set_variables(n=3)
    assert run.tasks == ["a", "b", "t"]
    run.set_variables(n=0)
    run.set_variables(n=2)
    assert run.tasks == ["a", "b", "t", "t"]


@pytest.mark.parametrize("interrupting", [True, False])
def test_a_condition_may_start_an_event_sub_process(begin: Begin, interrupting: bool):
    body = event_sub("x", conditional("n > 1"), user("x_task"), interrupting=interrupting)
    run = begin(file_of(straight(user("a"), user("b"), body, ids=["a", "b"])), n=0)
    run.complete("a", n=2)
    assert run.tasks == (["x_task"] if interrupting else ["b", "x_task"])
    assert run.data_at("x_task") == {"n": 2}
    run.complete("x_task", n=1)
    if not interrupting:
        run.complete("b")
    assert run.completed
    assert run.variables == {"n": 1}


def test_a_condition_inside_a_sub_process_sees_what_the_branches_outside_set(begin: Begin):
    inner = sub("s", start("ss"), catch("w", conditional("go")), user("c"), end("se"), chain("ss", "w", "c", "se"))
    run = begin(beside(inner, ids=["s"]))
    run.complete("a", go=True)
    assert run.tasks == ["b", "c"]
    assert run.data_at("c") == {"go": True}


def test_each_instance_looks_at_its_own_item(begin: Begin):
    loop = many(collection="=[1, 2]", elementVariable="n")
    inner = sub("s", loop, start("ss"), catch("w", conditional("n > 1 or go")), user("c"), end("se"), chain("ss", "w", "c", "se"))
    run = begin(beside(inner, ids=["s"]), go=False)
    assert run.tasks == ["a", "c"]
    assert run.data_at("c")["n"] == 2
    run.complete("a", go=True)
    assert run.tasks == ["b", "c", "c"]
    assert sorted(run.data_at("c", number)["n"] for number in (0, 1)) == [1, 2]


def test_a_called_process_looks_at_its_own_variables_only(begin: Begin):
    hand = extensions(mapping("in", source="n", target="n"))
    parts = [start(), parallel("f"), call("c", "Called", hand), user("a"), end(), end("e2")]
    outer = file_of(process(*parts, chain("start", "f", "c", "end"), chain("f", "a", "e2")))
    waiting = [start("cs"), catch("w", conditional("n > 1")), user("u"), end("ce")]
    called = file_of(process(*waiting, chain("cs", "w", "u", "ce"), key="Called"))
    run = begin(outer, called, n=0)
    run.complete("a", n=2)
    assert run.tasks == []


def test_a_condition_may_win_at_an_event_based_gateway(begin: Begin):
    events = [catch("w1", conditional("n > 1")), catch("w2", timer("timeDuration", "PT1H"))]
    parts = [start(), element("eventBasedGateway", "g"), *events, user("t1"), user("t2")]
    run = begin(file_of(process(*parts, end(), chain("start", "g", "w1", "t1", "end"), chain("g", "w2", "t2", "end"))), n=0)
    run.set_variables(n="text")
    run.set_variables(n=2)
    assert (run.tasks, run.timers) == (["t1"], [])
    assert run.data_at("t1") == {"n": 2}


def test_a_condition_without_answer_is_a_failure_beside_the_activity(begin: Begin):
    parts = [start(), user("a"), boundary("late", "a", conditional("n"), interrupting=False), user("t"), end(), end("e2")]
    run = begin(file_of(process(*parts, chain("start", "a", "end"), chain("late", "t", "e2"))), n=7)
    assert run.tasks == ["a"]
    assert list(run.failures) == ["late"]
    run.set_variables(n=True)
    run.retry()
    assert run.tasks == ["a", "t"]


def test_a_condition_sees_each_step_not_only_the_last(begin: Begin):
    remark = event_sub("x", conditional("n = 1"), user("x_task"), interrupting=False)
    steps = [script("one", "{n: 1}"), script("two", "{n: 2}"), user("t")]
    run = begin(file_of(straight(*steps, remark, ids=["one", "two", "t"])), n=0)
    assert run.tasks == ["t", "x_task"]


def test_many_conditions_are_not_all_looked_at_after_each_step(begin: Begin, host: HostDouble, monkeypatch):
    asked: list[str] = []
    evaluate = HostDouble.evaluate
    monkeypatch.setattr(HostDouble, "evaluate", lambda self, text, variables: asked.append(text) or evaluate(self, text, variables))
    watch = event_sub("x", conditional("stop"), user("x_task"))
    inner = sub("s", many(collection="=items", elementVariable="n"), start("ss"), user("a"), watch, end("se"), chain("ss", "a", "se"))
    run = begin(file_of(straight(inner, user("t"), ids=["s", "t"])), items=list(range(300)), stop=False)
    assert len(run.tasks) == 300
    assert asked.count("stop") < 1000
    run.set_variables(stop=True)
    assert run.tasks == ["x_task"] * 300


def test_a_condition_sees_what_an_error_and_a_multi_instance_bring(begin: Begin):
    votes = user("a", many(collected("votes", "vote"), collection="=[1]", elementVariable="n"))
    parts = [start(), votes, user("b"), end("bad", definition("error", "err"))]
    inner = sub("s", *parts[1:], start("ss"), chain("ss", "a", "b", "bad"))
    caught = boundary("caught", "s", definition("error", "err", camunda__errorCodeVariable="why"))
    watch1 = event_sub("x", conditional("count(votes) = 1"), user("x_task"), interrupting=False)
    watch2 = event_sub("y", conditional('why = "E1"'), user("y_task"), interrupting=False)
    flows = [chain("start", "s", "end"), chain("caught", "t", "end")]
    run = begin(file_of(error("err", "E1"), process(parts[0], inner, caught, user("t"), watch1, watch2, end(), *flows)))
    run.complete("a", vote=True)
    assert run.tasks == ["b", "x_task"]
    run.complete("b")
    assert run.tasks == ["t", "x_task", "y_task"]


@pytest.mark.parametrize(
    ("events", "occurrences"), [("", 2), ("create", 1), ("update", 1), ("create, update", 2), ("create,update,delete", 2)]
)
def test_a_condition_that_names_a_variable_looks_only_when_that_changes(begin: Begin, events: str, occurrences: int):
    attributes = {"camunda__variableName": "x", **({"camunda__variableEvents": events} if events else {})}
    border = boundary("b", "a", conditional("x = 1 and y = 1", **attributes), interrupting=False)
    parts = [start(), user("a"), border, user("c"), end(), chain("start", "a", "end"), chain("b", "c", "end")]
    run = begin(file_of(process(*parts)), y=1)
    assert run.tasks == ["a"]
    run.set_variables(x=1)
    run.set_variables(x=2)
    run.set_variables(y=2)
    run.set_variables(x=1)
    run.set_variables(y=1)
    run.set_variables(x=2)
    run.set_variables(x=1)
    assert run.tasks == ["a", *["c"] * occurrences]

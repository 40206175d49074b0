"""The standard loop marker on tasks, sub-processes and calls."""

from __future__ import annotations

from tests.bpmn.conftest import Begin, HostDouble
from tests.bpmn.diagrams import (
    boundary,
    call,
    chain,
    end,
    extensions,
    file_of,
    looped,
    mapping,
    parameters,
    process,
    script,
    service,
    start,
    straight,
    sub,
    timer,
    user,
)


def test_a_task_is_repeated_while_its_condition_holds(begin: Begin):
    run = begin(file_of(straight(user("a", looped("not(done)")), user("t"), ids=["a", "t"])))
    first = run.task("a")
    run.complete("a", done=False)
    assert run.task("a") != first
    run.complete("a", done=False, note="x")
    assert run.data_at("a") == {"done": False, "note": "x", "loopCounter": 2}
    run.complete("a", done=True)
    assert run.data_at("t") == {"done": True, "note": "x"}
    assert [name for name, outcome in run.path("userTask") if outcome == "completed"] == ["a", "a", "a"]


def test_a_loop_that_is_tested_before_may_do_nothing(begin: Begin):
    task = user("a", looped("n > 0", testBefore="true"))
    source = file_of(straight(task, script("less", "{}"), user("t"), ids=["a", "less", "t"]))
    assert begin(source, n=0).tasks == ["t"]
    run = begin(source, n=1)
    run.complete("a", n=0)
    assert run.tasks == ["t"]


def counting(*arguments: str, **attributes: str) -> bytes:
    """A script that counts, with the loop marker."""
    marked = script("s", "{n: n + 1}").replace("<bpmn:script>", looped(*arguments, **attributes) + "<bpmn:script>")
    return file_of(straight(marked, user("t"), ids=["s", "t"]))


def test_a_loop_ends_at_its_maximum(begin: Begin):
    assert begin(counting(loopMaximum="5"), n=0).variables == {"n": 5}


def test_a_loop_ends_by_condition_or_maximum_whichever_comes_first(begin: Begin):
    assert begin(counting("n < 9", loopMaximum="5"), n=0).variables == {"n": 5}


def test_a_condition_ends_a_loop_before_its_maximum(begin: Begin):
    assert begin(counting("n < 3", loopMaximum="5"), n=0).variables == {"n": 3}


def test_the_condition_may_count_the_rounds(begin: Begin):
    run = begin(file_of(straight(user("a", looped("loopCounter < 3")), ids=["a"])))
    run.complete("a")
    run.complete("a")
    assert run.data_at("a") == {"loopCounter": 2}
    run.complete("a")
    assert (run.completed, run.variables) == (True, {})


def test_what_waits_at_the_border_waits_through_all_rounds(begin: Begin):
    parts = [
        start(),
        user("a", looped("true")),
        boundary("late", "a", timer("timeDuration", "P1D")),
        boundary("once", "a", timer("timeDuration", "PT1H"), interrupting=False),
        user("t"),
        script("note", "{noted: true}"),
        end(),
        end("end2"),
        chain("start", "a", "end"),
        chain("late", "t", "end"),
        chain("once", "note", "end2"),
    ]
    run = begin(file_of(process(*parts)))
    before = dict(run.waits.timers)
    run.complete("a", x=1)
    assert run.waits.timers == before
    run.fire("once")
    run.complete("a")
    assert run.timers == ["late"]
    run.fire("late")
    assert run.tasks == ["t"]
    assert run.data_at("t") == {"x": 1, "noted": True}


def test_a_sub_process_and_a_call_may_loop(begin: Begin):
    inner = sub("s", looped("n < 3"), start("ss"), script("more", "{n: n + 1}"), user("u"), end("se"), chain("ss", "more", "u", "se"))
    run = begin(file_of(straight(inner, user("t"), ids=["s", "t"])), n=0)
    for number in (1, 2, 3):
        assert run.data_at("u")["n"] == number
        run.complete("u")
    assert run.data_at("t") == {"n": 3}


def test_a_call_activity_may_loop(begin: Begin):
    hand = extensions(mapping("in", variables="all"), mapping("out", source="n", target="n"))
    outer = file_of(straight(call("c", "Called", hand, looped("n < 3")), user("t"), ids=["c", "t"]))
    called = file_of(process(start("cs"), script("more", "{n: n + 1}"), end("ce"), chain("cs", "more", "ce"), key="Called"))
    assert begin(outer, called, n=0).data_at("t") == {"n": 3}


def test_inputs_and_outputs_are_taken_in_each_round(begin: Begin, host: HostDouble):
    host.operations["double"] = lambda inputs, activity: {"result": inputs["value"] * 2}
    task = service("s", "double", parameters({"value": "=n"}, {"n": "=result"}), looped("n < 20"))
    run = begin(file_of(straight(task, ids=["s"])), n=1)
    assert run.variables == {"n": 32}


def test_a_condition_without_answer_is_a_failure_that_keeps_the_results(begin: Begin, host: HostDouble):
    host.operations["ask"] = lambda inputs, activity: {"result": 7}
    task = service("s", "ask", parameters({}, {"n": "=result"}), looped("more"))
    run = begin(file_of(straight(task, user("t"), ids=["s", "t"])), more="maybe")
    assert "循环条件" in run.failures["s"]
    run.set_variables(more=False)
    run.retry()
    assert run.data_at("t") == {"more": False, "n": 7}


def test_ten_thousand_rounds_keep_the_state_constant(begin: Begin):
    run = begin(counting("n < 10000"), n=0)
    assert run.data_at("t") == {"n": 10000}
    assert run.sizes[-1] < 400

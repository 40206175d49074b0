"""Long paths, long loops, many instances, deep nesting: nothing stalls, and the stored state stays small."""

from __future__ import annotations

import gc
import weakref
from concurrent.futures import ThreadPoolExecutor
from datetime import date

from engine.bpmn.checks import MOST_ELEMENTS
from engine.bpmn.execution import Execution
from engine.bpmn.parse import parse
from tests.bpmn.conftest import Begin, HostDouble
from tests.bpmn.diagrams import (
    boundary,
    call,
    cardinality,
    chain,
    collected,
    definition,
    end,
    event_sub,
    file_of,
    flow,
    many,
    message,
    parallel,
    process,
    script,
    start,
    straight,
    sub,
    throw,
    timer,
    undoing,
    user,
    xor,
)


def test_a_path_of_five_thousand_elements_runs_in_one_step(begin: Begin):
    ids = [f"m{number}" for number in range(MOST_ELEMENTS - 3)]
    parts = "".join(f'<bpmn:manualTask id="{id}"/>' for id in ids)
    run = begin(file_of(straight(parts, user("t"), ids=[*ids, "t"])))
    assert run.tasks == ["t"]
    assert run.sizes[-1] < 500


def test_a_loop_without_waits_runs_ten_thousand_rounds_in_one_step(begin: Begin):
    parts = [start(), xor("again"), script("count", "{n: n + 1}"), xor("done", default="back"), user("t"), end()]
    flows = [chain("start", "again", "count", "done"), flow("done", "t", "n >= 10000"), flow("done", "again", id="back"), flow("t", "end")]
    run = begin(file_of(process(*parts, *flows)), n=0)
    assert run.data_at("t") == {"n": 10000}
    assert run.sizes[-1] < 500


def test_a_loop_with_a_task_and_a_reminder_keeps_its_state_constant(begin: Begin):
    parts = [
        start(),
        xor("again"),
        user("a"),
        boundary("late", "a", timer("timeDuration", "P1D")),
        xor("done", default="back"),
        end(),
        end("end2"),
    ]
    flows = [chain("start", "again", "a", "done"), flow("done", "end", "finished"), flow("done", "again", id="back"), chain("late", "end2")]
    run = begin(file_of(process(*parts, *flows)), finished=False, text="x" * 200)
    for _ in range(10_000):
        run.complete("a")
    assert max(run.sizes) - min(run.sizes) < 30  # only the digits of the token ids grow
    assert run.sizes[-1] < 1500
    run.complete("a", finished=True)
    assert run.completed


def test_parallel_branches_in_a_loop_keep_the_state_constant(begin: Begin):
    parts = [start(), xor("again"), parallel("fork"), user("a"), user("b"), parallel("join"), xor("done", default="back"), end()]
    flows = [
        chain("start", "again", "fork", "a", "join", "done"),
        chain("fork", "b", "join"),
        flow("done", "end", "finished"),
        flow("done", "again", id="back"),
    ]
    run = begin(file_of(process(*parts, *flows)), finished=False, n=0)
    for number in range(300):
        run.complete("a")
        run.complete("b", n=number)
    assert max(run.sizes) - min(run.sizes) < 350
    run.complete("a")
    run.complete("b", finished=True)
    assert run.completed
    assert run.variables["n"] == 299


def test_a_loop_through_a_called_process_keeps_nothing_of_earlier_calls(begin: Begin):
    parts = [start(), xor("again"), call("c", "Called"), xor("done", default="back"), end()]
    flows = [chain("start", "again", "c", "done"), flow("done", "end", "finished"), flow("done", "again", id="back")]
    called = file_of(process(start("cs"), user("u"), end("ce"), chain("cs", "u", "ce"), key="Called"))
    run = begin(file_of(process(*parts, *flows)), called, finished=False)
    for _ in range(50):
        run.complete("u", text="y" * 500)
    assert max(run.sizes) < 900


def test_three_hundred_parallel_instances_collect_their_results_in_order(begin: Begin):
    loop = many(collected("results", "result"), cardinality("300"))
    run = begin(file_of(straight(user("a", loop), user("t"), ids=["a", "t"])), text="x" * 1000)
    assert len(run.tasks) == 300
    for token in sorted(run.waits.user_tasks, reverse=True):
        index = run.execution.variables_of(token)["loopCounter"]
        run.execution.complete(token, {"result": index})
    assert run.data_at("t")["results"] == list(range(300))


def test_two_thousand_parallel_instances_run_and_their_state_stays_small_each(begin: Begin):
    inner = sub("s", many(cardinality("2000")), start("ss"), user("a"), end("se"), chain("ss", "a", "se"))
    run = begin(file_of(straight(inner, user("t"), ids=["s", "t"])), text="x" * 1000)
    assert len(run.tasks) == 2000
    assert run.sizes[-1] < 2000 * 700
    for token in list(run.waits.user_tasks):
        run.execution.complete(token, {})
    assert run.tasks == ["t"]
    assert len(run.execution.dump()) < 2000


def test_event_sub_processes_nested_thirty_deep_are_undone_and_interrupted(begin: Begin):
    nested, ids = user("a") + undoing("a", user("u")), ["a"]
    for depth in range(30):
        rescue = event_sub(f"x{depth}", definition("message", "m"), user(f"h{depth}"))
        nested = sub(f"s{depth}", start(f"ss{depth}"), nested, rescue, end(f"se{depth}"), chain(f"ss{depth}", *ids, f"se{depth}"))
        ids = [f"s{depth}"]
    parts = [nested, throw("undo", "<bpmn:compensateEventDefinition/>"), user("t")]
    source = file_of(message("m"), straight(*parts, ids=[*ids, "undo", "t"]))
    run = begin(source, x=1)
    assert len(run.subscriptions) == 30
    run.complete("a", x=2)
    assert run.data_at("u") == {"x": 2}
    run.complete("u", x=3)
    assert run.data_at("t") == {"x": 3}
    interrupted = begin(source, x=1)
    interrupted.deliver("x29_s")
    assert (interrupted.tasks, interrupted.subscriptions) == (["h29"], [])


def test_three_hundred_instances_do_not_store_the_shared_data_each(begin: Begin):
    run = begin(file_of(straight(user("a", many(cardinality("300"))), ids=["a"])), text="x" * 10_000)
    assert run.sizes[-1] < 10_000 + 300 * 350


def test_a_loop_that_never_waits_becomes_a_failure(begin: Begin, monkeypatch):
    monkeypatch.setattr("engine.bpmn.process.MAX_STEPS", 500)
    parts = [start(), xor("again"), script("s", "{}"), xor("turn", default="back"), end()]
    run = begin(
        file_of(process(*parts, chain("start", "again", "s", "turn"), flow("turn", "end", "false"), flow("turn", "again", id="back")))
    )
    assert len(run.failures) == 1
    assert "500 步" in next(iter(run.failures.values()))


def test_a_process_that_calls_itself_without_end_becomes_a_failure(begin: Begin):
    run = begin(file_of(straight(call("c", "P"), ids=["c"])))
    assert "50" in run.failures["c"]
    run.cancel()
    assert run.completed


def test_one_definition_is_shared_by_many_threads_and_instances(host: HostDouble):
    loop = many(collected("results", "result"), collection="=items", elementVariable="item")
    parts = [start(), parallel("fork"), user("a", loop), user("b"), parallel("join"), end()]
    source = file_of(process(*parts, chain("start", "fork", "a", "join", "end"), chain("fork", "b", "join")))
    (host.definitions[1],) = parse(source, "shared.bpmn")

    def case(number: int) -> dict[str, object]:
        items = list(range(number % 5 + 1))
        execution = Execution.start(1, host.definitions[1], host, {"items": items, "number": number})
        while not execution.completed:
            execution = Execution.load(execution.dump(), host)
            token, wait = next(iter(execution.waits().user_tasks.items()))
            execution.complete(token, {"result": execution.variables_of(token).get("item")} if wait.element_id == "a" else {"b": number})
        return execution.variables

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(case, range(80)))
    for number, variables in enumerate(outcomes):
        items = list(range(number % 5 + 1))
        assert variables == {"items": items, "number": number, "results": items, "b": number}


def test_an_instance_is_freed_without_the_garbage_collector(host: HostDouble):
    (host.definitions[1],) = parse(file_of(straight(user("a"), ids=["a"])), "test.bpmn")
    execution = Execution.start(1, host.definitions[1], host, {})
    (token,) = execution._process.index.values()
    seen = weakref.ref(token)
    del token
    gc.disable()
    try:
        del execution
        assert seen() is None
    finally:
        gc.enable()


def test_a_state_that_says_nothing_of_tags_is_searched_for_them(host: HostDouble):
    (host.definitions[1],) = parse(file_of(straight(user("a"), ids=["a"])), "test.bpmn")
    for variables in ({"day": date(2026, 3, 2)}, {"day": "2026-03-02"}):
        state = Execution.start(1, host.definitions[1], host, variables).dump()
        assert Execution.load(state, host).variables == Execution.load(state.lstrip(), host).variables == variables

"""Embedded sub-processes, call activities, multi-instance: what they share, what they keep apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from engine.bpmn.execution import Execution
from engine.bpmn.parse import parse
from engine.bpmn.waits import Activity
from tests.bpmn.conftest import Begin, HostDouble
from tests.bpmn.diagrams import (
    boundary,
    call,
    cardinality,
    chain,
    collected,
    definition,
    end,
    error,
    extensions,
    file_of,
    many,
    mapping,
    message,
    parameters,
    process,
    script,
    service,
    start,
    straight,
    sub,
    until,
    user,
)


def inner(id: str, *parts: str, ids: list[str]) -> str:
    """A sub-process with its own start and end."""
    return sub(id, *parts, start(f"{id}_s"), end(f"{id}_e"), chain(f"{id}_s", *ids, f"{id}_e"))


# --- embedded ---------------------------------------------------------------------------------------------------------


def test_an_embedded_sub_process_shares_its_variables_with_its_surroundings(begin: Begin):
    run = begin(file_of(straight(inner("s", user("a"), ids=["a"]), user("t"), ids=["s", "t"])), x=1)
    assert run.data_at("a") == {"x": 1}
    run.complete("a", x=2, y=3)
    assert run.data_at("t") == {"x": 2, "y": 3}


def test_twenty_nested_sub_processes_run_through(begin: Begin):
    nested, ids = user("a"), ["a"]
    for depth in range(20):
        nested, ids = inner(f"s{depth}", nested, ids=ids), [f"s{depth}"]
    run = begin(file_of(straight(nested, user("t"), ids=[*ids, "t"])), x=1)
    run.complete("a", x=2)
    assert run.data_at("t") == {"x": 2}
    run.complete("t")
    assert run.completed


def test_the_parent_of_an_element_is_its_sub_process():
    (definition,) = parse(file_of(straight(inner("s", user("a"), ids=["a"]), ids=["s"])), "x.bpmn")
    assert definition.elements["a"].parent == "s"
    assert definition.elements["s"].parent is None


# --- called -----------------------------------------------------------------------------------------------------------


def called(*parts: str, ids: list[str], key: str = "Called") -> bytes:
    return file_of(process(start("c_start"), *parts, end("c_end"), chain("c_start", *ids, "c_end"), key=key))


def calling(*mappings: str, **attributes: str) -> bytes:
    return file_of(straight(call("c", "Called", extensions(*mappings), **attributes), user("t"), ids=["c", "t"]))


def test_only_mapped_variables_pass_into_and_out_of_a_called_process(begin: Begin):
    mappings = [
        mapping("in", source="x", target="a"),
        mapping("in", sourceExpression="=x + 1", target="b"),
        mapping("in", sourceExpression="literal", target="c"),
        mapping("in", businessKey="=x"),
        mapping("out", source="r", target="result"),
        mapping("out", sourceExpression="=r * 2", target="double"),
    ]
    run = begin(calling(*mappings), called(user("u"), ids=["u"]), x=1, secret=True)
    assert run.data_at("u") == {"a": 1, "b": 2, "c": "literal"}
    (wait,) = run.waits.user_tasks.values()
    assert wait.process_key == "Called"
    run.complete("u", r=5, noise=True)
    assert run.data_at("t") == {"x": 1, "secret": True, "result": 5, "double": 10}


def test_nothing_passes_without_a_mapping(begin: Begin):
    run = begin(calling(), called(user("u"), ids=["u"]), x=1)
    assert run.data_at("u") == {}
    run.complete("u", r=5)
    assert run.data_at("t") == {"x": 1}


def test_all_variables_can_be_mapped_at_once(begin: Begin):
    run = begin(calling(mapping("in", variables="all"), mapping("out", variables="all")), called(user("u"), ids=["u"]), x=1)
    assert run.data_at("u") == {"x": 1}
    run.complete("u", x=2, r=5)
    assert run.data_at("t") == {"x": 2, "r": 5}


def test_the_called_version_is_asked_with_its_binding_and_pinned_from_then_on(begin: Begin, host: HostDouble):
    source = calling(camunda__calledElementBinding="version", camunda__calledElementVersion="4")
    run = begin(source, called(user("u"), ids=["u"]))
    (ref,) = host.called
    assert (ref.key, ref.binding, ref.version, ref.element_id) == ("Called", "version", 4, "c")
    host.definitions[9] = parse(called(user("new"), ids=["new"]), "new.bpmn")[0]
    again = Execution.load(run.execution.dump(), host)
    assert [wait.element_id for wait in again.waits().user_tasks.values()] == ["u"]
    assert {run.definition_id for run in run.runs() if run.element_id == "u"} == {2}


def test_a_missing_called_process_is_a_failure_that_can_be_retried(begin: Begin, host: HostDouble):
    run = begin(calling())
    assert "Called" in run.failures["c"]
    host.definitions[2] = parse(called(user("u"), ids=["u"]), "called.bpmn")[0]
    run.retry()
    assert run.tasks == ["u"]


def test_a_failing_out_mapping_keeps_the_result_until_it_is_retried(begin: Begin):
    run = begin(calling(mapping("out", sourceExpression="=r + 1", target="y")), called(user("u"), ids=["u"]))
    run.complete("u")
    assert list(run.failures) == ["c"]


def test_the_called_process_may_be_named_by_an_expression(begin: Begin):
    source = file_of(straight(call("c", '="Cal" + "led"'), ids=["c"]))
    assert begin(source, called(user("u"), ids=["u"])).tasks == ["u"]


def test_calls_can_be_nested_and_each_keeps_its_own_data(begin: Begin):
    top = file_of(
        straight(
            call("c", "Middle", extensions(mapping("in", source="x", target="x"), mapping("out", source="x", target="y"))),
            user("t"),
            ids=["c", "t"],
        )
    )
    hand = extensions(mapping("in", source="x", target="z"), mapping("out", source="z", target="x"))
    middle = called(call("d", "Called", hand), ids=["d"], key="Middle")
    run = begin(top, middle, called(user("u"), ids=["u"]), x=1)
    assert run.data_at("u") == {"z": 1}
    run.complete("u", z=2)
    assert run.data_at("t") == {"x": 1, "y": 2}


# --- multi-instance ---------------------------------------------------------------------------------------------------


def test_parallel_instances_each_see_their_own_item_and_leave_nothing_behind(begin: Begin):
    task = user("a", many(collection="=names", elementVariable="name"), assignee="=name")
    run = begin(file_of(straight(task, user("t"), ids=["a", "t"])), names=["x", "y", "z"], n=1)
    assert [wait.assignee for wait in run.waits.user_tasks.values()] == ["x", "y", "z"]
    assert run.data_at("a", 1) == {"names": ["x", "y", "z"], "n": 1, "name": "y", "loopCounter": 1}
    run.complete("a", "a", "a", n=2, mine=True)
    assert run.data_at("t") == {"names": ["x", "y", "z"], "n": 1}


def test_sequential_instances_run_one_after_the_other(begin: Begin):
    task = user("a", many(collection="names", elementVariable="name", sequential=True))
    run = begin(file_of(straight(task, user("t"), ids=["a", "t"])), names=["x", "y"])
    assert [run.data_at("a")["name"], len(run.tasks)] == ["x", 1]
    run.complete("a")
    assert [run.data_at("a")["name"], len(run.tasks)] == ["y", 1]
    run.complete("a")
    assert run.tasks == ["t"]


@pytest.mark.parametrize("sequential", [True, False])
def test_outputs_are_collected_in_the_order_of_the_items(begin: Begin, sequential: bool):
    task = user("a", many(collected("answers", "answer"), collection="=[1, 2, 3]", elementVariable="n", sequential=sequential))
    run = begin(file_of(straight(task, user("t"), ids=["a", "t"])))
    while run.tasks[0] == "a":
        last = len(run.tasks) - 1
        token = run.task("a", last)
        run.execution.complete(token, {"answer": run.execution.variables_of(token)["n"] * 10})
    assert run.data_at("t") == {"answers": [10, 20, 30]}


def test_a_fixed_number_of_instances_can_be_asked_for(begin: Begin):
    run = begin(file_of(straight(user("a", many(cardinality("2 + n"))), ids=["a"])), n=1)
    assert run.tasks == ["a", "a", "a"]


def test_a_completion_condition_ends_the_others(begin: Begin):
    condition = until("nrOfCompletedInstances / nrOfInstances >= 0.5 and nrOfActiveInstances = 2")
    run = begin(file_of(straight(user("a", many(condition, cardinality("4"))), user("t"), ids=["a", "t"])))
    run.complete("a")
    assert run.tasks == ["a", "a", "a"]
    run.complete("a")
    assert run.tasks == ["t"]
    assert [outcome for name, outcome in run.path("userTask") if name == "a"].count("cancelled") == 2


def test_a_completion_condition_may_look_at_the_outputs_so_far(begin: Begin):
    loop = many(until('list contains(votes, "no")'), collected("votes", "vote"), collection="=[1,2,3]", elementVariable="n")
    run = begin(file_of(straight(user("a", loop), user("t"), ids=["a", "t"])))
    run.complete("a", vote="yes")
    assert run.tasks == ["a", "a"]
    run.complete("a", vote="no")
    assert run.data_at("t") == {"votes": ["yes", "no"]}


@pytest.mark.parametrize("sequential", [True, False])
def test_an_empty_collection_passes_through(begin: Begin, sequential: bool):
    task = user("a", many(collected("answers", "answer"), collection="=[]", elementVariable="n", sequential=sequential))
    run = begin(file_of(straight(task, user("t"), ids=["a", "t"])))
    assert run.data_at("t") == {"answers": []}


def test_a_collection_that_is_no_list_is_a_failure(begin: Begin):
    run = begin(file_of(straight(user("a", many(collection="people", elementVariable="n")), ids=["a"])), people="one")
    assert "列表" in run.failures["a"]
    run.set_variables(people=["one"])
    run.retry()
    assert run.tasks == ["a"]


def test_each_instance_of_a_sub_process_has_its_own_data(begin: Begin):
    loop = many(collected("results", "result"), collection="=[1, 2]", elementVariable="n")
    body = sub("s", loop, start("ss"), user("a"), script("calc", "{result: n * factor}"), end("se"), chain("ss", "a", "calc", "se"))
    run = begin(file_of(straight(body, user("t"), ids=["s", "t"])), factor=1)
    assert [run.data_at("a", number)["n"] for number in (0, 1)] == [1, 2]
    run.complete("a", factor=100)
    assert run.data_at("a")["factor"] == 1
    run.complete("a", factor=10)
    assert run.data_at("t") == {"factor": 1, "results": [100, 20]}


def test_each_instance_of_a_call_activity_gets_its_item(begin: Begin):
    loop = many(collected("results", "answer"), collection="=[1, 2]", elementVariable="n")
    mappings = extensions(mapping("in", source="n", target="n"), mapping("out", source="r", target="answer"))
    source = file_of(straight(call("c", "Called", mappings, loop), user("t"), ids=["c", "t"]))
    run = begin(source, called(user("u"), ids=["u"]))
    assert [run.data_at("u", number) for number in (0, 1)] == [{"n": 1}, {"n": 2}]
    run.complete("u", r="first")
    run.complete("u", r="second")
    assert run.data_at("t") == {"results": ["first", "second"]}


def test_operations_can_run_once_per_item(begin: Begin, host: HostDouble):
    host.operations["ask"] = lambda inputs, activity: {"answer": inputs["n"] + 1}
    loop = many(collected("answers", "answer"), collection="=[1, 2, 3]", elementVariable="n")
    run = begin(file_of(straight(service("o", "ask", parameters({"n": "=n"}), loop), user("t"), ids=["o", "t"])))
    assert run.data_at("t") == {"answers": [2, 3, 4]}


def test_one_failing_instance_does_not_stop_the_others(begin: Begin, host: HostDouble):
    broken = {2}

    def ask(inputs: Mapping[str, Any], activity: Activity) -> Mapping[str, Any]:
        if inputs["n"] in broken:
            raise RuntimeError("no answer")
        return {}

    host.operations["ask"] = ask
    loop = many(collection="=[1, 2, 3]", elementVariable="n")
    run = begin(file_of(straight(service("o", "ask", parameters({"n": "=n"}), loop), user("t"), ids=["o", "t"])))
    assert list(run.failures) == ["o"]
    broken.clear()
    run.retry()
    assert run.tasks == ["t"]


def test_a_boundary_event_on_a_multi_instance_ends_all_instances(begin: Begin):
    parts = [
        message("m"),
        process(
            start(),
            user("a", many(cardinality("3"))),
            boundary("stop", "a", definition("message", "m")),
            user("t"),
            end(),
            chain("start", "a", "end"),
            chain("stop", "t", "end"),
        ),
    ]
    run = begin(file_of(*parts))
    assert run.subscriptions == ["stop"]
    run.deliver("stop", why="enough")
    assert run.tasks == ["t"]
    assert run.data_at("t") == {"why": "enough"}


def test_a_multi_instance_may_hold_another(begin: Begin):
    body = sub(
        "s",
        many(collection="=groups", elementVariable="group"),
        start("ss"),
        user("a", many(collection="=group", elementVariable="n")),
        end("se"),
        chain("ss", "a", "se"),
    )
    run = begin(file_of(straight(body, user("t"), ids=["s", "t"])), groups=[[1, 2], [3]])
    assert [run.data_at("a", number)["n"] for number in range(3)] == [1, 2, 3]
    run.complete("a", "a", "a")
    assert run.tasks == ["t"]


def test_the_body_of_a_multi_instance_is_told_apart_in_the_history(begin: Begin):
    run = begin(file_of(straight(user("a", many(cardinality("2"))), ids=["a"])))
    run.complete("a", "a")
    assert run.path("multiInstanceBody") == [("a", "completed")]
    assert run.path("userTask") == [("a", "completed"), ("a", "completed")]


def test_an_error_inside_an_instance_reaches_the_boundary_of_the_whole_activity(begin: Begin):
    failing = sub("s", many(cardinality("2")), start("ss"), user("a"), end("se", definition("error", "err")), chain("ss", "a", "se"))
    parts = process(
        start(),
        failing,
        boundary("caught", "s", definition("error", "err")),
        user("t"),
        end(),
        chain("start", "s", "end"),
        chain("caught", "t", "end"),
    )
    run = begin(file_of(error("err", "E1"), parts))
    run.complete("a")
    assert run.tasks == ["t"]

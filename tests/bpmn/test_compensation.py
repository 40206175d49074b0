"""Compensation and transactions: what was completed is undone, the last first."""

from __future__ import annotations

import pytest

from engine.errors import BpmnError
from tests.bpmn.conftest import Begin, HostDouble
from tests.bpmn.diagrams import (
    boundary,
    cardinality,
    chain,
    definition,
    element,
    end,
    error,
    event_sub,
    file_of,
    flow,
    looped,
    many,
    parallel,
    parameters,
    process,
    script,
    service,
    start,
    straight,
    sub,
    throw,
    timer,
    undoing,
    user,
    xor,
)

ALL = "<bpmn:compensateEventDefinition/>"
CANCEL = "<bpmn:cancelEventDefinition/>"


def only(activity: str) -> str:
    return f'<bpmn:compensateEventDefinition activityRef="{activity}"/>'


def undo(name: str) -> str:
    """A script that writes down that it ran."""
    return script(f"undo_{name}", f'{{undone: append(undone, "{name}")}}')


def done(run) -> list[str]:
    return [name.removeprefix("undo_") for name, outcome in run.path() if name.startswith("undo_") and outcome == "completed"]


def test_what_was_completed_is_undone_the_last_first(begin: Begin):
    parts = [user("a"), undoing("a", undo("a")), user("b"), undoing("b", undo("b")), user("c"), undoing("c", undo("c"))]
    run = begin(file_of(skipping(parts)), undone=[])
    run.complete("a", "b")
    assert run.data_at("z")["undone"] == ["b", "a"]
    assert done(run) == ["b", "a"]


def skipping(parts: list[str]) -> str:
    """a → b → then c or the throwing event; c is never reached."""
    flows = [chain("start", "a", "b", "g"), flow("g", "c", "false"), flow("g", "t", id="d"), chain("c", "end"), chain("t", "z", "end")]
    return process(start(), *parts, xor("g", default="d"), throw("t", ALL), user("z"), end(), *flows)


def test_only_one_activity_can_be_undone_and_each_only_once(begin: Begin):
    parts = [script("a", "{}"), undoing("a", undo("a")), script("b", "{}"), undoing("b", undo("b"))]
    events = [throw("t1", only("a")), throw("t2", only("a")), throw("t3", ALL)]
    run = begin(file_of(straight(*parts, *events, ids=["a", "b", "t1", "t2", "t3"])), undone=[])
    assert (run.completed, run.variables["undone"]) == (True, ["a", "b"])


def test_an_end_event_may_undo_before_it_ends(begin: Begin):
    last = end("last", ALL)
    run = begin(file_of(process(start(), script("a", "{}"), undoing("a", user("u")), last, chain("start", "a", "last"))), x=1)
    assert (run.tasks, run.completed) == (["u"], False)
    assert run.data_at("u") == {"x": 1}
    run.complete("u", x=2)
    assert (run.completed, run.variables, run.ends) == (True, {"x": 2}, ("last",))


def test_nothing_to_undo_passes_through(begin: Begin):
    assert begin(file_of(straight(throw("t", ALL), ids=["t"]))).completed


def test_undoing_waits_for_people_and_may_fail_and_be_retried(begin: Begin, host: HostDouble):
    answers: list[object] = [ValueError("down"), {"x": 2}]

    def operation(inputs, activity):
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    host.operations["back"] = operation
    parts = [script("a", "{}"), undoing("a", user("u")), script("b", "{}"), undoing("b", service("s", "back"))]
    run = begin(file_of(straight(*parts, throw("t", ALL), user("z"), ids=["a", "b", "t", "z"])), x=1)
    assert list(run.failures) == ["s"]
    run.retry()
    assert run.data_at("u") == {"x": 2}
    run.complete("u", y=3)
    assert run.data_at("z") == {"x": 2, "y": 3}


def test_each_round_of_a_loop_is_undone(begin: Begin):
    counting = script("a", "{n: n + 1}").replace("<bpmn:script>", looped("n < 3") + "<bpmn:script>")
    handler = script("u", "{undone: append(undone, n), n: n - 1}")
    run = begin(file_of(straight(counting, undoing("a", handler), throw("t", ALL), ids=["a", "t"])), n=0, undone=[])
    assert run.variables == {"n": 0, "undone": [3, 2, 1]}


@pytest.mark.parametrize("sequential", [True, False])
def test_each_instance_of_a_multi_instance_is_undone_with_its_own_item(begin: Begin, sequential: bool):
    task = user("a", many(collection="=[7, 8, 9]", elementVariable="item", sequential=sequential))
    handler = script("u", "{undone: append(undone, item)}")
    run = begin(file_of(straight(task, undoing("a", handler), throw("t", ALL), ids=["a", "t"])), undone=[])
    run.complete("a", "a", "a")
    assert run.variables == {"undone": [9, 8, 7]}


def test_what_a_completed_sub_process_did_inside_is_undone_in_reverse_order(begin: Begin):
    inside = [script("b", "{}"), undoing("b", undo("b")), script("c", "{}"), undoing("c", undo("c"))]
    inner = sub("s", start("ss"), *inside, end("se"), chain("ss", "b", "c", "se"))
    parts = [script("a", "{}"), undoing("a", undo("a")), inner, script("d", "{}"), undoing("d", undo("d")), throw("t", ALL)]
    run = begin(file_of(straight(*parts, user("z"), ids=["a", "s", "d", "t", "z"])), undone=[])
    assert run.data_at("z") == {"undone": ["d", "c", "b", "a"]}


def test_a_sub_process_with_a_handler_of_its_own_is_undone_by_it(begin: Begin):
    inner = sub("s", start("ss"), script("b", "{}"), undoing("b", undo("b")), end("se"), chain("ss", "b", "se"))
    run = begin(file_of(straight(inner, undoing("s", undo("s")), throw("t", only("s")), ids=["s", "t"])), undone=[])
    assert run.variables == {"undone": ["s"]}


def test_instances_of_a_sub_process_are_undone_each_with_its_own_variables(begin: Begin):
    loop = many(collection="=[1, 2]", elementVariable="item")
    handler = script("u", "{undone: append(undone, item * factor)}")
    inner = sub("s", loop, start("ss"), user("b"), undoing("b", handler), end("se"), chain("ss", "b", "se"))
    run = begin(file_of(straight(inner, throw("t", ALL), user("z"), ids=["s", "t", "z"])), undone=[])
    run.complete("b", factor=10)
    run.complete("b", factor=100)
    assert run.data_at("z") == {"undone": [200, 10]}


def test_undoing_a_sub_process_goes_on_after_a_person_has_helped(begin: Begin):
    inside = [script("b", "{}"), undoing("b", user("ub")), script("c", "{}"), undoing("c", user("uc"))]
    inner = sub("s", start("ss"), *inside, end("se"), chain("ss", "b", "c", "se"))
    deep = sub("d", start("ds"), inner, end("de"), chain("ds", "s", "de"))
    run = begin(file_of(straight(deep, throw("t", ALL), user("z"), ids=["d", "t", "z"])), x=0)
    assert run.tasks == ["uc"]
    run.complete("uc", x=1)
    assert run.data_at("ub") == {"x": 1}
    run.complete("ub", x=2)
    assert run.data_at("z") == {"x": 2}
    assert all("(" not in name for name, _ in run.path())


def test_an_error_may_lead_to_an_event_sub_process_that_undoes_everything(begin: Begin, host: HostDouble):
    def refuse(inputs, activity):
        raise BpmnError("E1", "refused")

    host.operations["refuse"] = refuse
    rescue = event_sub("x", definition("error", "err"), throw("x_t", ALL))
    inner = sub("s", start("ss"), script("b", "{}"), undoing("b", user("ub")), end("se"), chain("ss", "b", "se"))
    parts = [script("a", "{}"), undoing("a", user("ua")), inner, service("bad", "refuse"), rescue]
    run = begin(file_of(error("err", "E1"), straight(*parts, ids=["a", "s", "bad"])), x=0)
    assert run.tasks == ["ub"]
    run.complete("ub", x=1)
    assert run.data_at("ua") == {"x": 1}
    run.complete("ua")
    assert (run.completed, run.ends) == (True, ("x_e",))


def booking(hotel: str = "") -> bytes:
    """A transaction: two branches; one asks a person, the other may give up."""
    steps = [
        start("ts"),
        parallel("f"),
        script("hotel", "{hotel: true}"),
        undoing("hotel", hotel or undo("hotel")),
        user("flight"),
        undoing("flight", undo("flight")),
        user("seat"),
        xor("g", default="ok"),
        end("te"),
        end("give_up", CANCEL),
        chain("ts", "f", "hotel", "flight", "g"),
        flow("g", "give_up", "full"),
        flow("g", "te", id="ok"),
        chain("f", "seat", "te2"),
        end("te2"),
    ]
    around = [
        start(),
        element("transaction", "trip", *steps),
        boundary("cancelled", "trip", CANCEL),
        user("sorry"),
        user("happy"),
        end(),
        chain("start", "trip", "happy", "end"),
        chain("cancelled", "sorry", "end"),
    ]
    return file_of(process(*around))


def test_a_cancelled_transaction_undoes_everything_and_leaves_by_its_border(begin: Begin):
    run = begin(booking(), undone=[])
    run.complete("flight", full=True)
    assert run.tasks == ["sorry"]
    assert run.data_at("sorry") == {"undone": ["flight", "hotel"], "hotel": True, "full": True}
    assert ("seat", "cancelled") in run.path("userTask")
    assert ("trip", "cancelled") in run.path()


def test_a_transaction_that_is_not_cancelled_is_a_sub_process(begin: Begin):
    run = begin(booking(), undone=[])
    run.complete("flight", full=False)
    run.complete("seat")
    assert run.data_at("happy")["undone"] == []


def test_a_transaction_waits_until_people_have_undone_it(begin: Begin):
    source = booking(hotel=user("undo_hotel"))
    run = begin(source, undone=[])
    run.complete("flight", full=True)
    assert run.tasks == ["undo_hotel"]
    run.complete("undo_hotel", refund=5)
    assert run.data_at("sorry") == {"undone": ["flight"], "hotel": True, "full": True, "refund": 5}


def test_what_was_interrupted_is_not_undone(begin: Begin):
    late = boundary("late", "s", timer("timeDuration", "P1D"))
    inner = sub("s", start("ss"), script("b", "{}"), undoing("b", undo("b")), user("c"), end("se"), chain("ss", "b", "c", "se"))
    parts = [start(), inner, late, throw("t", ALL), end(), chain("start", "s", "t", "end"), chain("late", "t")]
    run = begin(file_of(process(*parts)), undone=[])
    run.fire("late")
    assert (run.completed, run.variables) == (True, {"undone": []})


def test_a_handler_may_be_a_sub_process_a_multi_instance_or_have_parameters(begin: Begin, host: HostDouble):
    host.operations["op"] = lambda inputs, activity: {"got": inputs["value"]}
    repair = sub("r", start("rs"), user("ru"), end("re"), chain("rs", "ru", "re"))
    parts = [
        *(part for name in "abc" for part in (script(name, "{}"),)),
        undoing("a", repair),
        undoing("b", user("ub", many(cardinality("2")))),
        undoing("c", service("uc", "op", parameters({"value": "=x"}, {"y": "=got"}))),
    ]
    run = begin(file_of(straight(*parts, throw("t", ALL), user("z"), ids=["a", "b", "c", "t", "z"])), x=1)
    assert run.tasks == ["ub", "ub"]
    run.complete("ub", "ub")
    assert run.data_at("ru") == {"x": 1, "y": 1}
    run.complete("ru", x=5)
    assert run.data_at("z") == {"x": 5, "y": 1}

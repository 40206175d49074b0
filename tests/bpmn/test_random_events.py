"""Random walks through event sub-processes, conditions, loops, transactions and links: reloading changes nothing, all ends."""

from __future__ import annotations

import random
from collections.abc import Callable

import orjson
import pytest

from engine.bpmn.execution import Execution
from engine.bpmn.parse import parse
from engine.errors import BpmnError
from tests.bpmn.conftest import HostDouble
from tests.bpmn.diagrams import (
    boundary,
    call,
    catch,
    chain,
    conditional,
    definition,
    element,
    end,
    error,
    escalation,
    event_sub,
    extensions,
    file_of,
    flow,
    link,
    looped,
    many,
    mapping,
    message,
    parallel,
    process,
    script,
    service,
    signal,
    start,
    sub,
    throw,
    timer,
    undoing,
    user,
    xor,
)


def trip() -> str:
    """A transaction that may be cancelled, with something to undo at two levels."""
    inside = sub(
        "leg",
        many(collection="=[1, 2]", elementVariable="leg_no"),
        start("leg_s"),
        user("fly"),
        undoing("fly", user("unfly")),
        event_sub("leg_x", definition("message", "m"), user("leg_help"), interrupting=False),
        end("leg_e"),
        chain("leg_s", "fly", "leg_e"),
    )
    return element(
        "transaction",
        "trip",
        start("trip_s"),
        inside,
        script("pay", "{paid: paid + 1}"),
        undoing("pay", script("refund", "{paid: paid - 1}")),
        xor("full", default="fine"),
        end("trip_e"),
        end("trip_c", "<bpmn:cancelEventDefinition/>"),
        chain("trip_s", "leg", "pay", "full"),
        flow("full", "trip_c", "stop"),
        flow("full", "trip_e", id="fine"),
    )


def office() -> str:
    """A sub-process with event sub-processes of several kinds."""
    return sub(
        "office",
        start("o_s"),
        parallel("o_f"),
        user("draft", looped("loopCounter < 3 and not(stop)")),
        service("file", "refuse", camunda__asyncAfter="true"),
        user("read"),
        throw("tell", definition("escalation", "esc")),
        parallel("o_j"),
        end("o_e"),
        event_sub("o_err", definition("error", camunda__errorCodeVariable="why"), user("mend")),
        event_sub("o_esc", definition("escalation", "esc"), user("note"), interrupting=False),
        event_sub("o_sig", definition("signal", "s"), user("hear"), interrupting=False),
        event_sub("o_time", timer("timeCycle", "R2/PT2H"), script("tick", "{ticks: ticks + 1}"), interrupting=False),
        event_sub("o_cond", conditional("ticks > 1 and stop"), throw("undo_all", "<bpmn:compensateEventDefinition/>")),
        chain("o_s", "o_f", "draft", "file", "o_j", "o_e"),
        chain("o_f", "read", "tell", "o_j"),
    )


def eventful_process() -> bytes:
    parts = [
        start(),
        catch("again", link("again")),
        xor("top"),
        parallel("fork"),
        office(),
        trip(),
        boundary("cancelled", "trip", "<bpmn:cancelEventDefinition/>"),
        xor("after_trip"),
        catch("wait", conditional("ticks >= round")),
        call("called", "Called", extensions(mapping("in", variables="all"), mapping("out", source="answer", target="answer"))),
        parallel("join"),
        script("count", "{round: round + 1, stop: false}"),
        xor("enough", default="back"),
        throw("once_more", link("again")),
        throw("undo", "<bpmn:compensateEventDefinition/>"),
        end(),
        event_sub("stopped", definition("message", "halt"), user("tidy"), interrupting=False),
        chain("start", "top", "fork", "office", "join", "count", "enough"),
        chain("again", "top"),
        chain("fork", "trip", "after_trip", "join"),
        chain("cancelled", "after_trip"),
        chain("fork", "wait", "called", "join"),
        flow("enough", "undo", "round >= 3"),
        flow("enough", "once_more", id="back"),
        chain("undo", "end"),
    ]
    called = process(
        start("c_s"),
        user("inner"),
        end("c_e"),
        event_sub("c_x", definition("signal", "s"), script("c_answer", '{answer: "signal"}')),
        chain("c_s", "inner", "c_e"),
        key="Called",
    )
    roots = [message("m"), message("halt"), signal("s"), error("no", "NO"), escalation("esc", "ESC")]
    return file_of(*roots, process(*parts), called)


def new_host(source: bytes) -> HostDouble:
    host, calls = HostDouble(), [0]
    host.definitions = dict(enumerate(parse(source, "eventful.bpmn"), start=1))

    def refuse(inputs, activity):
        calls[0] += 1
        if calls[0] % 3 == 0:
            raise BpmnError("NO", "not ours")
        if calls[0] % 4 == 0:
            raise RuntimeError("no line")
        return {"filed": calls[0]}

    host.operations["refuse"] = refuse
    return host


def choose(execution: Execution, dice: random.Random, step: int) -> Callable[[Execution], None]:
    """A random thing that can happen next; events that do not carry on the flow become rarer with time."""
    waits = execution.waits()
    options: list[Callable[[Execution], None]] = []
    for token in waits.user_tasks:
        variables = {f"v{dice.randrange(4)}": step, "stop": dice.random() < 0.2}
        options += [lambda target, token=token, variables=variables: target.complete(token, variables)] * 3
    options += [lambda target, token=token: target.fire_timer(token) for token in waits.timers]
    options += [lambda target, token=token: target.deliver(token, {"news": step}) for token in waits.subscriptions if step % 5 == 0]
    options += [lambda target, token=token: target.retry(token) for token in waits.failures]
    options += [lambda target, token=token: target.resume(token) for token in waits.continuations]
    options.append(lambda target: target.set_variables({"operator": step, "ticks": step // 10}))
    return dice.choice(options)


GIVEN = {"round": 0, "ticks": 0, "paid": 0, "stop": False}


@pytest.mark.parametrize("seed", range(25))
def test_reloading_never_changes_the_course_of_an_eventful_instance(seed: int):
    source, dice = eventful_process(), random.Random(seed)
    hosts = new_host(source), new_host(source)
    kept, reloaded = (Execution.start(1, host.definitions[1], host, GIVEN) for host in hosts)
    for step in range(600):
        assert orjson.loads(kept.dump()) == orjson.loads(reloaded.dump())
        reloaded = Execution.load(reloaded.dump(), hosts[1])
        assert kept.waits() == reloaded.waits()
        assert kept.variables == reloaded.variables
        assert sorted(kept.active_elements()) == sorted(reloaded.active_elements())
        if kept.completed:
            break
        happening = choose(reloaded, dice, step)
        for host in hosts:
            host.advance(minutes=50)
        happening(kept)
        happening(reloaded)
    assert kept.completed
    assert kept.variables["round"] == 3
    assert {run.outcome for run in kept.element_runs()} <= {"completed", "cancelled"}
    assert all(run.left_at is not None for run in kept.element_runs())

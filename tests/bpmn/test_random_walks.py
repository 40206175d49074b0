"""Random walks through one rich process: an instance kept in memory and one reloaded after each step never part company."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

import orjson
import pytest

from engine.bpmn.execution import Execution
from engine.bpmn.parse import parse
from engine.bpmn.waits import Activity
from engine.errors import BpmnError
from tests.bpmn.conftest import HostDouble
from tests.bpmn.diagrams import (
    boundary,
    call,
    catch,
    chain,
    collected,
    correlation,
    definition,
    element,
    end,
    error,
    escalation,
    extensions,
    file_of,
    flow,
    inclusive,
    many,
    mapping,
    message,
    parallel,
    parameters,
    process,
    script,
    service,
    signal,
    start,
    sub,
    throw,
    timer,
    until,
    user,
    xor,
)

CALL_MAPPINGS = extensions(mapping("in", source="round", target="n"), mapping("out", source="answer", target="called_answer"))


def department_work() -> str:
    """One instance of the multi-instance: a task with a repeating reminder, then an operation that may fail or refuse."""
    return sub(
        "each",
        many(collected("opinions", "opinion"), collection="=departments", elementVariable="department"),
        start("each_s"),
        user("sign", candidateGroups="=department", dueDate="P1D"),
        boundary("remind", "sign", timer("timeCycle", "R2/PT4H"), interrupting=False),
        script("reminded", "{reminders: reminders + 1}"),
        end("reminded_e"),
        boundary("sign_late", "sign", timer("timeDuration", "P1D")),
        service("record", "record", parameters({"by": "=department"}, {"opinion": "=answer"})),
        boundary("refused", "record", definition("error", "no", camunda__errorCodeVariable="why")),
        script("nothing", '{opinion: "none"}'),
        throw("tell", definition("escalation", "esc")),
        end("each_e"),
        chain("each_s", "sign", "record", "each_e"),
        chain("remind", "reminded", "reminded_e"),
        chain("sign_late", "record"),
        chain("refused", "nothing", "tell", "each_e"),
    )


def rich_process() -> bytes:
    parts = [
        start(),
        xor("again"),
        inclusive("wants", default="plain"),
        user("a", parameters({"question": '="round " + string(round)'}, {"answered": "=true"})),
        call("sub_call", "Called", CALL_MAPPINGS),
        boundary("call_failed", "sub_call", definition("error")),
        element("eventBasedGateway", "race"),
        catch("news", correlation('="case-" + string(round)'), definition("message", "m")),
        catch("bell", definition("signal", "s")),
        catch("tired", timer("timeDuration", "PT1H")),
        xor("raced"),
        inclusive("met"),
        parallel("fork"),
        department_work(),
        boundary("more", "each", definition("message", "m"), interrupting=False),
        user("read"),
        end("read_e"),
        boundary("worried", "each", definition("escalation", "esc"), interrupting=False),
        user("calm"),
        end("calm_e"),
        user("beside", many(until("stop = true"), collection="=[1, 2, 3]", elementVariable="n", sequential=True)),
        parallel("join"),
        script("count", "{round: round + 1}"),
        xor("enough", default="back"),
        end(),
        chain("start", "again", "wants"),
        flow("wants", "a", "round >= 0"),
        flow("wants", "sub_call", "round < 2"),
        flow("wants", "race", id="plain"),
        flow("wants", "race", "round > 0"),
        chain("a", "met"),
        chain("sub_call", "met"),
        chain("call_failed", "met"),
        chain("race", "news", "raced", "met"),
        chain("race", "bell", "raced"),
        chain("race", "tired", "raced"),
        chain("met", "fork", "each", "join", "count", "enough"),
        chain("fork", "beside", "join"),
        chain("more", "read", "read_e"),
        chain("worried", "calm", "calm_e"),
        flow("enough", "end", "round >= 3"),
        flow("enough", "again", id="back"),
    ]  # fmt: skip
    called = process(
        start("c_s"), user("inner"), service("maybe", "refuse"), end("c_e"), chain("c_s", "inner", "maybe", "c_e"), key="Called"
    )
    return file_of(message("m"), signal("s"), error("no", "NO"), escalation("esc", "ESC"), process(*parts), called)


def new_host(source: bytes) -> HostDouble:
    host, calls = HostDouble(), {"record": 0, "refuse": 0}
    host.definitions = dict(enumerate(parse(source, "rich.bpmn"), start=1))

    def record(inputs: Mapping[str, Any], activity: Activity) -> Mapping[str, Any]:
        calls["record"] += 1
        if calls["record"] % 5 == 0:
            raise RuntimeError("no line")
        if calls["record"] % 7 == 0:
            raise BpmnError("NO", "not ours")
        return {"answer": f"{inputs['by']} {calls['record']}"}

    def refuse(inputs: Mapping[str, Any], activity: Activity) -> Mapping[str, Any]:
        calls["refuse"] += 1
        if calls["refuse"] % 3 == 0:
            raise BpmnError("ANY")
        return {"answer": calls["refuse"]}

    host.operations |= {"record": record, "refuse": refuse}
    return host


def choose(execution: Execution, dice: random.Random, step: int) -> Callable[[Execution], None]:
    """A random thing that can happen next, to be done to both executions alike."""
    waits = execution.waits()
    options: list[Callable[[Execution], None]] = []
    for token in waits.user_tasks:
        variables = {f"v{dice.randrange(4)}": step, "stop": dice.random() < 0.2}
        options.append(lambda target, token=token, variables=variables: target.complete(token, variables))
    options += [lambda target, token=token: target.fire_timer(token) for token in waits.timers]
    awaited = [token for token, wait in waits.subscriptions.items() if wait.element_id != "more" or step % 7 == 0]
    options += [lambda target, token=token: target.deliver(token, {"news": step}) for token in awaited]
    options += [lambda target, token=token: target.retry(token) for token in waits.failures]
    options.append(lambda target: target.set_variables({"operator": step}))
    assert len(options) > 1, "somebody must be awaited"
    return dice.choice(options)


@pytest.mark.parametrize("seed", range(25))
def test_reloading_never_changes_the_course_of_an_instance(seed: int):
    source, dice = rich_process(), random.Random(seed)
    hosts = new_host(source), new_host(source)
    given = {"round": 0, "departments": ["a", "b", "c"], "reminders": 0, "stop": False}
    kept, reloaded = (Execution.start(1, host.definitions[1], host, given) for host in hosts)
    for step in range(400):
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
    assert len(kept.variables["opinions"]) == 3


@pytest.mark.parametrize("seed", range(5))
def test_every_run_that_was_entered_is_left_by_the_end(seed: int):
    source, dice = rich_process(), random.Random(seed)
    host = new_host(source)
    execution = Execution.start(1, host.definitions[1], host, {"round": 0, "departments": ["a", "b"], "reminders": 0, "stop": False})
    for step in range(400):
        if execution.completed:
            break
        choose(execution, dice, step)(execution)
    assert {run.outcome for run in execution.element_runs()} <= {"completed", "cancelled"}
    assert all(run.left_at is not None and run.left_at >= run.entered_at for run in execution.element_runs())

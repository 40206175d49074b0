"""Random models on their way to a version that says the same: nothing changes; and to one with other ids: nothing but the ids."""

from __future__ import annotations

import random
import re
from collections import Counter
from types import MappingProxyType

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.bpmn.execution import Execution
from engine.bpmn.migration import MigrationPlan, Move, Obstacles, inverse, migrate, propose
from engine.bpmn.migration.moving import run_on
from engine.bpmn.model import ProcessDefinition
from engine.bpmn.parse import parse
from tests.bpmn.conftest import NOON, HostDouble
from tests.bpmn.diagrams import (
    boundary,
    cardinality,
    catch,
    chain,
    definition,
    end,
    event_sub,
    file_of,
    flow,
    many,
    message,
    parallel,
    process,
    start,
    sub,
    timer,
    undoing,
    user,
)
from tests.bpmn.test_random_models import Block, Pen, blocks
from tests.oracle.comparison import Between, compare, numbered
from tests.oracle.drawing import Model
from tests.oracle.random_models import random_model
from tests.oracle.writing import xml_of

SLOW = settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])

#: One of everything that can stand still, at once.
EVERYTHING = file_of(
    message("m_go", "go"),
    process(
        start(),
        parallel("fork"),
        user("a", dueDate="PT4H", candidateGroups="window"),
        boundary("late", "a", timer("timeCycle", "R3/PT1H"), interrupting=False),
        user("chase"),
        chain("late", "chase", "e2"),
        end("e2"),
        user("pay"),
        undoing("pay", user("refund")),
        user("each", many(cardinality("3"))),
        user("row", many(cardinality("3"), sequential=True)),
        sub("box", start("s"), user("in"), end("e"), chain("s", "in", "e"), event_sub("hurry", timer("timeDuration", "PT9H"), user("h"))),
        '<bpmn:eventBasedGateway id="race"/>',
        catch("first", timer("timeDuration", "PT2H")),
        catch("second", definition("message", "m_go")),
        user("later"),
        parallel("join"),
        end(),
        chain("start", "fork", "a", "join", "end"),
        chain("fork", "pay", "later", "join"),
        chain("fork", "each", "join"),
        chain("fork", "row", "join"),
        chain("fork", "box", "join"),
        chain("fork", "race", "first", "join"),
        flow("race", "second"),
        flow("second", "e2"),
        event_sub("withdraw", definition("message", "m_go"), user("farewell")),
    ),
)


def drawn(block: Block) -> bytes:
    pen = Pen([], Counter())
    first, last = pen.draw(block, 1)
    return file_of(process(start(), end(), *pen.parts, flow("start", first), flow(last, "end")))


def renamed(source: bytes) -> bytes:
    """Every id inside the process, and every mention of it, with another ending."""
    ids = set(re.findall(r'\bid="([^"]+)"', source.decode())) - {"definitions", "P", "m_go"}
    pattern = re.compile(r'(?<=")(' + "|".join(sorted(map(re.escape, ids), key=len, reverse=True)) + r')(?=")')
    return pattern.sub(r"\1_v2", source.decode()).encode()


def identical(move: Move, state: bytes, host: HostDouble) -> None:
    execution = Execution.load(state, host)
    found = migrate(execution, move)
    run_on(execution)
    assert not found.is_changed
    assert orjson.loads(execution.dump()) == _with_definition(orjson.loads(state), move.target_id)


def _with_definition(stored: dict[str, object], number: int) -> dict[str, object]:
    levels = [[*level[:2], number, *level[3:]] for level in stored["levels"]]  # type: ignore[attr-defined]
    return {**stored, "definition": number, "levels": levels}


def move_between(host: HostDouble, source_id: int, target_id: int, plan: MigrationPlan, timers: str = "keep") -> Move:
    return Move(source_id, target_id, host.definitions[target_id], plan, timers, NOON)  # type: ignore[arg-type]


def host_with(*sources: bytes) -> HostDouble:
    return HostDouble({number: parse(source, "random.bpmn")[0] for number, source in enumerate(sources, start=1)})


def rename_plan(source: ProcessDefinition, target: ProcessDefinition) -> MigrationPlan:
    mapping = {key: f"{key}_v2" for key in source.elements}
    assert set(mapping.values()) == set(target.elements)
    return MigrationPlan(MappingProxyType(mapping), MappingProxyType(dict.fromkeys(mapping, "chosen")))


@SLOW
@given(block=blocks(), seed=st.integers(0, 2**16))
def test_moving_to_an_identical_version_changes_nothing_at_any_moment(block: Block, seed: int):
    source = drawn(block)
    host, dice = host_with(source, source), random.Random(seed)
    plan = propose(host.definitions[1], host.definitions[2])
    execution = Execution.start(1, host.definitions[1], host, {})
    while not execution.completed:
        state = execution.dump()
        identical(move_between(host, 1, 2, plan, dice.choice(["keep", "recompute"])), state, host)
        execution = Execution.load(state, host)
        execution.complete(dice.choice(sorted(execution.waits().user_tasks)), {"n": dice.random()})


@SLOW
@given(block=blocks(), seed=st.integers(0, 2**16))
def test_a_case_that_moves_to_other_ids_and_back_goes_the_same_way_as_one_that_stays(block: Block, seed: int):
    source = drawn(block)
    host, dice = host_with(source, renamed(source)), random.Random(seed)
    there = rename_plan(host.definitions[1], host.definitions[2])
    back = inverse(there, host.definitions[1], host.definitions[2])
    assert dict(back.mapping) == {image: key for key, image in there.mapping.items()}
    stays, goes, at = (Execution.start(1, host.definitions[1], host, {}), Execution.start(1, host.definitions[1], host, {}), 1)
    while not stays.completed:
        if dice.random() < 0.6:
            goes = Execution.load(goes.dump(), host)
            migrate(goes, move_between(host, at, 3 - at, there if at == 1 else back))
            run_on(goes)
            at = 3 - at
        wanted, found = stays.waits().user_tasks, goes.waits().user_tasks
        assert [found[token].element_id.removesuffix("_v2") for token in wanted] == [task.element_id for task in wanted.values()]
        token, value = dice.choice(sorted(wanted)), dice.random()
        stays.complete(token, {f"v{token % 3}": value})
        goes.complete(token, {f"v{token % 3}": value})
        assert (goes.variables, goes.completed) == (stays.variables, stays.completed)


@pytest.mark.parametrize("timers", ["keep", "recompute"])
def test_everything_that_can_stand_still_stays_exactly_as_it_is_in_an_identical_version(timers: str):
    host = host_with(EVERYTHING, EVERYTHING)
    execution = Execution.start(1, host.definitions[1], host, {"x": 1})
    plan, dice = propose(host.definitions[1], host.definitions[2]), random.Random(1)
    while not execution.completed:
        state = execution.dump()
        identical(move_between(host, 1, 2, plan, timers), state, host)
        execution = Execution.load(state, host)
        waits = execution.waits()
        host.advance(minutes=20)
        ready = [token for token, timer in waits.timers.items() if timer.due_at <= host.moment]
        if ready:
            execution.fire_timer(ready[0])
        elif waits.user_tasks:
            execution.complete(dice.choice(sorted(waits.user_tasks)), {"x": dice.random()})


@pytest.mark.parametrize("first", range(0, 20, 10))
def test_random_models_move_to_other_ids_and_back_without_a_trace(first: int):
    for seed in range(first, first + 10):
        model = random_model(seed)
        compare(model, seed, there_and_back(model))


def there_and_back(model: Model) -> Between:
    source = xml_of(model)
    target = _with_other_ids(source)

    def between(execution: Execution, host: HostDouble, dice: random.Random) -> Execution:
        if execution.completed or dice.random() < 0.5:
            return execution
        home, state = numbered(source), execution.dump()
        away = {100 + number: definition for number, definition in numbered(target).items()}
        host.definitions = home | away
        plans = {number: rename_plan(home[number], away[100 + number]) for number in home}
        moving = Execution.load(state, host)
        for number, plan in plans.items():
            _move_if_there(moving, move_between(host, number, 100 + number, plan))
        moving = Execution.load(moving.dump(), host)
        for number, plan in plans.items():
            _move_if_there(moving, move_between(host, 100 + number, number, inverse(plan, home[number], away[100 + number]), "recompute"))
        assert orjson.loads(moving.dump()) == orjson.loads(state)
        host.definitions = home
        return moving

    return between


def _move_if_there(execution: Execution, move: Move) -> None:
    try:
        migrate(execution, move)
        run_on(execution)
    except Obstacles as refused:
        assert [obstacle.code for obstacle in refused.obstacles] == ["elsewhere"]


def _with_other_ids(source: bytes) -> bytes:
    text = source.decode()
    shared = set(re.findall(r'<bpmn:(?:process|message|signal|error|escalation|definitions)\b[^>]*?\bid="([^"]+)"', text))
    own = set(re.findall(r'\bid="([^"]+)"', text)) - shared
    mentioned = re.compile(r'(\b(?:id|sourceRef|targetRef|default|attachedToRef|activityRef)=")([^"]+)"')
    return mentioned.sub(lambda found: f'{found[1]}{found[2]}{"_v2" if found[2] in own else ""}"', text).encode()


def test_the_plan_for_an_identical_version_is_every_element_to_itself():
    host = host_with(EVERYTHING, EVERYTHING)
    plan = propose(host.definitions[1], host.definitions[2])
    assert all(key == image for key, image in plan.mapping.items())
    assert set(plan.notes.values()) == {"id"}


def test_elements_under_other_ids_are_found_by_what_lies_around_them():
    host = host_with(EVERYTHING, renamed(EVERYTHING))
    plan = propose(host.definitions[1], host.definitions[2])
    wrong = {key: image for key, image in plan.mapping.items() if image is not None and image != f"{key}_v2"}
    assert wrong == {}
    assert MigrationPlan.from_json(orjson.loads(orjson.dumps(plan.as_json()))) == plan

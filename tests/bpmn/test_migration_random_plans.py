"""Any plan between any diagrams, and any repair by hand: refused with its reason, or an instance that goes on."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta

import pytest

from engine.bpmn import inspection, modification
from engine.bpmn.execution import Execution
from engine.bpmn.migration import MigrationPlan, Move, Obstacles, edited, migrate, propose
from engine.bpmn.migration.moving import run_on
from engine.bpmn.model import ProcessDefinition
from engine.errors import InvalidInput, NotFound
from tests.bpmn.conftest import NOON, HostDouble
from tests.oracle.comparison import GIVEN, new_host, numbered
from tests.oracle.random_models import random_model
from tests.oracle.writing import xml_of

MOST_TASKS = 60


@pytest.mark.parametrize("first", range(0, 160, 40))
def test_any_plan_between_any_two_diagrams_is_refused_or_leaves_an_instance_that_goes_on(first: int):
    outcomes: Counter[str] = Counter()
    for seed in range(first, first + 40):
        dice, host = random.Random(seed), new_host(random_model(seed))
        host.definitions |= {100 + number: one for number, one in numbered(xml_of(random_model(seed + dice.choice([2, 4, 1000])))).items()}
        execution = Execution.start(1, host.definitions[1], host, GIVEN)
        execution = played(execution, host, dice, dice.randrange(8))
        plan = any_plan(host.definitions[1], host.definitions[101], dice)
        try:
            migrate(execution, Move(1, 101, host.definitions[101], plan, "recompute", NOON))
        except Obstacles as refused:
            outcomes.update(obstacle.code for obstacle in refused.obstacles)
            continue
        run_on(execution)
        played(execution, host, dice, 12)
        outcomes["went on"] += 1
    assert outcomes["went on"] > 1 and outcomes["removed"] > 1


@pytest.mark.parametrize("first", range(0, 200, 100))
def test_any_repair_of_any_instance_is_refused_or_leaves_one_that_goes_on(first: int):
    done: Counter[str] = Counter()
    for seed in range(first, first + 100):
        dice, host = random.Random(seed), new_host(random_model(seed))
        execution = Execution.start(1, host.definitions[1], host, GIVEN)
        for step in range(12):
            execution = played(execution, host, dice, 1)
            standing = [token.token for scope in inspection.scopes(execution) for token in scope.tokens if not token.beside]
            if execution.completed or not standing or len(standing) > MOST_TASKS:
                break
            state = execution.dump()
            try:
                done[repair(execution, dice.choice(standing), dice, step)] += 1
            except (InvalidInput, NotFound):
                execution = Execution.load(state, host)
                done["refused"] += 1
    assert all(done[kind] > 10 for kind in ("moved", "skipped", "set", "refused"))


def repair(execution: Execution, token: int, dice: random.Random, step: int) -> str:
    match dice.choice(["moved", "skipped", "set"]):
        case "moved":
            spec = execution._process.index[token].workflow.spec
            modification.move(execution, token, dice.choice(list(spec.task_specs)))
            return "moved"
        case "skipped":
            modification.skip(execution, token, {"v0": step})
            return "skipped"
    modification.set_variables_at(execution, token, {"v1": step})
    return "set"


def played(execution: Execution, host: HostDouble, dice: random.Random, steps: int) -> Execution:
    """Goes on at random through the stored state, which must say the same after it was loaded."""
    for step in range(steps):
        state, waits = execution.dump(), execution.waits()
        execution = Execution.load(state, host)
        assert execution.dump() == state and execution.waits() == waits
        if execution.completed or len(waits.user_tasks) > MOST_TASKS:
            break
        host.moment += timedelta(minutes=100)
        if waits.user_tasks:
            execution.complete(dice.choice(sorted(waits.user_tasks)), {"v2": step})
        elif waits.timers:
            execution.fire_timer(dice.choice(sorted(waits.timers)))
        elif waits.subscriptions:
            execution.deliver(dice.choice(sorted(waits.subscriptions)), {})
    return execution


def any_plan(source: ProcessDefinition, target: ProcessDefinition, dice: random.Random) -> MigrationPlan:
    plan = propose(source, target)
    for key in source.elements:
        if dice.random() < 0.5:
            try:
                plan = edited(plan, source, target, {key: dice.choice([*target.elements, None])})
            except InvalidInput:
                continue
    return plan

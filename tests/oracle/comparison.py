"""Plays one model on the engine and on the oracle with the same choices and compares after every step. Judges nothing else."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from engine.bpmn.execution import Execution
from engine.bpmn.migration import Move, Obstacles, migrate, propose
from engine.bpmn.migration.moving import run_on
from engine.bpmn.parse import parse
from engine.bpmn.waits import Activity, Waits
from engine.errors import BpmnError
from tests.bpmn.conftest import NOON, HostDouble
from tests.oracle.drawing import Model
from tests.oracle.game import Game
from tests.oracle.places import Watch
from tests.oracle.random_models import VARIABLES
from tests.oracle.writing import twin_of, xml_of

GIVEN = {name: index for index, name in enumerate(VARIABLES)}
MOST_STEPS = 40
#: More open tasks than this say nothing new.
MOST_TASKS = 60

Between = Callable[[Execution, HostDouble, random.Random], Execution]
#: An execution, its host, and how many steps it has done.
Resumed = tuple[Execution, HostDouble, int]


@dataclass(frozen=True)
class Course:
    """How a compared run went: steps done and why it stopped."""

    steps: int
    outcome: str


@dataclass(frozen=True)
class Step:
    """What happens at ``minute``: ``kind`` is task, event, retry or operate; ``number`` is the rank among the tokens at ``element``."""

    kind: str
    element: str
    number: int
    minute: int
    variables: dict[str, Any]


class Disagreement(AssertionError):
    """Expected the engine to do as the oracle but it did not."""


# --- ways of playing --------------------------------------------------------------------------------------------------


def kept(execution: Execution, host: HostDouble, dice: random.Random) -> Execution:
    return execution


def reloaded(execution: Execution, host: HostDouble, dice: random.Random) -> Execution:
    """Through the stored state after every step."""
    return Execution.load(execution.dump(), host)


def retold(model: Model) -> Between:
    """At random points the instance goes on under the definitions of another file that means the same."""

    def between(execution: Execution, host: HostDouble, dice: random.Random) -> Execution:
        if dice.random() < 0.4:
            state = execution.dump()
            host.definitions = numbered(twin_of(model, dice))
            return Execution.load(state, host)
        return execution

    return between


def migrated(model: Model) -> Between:
    """At random points another file that means the same is deployed, and the instance is migrated to it."""

    def between(execution: Execution, host: HostDouble, dice: random.Random) -> Execution:
        if dice.random() < 0.4 and not execution.completed:
            count = len(model.levels)
            last = max(host.definitions)
            host.definitions |= {last + number: twin for number, twin in numbered(twin_of(model, dice)).items()}
            for source in range(last - count + 1, last + 1):
                execution = _moved(execution, host, source, source + count)
            run_on(execution)
        return execution

    return between


def _moved(execution: Execution, host: HostDouble, source: int, target: int) -> Execution:
    plan = propose(host.definitions[source], host.definitions[target])
    moving = Execution.load(execution.dump(), host)
    try:
        found = migrate(moving, Move(source, target, host.definitions[target], plan, "keep", NOON))
    except Obstacles as refused:
        if [obstacle.code for obstacle in refused.obstacles] == ["elsewhere"]:
            return execution  # nothing of this process runs
        raise
    if found.is_changed:
        raise Disagreement(f"Expected a migration to what means the same to change nothing but it changed {found}.")
    return moving


def numbered(xml: bytes) -> dict[int, Any]:
    return dict(enumerate(parse(xml, "oracle.bpmn"), start=1))


def new_host(model: Model) -> HostDouble:
    return HostDouble(definitions=numbered(xml_of(model)), operations={"risk": _risk})


def _risk(inputs: Mapping[str, Any], activity: Activity) -> Mapping[str, Any]:
    if inputs["is_wrong"]:
        raise BpmnError(inputs["code"])
    return {}


def started(model: Model) -> tuple[Execution, HostDouble]:
    host = new_host(model)
    return Execution.start(1, host.definitions[1], host, GIVEN), host


# --- playing ----------------------------------------------------------------------------------------------------------


def compare(model: Model, seed: int, between: Between, resumed: Resumed | None = None) -> Course:
    """Raises Disagreement at the first step after which engine and oracle differ. ``resumed`` goes on from a stored state."""
    dice, chances = random.Random(seed), random.Random(seed + 1)
    execution, host, done = resumed or (*started(model), 0)
    game, known = Game(model, GIVEN), 0
    for step in range(MOST_STEPS):
        if step >= done:
            thrown = execution.thrown()[known:]
            execution = between(execution, host, chances)
            known = len(execution.thrown())
            require_agreement(game, execution, thrown if step > done or resumed is None else None, step)
        outcome = outcome_of(game)
        if outcome is not None:
            return Course(step, outcome)
        move = next_move(game, dice, step + 1)
        if step >= done:
            host.moment = NOON + timedelta(minutes=move.minute)
            move_engine(execution, move)
        move_oracle(game, move)
    return Course(MOST_STEPS, "stopped")


def outcome_of(game: Game) -> str | None:
    """Why there is nothing more to play."""
    if game.finished is not None:
        return "completed"
    if game.stuck:
        return "deadlock"
    if not game.waiting() and not occasions(game):
        return "no way on" if len(game.broken()) == 0 or all(token.node.kind == "end" for token in game.broken()) else None
    return "stopped" if len(game.waiting()) > MOST_TASKS else None


def occasions(game: Game) -> list[Watch]:
    """What can be made to occur from outside; conditions occur by themselves."""
    return [watch for watch in game.watches() if watch.event.kind != "condition"]


def next_move(game: Game, dice: random.Random, step: int) -> Step:
    """A task to complete or an event that occurs, and which of its tokens; sometimes somebody sets variables or retries."""
    tasks = [("task", token.node.id) for token in game.waiting()]
    broken = [("retry", token.node.id) for token in game.broken()]
    events = [("event", watch.id) for watch in occasions(game)]
    options = tasks + [other for other in [*events, *broken] if dice.random() < 0.3]
    if dice.random() < 0.06:
        options = [("operate", "")]
    options = options or [*events, *broken]
    kind, id = dice.choice(options)
    number = dice.randrange(options.count((kind, id)))
    return Step(kind, id, number, minute(game, dice, kind, id), given(dice, step))


def minute(game: Game, dice: random.Random, kind: str, id: str) -> int:
    """Time goes on; a timer occurs when it is due or later."""
    later = game.now + dice.choice([0, 1, 30, 100])
    due = max([watch.due for watch in game.watches() if watch.id == id and watch.due is not None], default=0)
    return max(later, due + dice.choice([0, 0, 1, 200])) if kind == "event" and due else later


def given(dice: random.Random, step: int) -> dict[str, Any]:
    """Up to two of the shared variables, mostly with a value that nobody has set before, and one of its own."""
    names = dice.sample(VARIABLES, dice.randint(0, 2))
    return {name: dice.choice([step * 7, step * 7 + 1, step * 7 + 2, dice.randrange(4)]) for name in names} | {f"by{step}": step}


def move_engine(execution: Execution, move: Step) -> None:
    """Of several tokens at one element the one with the same data and rank."""
    waits = execution.waits()
    if move.kind == "operate":
        execution.set_variables(move.variables)
    elif move.kind == "event":
        timers = sorted(token for token, timer in waits.timers.items() if timer.element_id == move.element)
        others = sorted(token for token, wait in waits.subscriptions.items() if wait.element_id == move.element)
        if timers:
            execution.fire_timer(timers[move.number])
        else:
            execution.deliver(others[move.number], move.variables)
    elif move.kind == "retry":
        execution.retry(_ranked(execution, waits, waits.failures, move))
    else:
        execution.complete(_ranked(execution, waits, waits.user_tasks, move), move.variables)


def _ranked(execution: Execution, waits: Waits, places: Mapping[int, Any], move: Step) -> int:
    tokens = [token for token, wait in places.items() if wait.element_id == move.element]
    return sorted((_text(execution.variables_of(token)), token) for token in tokens)[move.number][-1]


def move_oracle(game: Game, move: Step) -> None:
    game.now = move.minute
    if move.kind == "operate":
        game.operate(move.variables)
    elif move.kind == "event":
        watch = [watch for watch in occasions(game) if watch.id == move.element][move.number]
        game.occur(watch, {} if watch.due is not None else move.variables)
    else:
        places = game.waiting() if move.kind == "task" else game.broken()
        ranked = [(_text(game.seen_at(token)), token.arrived, token) for token in places if token.node.id == move.element]
        token = sorted(ranked)[move.number][-1]
        if move.kind == "task":
            game.complete(token, move.variables)
        else:
            game.retry(token)


# --- comparing --------------------------------------------------------------------------------------------------------


def require_agreement(game: Game, execution: Execution, thrown: list[Any] | None, step: int) -> None:
    """``thrown`` None says nothing about what was thrown: it was forgotten with the process that was killed."""
    expected, found = shown(game), shown_by_engine(execution)
    if thrown is not None:
        found["thrown"] = [(event.kind, event.name, event.correlation_key) for event in thrown]
        expected["thrown"] = [(event.kind, event.name, event.key) for event in game.thrown]
    game.thrown.clear()
    if expected != found:
        lines = [f"  {name}: oracle {expected[name]} engine {found[name]}" for name in expected if expected[name] != found[name]]
        raise Disagreement(f"after step {step}:\n" + "\n".join(lines))


def shown(game: Game) -> dict[str, Any]:
    return {
        "tasks": sorted((token.node.id, _text(game.seen_at(token))) for token in game.waiting()),
        "events": sorted((watch.id, str(watch.key)) for watch in occasions(game) if watch.due is None),
        "timers": sorted((watch.id, watch.due) for watch in game.watches() if watch.due is not None),
        "failed": game.failed(),
        "variables": game.variables,
        "completed": game.finished is not None,
        "ends": game.ends,
    }


def shown_by_engine(execution: Execution) -> dict[str, Any]:
    waits = execution.waits()
    return {
        "tasks": sorted((wait.element_id, _text(execution.variables_of(key))) for key, wait in waits.user_tasks.items()),
        "events": sorted((wait.element_id, str(wait.correlation_key)) for wait in waits.subscriptions.values()),
        "timers": sorted((wait.element_id, (wait.due_at - NOON) // timedelta(minutes=1)) for wait in waits.timers.values()),
        "failed": sorted(failure.element_id for failure in waits.failures.values()),
        "variables": execution.variables,
        "completed": execution.completed,
        "ends": list(execution.end_events),
    }


def _text(data: dict[str, Any]) -> str:
    return json.dumps(data, sort_keys=True)

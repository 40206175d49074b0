"""Plays one model on the engine and on the oracle with the same choices and compares after every step. Judges nothing else."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine.bpmn.execution import Execution
from engine.bpmn.parse import parse
from tests.bpmn.conftest import HostDouble
from tests.oracle.drawing import Model
from tests.oracle.game import Game
from tests.oracle.random_models import VARIABLES

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
class Move:
    """One thing that happens: ``kind`` is task or event, ``number`` the rank among the tokens at ``element``."""

    kind: str
    element: str
    number: int
    variables: dict[str, Any]


class Disagreement(AssertionError):
    """Expected the engine to do as the oracle but it did not."""


def kept(execution: Execution, host: HostDouble, dice: random.Random) -> Execution:
    return execution


def reloaded(execution: Execution, host: HostDouble, dice: random.Random) -> Execution:
    """Through the stored state after every step."""
    return Execution.load(execution.dump(), host)


def redeployed(model: Model) -> Between:
    """At random points the instance goes on with a definition that was parsed anew from the same file."""

    def between(execution: Execution, host: HostDouble, dice: random.Random) -> Execution:
        if dice.random() < 0.4:
            state = execution.dump()
            host.definitions = definitions(model)
            return Execution.load(state, host)
        return execution

    return between


def definitions(model: Model) -> dict[int, Any]:
    return dict(enumerate(parse(model.xml, "oracle.bpmn"), start=1))


def started(model: Model) -> tuple[Execution, HostDouble]:
    host = HostDouble(definitions=definitions(model))
    return Execution.start(1, host.definitions[1], host, GIVEN), host


def compare(model: Model, seed: int, between: Between, resumed: Resumed | None = None) -> Course:
    """Raises Disagreement at the first step after which engine and oracle differ. ``resumed`` goes on from a stored state."""
    dice, chances = random.Random(seed), random.Random(seed + 1)
    game = Game(model, GIVEN)
    execution, host, done = resumed or (*started(model), 0)
    for step in range(MOST_STEPS):
        if step >= done:
            execution = between(execution, host, chances)
            require_agreement(game, execution, step)
        outcome = outcome_of(game)
        if outcome is not None:
            return Course(step, outcome)
        move = next_move(game, dice, step + 1)
        if step >= done:
            move_engine(execution, move)
        move_oracle(game, move)
    return Course(MOST_STEPS, "stopped")


def outcome_of(game: Game) -> str | None:
    """Why there is nothing more to play."""
    if game.finished is not None:
        return "completed"
    if game.stuck:
        return "deadlock"
    if not game.waiting() and not game.boundaries():
        return "no way on"
    return "stopped" if len(game.waiting()) > MOST_TASKS else None


def next_move(game: Game, dice: random.Random, step: int) -> Move:
    """A task to complete or an event to deliver, and which of its tokens in order of arrival."""
    tasks = [("task", token.node.id) for token in game.waiting()]
    events = [("event", event.id) for event, _ in game.boundaries()]
    options = tasks + [event for event in events if dice.random() < 0.3]
    kind, id = dice.choice(options or events)
    return Move(kind, id, dice.randrange((options or events).count((kind, id))), given(dice, step))


def given(dice: random.Random, step: int) -> dict[str, Any]:
    """Up to two of the shared variables, mostly with a value that nobody has set before, and one of its own."""
    names = dice.sample(VARIABLES, dice.randint(0, 2))
    return {name: dice.choice([step * 7, step * 7 + 1, step * 7 + 2, dice.randrange(4)]) for name in names} | {f"by{step}": step}


def move_engine(execution: Execution, move: Move) -> None:
    """Of several tasks at one element the one with the same data and rank."""
    waits = execution.waits()
    if move.kind == "event":
        tokens = sorted(token for token, wait in waits.subscriptions.items() if wait.element_id == move.element)
        execution.deliver(tokens[move.number], move.variables)
    else:
        ranked = sorted(
            (_text(execution.variables_of(key)), key) for key, wait in waits.user_tasks.items() if wait.element_id == move.element
        )
        execution.complete(ranked[move.number][-1], move.variables)


def move_oracle(game: Game, move: Move) -> None:
    if move.kind == "event":
        hosts = [(event, token) for event, token in game.boundaries() if event.id == move.element]
        game.deliver(*sorted(hosts, key=lambda pair: pair[1].begun)[move.number], move.variables)
    else:
        ranked = [(_text(game.seen_at(token)), token.arrived, token) for token in game.waiting() if token.node.id == move.element]
        game.complete(sorted(ranked)[move.number][-1], move.variables)


def require_agreement(game: Game, execution: Execution, step: int) -> None:
    expected, found = shown(game), shown_by_engine(execution)
    if expected != found:
        lines = [f"  {name}: oracle {expected[name]} engine {found[name]}" for name in expected if expected[name] != found[name]]
        raise Disagreement(f"after step {step}:\n" + "\n".join(lines))


def shown(game: Game) -> dict[str, Any]:
    return {
        "tasks": sorted((token.node.id, _text(game.seen_at(token))) for token in game.waiting()),
        "events": sorted(event.id for event, _ in game.boundaries()),
        "failed": game.failed(),
        "variables": game.variables,
        "completed": game.finished is not None,
        "ends": game.ends,
    }


def shown_by_engine(execution: Execution) -> dict[str, Any]:
    waits = execution.waits()
    return {
        "tasks": sorted((wait.element_id, _text(execution.variables_of(key))) for key, wait in waits.user_tasks.items()),
        "events": sorted(wait.element_id for wait in waits.subscriptions.values()),
        "failed": sorted(failure.element_id for failure in waits.failures.values()),
        "variables": execution.variables,
        "completed": execution.completed,
        "ends": list(execution.end_events),
    }


def _text(data: dict[str, Any]) -> str:
    return json.dumps(data, sort_keys=True)

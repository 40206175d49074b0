"""The engine does as the oracle on random models, in every way of playing them; and the comparison would notice if it did not."""

from __future__ import annotations

import random
from collections import Counter
from typing import get_args

import pytest

from engine.bpmn.execution import Execution
from tests.bpmn.conftest import HostDouble
from tests.oracle.comparison import Disagreement, compare, kept, reloaded
from tests.oracle.drawing import AWAITED, Flow, Kind, Level, Model, Node, nodes_of
from tests.oracle.game import Game
from tests.oracle.killing import play_with_kills
from tests.oracle.playing import complaint_of
from tests.oracle.random_models import random_model
from tests.oracle.shrinking import shrunk

MODELS = range(200)


@pytest.mark.parametrize("first", MODELS[::20])
def test_engine_and_oracle_agree_after_every_step_of_a_random_model(first: int):
    wrong = {seed: complaint_of(random_model(seed), seed) for seed in range(first, first + 20)}
    assert {seed: complaint for seed, complaint in wrong.items() if complaint} == {}


@pytest.mark.parametrize("seed", [3, 8])
def test_a_model_goes_on_as_the_oracle_says_after_its_process_was_killed(seed: int):
    assert play_with_kills(seed) >= 0


def test_the_random_models_hold_every_construct():
    nodes = [node for seed in MODELS for level in random_model(seed).levels.values() for node in nodes_of(level)]
    kinds = Counter(node.kind for node in nodes)
    assert kinds.keys() == set(get_args(Kind))
    assert {(node.many.sequential, node.kind) for node in nodes if node.many} >= {
        (way, kind) for way in (True, False) for kind in ("task", "sub")
    }
    assert any(node.loop is not None and node.loop.test_before for node in nodes)
    assert any(node.many is not None and node.many.enough and node.many.items and node.many.output for node in nodes)
    assert any(node.transaction for node in nodes) and any(node.handler is not None for node in nodes)


def test_the_random_models_hold_every_event_in_every_place():
    nodes = [node for seed in MODELS for level in random_model(seed).levels.values() for node in nodes_of(level)]
    borders = {(border.event.kind, border.interrupting) for node in nodes for border in node.boundaries}
    guards = {(node.event.kind, node.interrupting) for node in nodes if node.kind == "guard" and node.event is not None}
    awaited = {(kind, way) for kind in (*AWAITED, "escalation") for way in (True, False)} | {("error", True)}
    assert (borders - {("cancel", True)}, guards) == (awaited, awaited)
    thrown = {node.event.kind for node in nodes if node.kind in ("throw", "end") and node.event is not None}
    assert thrown == {"link", "message", "signal", "escalation", "compensate", "error", "cancel", "terminate"}
    assert {node.event.kind for node in nodes if node.kind == "catch" and node.event is not None} == {"link", *AWAITED}
    timers = [event.timer for node in nodes for event in (node.event, *(border.event for border in node.boundaries)) if event]
    assert {timer.kind for timer in timers if timer} == {"date", "duration", "cycle"}


def test_the_random_models_come_to_every_outcome():
    assert {compare(random_model(seed), seed, kept).outcome for seed in MODELS[:60]} >= {"completed", "deadlock", "stopped"}


def test_a_variable_that_the_oracle_does_not_know_is_noticed():
    def meddling(execution: Execution, host: HostDouble, dice: random.Random) -> Execution:
        execution.set_variables({"v0": -1})
        return execution

    with pytest.raises(Disagreement, match="variables"):
        compare(random_model(0), 0, meddling)


def test_a_step_that_the_oracle_did_not_make_is_noticed():
    def hasty(execution: Execution, host: HostDouble, dice: random.Random) -> Execution:
        execution.complete(next(iter(execution.waits().user_tasks)), {})
        return execution

    with pytest.raises(Disagreement, match="tasks"):
        compare(random_model(1), 1, hasty)


def test_a_model_is_made_smaller_as_long_as_the_complaint_is_true():
    def has_a_join(model: Model) -> bool:
        return any(node.kind == "or" for node in model.levels["P"].nodes)

    model = next(model for model in map(random_model, MODELS) if has_a_join(model))
    assert [node.kind for node in shrunk(model, has_a_join).levels["P"].nodes] == ["or"]


# ---- the oracle itself, on diagrams whose meaning everybody knows ------------------------------------------------------------------


def straight(*nodes: Node, flows: str) -> Model:
    """``flows`` as in "s a, a e"; s is the start event, e an end event."""
    pairs = [pair.split() for pair in flows.split(", ")]
    drawn = tuple(Flow(f"f{index}", source, target) for index, (source, target) in enumerate(pairs))
    return Model({"P": Level((Node("s", "start"), *nodes, Node("e", "end")), drawn)})


def tasks(game: Game) -> list[str]:
    return sorted(token.node.id for token in game.waiting())


def test_the_oracle_takes_the_value_that_arrived_last_and_keeps_what_only_one_branch_changed():
    branches = Node("a", "task"), Node("b", "task"), Node("fork", "and"), Node("join", "and")
    game = Game(straight(*branches, flows="s fork, fork a, fork b, a join, b join, join e"), {"x": 0, "y": 0})
    assert tasks(game) == ["a", "b"]
    game.complete(game.waiting()[1], {"x": 1, "y": 1})
    assert tasks(game) == ["a"]
    game.complete(game.waiting()[0], {"x": 2})
    assert (game.finished, game.ends) == ({"x": 2, "y": 1}, ["e"])


def test_the_oracle_says_that_a_parallel_join_behind_a_choice_never_opens():
    choice = Node("x", "xor"), Node("a", "task"), Node("b", "task"), Node("join", "and")
    game = Game(straight(*choice, flows="s x, x a, x b, a join, b join, join e"), {})
    game.complete(game.waiting()[0], {})
    assert (game.finished, game.failed()) == (None, ["join"])


def test_a_model_is_reloaded_between_its_steps():
    assert compare(random_model(2), 2, reloaded).steps > 0

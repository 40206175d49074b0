"""The long form: ``python -m tests.oracle --models 2000 --seed 0 --kills 24``. Prints progress, a summary, and minimal failing models."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path

from tests.oracle.drawing import Model, nodes_of
from tests.oracle.killing import play_with_kills
from tests.oracle.playing import complaint_of, minimal, play_all_ways
from tests.oracle.random_models import random_model
from tests.oracle.writing import xml_of


def main() -> int:
    options = ArgumentParser(prog="python -m tests.oracle", description="Compare the engine with the oracle on random models.")
    options.add_argument("--models", type=int, default=2000)
    options.add_argument("--seed", type=int, default=0, help="of the first model")
    options.add_argument("--kills", type=int, default=24, help="so many models also with killed processes")
    given = options.parse_args()
    seeds = range(given.seed, given.seed + given.models)
    tally: Counter[str] = Counter()
    wrong = [seed for seed in seeds if not _agrees(seed, tally)]
    killed = _killed(seeds[: given.kills], wrong)
    _say("\n" + "\n".join(f"{name:>15} {count}" for name, count in sorted(tally.items())))
    _say(f"{given.models} models in 4 ways, {killed} processes killed over {min(given.kills, given.models)} models, {len(wrong)} disagree")
    return 1 if wrong else 0


def _agrees(seed: int, tally: Counter[str]) -> bool:
    model = random_model(seed)
    _count(model, tally)
    try:
        course = play_all_ways(model, seed)
    except Exception as complaint:  # a crash of the engine is a disagreement
        small = minimal(model, seed)
        _say(f"\nseed {seed}: {complaint!r}\n{xml_of(small).decode()}\n{complaint_of(small, seed)}")
        return False
    tally[f"= {course.outcome}"] += 1
    tally["steps"] += course.steps
    if seed % 50 == 49:
        _say(f"\rup to seed {seed}: {tally['steps']} steps", end="")
    return True


def _count(model: Model, tally: Counter[str]) -> None:
    """How often each construct was drawn."""
    for node in (node for level in model.levels.values() for node in nodes_of(level)):
        tally[node.kind] += 1
        tally["multi-instance"] += node.many is not None
        tally["loop marker"] += node.loop is not None
        tally["transaction"] += node.transaction
        tally["undone by"] += node.handler is not None
        tally.update(f"* {event.kind}" for event in (node.event, *(border.event for border in node.boundaries)) if event is not None)


def _killed(seeds: range, wrong: list[int]) -> int:
    killed = 0
    for seed in seeds:
        if seed not in wrong:
            killed += play_with_kills(seed)
            _say(f"\rup to seed {seed}: {killed} processes killed", end="")
    return killed


def _say(text: str, end: str = "\n") -> None:
    sys.stdout.write(text + end)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    sys.exit(main())

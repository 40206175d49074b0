"""One model in every way: kept, reloaded after each step, retold or migrated at random points. Says what is wrong with it."""

from __future__ import annotations

from engine.errors import InvalidDefinition
from tests.oracle.comparison import Course, Disagreement, compare, kept, migrated, reloaded, retold
from tests.oracle.drawing import Model
from tests.oracle.game import Endless
from tests.oracle.shrinking import shrunk


def play_all_ways(model: Model, seed: int) -> Course:
    """Raises Disagreement when the engine differs from the oracle, or one way from another."""
    courses = [compare(model, seed, between) for between in (kept, reloaded, retold(model), migrated(model))]
    if len(set(courses)) > 1:
        raise Disagreement(f"the ways part: {courses}")
    return courses[0]


def complaint_of(model: Model, seed: int) -> str | None:
    """What engine and oracle disagree about; an exception of the engine is a disagreement, too."""
    try:
        play_all_ways(model, seed)
    except Exception as error:  # a crash of the engine is a disagreement
        return f"{type(error).__name__}: {error}"
    return None


def minimal(model: Model, seed: int) -> Model:
    """A small model about which they still disagree, with some seed."""

    def still_wrong(candidate: Model) -> bool:
        try:
            for other in (seed, seed + 1):
                play_all_ways(candidate, other)
        except Disagreement:
            return True
        except (InvalidDefinition, Endless, RuntimeError, StopIteration, KeyError, IndexError):  # no model any more
            return False
        return False

    return shrunk(model, still_wrong)

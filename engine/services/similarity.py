"""How alike two Chinese texts are, by the pairs of characters they share. No dictionary, no learning."""

from __future__ import annotations

import re

_NOISE = re.compile(r"[\s\W_\d]+")


def closeness(one: str, other: str) -> float:
    """From 0 (nothing in common) to 1 (the same pairs of characters): the Dice coefficient."""
    left, right = _pairs(one), _pairs(other)
    return 2 * len(left & right) / (len(left) + len(right)) if left and right else 0.0


def _pairs(text: str) -> set[str]:
    bare = _NOISE.sub("", text)
    return {bare[place : place + 2] for place in range(len(bare) - 1)}

"""Proofs that one hash is in the Merkle tree of a seal: made for an auditor, checked without a database. Knows no evidence row."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from engine.services.documents import content_digest

#: One step towards the root: the side on which the other hash stands, and that hash.
Step = tuple[str, str]
LEFT, RIGHT = "left", "right"


def levels_over(leaves: Sequence[str]) -> list[list[bytes]]:
    """Every level of the tree over hashes in their order, from the leaves up; the same tree as ``evidence.merkle_root`` makes."""
    levels = [[_leaf(leaf) for leaf in leaves]]
    while len(levels[-1]) > 1:
        below = levels[-1]
        pairs = [_node(one, other) for at, (one, other) in enumerate(pairwise(below)) if at % 2 == 0]
        levels.append(pairs + below[len(pairs) * 2 :])
    return levels


def steps_from(levels: Sequence[Sequence[bytes]], at: int) -> list[Step]:
    """The way from the leaf at this place to the root. A hash without a neighbour moves up as it is, so it has no step there."""
    steps = list[Step]()
    for level in levels[:-1]:
        other = at ^ 1
        if other < len(level):
            steps.append((LEFT if other < at else RIGHT, level[other].hex()))
        at //= 2
    return steps


def root_by(leaf: str, steps: Sequence[Step]) -> str:
    """The root that this leaf leads to."""
    found = _leaf(leaf)
    for side, other in steps:
        found = _node(bytes.fromhex(other), found) if side == LEFT else _node(found, bytes.fromhex(other))
    return found.hex()


def _leaf(content: str) -> bytes:
    return _sm3(b"\x00" + bytes.fromhex(content))


def _node(left: bytes, right: bytes) -> bytes:
    return _sm3(b"\x01" + left + right)


def _sm3(content: bytes) -> bytes:
    return bytes.fromhex(content_digest(content))

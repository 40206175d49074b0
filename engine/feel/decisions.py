"""Decision models as values: what a DMN file says and what deciding gave. Parses nothing, computes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class RuleInfo:
    """One row of a table; ``inputs`` and ``outputs`` are the FEEL texts of its cells."""

    id: str
    description: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    line: int | None = None


@dataclass(frozen=True)
class DecisionInfo:
    """One decision; ``inputs`` are (label, expression), empty when its logic is no table. ``output_labels`` stand beside ``outputs``."""

    id: str
    name: str
    inputs: tuple[tuple[str, str], ...]
    rules: tuple[RuleInfo, ...]
    hit_policy: str | None
    line: int | None
    outputs: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    output_labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class DecisionModel:
    """One DMN file, checked. ``source`` and ``key`` belong to the evaluator."""

    namespace: str
    name: str
    decisions: tuple[DecisionInfo, ...]
    source: str = field(repr=False)
    key: str = field(repr=False)
    words: frozenset[str] = field(repr=False)

    def decision(self, decision_id: str) -> DecisionInfo | None:
        """The decision with this id, or None."""
        return next((decision for decision in self.decisions if decision.id == decision_id), None)


@dataclass(frozen=True)
class DecisionOutcome:
    """What deciding gave.

    ``value``: for a table with a single hit ``{output: value}``, for COLLECT, RULE ORDER and OUTPUT ORDER a list of such, with an
    aggregation the number; for other logic its value. ``hits``: ids of the rules that gave it, in order. ``inputs``: label → value
    the table asked. ``outputs``: one ``{output: value}`` for each hit. ``trace``: (decision id, hits) of every table decided on the
    way, required ones first.
    """

    value: Any
    hits: tuple[str, ...]
    inputs: Mapping[str, Any]
    outputs: tuple[Mapping[str, Any], ...]
    trace: tuple[tuple[str, tuple[str, ...]], ...]

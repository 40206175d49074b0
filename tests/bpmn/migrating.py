"""Moves runs under test to another version, and says in one line what stands in the way."""

from __future__ import annotations

from typing import Any

from engine.bpmn.execution import Execution
from engine.bpmn.migration import Migrated, Move, Obstacles, edited, migrate, obstacle_texts, propose
from engine.bpmn.migration.moving import Timers, run_on
from engine.bpmn.parse import parse
from tests.bpmn.conftest import NOON, HostDouble, Run


def deployed(host: HostDouble, source: bytes) -> int:
    """The number of the first process of a file; further ones are known, too."""
    first = len(host.definitions) + 1
    for definition in parse(source, "later.bpmn"):
        host.definitions[len(host.definitions) + 1] = definition
    return first


def move_of(host: HostDouble, source_id: int, target_id: int, edits: dict[str, str | None], timers: Timers = "keep") -> Move:
    source, target = host.definitions[source_id], host.definitions[target_id]
    plan = edited(propose(source, target), source, target, edits) if edits else propose(source, target)
    return Move(source_id, target_id, target, plan, timers, NOON)


def moved(run: Run, source: bytes, timers: Timers = "keep", source_id: int = 1, **edits: Any) -> Migrated:
    """Move ``run`` to the first process of ``source``, and let it go on from there through its stored state."""
    target_id = deployed(run.host, source)
    return moved_to(run, move_of(run.host, source_id, target_id, edits, timers))


def moved_to(run: Run, move: Move) -> Migrated:
    execution = Execution.load(run.execution.dump(), run.host)
    found = migrate(execution, move)
    run_on(execution)
    run.execution = Execution.load(execution.dump(), run.host) if run.reloads else execution
    assert Execution.load(run.execution.dump(), run.host).waits() == run.execution.waits()
    return found


def obstacles(run: Run, source: bytes, source_id: int = 1, **edits: Any) -> list[tuple[str, str]]:
    """(code, element) of what stands in the way; [] when nothing does. The run itself is left alone."""
    target_id = deployed(run.host, source)
    try:
        migrate(Execution.load(run.execution.dump(), run.host), move_of(run.host, source_id, target_id, edits))
    except Obstacles as refused:
        for obstacle in refused.obstacles:
            for language in ("zh", "en"):
                assert all(obstacle_texts(obstacle, language))
        return [(obstacle.code, obstacle.element_id) for obstacle in refused.obstacles]
    return []

"""What a page shows of a trial: where the case came by in each diagram, and how often elements and rows were used. Runs nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath

from engine.bpmn.model import ProcessDefinition
from engine.bpmn.parse import parse
from engine.deployment_checks.differences import Table, rows_of
from engine.trials.coverage import Covered
from engine.trials.proof import Proof
from engine.trials.reporting import Report
from engine.trials.scenarios import Outcome


@dataclass(frozen=True)
class Tried:
    """A proof with the files it was made of, and those among them that are drafts."""

    files: Mapping[str, bytes]
    drafts: frozenset[str]
    proof: Proof

    def outcome(self, key: str) -> Outcome | None:
        return next((one for one in self.proof.outcomes if one.scenario.key == key), None)


@dataclass(frozen=True)
class Stop:
    """A token came to an element; ``number`` counts from 1 over all diagrams."""

    number: int
    at: datetime
    process_key: str
    process_name: str
    element_id: str
    element_name: str


@dataclass(frozen=True)
class Trail:
    """One diagram with the numbers of the stops at its elements, those where tokens stand, and the one where a step failed."""

    file: str
    key: str
    name: str
    stops: Mapping[str, tuple[int, ...]]
    standing: tuple[str, ...]
    failed: tuple[str, ...]


def stops(files: Mapping[str, bytes], report: Report) -> tuple[Stop, ...]:
    """Where the case came by, in order."""
    known = {process.key: process for _file, process in _processes(files)}
    return tuple(
        Stop(number, visit.entered_at, visit.process_key, known[visit.process_key].name, visit.element_id, _name(known, *place))
        for number, visit in enumerate(report.visits, start=1)
        if (place := (visit.process_key, visit.element_id))[0] in known
    )


def trails(files: Mapping[str, bytes], outcome: Outcome) -> tuple[Trail, ...]:
    """The diagrams a case came by, in the order in which it came to them."""
    if outcome.report is None:
        return ()
    numbers = defaultdict[str, dict[str, tuple[int, ...]]](dict)
    standing = defaultdict[str, list[str]](list)
    for number, visit in enumerate(outcome.report.visits, start=1):
        seen = numbers[visit.process_key]
        seen[visit.element_id] = (*seen.get(visit.element_id, ()), number)
        if visit.left_at is None:
            standing[visit.process_key].append(visit.element_id)
    failed = {str(outcome.scenario.steps[failure.step - 1].target) for failure in outcome.failures if failure.step}
    known = {process.key: (file, process) for file, process in _processes(files)}
    return tuple(
        Trail(file, key, process.name, numbers[key], tuple(standing[key]), tuple(sorted(failed & process.elements.keys())))
        for key in numbers
        if key in known
        for file, process in [known[key]]
    )


def names(files: Mapping[str, bytes]) -> dict[str, dict[str, str]]:
    """Process key → element id → name as drawn, or the id."""
    return {process.key: {one.id: one.name or one.id for one in process.elements.values()} for _file, process in _processes(files)}


def table(files: Mapping[str, bytes], covered: Covered) -> Table | None:
    """The table of a decision that was counted."""
    return rows_of("decision", covered.file, files[covered.file]).get(covered.key) if covered.file in files else None


def _processes(files: Mapping[str, bytes]) -> Iterator[tuple[str, ProcessDefinition]]:
    for file, content in files.items():
        if PurePath(file).suffix == ".bpmn":
            yield from ((file, process) for process in parse(content, file))


def _name(known: Mapping[str, ProcessDefinition], process_key: str, element_id: str) -> str:
    element = known[process_key].elements.get(element_id)
    return (element.name if element else "") or element_id

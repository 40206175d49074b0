"""Which elements of the diagrams and which rows of the tables scenarios came by. Judges nothing: a person decides what is enough."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePath

from engine.bpmn.parse import parse
from engine.deployment_checks.differences import rows_of
from engine.trials.scenarios import Outcome


@dataclass(frozen=True)
class Covered:
    """One process or decision: how often scenarios came by each of its elements or rows; 0 is a gap."""

    kind: str
    key: str
    name: str
    file: str
    counts: Mapping[str, int]

    @property
    def share(self) -> float:
        """From 0 to 1."""
        return sum(count > 0 for count in self.counts.values()) / len(self.counts) if self.counts else 1.0

    @property
    def gaps(self) -> tuple[str, ...]:
        return tuple(name for name, count in self.counts.items() if not count)


def coverage(files: Mapping[str, bytes], outcomes: Iterable[Outcome]) -> tuple[Covered, ...]:
    """Every process and decision of ``files``, in the order of the files."""
    visits, hits = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for report in [outcome.report for outcome in outcomes if outcome.report is not None]:
        visits.update((visit.process_key, visit.element_id) for visit in report.visits)
        hits.update((decision, row) for decision, _version, rows in report.decisions for row in rows)
    found = [_processes(file, content, visits) for file, content in files.items() if PurePath(file).suffix == ".bpmn"]
    found += [_decisions(file, content, hits) for file, content in files.items() if PurePath(file).suffix == ".dmn"]
    return tuple(one for part in found for one in part)


def _processes(file: str, content: bytes, visits: Mapping[tuple[str, str], int]) -> Iterable[Covered]:
    for process in parse(content, file):
        counts = {element: visits.get((process.key, element), 0) for element in process.elements}
        yield Covered("process", process.key, process.name, file, counts)


def _decisions(file: str, content: bytes, hits: Mapping[tuple[str, str], int]) -> Iterable[Covered]:
    for key, table in rows_of("decision", file, content).items():
        counts = {row: hits.get((key, row), 0) for row in table.rows if row}
        if counts:
            yield Covered("decision", key, table.title, file, counts)

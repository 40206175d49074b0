"""A host that answers from test data, and runs of executions that can be reloaded after every step."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from engine.bpmn.execution import Execution
from engine.bpmn.model import CalledElement, DecisionRef, ProcessDefinition
from engine.bpmn.parse import parse
from engine.bpmn.waits import Activity, ElementRun, MergeConflict, Thrown, Waits
from engine.errors import NotFound
from engine.feel import Feel

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$")
_FEEL = Feel()


@dataclass
class HostDouble:
    """Answers as the runtime would: FEEL is real, operations and decisions are given by the test."""

    definitions: dict[int, ProcessDefinition] = field(default_factory=dict)
    operations: dict[str, Callable[[Mapping[str, Any], Activity], Mapping[str, Any]]] = field(default_factory=dict)
    decisions: dict[str, Callable[[Mapping[str, Any]], Any]] = field(default_factory=dict)
    decided: list[DecisionRef] = field(default_factory=list)
    called: list[CalledElement] = field(default_factory=list)
    moment: datetime = NOON
    clocks: dict[str, datetime | None] = field(default_factory=dict)
    asked_clocks: list[str] = field(default_factory=list)

    def now(self) -> datetime:
        return self.moment

    def advance(self, **delta: float) -> None:
        self.moment += timedelta(**delta)

    def starter(self) -> str | None:
        return "示例·林晓"

    def evaluate(self, expression: str, variables: Mapping[str, Any]) -> Any:
        return _FEEL.evaluate(expression, variables, self.moment)

    def decide(self, ref: DecisionRef, variables: Mapping[str, Any], caller_id: int) -> Any:
        self.decided.append(ref)
        return self.decisions[ref.key](variables)

    def call(self, topic: str, inputs: Mapping[str, Any], activity: Activity) -> Mapping[str, Any]:
        return self.operations[topic](inputs, activity)

    def due_at(self, value: Any, start: datetime) -> datetime:
        if isinstance(value, datetime):
            return value
        if isinstance(value, timedelta):
            return start + value
        match = _DURATION.match(str(value))
        if match:
            days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
            return start + timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        return datetime.fromisoformat(str(value))

    def clock_moments(self, references: Sequence[str]) -> Mapping[str, datetime | None]:
        self.asked_clocks += references
        return {reference: self.clocks.get(reference) for reference in references}

    def called_definition(self, ref: CalledElement, caller_id: int) -> tuple[int, ProcessDefinition]:
        self.called.append(ref)
        for key in sorted(self.definitions, reverse=True):
            if self.definitions[key].key == ref.key:
                return key, self.definitions[key]
        raise NotFound(f"Expected a process {ref.key} to be deployed but it is not.")

    def definition(self, definition_id: int) -> ProcessDefinition:
        return self.definitions[definition_id]


class Run:
    """An execution under test. With ``reloads`` it goes through its stored state after every step."""

    def __init__(self, execution: Execution, host: HostDouble, reloads: bool):
        self.execution, self.host, self.reloads = execution, host, reloads
        self.visits: list[ElementRun] = []
        self.threw: list[Thrown] = []
        self.merged: list[MergeConflict] = []
        self.sizes: list[int] = []
        self._after()

    def _after(self) -> None:
        state = self.execution.dump()
        self.sizes.append(len(state))
        if self.reloads:
            self.visits += self.execution.element_runs()
            self.threw += self.execution.thrown()
            self.merged += self.execution.conflicts()
            waits, variables, ends = self.execution.waits(), self.execution.variables, self.execution.end_events
            self.execution = Execution.load(state, self.host)
            assert self.execution.waits() == waits
            assert self.execution.variables == variables
            assert self.execution.end_events == ends
            assert self.execution.dump() == state

    # --- steps --------------------------------------------------------------------------------------------------------

    def complete(self, *elements: str, **variables: Any) -> None:
        """Complete the oldest open user task of each element."""
        for name in elements:
            self.execution.complete(self.task(name), variables)
            self._after()

    def fire(self, name: str) -> None:
        self.execution.fire_timer(next(token for token, wait in self.waits.timers.items() if wait.element_id == name))
        self._after()

    def deliver(self, name: str, **variables: Any) -> None:
        """Deliver to the oldest subscription of that element."""
        self.execution.deliver(next(token for token, wait in self.waits.subscriptions.items() if wait.element_id == name), variables)
        self._after()

    def resume(self) -> None:
        self.execution.resume(next(iter(self.waits.continuations)))
        self._after()

    def retry(self) -> None:
        self.execution.retry(next(iter(self.waits.failures)))
        self._after()

    def set_variables(self, **variables: Any) -> None:
        self.execution.set_variables(variables)
        self._after()

    def cancel(self) -> None:
        self.execution.cancel()
        self._after()

    # --- outcomes -----------------------------------------------------------------------------------------------------

    @property
    def waits(self) -> Waits:
        return self.execution.waits()

    @property
    def tasks(self) -> list[str]:
        """The element ids of the open user tasks, sorted."""
        return sorted(wait.element_id for wait in self.waits.user_tasks.values())

    def task(self, name: str, number: int = 0) -> int:
        return [token for token, wait in sorted(self.waits.user_tasks.items()) if wait.element_id == name][number]

    def data_at(self, name: str, number: int = 0) -> dict[str, Any]:
        return self.execution.variables_of(self.task(name, number))

    @property
    def timers(self) -> list[str]:
        return sorted(wait.element_id for wait in self.waits.timers.values())

    @property
    def subscriptions(self) -> list[str]:
        return sorted(wait.element_id for wait in self.waits.subscriptions.values())

    @property
    def failures(self) -> dict[str, str]:
        return {failure.element_id: failure.message for failure in self.waits.failures.values()}

    @property
    def completed(self) -> bool:
        return self.execution.completed

    @property
    def variables(self) -> dict[str, Any]:
        return self.execution.variables

    @property
    def ends(self) -> tuple[str, ...]:
        return self.execution.end_events

    def runs(self) -> list[ElementRun]:
        return [*self.visits, *(self.execution.element_runs() if not self.reloads else ())]

    def path(self, *kinds: str) -> list[tuple[str, str]]:
        """(element id, outcome) of all finished runs."""
        return [(run.element_id, run.outcome) for run in self.runs() if run.left_at is not None and (not kinds or run.type in kinds)]

    def thrown(self) -> list[Thrown]:
        return [*self.threw, *(self.execution.thrown() if not self.reloads else ())]

    def conflicts(self) -> list[MergeConflict]:
        return [*self.merged, *(self.execution.conflicts() if not self.reloads else ())]


Begin = Callable[..., Run]


@pytest.fixture
def host() -> HostDouble:
    return HostDouble()


@pytest.fixture(params=["kept in memory", "reloaded after each step"])
def begin(request: pytest.FixtureRequest, host: HostDouble) -> Begin:
    """Deploy files (the first process of the first file is started) and run until it waits."""

    def begin(*files: bytes, at: str | None = None, **variables: Any) -> Run:
        for source in files:
            for definition in parse(source, "test.bpmn"):
                host.definitions[len(host.definitions) + 1] = definition
        execution = Execution.start(1, host.definitions[1], host, variables, at=at)
        return Run(execution, host, reloads=request.param == "reloaded after each step")

    return begin

"""A case of 15 tasks with 3 called processes, 2 tables and boundary timers: stored and loaded at each step, against the same in memory.

The baseline keeps one execution alive and completes the tokens that a first run has noted: it asks for no waits, dumps and looks for
nothing.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks.doudi import ADMIN, first_task
from engine.assembly import Engine
from engine.bpmn.execution import Execution
from engine.bpmn.model import CalledElement, DecisionRef, ProcessDefinition
from engine.bpmn.parse import parse
from engine.bpmn.waits import Activity
from engine.commands import deployments, instances, user_tasks
from engine.feel import DecisionModel, Feel
from engine.services.working_time import WorkCalendar, limit_or_moment

FOLDER = Path(__file__).parent
PROCESSES = ("large_case", "large_intake", "large_joint", "large_reply")
TABLES = ("large_grade", "large_limit")
FACTS = {"amount": 420, "departments": 3, "urgent": False, "applicant": "示例申请人", "text": "群众反映的事项，办理过程中随件流转。" * 12}
ANSWER = {"note": "checked", "complete": True}
TASKS = 15
#: The tasks before the review loop.
BEFORE_REVIEW = 9
ROUNDS = 5
MEASURED_ROUNDS = 80
MILESTONES = (10, 100, 1_000, 10_000)


@dataclass
class MemoryHost:
    """Answers an execution from parsed files: the real FEEL, tables and calendar, and no database."""

    feel: Feel
    now_is: datetime
    definitions: dict[int, ProcessDefinition]
    models: dict[str, DecisionModel]
    calendar: WorkCalendar = field(default_factory=lambda: WorkCalendar.from_days(()))

    def now(self) -> datetime:
        return self.now_is

    def evaluate(self, expression: str, variables: Mapping[str, Any]) -> Any:
        return self.feel.evaluate(expression, variables, self.now_is)

    def decide(self, ref: DecisionRef, variables: Mapping[str, Any]) -> Any:
        """Both tables give one entry."""
        value = self.feel.decide(self.models[ref.key], ref.key, variables, self.now_is).value
        return next(iter(value.values())) if isinstance(value, dict) else value

    def call(self, topic: str, inputs: Mapping[str, Any], activity: Activity) -> Mapping[str, Any]:
        raise NotImplementedError(f"Expected no operation in the benchmark but {activity.element_id} calls {topic}.")

    def due_at(self, value: Any, start: datetime) -> datetime:
        return limit_or_moment(self.calendar, value, start)

    def called_definition(self, ref: CalledElement) -> tuple[int, ProcessDefinition]:
        return next((number, found) for number, found in self.definitions.items() if found.key == ref.key)

    def definition(self, definition_id: int) -> ProcessDefinition:
        return self.definitions[definition_id]


def measure(engine: Engine, cases: int) -> dict[str, float]:
    """CPU of one case each way, in turn, medians; and the bytes stored."""
    deploy(engine)
    host = memory_host(engine)
    tokens, sizes = noted(host)
    runners = {
        "memory": in_memory(host, tokens),
        "stored": stored(host, tokens),
        "waits": stored_with_waits(host, tokens),
        "commands": through_commands(engine),
    }
    taken: dict[str, list[float]] = {name: [] for name in runners}
    for turn in range(ROUNDS + 1):
        for name, run_case in runners.items():
            spent = cpu_of(run_case, cases if name == "commands" else 5 * cases)
            if turn:  # the first turn warms up
                taken[name].append(spent)
    cost = {name: statistics.median(values) for name, values in taken.items()}
    return {
        "15 tasks: CPU ms a case, in memory": cost["memory"],
        "15 tasks: CPU ms a case, load and save": cost["stored"],
        "15 tasks: CPU ms a case, with waits and runs": cost["waits"],
        "15 tasks: CPU ms a case, commands": cost["commands"],
        "15 tasks: ratio load and save / memory (≤ 1.5)": cost["stored"] / cost["memory"],
        "15 tasks: ratio with waits and runs / memory": cost["waits"] / cost["memory"],
        "15 tasks: ratio commands / memory": cost["commands"] / cost["memory"],
        "15 tasks: largest stored state, bytes (≤ 8192)": float(max(sizes)),
    }


def measure_loop(host: MemoryHost, last: int) -> dict[str, float]:
    """What one round of the review loop costs with load and save, after so many rounds."""
    execution, figures = _at_review(host), dict[str, float]()
    round_number = 0
    for milestone in (number for number in MILESTONES if number <= last):
        while round_number < milestone:
            execution.complete(_open_task(execution), {"complete": False})
            execution = _renewed(execution, host) if round_number % 50 == 49 else execution
            round_number += 1
        state = execution.dump()
        figures[f"loop: ms CPU at round {milestone:,}"] = _round_cost(host, state)
        figures[f"loop: stored bytes at round {milestone:,}"] = float(len(state))
    costs = [value for title, value in figures.items() if "CPU" in title]
    return figures | {"loop: last / first (0.8 … 1.2)": costs[-1] / costs[0]}


def measure_loop_of_commands(engine: Engine, last: int) -> dict[str, float]:
    """The same through commands and rows; the cost is the median of the rounds that follow."""
    task = first_task(engine, instances.start_instance(engine, ADMIN, "large_case", "L-loop", _start("L-loop")))
    for _ in range(BEFORE_REVIEW):
        task = str(user_tasks.complete_task(engine, ADMIN, task, {"note": "x"}).next_task_id)
    figures, done = dict[str, float](), 0
    for milestone in (number for number in MILESTONES if number <= last):
        while done < milestone:
            task = str(user_tasks.complete_task(engine, ADMIN, task, {"complete": False}).next_task_id)
            done += 1
        taken = []
        for _ in range(MEASURED_ROUNDS):
            before = time.thread_time()
            task = str(user_tasks.complete_task(engine, ADMIN, task, {"complete": False}).next_task_id)
            taken.append((time.thread_time() - before) * 1000)
        done += MEASURED_ROUNDS
        figures[f"loop of commands: ms CPU at round {milestone:,}"] = statistics.median(taken)
    costs = list(figures.values())
    return figures | {"loop of commands: last / first (0.8 … 1.2)": costs[-1] / costs[0]}


def deploy(engine: Engine) -> None:
    names = [*(f"{name}.bpmn" for name in PROCESSES), *(f"{name}.dmn" for name in TABLES)]
    deployments.deploy(engine, ADMIN, {name: (FOLDER / name).read_bytes() for name in names}, "基准·大件")


def memory_host(engine: Engine) -> MemoryHost:
    files = {f"{name}.bpmn": (FOLDER / f"{name}.bpmn").read_bytes() for name in PROCESSES}
    parsed = [found for name, content in files.items() for found in parse(content, name)]
    models = {name: engine.feel.parse_decisions((FOLDER / f"{name}.dmn").read_bytes(), f"{name}.dmn") for name in TABLES}
    return MemoryHost(engine.feel, engine.clock.now(), dict(enumerate(parsed, 1)), models)


def noted(host: MemoryHost) -> tuple[list[int], list[int]]:
    """The tokens of the user tasks in their order, which is the same in every run, and the size of the state before each."""
    execution, tokens, sizes = _started(host, "L-0"), list[int](), list[int]()
    while not execution.completed:
        sizes.append(len(execution.dump()))
        tokens.append(_open_task(execution))
        execution.complete(tokens[-1], ANSWER)
    assert len(tokens) == TASKS
    return tokens, sizes


def in_memory(host: MemoryHost, tokens: list[int]) -> Callable[[int], None]:
    def run_case(number: int) -> None:
        execution = _started(host, f"L-{number}")
        for token in tokens:
            execution.complete(token, ANSWER)
        assert execution.completed

    return run_case


def stored(host: MemoryHost, tokens: list[int]) -> Callable[[int], None]:
    """Load, complete, advance, save."""

    def run_case(number: int) -> None:
        state = _started(host, f"L-{number}").dump()
        for token in tokens:
            execution = Execution.load(state, host)
            execution.complete(token, ANSWER)
            state = execution.dump()
        assert execution.completed

    return run_case


def stored_with_waits(host: MemoryHost, tokens: list[int]) -> Callable[[int], None]:
    """The same, asking before and after for everything that a command writes rows of."""

    def run_case(number: int) -> None:
        state = _started(host, f"L-{number}").dump()
        for token in tokens:
            execution = Execution.load(state, host)
            execution.waits()
            execution.complete(token, ANSWER)
            state = execution.dump()
            execution.waits(), execution.element_runs(), execution.thrown()
        assert execution.completed

    return run_case


def through_commands(engine: Engine) -> Callable[[int], None]:
    """With every row, job and evidence, and a durable commit a step."""

    def run_case(number: int) -> None:
        case_no = f"L-{number}"
        task: str | None = first_task(engine, instances.start_instance(engine, ADMIN, "large_case", case_no, _start(case_no)))
        for _ in range(TASKS):
            assert task is not None
            task = user_tasks.complete_task(engine, ADMIN, task, ANSWER).next_task_id
        assert task is None

    return run_case


def cpu_of(run_case: Callable[[int], None], cases: int) -> float:
    """CPU ms a case of this thread."""
    before = time.thread_time()
    for number in range(cases):
        run_case(number)
    return (time.thread_time() - before) * 1000 / cases


def _round_cost(host: MemoryHost, state: bytes) -> float:
    taken = []
    for _ in range(ROUNDS):
        before = time.thread_time()
        for _ in range(100):
            execution = Execution.load(state, host)
            execution.complete(_open_task(execution), {"complete": False})
            execution.dump()
        taken.append((time.thread_time() - before) * 1000 / 100)
    return statistics.median(taken)


def _at_review(host: MemoryHost) -> Execution:
    execution = _started(host, "L-loop")
    for _ in range(BEFORE_REVIEW):
        execution.complete(_open_task(execution), {"note": "x"})
    return execution


def _renewed(execution: Execution, host: MemoryHost) -> Execution:
    """Without the history of this object, which a command would have written away."""
    return Execution.load(execution.dump(), host)


def _started(host: MemoryHost, case_no: str) -> Execution:
    return Execution.start(1, host.definitions[1], host, _start(case_no))


def _start(case_no: str) -> dict[str, Any]:
    return {"case_no": case_no, "facts": FACTS}


def _open_task(execution: Execution) -> int:
    (token,) = execution.waits().user_tasks
    return token

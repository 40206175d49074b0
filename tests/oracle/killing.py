"""Plays a model in processes that are killed between steps. Starts processes; compares nothing itself."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.oracle.comparison import Disagreement

ROOT = Path(__file__).parents[2]


def play_with_kills(seed: int) -> int:
    """How many processes were killed before one came to the end. Raises Disagreement."""
    killed = 0
    with TemporaryDirectory() as folder:
        while True:
            command = [sys.executable, "-m", "tests.oracle.victim", str(seed), folder]
            ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
            if ended.returncode == 0:
                return killed
            if ended.returncode != -signal.SIGKILL:
                raise Disagreement(f"after {killed} kills: {ended.stderr}")
            killed += 1

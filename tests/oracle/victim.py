"""A process that plays on from a stored state and kills itself, as ``kill -9`` would, at a step of its fate."""

from __future__ import annotations

import os
import random
import signal
import sys
from pathlib import Path

from engine.bpmn.execution import Execution
from tests.bpmn.conftest import HostDouble
from tests.oracle.comparison import Disagreement, compare, new_host, started
from tests.oracle.random_models import random_model


def play_on(seed: int, folder: Path) -> None:
    """From the newest state in ``folder``; each step is stored before the next. Returns only when the model is played to its end."""
    model = random_model(seed)
    states = sorted(folder.glob("*.state"))
    fate = random.Random(seed * 1000 + len(list(folder.glob("*.life"))))
    (folder / f"{len(list(folder.glob('*.life')))}.life").touch()
    if states:
        done, host = int(states[-1].stem), new_host(model)
        execution = Execution.load(states[-1].read_bytes(), host)
    else:
        done, (execution, host) = 0, started(model)
    last, is_lost, step = done + fate.randint(1, 6), fate.random() < 0.5, done

    def store(execution: Execution, host: HostDouble, chances: random.Random) -> Execution:
        nonlocal step
        unfinished = folder / "state.unfinished"
        unfinished.write_bytes(execution.dump())
        if step == last and is_lost:
            os.kill(os.getpid(), signal.SIGKILL)
        unfinished.replace(folder / f"{step:04}.state")
        if step == last:
            os.kill(os.getpid(), signal.SIGKILL)
        step += 1
        return execution

    compare(model, seed, store, (execution, host, done))


if __name__ == "__main__":
    try:
        play_on(int(sys.argv[1]), Path(sys.argv[2]))
    except Disagreement as difference:
        sys.exit(str(difference))

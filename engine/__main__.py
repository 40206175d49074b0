"""The ``doudi`` command and ``python -m engine``: loads the program and hands over to it. Knows no command."""

from __future__ import annotations

import gc


def main() -> None:
    """What is loaded stays until the end: looking for garbage among it is a sixth of the start, and part of every later look."""
    gc.disable()
    from engine.cli import main as program

    gc.freeze()
    gc.enable()
    program(prog_name="doudi")


if __name__ == "__main__":
    main()

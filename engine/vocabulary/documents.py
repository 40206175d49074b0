"""Documents the window issues."""

from __future__ import annotations

from engine.vocabulary.operation import Operation

OPERATIONS: tuple[Operation, ...] = ()

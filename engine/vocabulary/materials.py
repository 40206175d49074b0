"""Materials of a matter: what is missing, and the one-time notice."""

from __future__ import annotations

from engine.vocabulary.operation import Operation

OPERATIONS: tuple[Operation, ...] = ()

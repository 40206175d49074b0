"""Choosing people for work."""

from __future__ import annotations

from engine.vocabulary.operation import Operation

OPERATIONS: tuple[Operation, ...] = ()

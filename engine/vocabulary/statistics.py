"""Figures of the centre and its departments."""

from __future__ import annotations

from engine.vocabulary.operation import Operation

OPERATIONS: tuple[Operation, ...] = ()

"""Queries of other departments' data."""

from __future__ import annotations

from engine.vocabulary.operation import Operation

OPERATIONS: tuple[Operation, ...] = ()

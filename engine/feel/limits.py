"""Owns how much one expression, decision or form may use. Enforces nothing itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Bounds for one call. Sizes in bytes unless the name says characters."""

    cpu_seconds: float = 1.0
    heap: int = 64 << 20
    form_heap: int = 64 << 20
    stack: int = 1 << 20
    expression_characters: int = 20_000
    input_characters: int = 5_000_000
    result_characters: int = 2_000_000
    decisions_bytes: int = 3 << 20
    form_bytes: int = 1 << 20

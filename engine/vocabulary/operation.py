"""An operation: a step of the domain that a service task runs by its topic. Knows none of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.operation_inputs import Input, Values
from engine.services.context import OperationContext


@dataclass(frozen=True)
class Operation:
    """A step of the domain that a service task runs by its topic."""

    name: str
    title: str
    title_en: str
    inputs: tuple[Input, ...]
    outputs: tuple[str, ...]
    run: Callable[[OperationContext, Values], Mapping[str, Any]]

"""What a diagram may call: operations by name, and the posts it may name. Knows no process; the domain itself is in ``engine.services``.

Each module here is a theme and gives its ``OPERATIONS``.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from engine.errors import InvalidInput
from engine.operation_inputs import Values, checked
from engine.services.accounts import POSTS, Post
from engine.services.context import OperationContext
from engine.vocabulary import (
    appointments,
    archives,
    case_files,
    citizens,
    clocks,
    consultations,
    departments,
    documents,
    feedback,
    materials,
    notices,
    partners,
    people,
    returns,
    rules,
    sharing,
    staff,
    statistics,
    triage,
)
from engine.vocabulary.operation import Operation

__all__ = ["CANDIDATE_GROUPS", "OPERATIONS", "Operation", "call"]

#: Posts that every installation knows; besides them every department's code is a candidate group.
CANDIDATE_GROUPS: Mapping[str, Post] = MappingProxyType({post.id: post for post in POSTS})

_THEMES = (
    case_files,
    triage,
    clocks,
    departments,
    citizens,
    notices,
    materials,
    documents,
    people,
    staff,
    statistics,
    feedback,
    rules,
    sharing,
    returns,
    consultations,
    partners,
    appointments,
    archives,
)
OPERATIONS: Mapping[str, Operation] = MappingProxyType({operation.name: operation for theme in _THEMES for operation in theme.OPERATIONS})


def call(context: OperationContext, name: str, inputs: Values) -> Mapping[str, Any]:
    """Run an operation after checking its inputs; the result holds exactly its outputs, never personal data."""
    operation = OPERATIONS.get(name)
    if operation is None:
        raise InvalidInput(f"Expected an operation ({', '.join(OPERATIONS)}) but got {name!r}.")
    return operation.run(context, checked(operation.name, operation.inputs, inputs))

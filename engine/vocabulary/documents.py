"""Documents the window issues."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.operation_inputs import Input, Values
from engine.services import documents
from engine.services.context import OperationContext
from engine.vocabulary.operation import Operation


def _issue(context: OperationContext, values: Values) -> Mapping[str, Any]:
    document = documents.issue(context, values["template"], values["values"] or {})
    return {"document": document.id, "document_no": document.number}


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "document-issue",
        "出具文书",
        "Issue a document",
        (
            Input("template", True, "a template of processes/documents, e.g. acceptance_notice"),
            Input("values", False, "what the template declares and the case does not know", "context"),
        ),
        ("document", "document_no"),
        _issue,
    ),
)

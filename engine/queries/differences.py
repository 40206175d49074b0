"""What differs between two states of a file, drafts too, which need not be sound. Reads no database."""

from __future__ import annotations

from dataclasses import dataclass

from lxml.etree import XMLSyntaxError

from engine.bpmn.diff import DiagramDiff, diff_processes
from engine.deployment_checks.differences import TableDifference, compare_decisions, compare_forms, compare_tables
from engine.errors import EngineError


@dataclass(frozen=True)
class Difference:
    """What differs in meaning; both are empty where only the lines can be compared."""

    tables: tuple[TableDifference, ...]
    diagram: DiagramDiff | None


def difference(kind: str, file: str, before: bytes, after: bytes) -> Difference:
    """What differs between two states of a draft. A draft holds whatever was typed: what cannot be read is compared by its lines only."""
    try:
        return Difference(differing_rows(kind, file, before, after), diff_processes(before, after) if kind == "process" else None)
    except (EngineError, XMLSyntaxError, ValueError, TypeError, AttributeError):
        return Difference((), None)


def differing_rows(kind: str, file: str, before: bytes, after: bytes) -> tuple[TableDifference, ...]:
    """Rows of decisions and data, fields of forms; nothing for diagrams and scenarios."""
    if kind == "decision":
        return compare_decisions(before, after)
    if kind == "form":
        return compare_forms(before, after)
    return compare_tables(file, before, after) if kind in ("reference", "notice") else ()

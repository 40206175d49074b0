"""Clocks that a diagram names: the writing of each reference, and whether there is such a clock. Computes no moment."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from engine.bpmn.clock_references import is_reference, references_in
from engine.bpmn.findings import Language
from engine.bpmn.model import ProcessDefinition
from engine.deployment_checks.texts import said
from engine.errors import Finding, InvalidInput
from engine.services.clock_references import ACCEPTED, ClockReference

#: A text in FEEL that begins a reference; the rest of it may be put together.
_WRITTEN = re.compile(r'"(\s*clock:[^"]*)"')
_KIND = re.compile(r"clock:([^#@+\s,，-]*)")


def check_clock_kinds(processes: Iterable[ProcessDefinition], kinds: frozenset[str], language: Language) -> list[Finding]:
    """Findings about references that cannot be read, and about clocks that no table of kinds has; ``kinds`` is empty when not known."""
    return [finding for process in processes for finding in _of_process(process, kinds, language)]


def _of_process(process: ProcessDefinition, kinds: frozenset[str], language: Language) -> Iterator[Finding]:
    for text, is_whole, element_id, line in _texts(process):
        for reference in references_in(text):
            found = _KIND.match(reference)
            if is_whole and not _is_readable(reference):
                yield _finding(process, element_id, line, "clock", language, text=reference[:120], accepted=ACCEPTED)
            elif kinds and found is not None and found[1] and found[1] not in kinds:
                yield _finding(process, element_id, line, "clock-kind", language, kind=found[1][:40], known=", ".join(sorted(kinds)))


def _texts(process: ProcessDefinition) -> Iterator[tuple[str, bool, str, int | None]]:
    """(text, whether it is the whole reference, element, line)"""
    for limit in process.limits:
        if is_reference(limit.text):
            yield limit.text, True, limit.element_id, limit.line
    for expression in process.expressions:
        for match in _WRITTEN.finditer(expression.text):
            yield match[1], match[0] == expression.text.strip(), expression.element_id, expression.line


def _is_readable(reference: str) -> bool:
    try:
        ClockReference.parse(reference)
    except InvalidInput:
        return False
    return True


def _finding(process: ProcessDefinition, element_id: str, line: int | None, code: str, language: Language, **facts: str) -> Finding:
    element = process.elements.get(element_id)
    return Finding(process.file, line, element_id, element.name if element else None, code, *said(code, language, facts))

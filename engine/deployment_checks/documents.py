"""Templates of documents in a deployment: what is wrong in one, as findings. Fills none."""

from __future__ import annotations

from pathlib import PurePath

from engine.bpmn.findings import Language
from engine.deployment_checks.texts import said
from engine.errors import Finding, InvalidDefinition
from engine.services.document_templates import BadTemplate, Fault, read

#: Key, as a file's name without its suffix.
LONGEST_KEY = 60


def document(name: str, content: bytes, language: Language) -> tuple[str, str, str, str | None]:
    """The one definition of a template. Raises InvalidDefinition with what is wrong inside."""
    key = PurePath(name).stem
    try:
        template = read(content)
    except BadTemplate as error:
        findings = [_finding(name, fault, language) for fault in error.faults]
        raise InvalidDefinition(f"Expected a template without faults in {name} but found {len(findings)}.", findings) from error
    if len(key) > LONGEST_KEY:
        findings = [_finding(name, Fault("document-long", None, {"name": "key", "limit": str(LONGEST_KEY)}), language)]
        raise InvalidDefinition(f"Expected a short name for {name[:80]} but it is long.", findings)
    return "document", key, template.title, None


def _finding(name: str, fault: Fault, language: Language) -> Finding:
    return Finding(name, fault.line, None, None, fault.code, *said(fault.code, language, fault.facts))

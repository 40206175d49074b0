"""Collects what may be improved in one file: each finding is as severe as its code. Finds nothing itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from engine.bpmn.drawing import Flow, Node
from engine.bpmn.findings import Language
from engine.bpmn.source import line_of
from engine.deployment_checks.advice_texts import SEVERITIES
from engine.deployment_checks.texts import said
from engine.errors import Finding


@dataclass
class Advice:
    """The findings about one file, said in one language."""

    file: str
    language: Language
    findings: list[Finding] = field(default_factory=list)

    def add(self, code: str, element_id: str | None, name: str | None, line: int | None, /, **facts: Any) -> None:
        message, remedy = said(code, self.language, facts)
        self.findings.append(Finding(self.file, line, element_id, name or None, code, message, remedy, SEVERITIES[code]))

    def at(self, code: str, node: Node, /, **facts: Any) -> None:
        """About an element of a diagram."""
        self.add(code, node.element.id, node.element.name, node.element.line, **facts)

    def along(self, code: str, flow: Flow, /, **facts: Any) -> None:
        """About a sequence flow."""
        self.add(code, flow.id, flow.xml.get("name"), line_of(flow.xml), **facts)

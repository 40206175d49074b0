"""What can be wrong with a diagram, in words for an analyst. One catalogue; each entry says what is wrong and what to do."""

from __future__ import annotations

from typing import Any, Literal

from engine.bpmn.catalogue import ENTRIES, REMEDIES
from engine.bpmn.source import XmlElement, line_of
from engine.errors import Finding

Language = Literal["zh", "en"]


class Report:
    """Collects the findings of one file; never stops at the first."""

    def __init__(self, file: str, language: Language = "zh"):
        self.file = file
        self.language: Language = language
        self.findings: list[Finding] = []

    def add(self, code: str, element: XmlElement | None, *, line: int | None = None, **facts: Any) -> None:
        """Report ``code`` at ``element``: its nearest ancestor with an id names the place."""
        message, remedy = ENTRIES[code][self.language]
        place = _nearest_with_id(element)
        self.findings.append(
            Finding(
                file=self.file,
                line=line if line is not None else (line_of(element) if element is not None else None),
                element_id=place.get("id") if place is not None else None,
                element_name=place.get("name") if place is not None else None,
                code=code,
                message=message.format_map(facts),
                remedy=self._special_remedy(facts) or remedy.format_map(facts),
            )
        )

    def _special_remedy(self, facts: dict[str, Any]) -> str | None:
        special = REMEDIES.get(str(facts.get("construct", "")))
        return special[self.language] if special else None


def _nearest_with_id(element: XmlElement | None) -> XmlElement | None:
    while element is not None and element.get("id") is None:
        element = element.getparent()
    return element

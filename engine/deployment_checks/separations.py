"""Steps that a diagram keeps apart (``not_completed_by``): each has to exist, or one person could do both. Reads no database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from engine.bpmn.findings import Language
from engine.bpmn.model import Element
from engine.deployment_checks.definition_set import drawings_of
from engine.deployment_checks.parsed import ParsedFile
from engine.deployment_checks.texts import said
from engine.errors import Finding


def check_separations(files: Iterable[ParsedFile], deployed: Mapping[str, bytes], language: Language) -> list[Finding]:
    """Findings about steps that no diagram of the set, and none that is deployed, has as a user task."""
    given = list(files)
    separated = [(file.name, element) for file in given for process in file.processes for element in process.elements.values()]
    wanted = [(file, element, name) for file, element in separated for name in element.not_completed_by]
    if not wanted:
        return []
    tasks = _user_tasks({**{f"deployed/{name}": content for name, content in deployed.items()}, **{one.name: one.content for one in given}})
    return [_unknown(file, element, name, tasks, language) for file, element, name in wanted if name not in tasks]


def _user_tasks(files: Mapping[str, bytes]) -> frozenset[str]:
    nodes = [node for drawing in drawings_of(files).values() for level in drawing.levels() for node in level.nodes.values()]
    return frozenset(node.element.id for node in nodes if node.element.type == "userTask")


def _unknown(file: str, element: Element, name: str, tasks: frozenset[str], language: Language) -> Finding:
    known = ", ".join(get_close_matches(name, tasks, n=3)) or "—"
    message, remedy = said("unknown-separation", language, {"name": name, "known": known})
    return Finding(file, element.line, element.id, element.name, "unknown-separation", message, remedy)

"""Notices that diagrams send, against the texts in force: the template exists, and gets each value it asks for and no other.

Only what is written out can be judged: a template by its name, values as a context with its keys. A notice that is found wrong here would
stop its case when it is sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches

from engine.bpmn import settings as drawn
from engine.bpmn.drawing import Node
from engine.bpmn.findings import Language
from engine.deployment_checks.definition_set import drawings_of
from engine.deployment_checks.parsed import ParsedFile
from engine.deployment_checks.tables import tables_in
from engine.deployment_checks.texts import said
from engine.errors import Finding
from engine.feel import Feel
from engine.services.csv_tables import Findings, read_file
from engine.services.message_checks import declared
from engine.services.notices import KNOWN_WORDS
from engine.services.reference_files import MESSAGES

OPERATION = "notice-send"

#: Declared variables by template.
Templates = Mapping[str, frozenset[str]]


def check_notices(feel: Feel, files: Iterable[ParsedFile], tables: Mapping[str, bytes], language: Language) -> list[Finding]:
    """Findings about the notices of the diagrams in a set; none when no texts are known."""
    given = list(files)
    templates = _templates({**tables, **tables_in(given)}.get(MESSAGES.name))
    if not templates:
        return []
    return [finding for file in given if file.processes for finding in _of_file(feel, file, templates, language)]


def _templates(content: bytes | None) -> Templates:
    findings = Findings()
    rows = read_file(content, MESSAGES, findings) if content is not None else []
    return {} if findings.items else {row["id"]: frozenset(declared(row)) for row in rows}


def _of_file(feel: Feel, file: ParsedFile, templates: Templates, language: Language) -> Iterator[Finding]:
    levels = [level for drawing in drawings_of({file.name: file.content}).values() for level in drawing.levels()]
    for node in [node for level in levels for node in level.nodes.values()]:
        for inputs in _sent(node):
            for code, facts in _faults(feel, inputs, templates):
                message, remedy = said(code, language, facts)
                yield Finding(file.name, node.element.line, node.element.id, node.element.name, code, message, remedy)


def _sent(node: Node) -> Iterator[Mapping[str, drawn.Value]]:
    """The inputs of each notice that the element sends by itself or beside it."""
    if isinstance(node.settings, drawn.Operation) and node.settings.topic == OPERATION:
        yield {parameter.name: parameter.value for parameter in node.common.inputs}
    for listener in node.common.listeners:
        if listener.topic == OPERATION:
            yield {parameter.name: parameter.value for parameter in listener.inputs}


def _faults(feel: Feel, inputs: Mapping[str, drawn.Value], templates: Templates) -> Iterator[tuple[str, dict[str, str]]]:
    template = inputs.get("template")
    if not isinstance(template, drawn.Text) or template.is_feel:
        return
    name = template.source.strip()
    if name not in templates:
        near = ", ".join(get_close_matches(name, templates, n=3)) or ", ".join(sorted(templates)[:5])
        yield "unknown-notice", {"name": name, "known": near}
        return
    keys = _keys(feel, inputs.get("values"))
    if keys is None:
        return
    wanted = templates[name]
    for key in sorted(keys - wanted):
        yield "notice-value-unknown", {"name": name, "value": key, "known": "、".join(sorted(wanted)) or "—"}
    for key in sorted(wanted - keys - KNOWN_WORDS):
        yield "notice-value-missing", {"name": name, "value": key}


def _keys(feel: Feel, values: drawn.Value | None) -> frozenset[str] | None:
    """The keys of the values, None where they are known only when it runs."""
    if values is None:
        return frozenset()
    if isinstance(values, drawn.MapValue):
        return frozenset(key for key, _ in values.entries)
    if not isinstance(values, drawn.Text) or not values.is_feel:
        return None
    shape = feel.examine(values.source, {}).shape
    entries = shape.get("e") if shape is not None and shape.get("t") == "context" else None
    return frozenset(entries) if isinstance(entries, Mapping) else None

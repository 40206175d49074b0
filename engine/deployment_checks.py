"""What must hold for a set of files to be deployed together: each parses, and every name it uses exists. Reads no database."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import PurePath

from engine.bpmn.model import ProcessDefinition
from engine.bpmn.parse import parse
from engine.errors import Finding, InvalidDefinition
from engine.feel import Feel


@dataclass(frozen=True)
class ParsedFile:
    """A file that parsed: its definitions as (kind, key, name, version tag), and the processes in it."""

    name: str
    content: bytes
    sha256: str
    definitions: tuple[tuple[str, str, str, str | None], ...]
    processes: tuple[ProcessDefinition, ...] = ()


@dataclass(frozen=True)
class Surroundings:
    """Names that exist already: deployed keys, candidate groups, operations."""

    processes: frozenset[str]
    decisions: frozenset[str]
    forms: frozenset[str]
    groups: frozenset[str]
    operations: frozenset[str]


def parse_files(feel: Feel, files: Mapping[str, bytes]) -> list[ParsedFile]:
    """Parse every file; raises InvalidDefinition with the findings of all of them."""
    parsed: list[ParsedFile] = []
    findings: list[Finding] = []
    for name, content in files.items():
        try:
            parsed.append(_parse(feel, name, content))
        except InvalidDefinition as error:
            findings += error.findings
    if findings:
        raise InvalidDefinition(f"Expected {len(files)} files to deploy but {len(findings)} findings have to be mended first.", findings)
    return parsed


def check_set(feel: Feel, parsed: Iterable[ParsedFile], around: Surroundings) -> list[Finding]:
    """Findings about names: missing processes, tables, forms, groups, operations; keys defined twice; broken expressions."""
    files = list(parsed)
    keys = {kind: {key for file in files for k, key, _, _ in file.definitions if k == kind} for kind in ("process", "decision", "form")}
    known = Surroundings(
        around.processes | keys["process"],
        around.decisions | keys["decision"],
        around.forms | keys["form"],
        around.groups,
        around.operations,
    )
    findings = _defined_twice(files)
    for file in files:
        for process in file.processes:
            findings += _missing_names(process, known)
            findings += _broken_expressions(feel, process)
    return findings


def _parse(feel: Feel, name: str, content: bytes) -> ParsedFile:
    sha256 = hashlib.sha256(content).hexdigest()
    suffix = PurePath(name).suffix
    if suffix == ".bpmn":
        processes = parse(content, name)
        return ParsedFile(name, content, sha256, tuple(("process", p.key, p.name, p.version_tag) for p in processes), processes)
    if suffix == ".dmn":
        model = feel.parse_decisions(content, name)
        return ParsedFile(name, content, sha256, tuple(("decision", d.id, d.name, None) for d in model.decisions))
    if suffix == ".form":
        schema = feel.parse_form(content, name)
        return ParsedFile(name, content, sha256, (("form", schema["id"], str(schema.get("title", "")), None),))
    problem = Finding(
        name, None, None, None, "unknown-file", f"Files ending in {suffix!r} cannot be deployed.", "Deploy .bpmn, .dmn or .form files."
    )
    raise InvalidDefinition(f"Expected a .bpmn, .dmn or .form file but got {name!r}.", [problem])


def _defined_twice(files: list[ParsedFile]) -> list[Finding]:
    seen: dict[tuple[str, str], str] = {}
    findings = []
    for file in files:
        for kind, key, _, _ in file.definitions:
            other = seen.setdefault((kind, key), file.name)
            if other != file.name:
                message = f"The {kind} {key!r} is defined in {other} too."
                findings.append(
                    Finding(file.name, None, key, None, "defined-twice", message, "Give one of them another id, or remove one file.")
                )
    return findings


def _missing_names(process: ProcessDefinition, known: Surroundings) -> list[Finding]:
    wanted: list[tuple[str, str, frozenset[str], str, int | None]] = []
    wanted += [
        ("called process", ref.key, known.processes, ref.element_id, ref.line) for ref in process.called if not ref.key.startswith("=")
    ]
    wanted += [("decision", ref.key, known.decisions, ref.element_id, ref.line) for ref in process.decisions if not ref.key.startswith("=")]
    wanted += [("form", ref.key, known.forms, ref.element_id, ref.line) for ref in process.forms if not ref.key.startswith("=")]
    wanted += [("operation", ref.topic, known.operations, ref.element_id, ref.line) for ref in process.operations]
    wanted += [("candidate group", ref.group, known.groups, ref.element_id, ref.line) for ref in process.groups]
    return [_missing(process, *want) for want in wanted if want[1] not in want[2]]


def _missing(process: ProcessDefinition, what: str, name: str, known: frozenset[str], element_id: str, line: int | None) -> Finding:
    element = process.elements.get(element_id)
    near = get_close_matches(name, known, n=1)
    remedy = (
        f"Did you mean {near[0]!r}?"
        if near
        else f"Deploy it in the same set, or name one of: {', '.join(sorted(known)[:8]) or 'none yet'}."
    )
    code = f"missing-{what.replace(' ', '-')}"
    return Finding(process.file, line, element_id, element.name if element else None, code, f"The {what} {name!r} does not exist.", remedy)


def _broken_expressions(feel: Feel, process: ProcessDefinition) -> list[Finding]:
    findings = []
    for expression in process.expressions:
        element = process.elements.get(expression.element_id)
        for problem in feel.check(expression.text):
            message = f"The {expression.purpose} “{expression.text[:120]}” is not FEEL: {problem}"
            name = element.name if element else None
            findings.append(
                Finding(process.file, expression.line, expression.element_id, name, "feel-syntax", message, "Correct the expression.")
            )
    return findings

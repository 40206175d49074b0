"""What must hold for a set of files to be deployed together: each parses, and every name it uses exists. Reads no database."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import PurePath

from engine.bpmn.model import ProcessDefinition
from engine.bpmn.parse import parse
from engine.errors import Finding, InvalidDefinition
from engine.feel import Feel
from engine.services.typed_text import is_readable

#: As long as their columns are.
LONGEST = {"key": 120, "name": 200, "tag": 80}


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
            _require_fit_name(name)
            file = _parse(feel, name, content)
            _require_fit_definitions(file)
            parsed.append(file)
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
        _require_whole_characters(name, content)
        schema = feel.parse_form(content, name)
        return ParsedFile(name, content, sha256, (("form", schema["id"], str(schema.get("title", "")), None),))
    problem = Finding(
        name, None, None, None, "unknown-file", f"Files ending in {suffix!r} cannot be deployed.", "Deploy .bpmn, .dmn or .form files."
    )
    raise InvalidDefinition(f"Expected a .bpmn, .dmn or .form file but got {name!r}.", [problem])


def _require_whole_characters(name: str, content: bytes) -> None:
    """JSON can name half a character, which no page and no table can hold. What else is wrong with the file, its parser says."""
    try:
        json.dumps(json.loads(content), ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        text = "A text has a “\\ud800”-like half of a character."
        problem = Finding(name, None, None, None, "half-character", text, "Write the character itself.")
        raise InvalidDefinition(f"Expected whole characters in {name} but one is cut.", [problem]) from error
    except (ValueError, RecursionError):
        return


def _require_fit_name(name: str) -> None:
    """A name that pages and tables can show; ``ascii`` keeps one that is none from spoiling the message."""
    if len(name) > LONGEST["name"] or not is_readable(name):
        remedy = f"Rename it: at most {LONGEST['name']} characters that can be seen."
        problem = Finding(ascii(name)[:80], None, None, None, "file-name", "The name of the file cannot be shown.", remedy)
        raise InvalidDefinition("Expected a file with a readable name but got another.", [problem])


def _require_fit_definitions(file: ParsedFile) -> None:
    findings = [
        Finding(file.name, None, key[:80], None, "unfit-name", f"Its {what} cannot be kept: {len(text)} characters.", remedy)
        for _, key, title, tag in file.definitions
        for what, text in (("key", key), ("name", title), ("tag", tag or ""))
        if len(text) > LONGEST[what] or not is_readable(text.replace("\n", " "))
        for remedy in [f"Use at most {LONGEST[what]} characters that can be seen."]
    ]
    if findings:
        raise InvalidDefinition(f"Expected names that can be kept in {file.name} but {len(findings)} cannot.", findings)


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

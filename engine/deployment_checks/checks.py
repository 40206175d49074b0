"""What must hold for a set of files to be deployed together: each parses, and every name it uses exists. Reads no database.

Errors refuse a deployment. Variables that nothing sets are warnings, because a start or a message may still bring them.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import cache
from pathlib import PurePath
from typing import Any

from engine.bpmn.clock_references import is_reference
from engine.bpmn.findings import Language
from engine.bpmn.model import CalledElement, DecisionRef, FormRef, ProcessDefinition
from engine.bpmn.parse import parse
from engine.deployment_checks.clock_kinds import check_clock_kinds
from engine.deployment_checks.definition_set import DefinitionSet, flow_through
from engine.deployment_checks.documents import document
from engine.deployment_checks.improvements import improvements
from engine.deployment_checks.kinds import Beginnings, beginnings_in, kind_findings
from engine.deployment_checks.notices_sent import check_notices
from engine.deployment_checks.parsed import ParsedFile
from engine.deployment_checks.separations import check_separations
from engine.deployment_checks.tables import clock_kinds_in, data_file, departments_in, table_findings
from engine.deployment_checks.tags import decision_tags, form_tag
from engine.deployment_checks.texts import purpose_name, said, what_name
from engine.deployment_checks.usage import check_usage
from engine.errors import Finding, InvalidDefinition, InvalidInput, Severity
from engine.feel import Feel
from engine.services.typed_text import is_readable
from engine.services.working_time import WorkCalendar, limit_or_moment

#: As long as their columns are.
LONGEST = {"key": 120, "name": 200, "tag": 80}

#: The calendar's first years: from there the longest limit still has a moment, so that only the writing counts.
_EARLY = datetime(2005, 1, 4, 10, tzinfo=UTC)

_PROCESS_TAG = re.compile(rb"<(\w+:)?process\b[^<>]*>")
_EXECUTABLE = re.compile(rb"""\sisExecutable\s*=\s*("[^"]*"|'[^']*')""")


#: (kind, key, version tag) of a definition.
Tagged = tuple[str, str, str]


@dataclass(frozen=True)
class Surroundings:
    """What exists already: deployed keys and files, candidate groups, operations and what each gives, variables that a start brings.

    ``members``: active accounts by group, None when not known; ``accounts``: ids of active accounts; ``pages``: forms that pages show
    without a process; ``clocks``: kinds of clock, none when not known; ``beside``: variables with which a process begins that a message,
    a signal or a timer starts.
    """

    processes: frozenset[str]
    decisions: frozenset[str]
    forms: frozenset[str]
    groups: frozenset[str]
    operations: frozenset[str]
    start: frozenset[str] = frozenset()
    outputs: Mapping[str, frozenset[str]] = field(default_factory=dict)
    deployed: Mapping[str, bytes] = field(default_factory=dict)
    tables: Mapping[str, bytes] = field(default_factory=dict)
    tags: frozenset[Tagged] = frozenset()
    members: Mapping[str, int] | None = None
    accounts: frozenset[str] = frozenset()
    pages: frozenset[str] = frozenset()
    clocks: frozenset[str] = frozenset()
    beside: frozenset[str] = frozenset()


def parse_files(feel: Feel, files: Mapping[str, bytes], language: Language = "zh") -> tuple[list[ParsedFile], list[Finding]]:
    """The files that parse, and the findings of those that do not."""
    parsed: list[ParsedFile] = []
    findings: list[Finding] = []
    for name, content in files.items():
        try:
            _require_fit_name(name, language)
            file = _parse(feel, name, content, language)
            _require_fit_definitions(file, language)
            parsed.append(file)
        except InvalidDefinition as error:
            findings += error.findings
            findings += _drafted(name, content, language) if _is_draft(error) else []
    return parsed, findings


def check_set(feel: Feel, parsed: Iterable[ParsedFile], around: Surroundings, language: Language = "zh") -> list[Finding]:
    """Findings about names (processes, tables, forms, groups, operations, variables), keys defined twice, expressions and limits; then
    warnings and information about what can run but may be improved. Beside errors, information is left out: first things first.
    """
    files = list(parsed)
    keys = {kind: {key for file in files for k, key, _, _ in file.definitions if k == kind} for kind in ("process", "decision", "form")}
    known = Surroundings(
        around.processes | keys["process"],
        around.decisions | keys["decision"],
        around.forms | keys["form"],
        around.groups | departments_in(files),
        around.operations,
        tags=around.tags | {(kind, key, tag) for file in files for kind, key, _, tag in file.definitions if tag},
    )
    findings = [*_defined_twice(files, language), *table_findings(files, around.tables, language)]
    for file in files:
        for process in file.processes:
            findings += _missing_names(process, known, language) + _missing_tags(process, known, language)
    findings += kind_findings(files, known.processes, known.forms, language)
    findings += check_separations(files, around.deployed, language)
    findings += check_notices(feel, files, around.tables, language)
    findings += check_writing(feel, files, language)
    kinds = around.clocks | clock_kinds_in(files) if around.clocks else frozenset[str]()
    findings += check_clock_kinds([process for file in files for process in file.processes], kinds, language)
    told = _told(feel, files, around, language)
    if any(finding.severity == "error" for finding in findings):
        return [*findings, *(finding for finding in told if finding.severity != "info")]
    return [*findings, *told]


def check_writing(feel: Feel, parsed: Iterable[ParsedFile], language: Language = "zh") -> list[Finding]:
    """Findings that need no other file: expressions that are no FEEL, limits that no clock understands."""
    findings = []
    for process in [process for file in parsed for process in file.processes]:
        findings += _broken_expressions(feel, process, language)
        findings += _unreadable_limits(process, language)
    return findings


@functools.lru_cache(maxsize=1024)
def _parse(feel: Feel, name: str, content: bytes, language: Language) -> ParsedFile:
    sha256 = hashlib.sha256(content).hexdigest()
    suffix = PurePath(name).suffix
    if suffix == ".bpmn":
        processes = parse(content, name, language)
        return ParsedFile(name, content, sha256, tuple(("process", p.key, p.name, p.version_tag) for p in processes), processes)
    if suffix == ".dmn":
        model = feel.parse_decisions(content, name, language)
        tags = decision_tags(content)
        return ParsedFile(name, content, sha256, tuple(("decision", d.id, d.name, tags.get(d.id)) for d in model.decisions))
    if suffix == ".form":
        _require_whole_characters(name, content, language)
        schema = feel.parse_form(content, name, language)
        return ParsedFile(name, content, sha256, (("form", schema["id"], str(schema.get("title", "")), form_tag(schema)),))
    if suffix == ".md":
        return ParsedFile(name, content, sha256, (document(name, content, language),))
    if suffix in (".csv", ".toml"):
        return ParsedFile(name, content, sha256, (data_file(name, content, language),))
    problem = _of_file(name, "unknown-file", language, suffix=suffix)
    raise InvalidDefinition(f"Expected a file that can be deployed but got {name!r}.", [problem])


def _require_whole_characters(name: str, content: bytes, language: Language) -> None:
    """JSON can name half a character, which no page and no table can hold. What else is wrong with the file, its parser says."""
    try:
        json.dumps(json.loads(content), ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        problem = _of_file(name, "half-character", language)
        raise InvalidDefinition(f"Expected whole characters in {name} but one is cut.", [problem]) from error
    except (ValueError, RecursionError):
        return


def _require_fit_name(name: str, language: Language) -> None:
    """A name that pages and tables can show; ``ascii`` keeps one that is none from spoiling the message."""
    if len(name) > LONGEST["name"] or not is_readable(name):
        problem = _of_file(ascii(name)[:80], "file-name", language, limit=LONGEST["name"])
        raise InvalidDefinition("Expected a file with a readable name but got another.", [problem])


def _require_fit_definitions(file: ParsedFile, language: Language) -> None:
    findings = [
        _of_file(file.name, "unfit-name", language, key[:80], what=what_name(what, language), length=len(text), limit=LONGEST[what])
        for _, key, title, tag in file.definitions
        for what, text in (("key", key), ("name", title), ("tag", tag or ""))
        if len(text) > LONGEST[what] or not is_readable(text.replace("\n", " "))
    ]
    if findings:
        raise InvalidDefinition(f"Expected names that can be kept in {file.name} but {len(findings)} cannot.", findings)


def _is_draft(error: InvalidDefinition) -> bool:
    return any(finding.code == "no-executable-process" for finding in error.findings)


def _drafted(name: str, content: bytes, language: Language) -> list[Finding]:
    """What else a diagram that is not executable needs: the findings it would have if its author had said that it is."""
    try:
        parse(_PROCESS_TAG.sub(_made_executable, content), name, language)
    except InvalidDefinition as error:
        return [finding for finding in error.findings if finding.code != "no-executable-process"]
    return []


def _made_executable(tag: re.Match[bytes]) -> bytes:
    bare = _EXECUTABLE.sub(b"", tag[0])
    start = len(b"<" + (tag[1] or b"") + b"process")
    return bare[:start] + b' isExecutable="true"' + bare[start:]


def _defined_twice(files: list[ParsedFile], language: Language) -> list[Finding]:
    seen: dict[tuple[str, str], str] = {}
    findings = []
    for file in files:
        for kind, key, _, _ in file.definitions:
            other = seen.setdefault((kind, key), file.name)
            if other != file.name:
                findings.append(_of_file(file.name, "defined-twice", language, key, what=what_name(kind, language), key=key, other=other))
    return findings


def _missing_names(process: ProcessDefinition, known: Surroundings, language: Language) -> list[Finding]:
    wanted: list[tuple[str, str, frozenset[str], str, int | None]] = []
    wanted += [
        ("called process", ref.key, known.processes, ref.element_id, ref.line) for ref in process.called if not ref.key.startswith("=")
    ]
    wanted += [("decision", ref.key, known.decisions, ref.element_id, ref.line) for ref in process.decisions if not ref.key.startswith("=")]
    wanted += [("form", ref.key, known.forms, ref.element_id, ref.line) for ref in process.forms if not ref.key.startswith("=")]
    wanted += [("operation", ref.topic, known.operations, ref.element_id, ref.line) for ref in process.operations]
    wanted += [("candidate group", ref.group, known.groups, ref.element_id, ref.line) for ref in process.groups]
    return [_missing(process, language, *want) for want in wanted if want[1] not in want[2]]


def _missing_tags(process: ProcessDefinition, known: Surroundings, language: Language) -> list[Finding]:
    """A version tag that no version of a known definition carries."""
    wanted: list[tuple[str, str, CalledElement | DecisionRef | FormRef]] = []
    wanted += [("process", "called process", ref) for ref in process.called]
    wanted += [("decision", "decision", ref) for ref in process.decisions]
    wanted += [("form", "form", ref) for ref in process.forms]
    keys = {"process": known.processes, "decision": known.decisions, "form": known.forms}
    return [
        _at(process, ref.element_id, ref.line, "missing-version-tag", *said("missing-version-tag", language, facts))
        for kind, what, ref in wanted
        if ref.binding == "versionTag" and ref.key in keys[kind] and (kind, ref.key, str(ref.version)) not in known.tags
        for facts in [{"what": what_name(what, language), "name": ref.key, "tag": ref.version, "known": _tags_of(known, kind, ref.key)}]
    ]


def _tags_of(known: Surroundings, kind: str, key: str) -> str:
    return ", ".join(sorted(tag for of_kind, of_key, tag in known.tags if (of_kind, of_key) == (kind, key))[:8]) or "—"


def _missing(
    process: ProcessDefinition, language: Language, what: str, name: str, known: frozenset[str], element_id: str, line: int | None
) -> Finding:
    near = get_close_matches(name, known, n=1)
    facts = {"what": what_name(what, language), "name": name, "near": next(iter(near), ""), "known": ", ".join(sorted(known)[:8]) or "—"}
    message, remedy = said("missing-near" if near else "missing", language, facts)
    return _at(process, element_id, line, f"missing-{what.replace(' ', '-')}", message, remedy)


def _broken_expressions(feel: Feel, process: ProcessDefinition, language: Language) -> list[Finding]:
    return [
        _at(process, found.element_id, found.line, "feel-syntax", *said("feel-syntax", language, facts))
        for found in process.expressions
        for problem in feel.problems(found.text)
        for facts in [{"purpose": purpose_name(found.purpose, language), "problem": problem.text(language)}]
    ]


def _unreadable_limits(process: ProcessDefinition, language: Language) -> list[Finding]:
    return [
        _at(process, limit.element_id, limit.line, "limit", *said("limit", language, {"text": limit.text[:120]}))
        for limit in process.limits
        if not is_reference(limit.text) and not _is_limit(limit.text)
    ]


def _is_limit(text: str) -> bool:
    try:
        limit_or_moment(_calendar(), text, _EARLY)
    except InvalidInput:
        return False
    return True


@cache
def _calendar() -> WorkCalendar:
    return WorkCalendar()


def _told(feel: Feel, files: list[ParsedFile], around: Surroundings, language: Language) -> list[Finding]:
    """What refuses nothing: the variables of every process, each place with what can be set there; then what may be improved."""
    flow = flow_through(feel, definition_set({file.name: file.content for file in files}, around))
    findings = [finding for file in files for process in file.processes for finding in check_usage(feel, process, flow, language)]
    people = (around.members, around.accounts)
    return [*findings, *improvements(feel, files, flow, _calendar(), *people, around.pages | flow.definitions.beginnings.pages, language)]


def definition_set(files: Mapping[str, bytes], around: Surroundings) -> DefinitionSet:
    """The files over those that are deployed."""
    deployed = {f"deployed/{name}": content for name, content in around.deployed.items()}
    return DefinitionSet({**files, **deployed}, around.start, around.outputs, around.beside, _beginnings(files, around))


def _beginnings(files: Mapping[str, bytes], around: Surroundings) -> Beginnings:
    return beginnings_in({**around.tables, **{PurePath(name).name: content for name, content in files.items()}})


def _of_file(file: str, code: str, language: Language, element_id: str | None = None, **facts: Any) -> Finding:
    return Finding(file, None, element_id, None, code, *said(code, language, facts))


def _at(
    process: ProcessDefinition, element_id: str, line: int | None, code: str, message: str, remedy: str, severity: Severity = "error"
) -> Finding:
    element = process.elements.get(element_id)
    return Finding(process.file, line, element_id, element.name if element else None, code, message, remedy, severity)

"""The public face of deployment: a BPMN file in, process definitions out, or all findings at once."""

from __future__ import annotations

import hashlib
from types import MappingProxyType

from engine.bpmn.build import build
from engine.bpmn.checks import check_drawing, check_ids
from engine.bpmn.drawing import Drawing
from engine.bpmn.events import Roots
from engine.bpmn.findings import Language, Report
from engine.bpmn.model import FormRef, ProcessDefinition, TimerStart
from engine.bpmn.reader import is_executable, read_process
from engine.bpmn.references import References, references_of
from engine.bpmn.settings import Message, Signal, StartForm, Timer
from engine.bpmn.source import XmlElement, camunda, children, read_xml
from engine.bpmn.vocabulary import check_vocabulary
from engine.errors import InvalidDefinition

#: Nobody mends more at once; the message tells how many there are.
MOST_FINDINGS = 200


def parse(source: bytes, file: str, language: Language = "zh") -> tuple[ProcessDefinition, ...]:
    """The executable processes of a file. Raises InvalidDefinition with everything that is to be mended."""
    report = Report(file, language)
    root = read_xml(source, report)
    drawings = _drawings(root, report) if root is not None else []
    if report.findings:
        findings = sorted(report.findings, key=lambda finding: (finding.line or 0, finding.code))
        raise InvalidDefinition(
            f"Expected an executable diagram but found {len(findings)} things to mend in {file}.", findings[:MOST_FINDINGS]
        )
    digest = hashlib.sha256(source).hexdigest()
    return tuple(_definition(drawing, file, digest) for drawing in drawings)


def _drawings(root: XmlElement, report: Report) -> list[Drawing]:
    check_ids(root, report)
    processes = [process for process in children(root, "process") if is_executable(process)]
    if not processes:
        report.add("no-executable-process", root)
    roots = Roots.of(root)
    roots.check(report)
    drawings = []
    for process in processes:
        if not process.get("id"):
            report.add("id-missing", process, tag="process")
        check_vocabulary(process, report)
        drawing = read_process(process, roots, report)
        check_drawing(drawing, report)
        drawings.append(drawing)
    return drawings


def _definition(drawing: Drawing, file: str, digest: str) -> ProcessDefinition:
    found: References = references_of(drawing)
    elements = {key: node.element for level in drawing.levels() for key, node in level.nodes.items()}
    start_form = _start_form(drawing)
    return ProcessDefinition(
        key=drawing.id,
        name=drawing.xml.get("name") or drawing.id,
        version_tag=drawing.xml.get(camunda("versionTag")),
        file=file,
        sha256=digest,
        elements=MappingProxyType(elements),
        start_form_key=start_form.key if start_form is not None else None,
        start_form=start_form,
        message_starts=MappingProxyType(_named_starts(drawing, Message)),
        signal_starts=MappingProxyType(_named_starts(drawing, Signal)),
        timer_starts=_timer_starts(drawing),
        called=tuple(found.called),
        decisions=tuple(found.decisions),
        forms=tuple(found.forms),
        operations=tuple(found.operations),
        groups=tuple(found.groups),
        expressions=tuple(found.expressions),
        limits=tuple(found.limits),
        _spec=build(drawing),
    )


def _start_form(drawing: Drawing) -> FormRef | None:
    for node in drawing.nodes.values():
        if isinstance(node.settings, StartForm) and node.settings.form is not None and not node.settings.form.key.is_feel:
            form = node.settings.form
            return FormRef(form.key.source, form.binding, form.version, node.element.id, node.element.line)
    return None


def _named_starts(drawing: Drawing, kind: type[Message] | type[Signal]) -> dict[str, str]:
    return {node.settings.name.source: node.element.id for node in drawing.starts() if isinstance(node.settings, kind)}


def _timer_starts(drawing: Drawing) -> tuple[TimerStart, ...]:
    timers = [(node.element, node.settings) for node in drawing.starts() if isinstance(node.settings, Timer)]
    return tuple(TimerStart(element.id, timer.kind, timer.value.source, timer.value.is_feel, element.line) for element, timer in timers)

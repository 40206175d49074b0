"""Which files a change set may hold: their names, sizes and encoding, and what a new one begins with. Reads no database."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import PurePath
from types import MappingProxyType
from xml.sax.saxutils import quoteattr

from engine.errors import InvalidInput
from engine.services.typed_text import is_readable

LARGEST_FILE = 3_000_000
LONGEST_NAME = 200

_STEM = r"[0-9A-Za-z_\u4e00-\u9fff][0-9A-Za-z_\u4e00-\u9fff.-]{0,99}"
#: Where a file of each kind lies; nothing else can be drafted.
_PLACES: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        kind: re.compile(pattern)
        for kind, pattern in {
            "process": rf"processes/{_STEM}\.bpmn",
            "decision": rf"processes/{_STEM}\.dmn",
            "form": rf"forms/{_STEM}\.form",
            "notice": r"processes/notices/messages\.csv",
            "reference": rf"processes/reference/{_STEM}\.csv",
            "scenario": rf"processes/scenarios/{_STEM}\.toml",
            "document": rf"processes/documents/(?!README\.){_STEM}\.md",
        }.items()
    }
)
_SUFFIXES = MappingProxyType(
    {".bpmn": "process", ".dmn": "decision", ".form": "form", ".csv": "reference", ".toml": "scenario", ".md": "document"}
)

_BPMN = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" \
xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI" \
xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:modeler="http://camunda.org/schema/modeler/1.0" id="definitions_1" \
targetNamespace="http://bpmn.io/schema/bpmn" modeler:executionPlatform="Camunda Platform" modeler:executionPlatformVersion="7.24.0">
  <bpmn:process id={key} name={name} isExecutable="true" camunda:historyTimeToLive="1825">
    <bpmn:startEvent id="start" name="开始">
      <bpmn:outgoing>flow_to_end</bpmn:outgoing>
    </bpmn:startEvent>
    <bpmn:endEvent id="end" name="结束">
      <bpmn:incoming>flow_to_end</bpmn:incoming>
    </bpmn:endEvent>
    <bpmn:sequenceFlow id="flow_to_end" sourceRef="start" targetRef="end" />
  </bpmn:process>
  <bpmndi:BPMNDiagram id="diagram_1">
    <bpmndi:BPMNPlane id="plane_1" bpmnElement={key}>
      <bpmndi:BPMNShape id="start_di" bpmnElement="start">
        <dc:Bounds x="180" y="160" width="36" height="36" />
        <bpmndi:BPMNLabel><dc:Bounds x="187" y="203" width="22" height="14" /></bpmndi:BPMNLabel>
      </bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="end_di" bpmnElement="end">
        <dc:Bounds x="620" y="160" width="36" height="36" />
        <bpmndi:BPMNLabel><dc:Bounds x="627" y="203" width="22" height="14" /></bpmndi:BPMNLabel>
      </bpmndi:BPMNShape>
      <bpmndi:BPMNEdge id="flow_to_end_di" bpmnElement="flow_to_end">
        <di:waypoint x="216" y="178" />
        <di:waypoint x="620" y="178" />
      </bpmndi:BPMNEdge>
    </bpmndi:BPMNPlane>
  </bpmndi:BPMNDiagram>
</bpmn:definitions>
"""
_DMN = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" xmlns:dmndi="https://www.omg.org/spec/DMN/20191111/DMNDI/" \
xmlns:dc="http://www.omg.org/spec/DMN/20180521/DC/" xmlns:camunda="http://camunda.org/schema/1.0/dmn" id="definitions_1" name={name} \
namespace="http://camunda.org/schema/1.0/dmn">
  <decision id={key} name={name} camunda:historyTimeToLive="1825">
    <decisionTable id="table_1" hitPolicy="FIRST">
      <input id="input_1" label="条件">
        <inputExpression id="input_expression_1" typeRef="string"><text>input</text></inputExpression>
      </input>
      <output id="output_1" label="结论" name="result" typeRef="string" />
      <rule id="rule_1">
        <inputEntry id="input_entry_1"><text></text></inputEntry>
        <outputEntry id="output_entry_1"><text>"—"</text></outputEntry>
      </rule>
    </decisionTable>
  </decision>
  <dmndi:DMNDI>
    <dmndi:DMNDiagram id="diagram_1">
      <dmndi:DMNShape id="shape_1" dmnElementRef={key}>
        <dc:Bounds height="80" width="180" x="160" y="100" />
      </dmndi:DMNShape>
    </dmndi:DMNDiagram>
  </dmndi:DMNDI>
</definitions>
"""
_SCENARIO = """# 场景:给定什么,经过哪些步骤,最后应当怎样。
title = {name}

[given]
at = 2026-11-23T10:00:00
process = {key}
variables = {{}}

[[when]]
wait = "PT1H"

[then]
incidents = 0
"""
_DOCUMENT = """+++
title = {name}
title_en = {key}
prefix = {name}
audience = "internal"

[variables]
"说明" = "要写进文书的内容"
+++

关于“{{事项}}”(工单{{工单号}}):

{{说明}}
"""


def kind_of(file: str) -> str:
    """The kind of definition that a file holds, by its name; a folder decides where the suffix does not."""
    if "notices/" in file or file == "messages.csv":
        return "notice"
    kind = _SUFFIXES.get(PurePath(file).suffix)
    if kind is None:
        raise InvalidInput(f"Expected a .bpmn, .dmn, .form, .csv, .toml or .md file but got {ascii(file)[:80]}.", _wrong_name())
    return kind


def require_file_name(file: str) -> None:
    """A place below processes/ or forms/ where a file of its kind belongs. Raises InvalidInput."""
    if len(file) > LONGEST_NAME or not is_readable(file) or ".." in file or not any(place.fullmatch(file) for place in _PLACES.values()):
        raise InvalidInput(
            f"Expected a name such as processes/P40_visit.bpmn or forms/visit.form but got {ascii(file)[:80]}.", _wrong_name()
        )


def require_content(content: bytes) -> None:
    """Text in UTF-8 without NUL, at most 3 MB. Raises InvalidInput."""
    problem = _unfit(content)
    if problem:
        raise InvalidInput(problem, {"content": [problem]})


def _unfit(content: bytes) -> str | None:
    if len(content) > LARGEST_FILE:
        return f"Expected at most {LARGEST_FILE:,} bytes but got {len(content):,}."
    if b"\0" in content:
        return "Expected text but the file holds a NUL character."
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "Expected text in UTF-8 but the file is in another encoding. Save it as UTF-8."
    return None


def blank(kind: str, key: str, name: str) -> tuple[str, bytes]:
    """File name and content of a new process, decision, form, scenario or document that can be drawn on at once. Raises InvalidInput."""
    if not re.fullmatch(r"[A-Za-z_][0-9A-Za-z_-]{0,99}", key):
        raise InvalidInput(f"Expected an id of letters, digits and _ but got {ascii(key)[:80]}.", {"key": ["letters-digits"]})
    if not name or len(name) > LONGEST_NAME or not is_readable(name):
        raise InvalidInput("Expected a name of one line but got none.", {"name": ["one-line"]})
    makers = {
        "process": lambda: (f"processes/{key}.bpmn", _BPMN.format(key=quoteattr(key), name=quoteattr(name))),
        "decision": lambda: (f"processes/{key}.dmn", _DMN.format(key=quoteattr(key), name=quoteattr(name))),
        "form": lambda: (f"forms/{key}.form", _form(key, name)),
        "scenario": lambda: (f"processes/scenarios/{key}.toml", _SCENARIO.format(key=json.dumps(key), name=_toml_text(name))),
        "document": lambda: (f"processes/documents/{key}.md", _DOCUMENT.format(key=json.dumps(key), name=_toml_text(name))),
    }
    if kind not in makers:
        raise InvalidInput(
            f"Expected a new process, decision, form, scenario or document but got {ascii(kind)[:40]}.", {"kind": ["unknown"]}
        )
    file, text = makers[kind]()
    return file, text.encode()


def _form(key: str, name: str) -> str:
    schema = {
        "type": "default", "id": key, "schemaVersion": 19,
        "executionPlatform": "Camunda Platform", "executionPlatformVersion": "7.24.0",
        "properties": {"title": name, "en": key.replace("_", " ").capitalize()},
        "components": [
            {"type": "textarea", "id": "field_note", "key": "note", "label": "说明", "properties": {"en": "Note"}, "layout": {"row": "r1"}},
        ],
    }  # fmt: skip
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def _toml_text(text: str) -> str:
    """JSON's escapes are TOML's."""
    return json.dumps(text, ensure_ascii=False)


def _wrong_name() -> dict[str, list[str]]:
    return {"file": ["unknown-file-name"]}

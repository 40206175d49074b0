"""Notices that diagrams send: the text exists, and gets what it asks for and nothing else."""

from __future__ import annotations

import pytest

from engine.deployment_checks import parse_files
from engine.deployment_checks.notices_sent import check_notices
from engine.feel import Feel
from tests.conftest import PROJECT

MESSAGES = (
    "id,event,name_en,text,text_en,variables,channels,audience,critical\n"
    'MSG-01,登记,Registered,"工单{工单号}",,工单号,,申请人,true\n'
    'MSG-09,会商,Meeting,"由{部门}于{日期}前{动作}",,部门;日期;动作,,申请人,false\n'
).encode()

DIAGRAM = """<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"
 id="d" targetNamespace="t"><bpmn:process id="p" isExecutable="true" camunda:historyTimeToLive="P1D"><bpmn:startEvent id="s"/>
 <bpmn:serviceTask id="tell" name="告知" camunda:type="external" camunda:topic="notice-send"><bpmn:extensionElements><camunda:inputOutput>
 {inputs}</camunda:inputOutput></bpmn:extensionElements></bpmn:serviceTask><bpmn:endEvent id="e"/>
 <bpmn:sequenceFlow id="a" sourceRef="s" targetRef="tell"/><bpmn:sequenceFlow id="b" sourceRef="tell" targetRef="e"/>
 </bpmn:process></bpmn:definitions>"""


def found(feel: Feel, template: str, values: str | None, tables: dict[str, bytes] | None = None) -> list[tuple[str, str | None]]:
    given = {"template": template, "to": "applicant"} | ({"values": values} if values is not None else {})
    inputs = "".join(f'<camunda:inputParameter name="{name}">{text}</camunda:inputParameter>' for name, text in given.items())
    parsed, problems = parse_files(feel, {"p.bpmn": DIAGRAM.format(inputs=inputs).encode()})
    assert problems == []
    return [(one.code, one.element_id) for one in check_notices(feel, parsed, tables or {"messages.csv": MESSAGES}, "zh")]


@pytest.mark.parametrize(
    ("template", "values"),
    [
        ("MSG-01", None),
        ("MSG-01", '={"工单号": case_no}'),
        ("MSG-09", '={"部门": lead, "动作": "答复"}'),  # the case knows the day
        ("MSG-09", '=context put({"部门": lead}, "动作", act)'),
        ("MSG-09", "=notice_values"),
        ("=chosen", '={"x": 1}'),
    ],
)
def test_a_notice_that_gets_what_it_asks_for_is_right(feel: Feel, template: str, values: str | None) -> None:
    assert found(feel, template, values) == []


@pytest.mark.parametrize(
    ("template", "values", "codes"),
    [
        ("MSG-99", None, ["unknown-notice"]),
        ("MSG-01", '={"天数": 3}', ["notice-value-unknown"]),
        ("MSG-09", '={"部门": lead}', ["notice-value-missing"]),
        ("MSG-09", None, ["notice-value-missing"] * 2),
        ("MSG-09", '={"部门": lead, "作动": act}', ["notice-value-unknown", "notice-value-missing"]),
    ],
)
def test_a_notice_that_would_stop_its_case_is_refused_at_its_element(
    feel: Feel, template: str, values: str | None, codes: list[str]
) -> None:
    assert found(feel, template, values) == [(code, "tell") for code in codes]


def test_where_no_texts_are_known_nothing_is_said(feel: Feel) -> None:
    assert found(feel, "MSG-99", None, {"departments.csv": b""}) == []


def test_every_notice_of_the_shipped_diagrams_is_right(feel: Feel) -> None:
    files = {path.name: path.read_bytes() for path in (PROJECT / "processes").glob("*.bpmn")}
    parsed, _ = parse_files(feel, files)
    texts = (PROJECT / "processes" / "notices" / "messages.csv").read_bytes()
    assert [str(one) for one in check_notices(feel, parsed, {"messages.csv": texts}, "zh")] == []

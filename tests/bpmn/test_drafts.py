"""Diagrams drawn with other tools: each is answered with a list of what it needs, in words, and never with a crash."""

from __future__ import annotations

import pytest

from engine.deployment_checks import parse_files
from engine.feel import Feel

FEEL = Feel()

ZEEBE = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"
  xmlns:modeler="http://camunda.org/schema/modeler/1.0" id="d" targetNamespace="http://bpmn.io/schema/bpmn"
  modeler:executionPlatform="Camunda Cloud" modeler:executionPlatformVersion="8.5.0">
  <bpmn:process id="order" name="Order" isExecutable="true">
    <bpmn:startEvent id="s"><bpmn:outgoing>f1</bpmn:outgoing></bpmn:startEvent>
    <bpmn:serviceTask id="pay" name="Pay"><bpmn:extensionElements><zeebe:taskDefinition type="pay" retries="3"/>
      <zeebe:ioMapping><zeebe:input source="=amount" target="a"/></zeebe:ioMapping></bpmn:extensionElements></bpmn:serviceTask>
    <bpmn:userTask id="look"><bpmn:extensionElements><zeebe:assignmentDefinition assignee="=x"/><zeebe:formDefinition formKey="k"/>
      </bpmn:extensionElements></bpmn:userTask>
    <bpmn:adHocSubProcess id="ad"><bpmn:task id="t"/></bpmn:adHocSubProcess>
    <bpmn:endEvent id="e"/>
    <bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="pay"/><bpmn:sequenceFlow id="f2" sourceRef="pay" targetRef="look"/>
    <bpmn:sequenceFlow id="f3" sourceRef="look" targetRef="e"/>
  </bpmn:process>
</bpmn:definitions>"""

FLOWABLE = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:flowable="http://flowable.org/bpmn"
  xmlns:activiti="http://activiti.org/bpmn" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="http://www.flowable.org/processdef">
  <process id="leave" name="请假" isExecutable="true">
    <startEvent id="s" flowable:initiator="who" flowable:formKey="leave"/>
    <userTask id="ask" flowable:assignee="${who}" flowable:candidateGroups="boss">
      <extensionElements><flowable:taskListener event="create" class="org.example.Told"/></extensionElements></userTask>
    <serviceTask id="send" activiti:class="org.example.Send"/>
    <exclusiveGateway id="g"/><endEvent id="e"/>
    <sequenceFlow id="f1" sourceRef="s" targetRef="ask"/><sequenceFlow id="f2" sourceRef="ask" targetRef="g"/>
    <sequenceFlow id="f3" sourceRef="g" targetRef="send">
      <conditionExpression xsi:type="tFormalExpression"><![CDATA[${approved == true}]]></conditionExpression></sequenceFlow>
    <sequenceFlow id="f4" sourceRef="g" targetRef="e"/><sequenceFlow id="f5" sourceRef="send" targetRef="e"/>
  </process>
</definitions>"""

SIGNAVIO = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:signavio="http://www.signavio.com" exporter="Signavio Process Editor"
  expressionLanguage="http://www.w3.org/TR/XPath" id="sid-1" targetNamespace="http://www.signavio.com" typeLanguage="http://www.w3.org/2001/XMLSchema">
  <collaboration id="sid-c"><participant id="sid-p" name="窗口" processRef="sid-2"/><participant id="sid-q" name="群众"/></collaboration>
  <process id="sid-2" isClosed="false" isExecutable="false" name="窗口" processType="None">
    <extensionElements><signavio:signavioMetaData metaKey="x" metaValue=""/></extensionElements>
    <laneSet id="sid-l"><lane id="sid-l1" name="办事员"><flowNodeRef>sid-t</flowNodeRef></lane></laneSet>
    <task completionQuantity="1" id="sid-t" isForCompensation="false" name="核对" startQuantity="1"><incoming>sid-f</incoming></task>
    <task id="sid-u" name="盖章"/>
    <complexGateway id="sid-x" gatewayDirection="Diverging"/>
    <intermediateThrowEvent id="sid-m"><multipleEventDefinition/></intermediateThrowEvent>
    <dataObject id="sid-d" name="申请表"/><association id="sid-a" sourceRef="sid-d" targetRef="sid-t"/>
    <sequenceFlow id="sid-f" sourceRef="sid-t" targetRef="sid-u"><conditionExpression/></sequenceFlow>
  </process>
</definitions>"""

BIZAGI = """<?xml version="1.0" encoding="utf-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  targetNamespace="http://www.bizagi.com/definitions/_2" exporter="Bizagi Modeler">
  <process id="Id_1" name="Hauptprozess"><documentation/>
    <extensionElements><bizagi:BizagiExtensions xmlns:bizagi="http://www.bizagi.com/bpmn20"><bizagi:BizagiProperties/></bizagi:BizagiExtensions>
    </extensionElements>
    <startEvent id="Id_s"><timerEventDefinition id="Id_t"/></startEvent>
    <userTask id="Id_u" name=" "><ioSpecification><inputSet/><outputSet/></ioSpecification><potentialOwner id="Id_o"/></userTask>
    <inclusiveGateway id="Id_g"/>
    <boundaryEvent id="Id_b" attachedToRef="Id_gone"><errorEventDefinition errorRef="Id_e"/></boundaryEvent>
    <subProcess id="Id_sub" triggeredByEvent="true"/>
    <endEvent id="Id_n"><errorEventDefinition/></endEvent>
    <sequenceFlow id="Id_f1" sourceRef="Id_s" targetRef="Id_u"/><sequenceFlow id="Id_f2" sourceRef="Id_u" targetRef="Id_nowhere"/>
    <sequenceFlow sourceRef="Id_g" targetRef="Id_n"/><sequenceFlow id="Id_f3"/>
  </process>
  <process id="Id_2" name="leer"/>
</definitions>"""

DRAWN = {
    "Zeebe": (
        ZEEBE,
        {("unsupported-extension", "pay"), ("unsupported-extension", "look"), ("unsupported-element", "ad"), ("service-type", "pay")},
    ),
    "Flowable": (
        FLOWABLE,
        {
            ("unsupported-attribute", "s"),
            ("unsupported-attribute", "ask"),
            ("unsupported-extension", "ask"),
            ("service-type", "send"),
            ("gateway-flow-without-condition", "f4"),
        },
    ),
    "Signavio": (
        SIGNAVIO,
        {
            ("no-executable-process", "sid-1"),
            ("unsupported-element", "sid-t"),
            ("unsupported-element", "sid-x"),
            ("start-missing", "sid-2"),
            ("end-missing", "sid-2"),
        },
    ),
    "Bizagi": (
        BIZAGI,
        {
            ("no-executable-process", None),
            ("timer-empty", "Id_s"),
            ("unsupported-element", "Id_o"),
            ("boundary-host", "Id_b"),
            ("event-sub-process-start", "Id_sub"),
            ("code-missing", "Id_n"),
            ("flow-dangling", "Id_f2"),
            ("start-missing", "Id_2"),
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("tool", list(DRAWN))
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_diagram_of_another_tool_gets_a_list_of_what_it_needs(tool: str, language: str):
    source, expected = DRAWN[tool]
    parsed, findings = parse_files(FEEL, {"drawn.bpmn": source.encode()}, language)  # type: ignore[arg-type]
    assert parsed == []
    assert expected <= {(finding.code, finding.element_id) for finding in findings}, [(f.code, f.element_id) for f in findings]
    assert all(finding.message and finding.remedy for finding in findings)


@pytest.mark.parametrize("tool", list(DRAWN))
def test_a_file_of_another_tool_that_is_cut_anywhere_never_crashes_the_check(tool: str):
    source = DRAWN[tool][0].encode()
    for end in range(0, len(source), 211):
        _, findings = parse_files(FEEL, {"cut.bpmn": source[:end]})
        assert findings


@pytest.mark.parametrize("tool", list(DRAWN))
def test_a_file_of_another_tool_that_lacks_any_one_attribute_never_crashes_the_check(tool: str):
    source, _ = DRAWN[tool]
    words = source.split('" ')
    for left_out in range(1, len(words) - 1):
        damaged = '" '.join([*words[:left_out], *words[left_out + 1 :]])
        parsed, findings = parse_files(FEEL, {"damaged.bpmn": damaged.encode()})
        assert parsed or findings

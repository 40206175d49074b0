"""Which BPMN tags, attributes and extensions have a meaning here. Everything else is refused, because it would be ignored."""

from __future__ import annotations

from engine.bpmn.findings import Report
from engine.bpmn.juel import HINTS, Untranslatable, is_juel, translated
from engine.bpmn.source import BPMN, CAMUNDA, XmlElement, children, extensions, local_name, namespace

SUB_PROCESSES = frozenset({"subProcess", "transaction"})
ACTIVITIES = SUB_PROCESSES | frozenset(
    {"userTask", "manualTask", "scriptTask", "serviceTask", "sendTask", "receiveTask", "businessRuleTask", "callActivity"}
)
GATEWAYS = frozenset({"exclusiveGateway", "inclusiveGateway", "parallelGateway", "eventBasedGateway"})
EVENTS = frozenset({"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"})
NODES = ACTIVITIES | GATEWAYS | EVENTS

#: A boundary event goes on within the step that reaches it, a gateway within the step that leaves it.
CAN_BE_ASYNC = {"asyncBefore": NODES - {"boundaryEvent"}, "asyncAfter": ACTIVITIES | EVENTS}
#: A sub-process shares its surroundings' variables; a gateway or start event has none of its own.
WITHOUT_PARAMETERS = GATEWAYS | SUB_PROCESSES | {"startEvent"}

#: Drawn for people; without effect on execution by their nature.
DOCUMENTATION = frozenset(
    {"documentation", "extensionElements", "laneSet", "textAnnotation", "association", "group", "category", "incoming", "outgoing"}
    | {"dataObject", "dataObjectReference", "dataStore", "dataStoreReference", "dataInputAssociation", "dataOutputAssociation"}
    | {"property", "ioSpecification", "auditing", "monitoring"}
)
_LOOPS = frozenset({"multiInstanceLoopCharacteristics", "standardLoopCharacteristics"})
_INSIDE_EVENT = frozenset({"dataInput", "dataOutput", "inputSet", "outputSet"})
#: What may stand inside an element, besides documentation; a sub-process holds elements and is read as a level.
INSIDE: dict[str, frozenset[str]] = {
    **dict.fromkeys(GATEWAYS, frozenset()),
    **dict.fromkeys(ACTIVITIES - SUB_PROCESSES, _LOOPS),
    **dict.fromkeys(EVENTS, _INSIDE_EVENT),
    "scriptTask": _LOOPS | {"script"},
    "sequenceFlow": frozenset({"conditionExpression"}),
    "standardLoopCharacteristics": frozenset({"loopCondition"}),
    "multiInstanceLoopCharacteristics": frozenset(
        {"loopCardinality", "completionCondition", "loopDataInputRef", "loopDataOutputRef", "inputDataItem", "outputDataItem"}
    ),
}
#: Camunda extension attributes that only tell the modeler or the history something.
HARMLESS_ATTRIBUTES = frozenset(
    {"modelerTemplate", "modelerTemplateVersion", "modelerTemplateIcon"}
    | {"historyTimeToLive", "versionTag", "isStartableInTasklist", "exclusive"}
)
_FORM = {"formKey", "formRef", "formRefBinding", "formRefVersion", "formRefVersionTag"}
_OPERATION = {"type", "topic"}
_CALL = {"calledElementBinding", "calledElementVersion", "calledElementVersionTag"}
_RULE = {"decisionRef", "decisionRefBinding", "decisionRefVersion", "decisionRefVersionTag", "mapDecisionResult", "resultVariable"}
_USER = {"assignee", "candidateUsers", "candidateGroups", "dueDate", "followUpDate", "priority"}
CAMUNDA_ATTRIBUTES: dict[str, set[str]] = {
    "userTask": _FORM | _USER,
    "startEvent": _FORM | {"initiator"},
    "scriptTask": {"resultVariable"},
    "serviceTask": _OPERATION,
    "sendTask": _OPERATION,
    "messageEventDefinition": _OPERATION,
    "businessRuleTask": _RULE,
    "callActivity": _CALL,
    "multiInstanceLoopCharacteristics": {"collection", "elementVariable"},
    "conditionalEventDefinition": {"variableName", "variableEvents"},
    "errorEventDefinition": {"errorCodeVariable", "errorMessageVariable"},
    "escalationEventDefinition": {"escalationCodeVariable"},
}
CAMUNDA_EXTENSIONS: dict[str, set[str]] = {
    "callActivity": {"in", "out"},
    "userTask": {"taskListener"},
    "signalEventDefinition": {"in"},
}
_ANY_EXTENSION = {"properties", "inputOutput", "failedJobRetryTimeCycle", "executionListener"}
#: BPMN attributes that change the meaning, with the only value accepted.
ONLY_VALUE = {
    "waitForCompletion": "true",
    "instantiate": "false",
    "eventGatewayType": "Exclusive",
    "parallelMultiple": "false",
    "startQuantity": "1",
    "completionQuantity": "1",
    "behavior": "All",
}
#: Where ``${…}`` is read as an expression; elsewhere it would be taken literally.
_EXPRESSIONS = frozenset(
    {"assignee", "candidateUsers", "candidateGroups", "dueDate", "followUpDate", "priority", "formKey", "formRef", "decisionRef"}
    | {"calledElement", "sourceExpression", "collection", "value", "conditionExpression", "condition", "loopCardinality"}
    | {"completionCondition", "loopCondition", "timeDate", "timeDuration", "timeCycle", "loopDataInputRef", "script"}
    | {"inputParameter", "outputParameter", "entry", "expression", "string"}
)
_OTHER_ENGINES = {
    "http://camunda.org/schema/zeebe/1.0": "zeebe",
    "http://activiti.org/bpmn": "activiti",
    "http://flowable.org/bpmn": "flowable",
}


def check_vocabulary(process: XmlElement, report: Report) -> None:
    """Report every attribute and extension below ``process`` that would be silently ignored."""
    for element in process.iter(f"{{{BPMN}}}*"):
        tag = local_name(element)
        if tag in ("documentation", "text"):
            continue
        _check_attributes(element, tag, report)
        _check_extensions(element, tag, report)
        _check_inside(element, tag, report)
        _check_juel(element, tag, report)


def _check_attributes(element: XmlElement, tag: str, report: Report) -> None:
    allowed = CAMUNDA_ATTRIBUTES.get(tag, set()) | HARMLESS_ATTRIBUTES
    allowed = allowed | {name for name, tags in CAN_BE_ASYNC.items() if tag in tags}
    for name, value in element.attrib.items():
        key = str(name)
        if key.startswith("{"):
            space, _, local = key[1:].partition("}")
            if space == CAMUNDA and local not in allowed and not (local.startswith("async") and value == "false"):
                report.add("unsupported-attribute", element, tag=tag, construct=local)
            elif space in _OTHER_ENGINES:
                report.add("unsupported-attribute", element, tag=tag, construct=_OTHER_ENGINES[space])
        elif key in ONLY_VALUE and value != ONLY_VALUE[key]:
            report.add("unsupported-attribute", element, tag=tag, construct=key)


def _check_extensions(element: XmlElement, tag: str, report: Report) -> None:
    allowed = CAMUNDA_EXTENSIONS.get(tag, set()) | _ANY_EXTENSION
    if tag in ("process", "sequenceFlow"):
        allowed = {"properties", "executionListener"}
    elif tag in WITHOUT_PARAMETERS:
        allowed = allowed - {"inputOutput"}
    for child in extensions(element):
        space, name = namespace(child), local_name(child)
        if space == CAMUNDA and name not in allowed:
            report.add("unsupported-extension", child, tag=tag, construct=name)
        elif space in _OTHER_ENGINES:
            report.add("unsupported-extension", child, tag=tag, construct=_OTHER_ENGINES[space])


def _check_inside(element: XmlElement, tag: str, report: Report) -> None:
    if tag not in INSIDE:
        return
    for child in element:
        name = local_name(child)
        is_trigger = tag in EVENTS and name.endswith("EventDefinition")
        if namespace(child) == BPMN and name not in INSIDE[tag] and name not in DOCUMENTATION and not is_trigger:
            report.add("unsupported-element", child, construct=name)


def _check_juel(element: XmlElement, tag: str, report: Report) -> None:
    check_juel(element.text or "", tag in _EXPRESSIONS or local_name(element) in _EXPRESSIONS, element, report)
    for name, value in element.attrib.items():
        if str(name) not in ("name", "id"):
            check_juel(str(value), str(name).rpartition("}")[2] in _EXPRESSIONS, element, report)
    for holder in children(element, "extensionElements"):
        for child in holder.iter(f"{{{CAMUNDA}}}*"):
            check_juel(child.text or "", local_name(child) in _EXPRESSIONS, element, report)
            for name, value in child.attrib.items():
                if str(name) == "delegateExpression":
                    continue  # read as the name of an operation
                check_juel(str(value), str(name) in _EXPRESSIONS, element, report)


def check_juel(text: str, is_read: bool, element: XmlElement, report: Report) -> None:
    """Report ``${…}`` that is not read as an expression there, or that has no FEEL."""
    if not is_juel(text):
        return
    if not is_read:
        report.add("juel-misplaced", element, text=text.strip()[:80])
        return
    try:
        translated(text)
    except Untranslatable as reason:
        hint = HINTS[reason.hint][report.language]
        report.add("juel-expression", element, text=text.strip()[:80], part=reason.part[:80], hint=hint)

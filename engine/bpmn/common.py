"""What any element may carry: parameters, multi-instance, loop, asynchronous start, correlation key. Reads XML only."""

from __future__ import annotations

import re

from engine.bpmn.findings import Report
from engine.bpmn.listeners import read_listeners
from engine.bpmn.settings import Common, ListValue, Mapping, MapValue, MultiInstance, Parameter, StandardLoop, Text, Value
from engine.bpmn.source import XmlElement, bpmn, camunda, children, extension, extensions, local_name, namespace, text_of
from engine.bpmn.texts import attribute_text, expression_text

#: ``R3/PT5M`` or ``R/PT5M``: number of repetitions (empty = without limit) and the interval.
CYCLE = re.compile(r"^R(\d*)/(.+)$", re.DOTALL)


def read_common(element: XmlElement, report: Report) -> Common:
    """The attributes that do not depend on the kind of element."""
    retry_cycle = text_of(extension(element, "failedJobRetryTimeCycle")) or None
    if retry_cycle and not CYCLE.match(retry_cycle):
        report.add("retry-cycle", element, text=retry_cycle)
    return Common(
        async_before=element.get(camunda("asyncBefore")) == "true",
        async_after=element.get(camunda("asyncAfter")) == "true",
        retry_cycle=retry_cycle,
        inputs=_parameters(element, "inputParameter", report),
        outputs=_parameters(element, "outputParameter", report),
        multi_instance=_multi_instance(element, report),
        loop=_standard_loop(element, report),
        correlation_key=attribute_text(property_of(element, "correlationKey")),
        listeners=read_listeners(element, report),
        initiator=element.get(camunda("initiator")) or None,
    )


def read_mappings(element: XmlElement, tag: str, report: Report) -> tuple[Mapping, ...]:
    """``camunda:in`` or ``camunda:out``; a ``businessKey`` mapping has no variable and is left out."""
    found = []
    for child in extensions(element):
        if child.tag != camunda(tag) or child.get("businessKey") is not None:
            continue
        is_local = tag == "in" and child.get("local") == "true"
        if child.get("variables") == "all":
            found.append(Mapping(is_local=is_local))
            continue
        mapping = Mapping(child.get("target"), child.get("source") or None, attribute_text(child.get("sourceExpression")), is_local)
        if not mapping.target or (mapping.variable is None) == (mapping.value is None):
            report.add("mapping-incomplete", child)
        found.append(mapping)
    return tuple(found)


def property_of(element: XmlElement, name: str) -> str | None:
    """A camunda property of the element or of its event definition."""
    places = [element, *(child for child in element if local_name(child).endswith("EventDefinition"))]
    for place in places:
        holder = extension(place, "properties")
        for child in holder if holder is not None else ():
            if child.get("name") == name:
                return child.get("value")
    return None


def _parameters(element: XmlElement, tag: str, report: Report) -> tuple[Parameter, ...]:
    holder = extension(element, "inputOutput")
    if holder is None:
        return ()
    return tuple(_parameter(child, report) for child in holder if child.tag == camunda(tag))


def _parameter(element: XmlElement, report: Report) -> Parameter:
    name = element.get("name") or ""
    if not name:
        report.add("text-missing", element, what="name")
    return Parameter(name, _value(element, name, report))


def _value(element: XmlElement, name: str, report: Report) -> Value:
    nested = [child for child in element if namespace(child)]
    if not nested:
        return attribute_text(element.text) or Text("", is_feel=False)
    child = nested[0]
    if child.tag == camunda("list"):
        return ListValue(tuple(_value(item, name, report) for item in child))
    if child.tag == camunda("map"):
        return MapValue(tuple((entry.get("key") or "", _value(entry, name, report)) for entry in child))
    report.add("parameter-kind", element, name=name)
    return Text("", is_feel=False)


def _multi_instance(element: XmlElement, report: Report) -> MultiInstance | None:
    loop = element.find(bpmn("multiInstanceLoopCharacteristics"))
    if loop is None:
        return None
    output_collection = text_of(loop.find(bpmn("loopDataOutputRef"))) or None
    output_item = _data_item(loop, "outputDataItem")
    cardinality = expression_text(text_of(loop.find(bpmn("loopCardinality"))))
    collection = attribute_text(loop.get(camunda("collection"))) or attribute_text(text_of(loop.find(bpmn("loopDataInputRef"))))
    if (cardinality is None) == (collection is None):
        report.add("multi-instance-source", element)
    if (output_collection is None) != (output_item is None):
        report.add("multi-instance-output", element)
    return MultiInstance(
        sequential=loop.get("isSequential") == "true",
        cardinality=cardinality,
        collection=collection,
        element_variable=loop.get(camunda("elementVariable")) or _data_item(loop, "inputDataItem"),
        completion=expression_text(text_of(loop.find(bpmn("completionCondition")))),
        output_collection=output_collection,
        output_item=attribute_text(output_item),
    )


def _standard_loop(element: XmlElement, report: Report) -> StandardLoop | None:
    loop = element.find(bpmn("standardLoopCharacteristics"))
    if loop is None:
        return None
    condition = expression_text(text_of(loop.find(bpmn("loopCondition"))))
    maximum = loop.get("loopMaximum")
    if (condition is None and maximum is None) or (maximum is not None and not maximum.isdecimal()):
        report.add("loop-endless", element)
        return None
    if element.find(bpmn("multiInstanceLoopCharacteristics")) is not None:
        report.add("loop-twice", element)
    return StandardLoop(condition, loop.get("testBefore") == "true", int(maximum) if maximum is not None else None)


def _data_item(loop: XmlElement, tag: str) -> str | None:
    item = next(iter(children(loop, tag)), None)
    return (item.get("name") or item.get("id")) if item is not None else None

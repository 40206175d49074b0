"""Draws BPMN files for tests in a few words. Knows XML; knows nothing of execution."""

from __future__ import annotations

from itertools import count, pairwise
from xml.sax.saxutils import escape, quoteattr

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="definitions" targetNamespace="http://test">\n'
)
_numbers = count(1)


def file_of(*parts: str) -> bytes:
    """A whole file; each part (process, message …) begins on its own line."""
    return (HEAD + "\n".join(parts) + "\n</bpmn:definitions>\n").encode()


def process(*parts: str, key: str = "P", **attributes: str) -> str:
    return element("process", key, *parts, isExecutable="true", **attributes)


def element(tag: str, id: str, *content: str, **attributes: str) -> str:
    """``camunda__x`` stands for ``camunda:x``."""
    text = "".join(f" {name.replace('__', ':')}={quoteattr(value)}" for name, value in attributes.items())
    return f'<bpmn:{tag} id="{id}"{text}>' + "\n".join(content) + f"</bpmn:{tag}>\n"


def flow(source: str, target: str, condition: str | None = None, id: str | None = None, content: str = "") -> str:
    inside = content + (
        f'<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">{escape(condition)}</bpmn:conditionExpression>' if condition else ""
    )
    return f'<bpmn:sequenceFlow id="{id or f"f{next(_numbers)}"}" sourceRef="{source}" targetRef="{target}">{inside}</bpmn:sequenceFlow>\n'


def chain(*ids: str) -> str:
    """Flows from each to the next."""
    return "".join(flow(a, b) for a, b in pairwise(ids))


def start(id: str = "start", *content: str, **attributes: str) -> str:
    return element("startEvent", id, *content, **attributes)


def end(id: str = "end", *content: str) -> str:
    return element("endEvent", id, *content)


def user(id: str, *content: str, **attributes: str) -> str:
    return element("userTask", id, *content, **{f"camunda__{name}": value for name, value in attributes.items()})


def script(id: str, text: str, **attributes: str) -> str:
    return element("scriptTask", id, f"<bpmn:script>{escape(text)}</bpmn:script>", **attributes)


def service(id: str, topic: str, *content: str, **attributes: str) -> str:
    return element("serviceTask", id, *content, camunda__type="external", camunda__topic=topic, **attributes)


def xor(id: str, default: str | None = None) -> str:
    return element("exclusiveGateway", id, **({"default": default} if default else {}))


def parallel(id: str) -> str:
    return element("parallelGateway", id)


def inclusive(id: str, default: str | None = None) -> str:
    return element("inclusiveGateway", id, **({"default": default} if default else {}))


def sub(id: str, *content: str) -> str:
    return element("subProcess", id, *content)


def event_sub(id: str, trigger: str, task: str, *, interrupting: bool = True, extra: str = "", extra_parts: str = "") -> str:
    """An event sub-process: start “<id>_s” with the trigger → one task → end “<id>_e”; ``extra`` goes into the start event."""
    task_id = task.split('id="')[1].split('"')[0]
    begun = start(f"{id}_s", extra, trigger, isInterrupting="true" if interrupting else "false")
    inside = [begun, task, extra_parts, end(f"{id}_e"), chain(f"{id}_s", task_id, f"{id}_e")]
    return element("subProcess", id, *inside, triggeredByEvent="true")


def call(id: str, called: str, *content: str, **attributes: str) -> str:
    return element("callActivity", id, *content, calledElement=called, **attributes)


def extensions(*content: str) -> str:
    return "<bpmn:extensionElements>" + "".join(content) + "</bpmn:extensionElements>"


def listening(kind: str, event: str, *content: str, **attributes: str) -> str:
    """A listener (executionListener, taskListener) in its extension elements."""
    return extensions(listener(kind, event, *content, **attributes))


def listener(kind: str, event: str, *content: str, **attributes: str) -> str:
    text = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
    return f'<camunda:{kind} event="{event}"{text}>' + "".join(content) + f"</camunda:{kind}>"


def mapping(kind: str, **attributes: str) -> str:
    return f"<camunda:{kind}" + "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items()) + "/>"


def parameters(inputs: dict[str, str] | None = None, outputs: dict[str, str] | None = None) -> str:
    """A ``camunda:inputOutput`` in its extension elements."""
    texts = [f'<camunda:inputParameter name="{name}">{escape(value)}</camunda:inputParameter>' for name, value in (inputs or {}).items()]
    texts += [
        f'<camunda:outputParameter name="{name}">{escape(value)}</camunda:outputParameter>' for name, value in (outputs or {}).items()
    ]
    return extensions("<camunda:inputOutput>" + "".join(texts) + "</camunda:inputOutput>")


def correlation(value: str) -> str:
    return extensions(f'<camunda:properties><camunda:property name="correlationKey" value={quoteattr(value)}/></camunda:properties>')


def timer(kind: str, text: str) -> str:
    inside = f'<bpmn:{kind} xsi:type="bpmn:tFormalExpression">{escape(text)}</bpmn:{kind}>'
    return f"<bpmn:timerEventDefinition>{inside}</bpmn:timerEventDefinition>"


def definition(kind: str, reference: str | None = None, **attributes: str) -> str:
    """An event definition: message, signal, error, escalation (``reference`` is the root's id) or terminate."""
    text = f' {kind}Ref="{reference}"' if reference else ""
    text += "".join(f" {name.replace('__', ':')}={quoteattr(value)}" for name, value in attributes.items())
    return f"<bpmn:{kind}EventDefinition{text}/>"


def conditional(text: str, **attributes: str) -> str:
    pairs = "".join(f" {name.replace('__', ':')}={quoteattr(value)}" for name, value in attributes.items())
    inside = f'<bpmn:condition xsi:type="bpmn:tFormalExpression">{escape(text)}</bpmn:condition>'
    return f"<bpmn:conditionalEventDefinition{pairs}>{inside}</bpmn:conditionalEventDefinition>"


def link(name: str) -> str:
    return f"<bpmn:linkEventDefinition name={quoteattr(name)}/>"


def boundary(id: str, on: str, *content: str, interrupting: bool = True) -> str:
    return element("boundaryEvent", id, *content, attachedToRef=on, cancelActivity="true" if interrupting else "false")


def undoing(on: str, handler: str, id: str | None = None) -> str:
    """A compensation boundary event on an activity, and the activity that undoes it."""
    event = id or f"{on}_undo"
    handler_id = handler.split('id="')[1].split('"')[0]
    marked = handler.replace(" id=", ' isForCompensation="true" id=', 1)
    line = f'<bpmn:association id="{event}_line" sourceRef="{event}" targetRef="{handler_id}" associationDirection="One"/>'
    return boundary(event, on, "<bpmn:compensateEventDefinition/>") + marked + line


def catch(id: str, *content: str) -> str:
    return element("intermediateCatchEvent", id, *content)


def throw(id: str, *content: str) -> str:
    return element("intermediateThrowEvent", id, *content)


def message(id: str, name: str | None = None) -> str:
    return f'<bpmn:message id="{id}" name={quoteattr(name or id)}/>'


def signal(id: str, name: str | None = None) -> str:
    return f'<bpmn:signal id="{id}" name={quoteattr(name or id)}/>'


def error(id: str, code: str | None = None) -> str:
    return f'<bpmn:error id="{id}" name="{id}"' + (f' errorCode="{code}"' if code else "") + "/>"


def escalation(id: str, code: str | None = None) -> str:
    return f'<bpmn:escalation id="{id}" name="{id}"' + (f' escalationCode="{code}"' if code else "") + "/>"


def many(*content: str, sequential: bool = False, **attributes: str) -> str:
    """Multi-instance characteristics."""
    text = "".join(f" camunda:{name}={quoteattr(value)}" for name, value in attributes.items())
    order = ' isSequential="true"' if sequential else ""
    return f"<bpmn:multiInstanceLoopCharacteristics{order}{text}>" + "".join(content) + "</bpmn:multiInstanceLoopCharacteristics>"


def looped(condition: str | None = None, **attributes: str) -> str:
    """The standard loop marker."""
    text = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
    inside = f"<bpmn:loopCondition>{escape(condition)}</bpmn:loopCondition>" if condition else ""
    return f"<bpmn:standardLoopCharacteristics{text}>{inside}</bpmn:standardLoopCharacteristics>"


def cardinality(text: str) -> str:
    return f"<bpmn:loopCardinality>{escape(text)}</bpmn:loopCardinality>"


def until(text: str) -> str:
    return f"<bpmn:completionCondition>{escape(text)}</bpmn:completionCondition>"


def collected(collection: str, item: str) -> str:
    target = f"<bpmn:loopDataOutputRef>{collection}</bpmn:loopDataOutputRef>"
    return target + f'<bpmn:outputDataItem id="item_{next(_numbers)}" name={quoteattr(item)}/>'


def straight(*parts: str, ids: tuple[str, ...] | list[str], key: str = "P") -> str:
    """A process start → ids … → end with these parts."""
    return process(start(), *parts, end(), chain("start", *ids, "end"), key=key)

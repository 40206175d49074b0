"""Diagrams that must be refused: (code, element, file). Data for test_refusals."""

from __future__ import annotations

from tests.bpmn.diagrams import (
    boundary,
    call,
    cardinality,
    catch,
    chain,
    conditional,
    definition,
    element,
    end,
    error,
    escalation,
    event_sub,
    extensions,
    file_of,
    flow,
    link,
    listening,
    looped,
    many,
    mapping,
    message,
    parallel,
    parameters,
    process,
    script,
    signal,
    start,
    straight,
    sub,
    throw,
    timer,
    undoing,
    user,
    xor,
)


def one(*parts: str, ids: list[str]) -> bytes:
    return file_of(straight(*parts, ids=ids))


def task(tag: str, *content: str, **attributes: str) -> bytes:
    """A process with the one element “x”."""
    return one(element(tag, "x", *content, **attributes), ids=["x"])


def undone_by(on: str, handler: str, id: str) -> str:
    """As ``undoing``, but the handler is not marked as one."""
    return undoing(on, handler, id).replace(' isForCompensation="true"', "")


def event(tag: str, *content: str) -> bytes:
    if tag == "endEvent":
        return file_of(process(start(), element(tag, "x", *content), chain("start", "x")))
    if tag == "startEvent":
        return file_of(process(element(tag, "x", *content), end(), chain("x", "end")))
    if tag == "boundaryEvent":
        parts = [start(), user("a"), element(tag, "x", *content, attachedToRef="a"), end(), chain("start", "a", "end"), chain("x", "end")]
        return file_of(process(*parts))
    return task(tag, *content)


SCRIPTED = parameters({"a": "1"}).replace(">1<", '><camunda:script scriptFormat="js">1</camunda:script><')
EMPTY_TIMER = "<bpmn:timerEventDefinition/>"
IN_JAVASCRIPT = flow("x", "end", "1", id="f").replace("<bpmn:conditionExpression", '<bpmn:conditionExpression language="javascript"')
ALARM = timer("timeDuration", "PT1H")
TRIGGERED = 'triggeredByEvent="true" id='
NESTED = element("subProcess", "s", start("i"), end("o"), chain("i", "o"), triggeredByEvent="true")
COMPENSATE = "<bpmn:compensateEventDefinition/>"
CANCEL = "<bpmn:cancelEventDefinition/>"
LINKED = chain("start", "o") + chain("i", "end")
SPLIT = chain("start", "x") + chain("a", "end") + chain("b", "end")

REFUSED: list[tuple[str, str, bytes]] = [
    # --- elements that SpiffWorkflow ignores or runs wrongly
    ("unsupported-element", "x", task("task")),
    ("unsupported-element", "x", task("complexGateway")),
    ("unsupported-element", "x", task("adHocSubProcess")),
    ("unsupported-element", "x", task("somethingNew")),
    ("unsupported-element", "x", task("userTask", "<bpmn:potentialOwner/>")),
    ("unsupported-element", "x", event("intermediateThrowEvent", "<bpmn:eventDefinitionRef>d</bpmn:eventDefinitionRef>")),
    ("unsupported-element", "x", task("userTask", many(cardinality("2"), "<bpmn:complexBehaviorDefinition/>"))),
    ("unsupported-attribute", "x", task("userTask", completionQuantity="2")),
    ("event-unsupported", "x", event("boundaryEvent", link("l"))),
    ("event-unsupported", "x", event("endEvent", link("l"))),
    ("event-unsupported", "x", event("startEvent", link("l"))),
    ("event-unsupported", "x", event("intermediateThrowEvent", "<bpmn:errorEventDefinition/>")),
    ("text-missing", "x", event("intermediateCatchEvent", "<bpmn:conditionalEventDefinition/>")),
    (
        "condition-language",
        "x",
        event("intermediateCatchEvent", conditional("x").replace("<bpmn:condition ", '<bpmn:condition language="js" ')),
    ),
    ("condition-variable", "x", event("intermediateCatchEvent", conditional("x", camunda__variableEvents="create"))),
    (
        "condition-variable",
        "x",
        event("intermediateCatchEvent", conditional("x", camunda__variableName="x", camunda__variableEvents="delete")),
    ),
    (
        "condition-variable",
        "x",
        event("intermediateCatchEvent", conditional("x", camunda__variableName="x", camunda__variableEvents="set")),
    ),
    ("event-unsupported", "x", event("intermediateCatchEvent", COMPENSATE)),
    ("event-unsupported", "x", event("startEvent", COMPENSATE)),
    ("event-unsupported", "x", event("intermediateThrowEvent", "<bpmn:cancelEventDefinition/>")),
    ("unsupported-attribute", "x", event("endEvent", '<bpmn:compensateEventDefinition waitForCompletion="false"/>')),
    ("compensation-event", "x", event("boundaryEvent", COMPENSATE)),
    ("compensation-event", "u", one(user("a"), undone_by("a", user("x"), "u"), ids=["a"])),
    ("compensation-event", "u", one(user("a"), undoing("a", user("x"), "u"), chain("u", "end"), ids=["a"])),
    ("compensation-event", "u2", one(user("a"), undoing("a", user("x"), "u"), undoing("a", user("y"), "u2"), ids=["a"])),
    ("compensation-handler", "x", one(user("a"), undoing("a", user("x"), "u"), chain("x", "end"), ids=["a"])),
    ("compensation-handler", "x", one(user("a"), element("userTask", "x", isForCompensation="true"), ids=["a"])),
    ("compensation-handler", "x", task("userTask", isForCompensation="true")),
    ("compensation-target", "t", one(user("a"), throw("t", '<bpmn:compensateEventDefinition activityRef="a"/>'), ids=["a", "t"])),
    ("compensation-target", "t", one(throw("t", '<bpmn:compensateEventDefinition activityRef="nowhere"/>'), ids=["t"])),
    ("cancel-end", "x", event("endEvent", CANCEL)),
    ("cancel-end", "o", one(element("transaction", "s", start("i"), end("o", CANCEL), chain("i", "o")), ids=["s"])),
    ("cancel-boundary", "x", event("boundaryEvent", CANCEL)),
    ("event-unsupported", "x", event("startEvent", "<bpmn:conditionalEventDefinition/>")),
    ("event-unsupported", "x", event("startEvent", definition("error"))),
    ("timer-cycle", "x", event("startEvent", timer("timeCycle", "0 0 * * *"))),
    ("reference-missing", "x", event("startEvent", "<bpmn:signalEventDefinition/>")),
    (
        "start-name",
        "i",
        file_of(message("m", '="m" + "n"'), process(start("i", definition("message", "m")), end(), chain("i", "end"))),
    ),
    (
        "message-start-duplicate",
        "s2",
        file_of(
            signal("m"),
            process(
                start("s1", definition("signal", "m")),
                start("s2", definition("signal", "m")),
                end(),
                chain("s1", "end"),
                chain("s2", "end"),
            ),
        ),
    ),
    ("start-in-subprocess", "i", one(sub("s", start("i", ALARM), end("o"), chain("i", "o")), ids=["s"])),
    ("event-missing", "x", event("intermediateCatchEvent")),
    ("event-missing", "x", event("boundaryEvent")),
    ("event-many", "x", event("intermediateCatchEvent", timer("timeDuration", "P1D"), timer("timeDuration", "P2D"))),
    # --- attributes and extensions that would be ignored
    ("unsupported-attribute", "x", task("parallelGateway", camunda__asyncAfter="true")),
    ("unsupported-attribute", "x", event("boundaryEvent", ALARM).replace(b"attachedToRef", b'camunda:asyncBefore="true" attachedToRef')),
    ("unsupported-attribute", "x", task("serviceTask", camunda__class="org.x.Y")),
    ("unsupported-attribute", "x", task("serviceTask", camunda__expression="x")),
    ("unsupported-attribute", "x", task("serviceTask", camunda__type="external", camunda__topic="t", camunda__resultVariable="r")),
    (
        "unsupported-attribute",
        "x",
        file_of(message("m"), straight(element("receiveTask", "x", messageRef="m", instantiate="true"), ids=["x"])),
    ),
    ("unsupported-attribute", "P", file_of(process(start(), end(), chain("start", "end"), camunda__candidateStarterGroups="g"))),
    ("listener-kind", "x", task("userTask", listening("taskListener", "create"))),
    ("listener-kind", "x", task("userTask", listening("taskListener", "create", **{"class": "org.example.Listener"}))),
    ("listener-kind", "x", task("userTask", listening("executionListener", "start", expression="${notices.send()}"))),
    ("listener-kind", "x", task("userTask", listening("executionListener", "start", delegateExpression="${notices.send()}"))),
    *(
        ("listener-event", "x", task("userTask", listening("taskListener", at, delegateExpression="${n}")))
        for at in ("assignment", "timeout")
    ),
    ("listener-event", "x", task("userTask", listening("executionListener", "take", delegateExpression="${n}"))),
    (
        "listener-event",
        "P",
        file_of(process(listening("executionListener", "end", delegateExpression="${n}"), start(), end(), chain("start", "end"))),
    ),
    ("text-missing", "x", task("userTask", listening("executionListener", "end", '<camunda:script scriptFormat="feel"/>'))),
    ("text-missing", "x", task("userTask", listening("executionListener", "end", '<camunda:field name="a"/>', delegateExpression="${n}"))),
    (
        "script-format",
        "x",
        task("userTask", listening("executionListener", "end", '<camunda:script scriptFormat="groovy">a</camunda:script>')),
    ),
    ("unsupported-extension", "x", task("manualTask", listening("taskListener", "create", delegateExpression="${n}"))),
    ("unsupported-extension", "P", file_of(process(listening("taskListener", "start"), start(), end(), chain("start", "end")))),
    ("unsupported-extension", "x", task("userTask", extensions("<camunda:formData/>"))),
    ("unsupported-extension", "x", task("userTask", extensions('<z:taskDefinition xmlns:z="http://camunda.org/schema/zeebe/1.0"/>'))),
    ("unsupported-extension", "s", one(sub("s", extensions("<camunda:inputOutput/>"), start("i"), end("o"), chain("i", "o")), ids=["s"])),
    ("juel-misplaced", "x", task("serviceTask", camunda__type="external", camunda__topic="${topic}")),
    ("juel-misplaced", "x", task("userTask", camunda__formRef="f", camunda__formRefVersion="${n}", camunda__formRefBinding="version")),
    ("juel-expression", "x", task("userTask", camunda__assignee="${directory.ownerOf(case_no)}")),
    ("juel-expression", "f", file_of(process(start(), xor("g"), end(), chain("start", "g"), flow("g", "end", "#{execution.id}", id="f")))),
    ("juel-expression", "x", task("callActivity", extensions(mapping("in", sourceExpression="${a[b]}", target="b")), calledElement="C")),
    ("juel-expression", "m", file_of(message("m", "${name"), straight(user("a"), ids=["a"]))),
    ("too-many-elements", "P", file_of(process("".join(f'<bpmn:manualTask id="m{n}"/>' for n in range(5001))))),
    # --- flow
    ("start-missing", "P", file_of(process(user("a"), end(), chain("a", "end")))),
    ("start-missing", "s", one(sub("s", user("a"), end("e"), chain("a", "e")), ids=["s"])),
    ("start-duplicate", "two", file_of(process(start(), start("two"), end(), chain("start", "end"), chain("two", "end")))),
    (
        "start-in-subprocess",
        "i",
        file_of(message("m"), straight(sub("s", start("i", definition("message", "m")), end("o"), chain("i", "o")), ids=["s"])),
    ),
    ("end-missing", "P", file_of(process(start(), user("a"), chain("start", "a")))),
    ("flow-dangling", "f", one(user("a"), flow("a", "nowhere", id="f"), ids=["a"])),
    ("flow-dangling", "f", one(sub("s", start("i"), end("o"), chain("i", "o"), flow("i", "t", id="f")), user("t"), ids=["s", "t"])),
    ("node-unreachable", "x", one(user("a"), user("x"), chain("x", "end"), ids=["a"])),
    ("node-dead-end", "x", file_of(process(start(), parallel("g"), user("x"), end(), chain("start", "g", "x"), chain("g", "end")))),
    ("start-with-incoming", "start", one(user("a"), chain("a", "start"), ids=["a"])),
    ("end-with-outgoing", "end", one(user("a"), chain("end", "a"), ids=["a"])),
    ("condition-misplaced", "f", file_of(process(start(), user("a"), end(), chain("start", "a"), flow("a", "end", "x > 1", id="f")))),
    (
        "condition-misplaced",
        "f",
        file_of(process(start(), parallel("x"), user("a"), user("b"), end(), SPLIT, flow("x", "a", "1 = 1", id="f"), flow("x", "b"))),
    ),
    ("condition-language", "f", file_of(process(start(), xor("x"), end(), chain("start", "x"), IN_JAVASCRIPT))),
    (
        "gateway-flow-without-condition",
        "f",
        file_of(process(start(), xor("x"), user("a"), user("b"), end(), SPLIT, flow("x", "a", "1 = 1"), flow("x", "b", id="f"))),
    ),
    (
        "default-unknown",
        "x",
        file_of(
            process(start(), xor("x", default="zz"), user("a"), user("b"), end(), SPLIT, flow("x", "a", "1 = 1"), flow("x", "b", "2 = 2"))
        ),
    ),
    ("event-gateway", "x", task("eventBasedGateway")),
    (
        "receive-in-gateway",
        "r",
        file_of(
            message("m"),
            process(
                start(),
                element("eventBasedGateway", "g"),
                element("receiveTask", "r", many(cardinality("2")), messageRef="m"),
                catch("w", timer("timeDuration", "P1D")),
                end(),
                chain("start", "g", "r", "end"),
                chain("g", "w", "end"),
            ),
        ),
    ),
    (
        "boundary-host",
        "x",
        file_of(
            process(
                start(), xor("g"), boundary("x", "g", timer("timeDuration", "P1D")), end(), chain("start", "g", "end"), chain("x", "end")
            )
        ),
    ),
    (
        "error-interrupting",
        "x",
        file_of(
            process(
                start(),
                user("a"),
                boundary("x", "a", definition("error"), interrupting=False),
                end(),
                chain("start", "a", "end"),
                chain("x", "end"),
            )
        ),
    ),
    (
        "event-sub-process-start",
        "x",
        one(user("a"), sub("x", start("i"), end("o"), chain("i", "o")).replace("id=", TRIGGERED, 1), ids=["a"]),
    ),
    ("event-sub-process-start", "x", one(user("a"), event_sub("x", ALARM, user("b"), extra_parts=start("two", ALARM)), ids=["a"])),
    ("event-sub-process-connected", "x", one(event_sub("x", ALARM, user("b")), ids=["x"])),
    ("event-sub-process-connected", "x", one(user("a"), event_sub("x", ALARM, user("b"), extra_parts=many(cardinality("2"))), ids=["a"])),
    ("error-interrupting", "x_s", one(user("a"), event_sub("x", definition("error"), user("b"), interrupting=False), ids=["a"])),
    ("event-unsupported", "x_s", one(user("a"), event_sub("x", COMPENSATE, user("b")), ids=["a"])),
    ("loop-endless", "x", task("userTask", looped())),
    ("loop-endless", "x", task("userTask", looped("x", loopMaximum="some"))),
    ("loop-twice", "x", task("userTask", looped("x"), many(cardinality("2")))),
    ("event-sub-process-connected", "x", one(user("a"), event_sub("x", ALARM, user("b"), extra_parts=looped("y")), ids=["a"])),
    ("link-unmatched", "o", file_of(process(start(), throw("o", link("x")), catch("i", link("y")), end(), LINKED))),
    ("link-unmatched", "i", file_of(process(start(), throw("o", link("x")), catch("i", link("y")), end(), LINKED))),
    (
        "link-unmatched",
        "o",
        one(sub("s", start("ss"), throw("o", link("x")), end("se"), chain("ss", "o")), catch("i", link("x")), chain("i", "end"), ids=["s"]),
    ),
    (
        "link-duplicate",
        "i",
        file_of(process(start(), throw("o", link("x")), catch("i", link("x")), catch("j", link("x")), end(), LINKED, chain("j", "end"))),
    ),
    ("link-with-flow", "o", file_of(process(start(), throw("o", link("x")), catch("i", link("x")), end(), LINKED, chain("o", "end")))),
    ("link-with-flow", "i", file_of(process(start(), throw("o", link("x")), catch("i", link("x")), end(), LINKED, chain("start", "i")))),
    ("text-missing", "o", file_of(process(start(), throw("o", link("")), end(), chain("start", "o")))),
    # --- gaps
    ("id-missing", "P", file_of(process(start(), "<bpmn:userTask/>", end(), chain("start", "end")))),
    ("id-duplicate", "a", file_of(process(start(), user("a"), user("a"), end(), chain("start", "a", "end")))),
    ("id-duplicate", "s", one(user("a"), element("subProcess", "s", NESTED, triggeredByEvent="true"), ids=["a"])),
    ("timer-empty", "x", event("intermediateCatchEvent", EMPTY_TIMER)),
    ("timer-cycle", "x", event("intermediateCatchEvent", timer("timeCycle", "0 0 * * *"))),
    ("reference-missing", "x", event("intermediateCatchEvent", definition("message"))),
    ("reference-missing", "x", event("intermediateThrowEvent", definition("signal", "nowhere"))),
    ("reference-missing", "x", task("receiveTask")),
    ("reference-missing", "x", task("sendTask")),
    ("code-missing", "x", event("endEvent", definition("error"))),
    ("code-missing", "x", file_of(escalation("esc"), straight(throw("x", definition("escalation", "esc")), ids=["x"]))),
    (
        "code-missing",
        "b",
        file_of(
            error("err"),
            process(
                start(), user("a"), boundary("b", "a", definition("error", "err")), end(), chain("start", "a", "end"), chain("b", "end")
            ),
        ),
    ),
    (
        "message-start-duplicate",
        "s1",
        file_of(
            message("m"),
            process(
                start("s1", definition("message", "m")),
                start("s2", definition("message", "m")),
                end(),
                chain("s1", "end"),
                chain("s2", "end"),
            ),
        ),
    ),
    ("script-format", "x", one(script("x", "x = 1", scriptFormat="javascript"), ids=["x"])),
    ("text-missing", "x", task("scriptTask")),
    ("text-missing", "x", task("businessRuleTask")),
    ("text-missing", "x", task("callActivity")),
    ("service-type", "x", task("serviceTask")),
    ("service-type", "x", task("serviceTask", camunda__type="external")),
    ("binding", "x", one(call("x", "C", camunda__calledElementBinding="version"), ids=["x"])),
    ("binding", "x", one(call("x", "C", camunda__calledElementBinding="versionTag"), ids=["x"])),
    ("binding", "x", one(user("x", formRef="f", formRefBinding="version", formRefVersion="two"), ids=["x"])),
    ("map-result", "x", task("businessRuleTask", camunda__decisionRef="D", camunda__mapDecisionResult="all", camunda__resultVariable="r")),
    ("map-result", "x", task("businessRuleTask", camunda__decisionRef="D", camunda__mapDecisionResult="resultList")),
    ("mapping-incomplete", "x", one(call("x", "C", extensions(mapping("in", source="a"))), ids=["x"])),
    ("parameter-kind", "x", task("userTask", SCRIPTED)),
    ("multi-instance-source", "x", one(user("x", many()), ids=["x"])),
    ("multi-instance-source", "x", one(user("x", many(cardinality("2"), collection="=[]")), ids=["x"])),
    ("multi-instance-output", "x", one(user("x", many(cardinality("2"), "<bpmn:loopDataOutputRef>r</bpmn:loopDataOutputRef>")), ids=["x"])),
    ("priority", "x", one(user("x", priority="high"), ids=["x"])),
    ("retry-cycle", "x", task("userTask", extensions("<camunda:failedJobRetryTimeCycle>often</camunda:failedJobRetryTimeCycle>"))),
]

LAUGHS = (
    b'<!DOCTYPE d [<!ENTITY a0 "ha">'
    + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 50) for n in range(1, 10))
    + b']><d x="&a9;">&a9;</d>'
)

HOSTILE: list[tuple[str, bytes]] = [
    ("xml-malformed", b""),
    ("xml-malformed", b"\x89PNG\r\n\x1a\n"),
    ("xml-malformed", file_of(process(start()))[:-30]),
    ("xml-malformed", ("<a>" * 5000 + "</a>" * 5000).encode()),
    ("xml-encoding", file_of(straight(user("a"), ids=["a"])).replace(b'id="a"', 'id="a" name="登记"'.encode("gbk"))),
    ("xml-encoding", b'<?xml version="1.0" encoding="no-such-code"?><a/>'),
    ("xml-doctype", b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>'),
    ("xml-doctype", b'<!DOCTYPE d SYSTEM "http://127.0.0.1:9/evil.dtd"><d/>'),
    ("xml-doctype", LAUGHS),
    ("xml-doctype", b'<!DOCTYPE d [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]><d/>'),
    ("xml-too-large", file_of(process(start(), end(), chain("start", "end"))) + b" " * 3_000_000),
    ("xml-attributes", file_of("<bpmn:process " + " ".join(f'a{n}="x"' for n in range(20_000)) + "/>")),
    ("not-bpmn", b"<html><body/></html>"),
    ("not-bpmn", b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"/>'),
    ("no-executable-process", file_of()),
    ("no-executable-process", file_of('<bpmn:process id="P" isExecutable="false"/>')),
]

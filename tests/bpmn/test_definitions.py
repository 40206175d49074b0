"""What a definition tells about itself: elements, references for the checks of a deployment, start forms, digests."""

from __future__ import annotations

import hashlib

from engine.bpmn.model import CalledElement, DecisionRef, FormRef, GroupRef, LimitRef, OperationRef
from engine.bpmn.parse import MOST_FINDINGS, parse
from engine.errors import InvalidDefinition
from tests.bpmn.diagrams import (
    boundary,
    call,
    chain,
    collected,
    correlation,
    definition,
    element,
    end,
    extensions,
    file_of,
    flow,
    inclusive,
    many,
    mapping,
    message,
    parameters,
    process,
    service,
    start,
    straight,
    sub,
    timer,
    until,
    user,
)


def test_a_definition_has_its_key_name_version_tag_and_the_digest_of_its_file():
    source = file_of(process(start(), end(), chain("start", "end"), name="案件", camunda__versionTag="v1"))
    (found,) = parse(source, "a.bpmn")
    assert (found.key, found.name, found.version_tag, found.file) == ("P", "案件", "v1", "a.bpmn")
    assert found.sha256 == hashlib.sha256(source).hexdigest()


def test_elements_are_known_by_type_name_parent_and_line():
    source = file_of(straight(element("userTask", "a", "<bpmn:documentation>说明</bpmn:documentation>", name="登记\n受理"), ids=["a"]))
    (found,) = parse(source, "a.bpmn")
    task = found.elements["a"]
    assert (task.type, task.name, task.parent, task.documentation) == ("userTask", "登记 受理", None, "说明")
    assert task.line == 1 + next(number for number, line in enumerate(source.decode().splitlines()) if 'id="a"' in line)


def test_a_definition_lists_everything_it_refers_to():
    parts = [
        user("a", candidateGroups="clerks, leads", formRef="register", formRefBinding="deployment", dueDate="3个工作日"),
        user("b", candidateGroups="=group", formKey="=form", dueDate="=limit"),
        call("c", "Called", camunda__calledElementBinding="version", camunda__calledElementVersion="2"),
        element("businessRuleTask", "d", camunda__decisionRef="DT01", camunda__resultVariable="r"),
        service("e", "notify"),
    ]
    (found,) = parse(file_of(straight(sub("s", start("i"), *parts, end("o"), chain("i", *"abcde", "o")), ids=["s"])), "a.bpmn")
    lines = {key: value.line for key, value in found.elements.items()}
    assert found.called == (CalledElement("Called", "version", 2, "c", lines["c"]),)
    assert found.decisions == (DecisionRef("DT01", "latest", None, "d", lines["d"], "singleResult"),)
    assert found.forms == (FormRef("register", "deployment", None, "a", lines["a"]),)
    assert found.operations == (OperationRef("notify", "e", lines["e"]),)
    assert found.groups == (GroupRef("clerks", "a", lines["a"]), GroupRef("leads", "a", lines["a"]))
    assert found.limits == (LimitRef("3个工作日", "a", lines["a"]),)
    assert {(ref.text, ref.element_id) for ref in found.expressions} == {("group", "b"), ("form", "b"), ("limit", "b")}


def test_every_expression_is_listed_with_its_purpose_for_a_check_of_its_grammar():
    loop = many(until("done"), collected("out", "=result"), collection="=items", elementVariable="item")
    parts = [
        message("m", "=name"),
        process(
            start(),
            user("a", parameters({"x": "=1 + 1"}, {"y": "=x"}), loop, assignee="=who"),
            boundary("late", "a", timer("timeCycle", "=cycle"), interrupting=False),
            boundary("told", "a", correlation("=key"), definition("message", "m")),
            call("c", "=process", extensions(mapping("in", sourceExpression="=p", target="q"), mapping("out", source="v", target="w"))),
            inclusive("g"),
            end(),
            chain("start", "a", "c", "g"),
            chain("late", "g"),
            chain("told", "g"),
            flow("g", "end", "= ok", id="f"),
        ),
    ]
    (found,) = parse(file_of(*parts), "a.bpmn")
    assert {(ref.element_id, ref.purpose, ref.text) for ref in found.expressions} == {
        ("a", "input x", "1 + 1"),
        ("a", "output y", "x"),
        ("a", "assignee", "who"),
        ("a", "collection", "items"),
        ("a", "completion condition", "done"),
        ("a", "output item", "result"),
        ("late", "timer cycle", "cycle"),
        ("told", "event name", "name"),
        ("told", "correlation key", "key"),
        ("c", "called process", "process"),
        ("c", "in q", "p"),
        ("f", "condition", "ok"),
    }


def test_the_interval_of_a_literal_cycle_is_listed_as_a_limit():
    late = boundary("late", "a", timer("timeCycle", "R3/1个工作日"), interrupting=False)
    (found,) = parse(file_of(process(start(), user("a"), late, end(), chain("start", "a", "end"), chain("late", "end"))), "a.bpmn")
    assert [(limit.text, limit.element_id) for limit in found.limits] == [("1个工作日", "late")]


def test_the_form_of_the_start_event_is_known():
    (found,) = parse(file_of(process(start(camunda__formKey="request"), end(), chain("start", "end"))), "a.bpmn")
    assert found.start_form_key == "request"
    assert [form.key for form in found.forms] == ["request"]


def test_one_file_may_hold_several_pools_and_only_the_executable_ones_are_taken():
    pools = "".join(f'<bpmn:participant id="pool_{key}" processRef="{key}"/>' for key in "PQR")
    collaboration = f'<bpmn:collaboration id="c">{pools}<bpmn:messageFlow id="mf" sourceRef="a" targetRef="b"/></bpmn:collaboration>'
    first = process(start("s1"), user("a"), end("e1"), chain("s1", "a", "e1"))
    second = process(start("s2"), user("b"), end("e2"), chain("s2", "b", "e2"), key="Q")
    drawn_only = '<bpmn:process id="R" isExecutable="false"><bpmn:task id="t"/></bpmn:process>'
    assert [found.key for found in parse(file_of(collaboration, first, second, drawn_only), "a.bpmn")] == ["P", "Q"]


def test_what_is_drawn_as_documentation_does_not_disturb():
    notes = [
        '<bpmn:textAnnotation id="ta"><bpmn:text>costs ${amount}</bpmn:text></bpmn:textAnnotation>',
        '<bpmn:association id="as" sourceRef="a" targetRef="ta"/>',
        '<bpmn:dataObject id="do"/><bpmn:dataObjectReference id="dr" dataObjectRef="do"/><bpmn:dataStoreReference id="ds"/>',
        '<bpmn:group id="gr"/>',
    ]
    (found,) = parse(file_of(straight(user("a"), *notes, ids=["a"])), "a.bpmn")
    assert set(found.elements) == {"start", "a", "end"}


def test_a_very_broken_file_lists_its_first_findings_and_tells_how_many_there_are():
    tasks = "".join(f'<bpmn:task id="t{number}"/>\n' for number in range(1000))
    try:
        parse(file_of(process(start(), tasks, end(), chain("start", "end"))), "a.bpmn")
    except InvalidDefinition as refused:
        assert len(refused.findings) == MOST_FINDINGS
        assert "1000" in str(refused)
    else:
        raise AssertionError

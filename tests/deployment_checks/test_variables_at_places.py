"""Which variables an element sees, and what the checks say of those it does not see."""

from __future__ import annotations

import json

import pytest

from engine.bpmn.parse import parse
from engine.deployment_checks.checks import definition_set
from engine.deployment_checks.definition_set import flow_through
from engine.deployment_checks.usage import check_usage
from engine.errors import Finding
from engine.feel import Feel
from tests.commands.conftest import START_END, user_task
from tests.commands.conftest import diagram as drawn
from tests.deployment_checks.conftest import OUTPUTS, found, own_surroundings, seen


def script(element_id: str, feel: str, result: str = "", loop: str = "") -> str:
    variable = f' camunda:resultVariable="{result}"' if result else ""
    return f'<bpmn:scriptTask id="{element_id}" scriptFormat="feel"{variable}>{loop}<bpmn:script>={feel}</bpmn:script></bpmn:scriptTask>'


def form(key: str, *components: dict[str, object]) -> bytes:
    return json.dumps({"id": key, "type": "default", "components": list(components)}).encode()


def field(kind: str, key: str, **more: object) -> dict[str, object]:
    return {"type": kind, "id": f"f_{key.replace('.', '_')}", "key": key, "label": key, **more}


def diagram(key: str, body: str, flows: str) -> bytes:
    """As elsewhere, but a flow written "a?b" has a condition."""
    condition = '<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">=true</bpmn:conditionExpression>'
    plain, guarded = [one for one in flows.split() if ">" in one], [one.split("?") for one in flows.split() if "?" in one]
    more = "".join(f'<bpmn:sequenceFlow id="c_{a}_{b}" sourceRef="{a}" targetRef="{b}">{condition}</bpmn:sequenceFlow>' for a, b in guarded)
    return drawn(key, body + more, " ".join(plain))


def gateway(element_id: str, kind: str = "exclusiveGateway") -> str:
    return f'<bpmn:{kind} id="{element_id}" />'


def parameters(inputs: str = "", outputs: str = "") -> str:
    given = "".join(
        f'<camunda:inputParameter name="{n}">{v}</camunda:inputParameter>' for n, _, v in (i.partition(":") for i in inputs.split(";") if i)
    )
    taken = "".join(
        f'<camunda:outputParameter name="{n}">{v}</camunda:outputParameter>'
        for n, _, v in (o.partition(":") for o in outputs.split(";") if o)
    )
    return f"<bpmn:extensionElements><camunda:inputOutput>{given}{taken}</camunda:inputOutput></bpmn:extensionElements>"


def said(feel: Feel, body: str, flows: str, **more: bytes) -> list[tuple[str, str, str | None]]:
    files = {"p.bpmn": diagram("p", START_END + body, flows), **{name.replace("_form", ".form"): content for name, content in more.items()}}
    return [(one.severity, one.code, one.element_id) for one in found(feel, files)]


# ── one process ─────────────────────────────────────────────────────────────
def test_what_was_set_before_is_known_and_what_is_set_after_is_not(feel: Feel) -> None:
    body = script("a", "{x: 1}") + script("b", "{y: x + z}") + script("c", "{z: 1}")
    assert said(feel, body, "s>a a>b b>c c>e") == [("warning", "unset-variable", "b")]
    at = seen(feel, {"p.bpmn": diagram("p", START_END + body, "s>a a>b b>c c>e")}, "p")
    assert at["a"] == {} and at["b"]["x"] == ("number", ("a",), True)
    assert at["c"].keys() == {"x", "y"}


def test_a_warning_names_element_expression_position_and_the_nearest_name(feel: Feel) -> None:
    body = script("a", "{amount: 1}") + script("b", "{y: 2 * amuont}")
    [finding] = found(feel, {"p.bpmn": diagram("p", START_END + body, "s>a a>b b>e")})
    assert (finding.file, finding.element_id, finding.severity) == ("p.bpmn", "b", "warning") and finding.line
    for part in ("“amuont”", "“amount”", "{y: 2 * amuont}", "第 9 个字符"):
        assert part in finding.message


def test_what_only_one_way_sets_is_information(feel: Feel) -> None:
    body = gateway("g") + script("a", "{x: 1}") + gateway("m") + script("b", "{y: x}")
    assert said(feel, body, "s>g g?a g?m a>m m>b b>e") == [("info", "sometimes-variable", "b")]


def test_both_ways_together_make_it_certain(feel: Feel) -> None:
    body = gateway("g") + script("a", "{x: 1}") + script("c", '{x: "t"}') + gateway("m") + script("b", "{y: x}")
    flows = "s>g g?a g?c a>m c>m m>b b>e"
    assert said(feel, body, flows) == []
    at = seen(feel, {"p.bpmn": diagram("p", START_END + body, flows)}, "p")
    assert at["b"]["x"] == (None, ("a", "c"), True)


def test_a_parallel_branch_sees_nothing_of_the_other_and_the_join_sees_both(feel: Feel) -> None:
    body = (
        gateway("g", "parallelGateway")
        + script("a", "{x: 1}")
        + script("c", "{z: x}")
        + gateway("m", "parallelGateway")
        + script("b", "{y: x}")
    )
    assert said(feel, body, "s>g g>a g>c a>m c>m m>b b>e") == [("warning", "unset-variable", "c")]


def test_a_loop_sees_what_its_rounds_set_as_uncertain(feel: Feel) -> None:
    body = gateway("m") + script("a", "{y: x}") + script("b", "{x: 1}") + gateway("g")
    assert said(feel, body, "s>m m>a a>b b>g g?m g?e") == [("info", "sometimes-variable", "a")]


def test_fields_of_a_form_are_set_with_their_types(feel: Feel) -> None:
    ask = form("ask", field("number", "amount"), field("textfield", "person.name"), field("checkbox", "ok"))
    files = {
        "ask.form": ask,
        "p.bpmn": diagram("p", START_END + user_task("u", 'camunda:formKey="ask"') + script("b", "{y: person.name}"), "s>u u>b b>e"),
    }
    assert found(feel, files) == []
    assert {name: one.type for name, one in seen(feel, files, "p")["b"].items()} == {
        "amount": "number",
        "person": "context",
        "ok": "boolean",
    }


def test_a_field_that_a_condition_may_hide_is_left_to_the_diagram(feel: Feel) -> None:
    ask = form("ask", field("checkbox", "ok"), field("textfield", "why", conditional={"hide": "=ok"}))
    task = user_task("u", 'camunda:formKey="ask"')
    files = {"ask.form": ask, "p.bpmn": diagram("p", START_END + task + script("b", "{y: why}"), "s>u u>b b>e")}
    assert found(feel, files) == []
    assert seen(feel, files, "p")["b"]["why"].is_certain is False


def test_input_parameters_are_seen_by_their_element_only(feel: Feel) -> None:
    task = '<bpmn:manualTask id="a">' + parameters("x:=1", "y:=x + 1") + "</bpmn:manualTask>"
    assert said(feel, task + script("b", "{z: y}"), "s>a a>b b>e") == []
    assert said(feel, task + script("b", "{z: x}"), "s>a a>b b>e") == [("warning", "unset-variable", "b")]


def test_an_operation_with_output_parameters_gives_only_those(feel: Feel) -> None:
    task = (
        '<bpmn:serviceTask id="a" camunda:type="external" camunda:topic="due-at">'
        + parameters("limit:1个工作日", "until:=due_at")
        + "</bpmn:serviceTask>"
    )
    assert said(feel, task + script("b", "{z: until}"), "s>a a>b b>e") == []
    assert said(feel, task + script("b", "{z: due_at}"), "s>a a>b b>e") == [("warning", "unset-variable", "b")]


INSTANCES = (
    '<bpmn:multiInstanceLoopCharacteristics isSequential="true" camunda:collection="{c}" camunda:elementVariable="item">'
    "<bpmn:loopDataOutputRef>sums</bpmn:loopDataOutputRef>"
    '<bpmn:outputDataItem name="=total" /></bpmn:multiInstanceLoopCharacteristics>'
)


def test_an_instance_has_its_element_and_counter_and_only_the_output_leaves_it(feel: Feel) -> None:
    each = script("a", "{total: item + loopCounter}", loop=INSTANCES.replace("{c}", "=[1, 2]"))
    assert said(feel, each + script("b", "{z: sums}"), "s>a a>b b>e") == []
    assert [code for _, code, _ in said(feel, each + script("b", "{z: item + total}"), "s>a a>b b>e")] == ["unset-variable"] * 2
    assert said(feel, script("a", "{z: item}", loop=INSTANCES.replace("{c}", "nobody")), "s>a a>e")[0] == (
        "warning",
        "unknown-variable",
        "a",
    )


def listener(event: str, feel: str, kind: str = "execution") -> str:
    return f'<camunda:{kind}Listener event="{event}"><camunda:script scriptFormat="feel">={feel}</camunda:script></camunda:{kind}Listener>'


def test_what_a_listener_sets_is_known_from_then_on(feel: Feel) -> None:
    listeners = listener("end", "{z: y}") + listener("start", "{x: 1}") + listener("create", "{y: x}", "task")
    heard = f'<bpmn:userTask id="a" camunda:priority="=x + y"><bpmn:extensionElements>{listeners}</bpmn:extensionElements></bpmn:userTask>'
    assert said(feel, heard + script("b", "{w: x + y + z}"), "s>a a>b b>e") == []
    before = heard.replace('priority="=x + y"', 'priority="=z"')
    assert [code for _, code, _ in said(feel, before + gateway("g") + script("b", "{w: z}"), "s>g g>a a>b b>e")] == ["unset-variable"]


def test_what_a_flow_sets_is_known_behind_it(feel: Feel) -> None:
    taken = f"<bpmn:extensionElements>{listener('take', '{x: 1}')}</bpmn:extensionElements>"
    flow = f'<bpmn:sequenceFlow id="taken" sourceRef="s" targetRef="a">{taken}</bpmn:sequenceFlow>'
    assert said(feel, flow + script("a", "{y: x}"), "a>e") == []


def test_what_a_listening_operation_gives_is_known(feel: Feel) -> None:
    operation, outputs = next((topic, names) for topic, names in OUTPUTS.items() if names)
    call = f'<camunda:executionListener event="end" delegateExpression="${{{operation}}}" />'
    heard = f'<bpmn:manualTask id="a"><bpmn:extensionElements>{call}</bpmn:extensionElements></bpmn:manualTask>'
    assert said(feel, heard + script("b", f"{{y: {sorted(outputs)[0]}}}"), "s>a a>b b>e") == []


def test_a_boundary_event_does_not_see_what_its_task_would_have_set(feel: Feel) -> None:
    ask = form("ask", field("number", "amount"))
    timer = (
        '<bpmn:boundaryEvent id="t" attachedToRef="u"><bpmn:timerEventDefinition>'
        "<bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>"
    )
    body = user_task("u", 'camunda:formKey="ask"') + timer + script("b", "{y: amount}")
    assert said(feel, body, "s>u u>e t>b b>e", ask_form=ask) == [("warning", "unset-variable", "b")]


def test_an_error_sets_its_code_and_a_sub_process_gives_back_what_it_set(feel: Feel) -> None:
    inner = START_END.replace('"s"', '"is"').replace('"e"', '"ie"') + script("ia", "{x: outer}")
    sub = (
        '<bpmn:subProcess id="sub">' + inner + '<bpmn:sequenceFlow id="i1" sourceRef="is" targetRef="ia" />'
        '<bpmn:sequenceFlow id="i2" sourceRef="ia" targetRef="ie" /></bpmn:subProcess>'
    )
    failed = (
        '<bpmn:boundaryEvent id="f" attachedToRef="sub"><bpmn:errorEventDefinition camunda:errorCodeVariable="code" /></bpmn:boundaryEvent>'
    )
    body = script("a", "{outer: 1}") + sub + failed + script("b", "{y: x}") + script("c", "{y: [code, x]}")
    assert said(feel, body, "s>a a>sub sub>b b>e f>c c>e") == [("info", "sometimes-variable", "c")]


def test_after_a_message_only_likely_slips_are_told(feel: Feel) -> None:
    wait = '<bpmn:receiveTask id="w" messageRef="m_go" />'
    body = script("a", "{amount: 1}") + wait + script("b", "{y: anything}") + script("c", "{y: amuont}")
    assert said(feel, body, "s>a a>w w>b b>c c>e") == [("warning", "unknown-variable", "c")]
    assert said(feel, script("b", "{y: amount}") + wait, "s>b b>w w>e") == [("warning", "unknown-variable", "b")]


def test_a_conditional_event_may_wait_for_a_variable_that_is_set_later(feel: Feel) -> None:
    event = (
        '<bpmn:boundaryEvent id="t" attachedToRef="u"><bpmn:conditionalEventDefinition>'
        "<bpmn:condition>{}</bpmn:condition></bpmn:conditionalEventDefinition></bpmn:boundaryEvent>"
    )
    ask = form("ask", field("checkbox", "ok"))
    body = user_task("u", 'camunda:formKey="ask"') + event
    assert said(feel, body.replace("{}", "ok"), "s>u u>e t>e", ask_form=ask) == []
    assert [code for _, code, _ in said(feel, body.replace("{}", "okay"), "s>u u>e t>e", ask_form=ask)] == ["unknown-variable"]


# ── processes that call each other ──────────────────────────────────────────
def call(ins: str, outs: str = "") -> str:
    mapped = "".join(f'<camunda:in source="{n}" target="{n}" />' for n in ins.split()) + "".join(
        f'<camunda:out source="{n}" target="{n}" />' for n in outs.split()
    )
    return f'<bpmn:callActivity id="k" calledElement="called"><bpmn:extensionElements>{mapped}</bpmn:extensionElements></bpmn:callActivity>'


def pair(ins: str, outs: str, inside: str = "{z: x}") -> dict[str, bytes]:
    caller = diagram("caller", START_END + script("a", "{x: 1, w: 2}") + call(ins, outs) + script("b", "{v: z}"), "s>a a>k k>b b>e")
    return {"caller.bpmn": caller, "called.bpmn": diagram("called", START_END + script("q", inside), "s>q q>e")}


def test_a_called_process_has_what_its_callers_give_it_and_gives_back_what_is_mapped(feel: Feel) -> None:
    assert found(feel, pair("x", "z")) == []
    assert seen(feel, pair("x", "z"), "called")["q"] == {"x": ("number", ("k",), True)}
    assert seen(feel, pair("x", "z"), "caller")["b"]["z"] == ("number", ("k",), True)


def codes(findings: list[Finding]) -> list[tuple[str, str | None]]:
    return [(one.code, one.element_id) for one in findings]


def test_a_variable_that_a_caller_does_not_pass_on_is_a_warning_in_the_called_process(feel: Feel) -> None:
    assert codes(found(feel, pair("w", "z"))) == [("unknown-variable", "q")]


def test_mappings_of_variables_that_nobody_sets_are_warnings(feel: Feel) -> None:
    assert codes(found(feel, pair("x nothing", "z"))) == [("unknown-variable", "k")]
    assert codes(found(feel, pair("x", "z nothing"))) == [("unknown-variable", "k")]


def test_processes_that_call_each_other_in_a_circle_come_to_an_end(feel: Feel) -> None:
    files = {
        "a.bpmn": diagram("a", START_END + script("x", "{n: {inner: n}}") + call("n", "n").replace('"called"', '"b"'), "s>x x>k k>e"),
        "b.bpmn": diagram("b", START_END + call("n", "n").replace('"called"', '"a"') + script("y", "{m: n}"), "s>k k>y y>e"),
    }
    assert "unknown-variable" not in {one.code for one in found(feel, files, frozenset({"n"}))}


def test_a_start_brings_its_variables_to_a_process_that_nobody_calls(feel: Feel) -> None:
    files = {"p.bpmn": diagram("p", START_END + script("a", "{x: case_no}"), "s>a a>e")}
    assert codes(found(feel, files)) == [("unknown-variable", "a")]
    assert found(feel, files, frozenset({"case_no"})) == []


# ── decisions ───────────────────────────────────────────────────────────────
TABLE = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="m" name="M" namespace="m"><decision id="D" name="D">
<decisionTable id="t" hitPolicy="FIRST">
<input id="i" label="n"><inputExpression id="ie" typeRef="number"><text>facts.count</text></inputExpression></input>
<output id="o" name="level" typeRef="string"/>
<rule id="r1"><inputEntry id="c1"><text>&gt; 3</text></inputEntry><outputEntry id="c2"><text>"high"</text></outputEntry></rule>
<rule id="r2"><inputEntry id="c3"><text>-</text></inputEntry><outputEntry id="c4"><text>"low"</text></outputEntry></rule>
</decisionTable></decision></definitions>"""
ASK = '<bpmn:businessRuleTask id="rule" camunda:decisionRef="D" camunda:mapDecisionResult="singleResult" camunda:resultVariable="grade" />'


@pytest.mark.parametrize(
    ("before", "after", "code", "element"),
    [
        ("{facts: {count: 1}}", 'grade.level = "high" or grade.rule = "r1"', None, None),
        ("{other: 1}", 'grade.level = "high"', "unknown-variable", "rule"),
        ('{facts: {count: "1"}}', 'grade.level = "high"', "never-meant", "rule"),
        ("{facts: {cuont: 1}}", 'grade.level = "high"', "never-meant", "rule"),
        ("{facts: {count: 1}}", 'grade.levle = "high"', "never-meant", "b"),
        ("{facts: {count: 1}}", 'grade.level = "hihg"', "never-meant", "b"),
    ],
    ids=["right", "input that nobody sets", "input of another type", "no such entry", "no such output", "no such value"],
)
def test_a_decision_needs_its_inputs_and_gives_its_outputs(
    feel: Feel, before: str, after: str, code: str | None, element: str | None
) -> None:
    body = script("a", before) + ASK + script("b", "{y: " + after + "}")
    files = {"d.dmn": TABLE, "p.bpmn": diagram("p", START_END + body, "s>a a>rule rule>b b>e")}
    assert codes(found(feel, files)) == ([(code, element)] if code else [])


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        ('amount > "5"', "Cannot compare number amount with text"),
        ('level = "urgnet"', "Did you mean “urgent”?"),
        ("ok and amount", "Expected true or false here but got number amount"),
        ('amount + "1"', "Cannot add number amount and text"),
        ("today() > due_on", "Cannot compare date today() with text due_on"),
        ("amount.value", "never has an entry “value”"),
        ("today = due_on", "write today()"),
    ],
)
def test_what_can_never_be_meant_is_told_in_both_languages(feel: Feel, expression: str, says: str) -> None:
    level = field("select", "level", values=[{"label": "u", "value": "urgent"}, {"label": "n", "value": "normal"}])
    ask = form("ask", field("number", "amount"), field("checkbox", "ok"), level, field("datetime", "due_on", subtype="date"))
    source = diagram(
        "p",
        START_END + user_task("u", 'camunda:formKey="ask"') + script("b", "{y: " + expression.replace(">", "&gt;") + "}"),
        "s>u u>b b>e",
    )
    [process] = parse(source, "p.bpmn")
    flow = flow_through(feel, definition_set({"p.bpmn": source, "ask.form": ask}, own_surroundings()))
    [english] = check_usage(feel, process, flow, "en")
    [chinese] = check_usage(feel, process, flow, "zh")
    assert says in english.message and "(character" in english.message
    assert (
        (english.severity, english.element_id, english.code)
        == ("warning", "b", "never-meant")
        == (chinese.severity, chinese.element_id, chinese.code)
    )
    assert chinese.message != english.message


# ── size ────────────────────────────────────────────────────────────────────
def test_a_diagram_with_too_many_places_is_looked_at_as_a_whole(feel: Feel) -> None:
    count = 1500
    body = "".join(f'<bpmn:manualTask id="t{n}">{parameters("", f"v{n}:1")}</bpmn:manualTask>' for n in range(count))
    flows = "s>t0 " + " ".join(f"t{n}>t{n + 1}" for n in range(count - 1)) + f" t{count - 1}>e"
    at = seen(feel, {"p.bpmn": diagram("p", START_END + body, flows)}, "p")
    assert at["t3"]["v1400"].is_certain is False


def test_deeply_nested_sub_processes_are_looked_at_once_each(feel: Feel) -> None:
    body = script("a", "{y: x}")
    flows = (
        '<bpmn:sequenceFlow id="f{n}a" sourceRef="s{n}" targetRef="{b}" /><bpmn:sequenceFlow id="f{n}b" sourceRef="{b}" targetRef="e{n}" />'
    )
    inner = "a"
    for depth in range(35):
        level = f'<bpmn:startEvent id="s{depth}" />{body}<bpmn:endEvent id="e{depth}" />' + flows.replace("{n}", str(depth)).replace(
            "{b}", inner
        )
        body, inner = f'<bpmn:subProcess id="p{depth}">{level}</bpmn:subProcess>', f"p{depth}"
    assert said(feel, script("before", "{x: 1}") + body, f"s>before before>{inner} {inner}>e") == []


def test_hostile_files_are_looked_at_and_come_to_an_end(feel: Feel) -> None:
    chain = "".join(
        f'<decision id="D{n}" name="D{n}"><informationRequirement><requiredDecision href="#D{n + 1}"/></informationRequirement>'
        f"<literalExpression><text>1</text></literalExpression></decision>"
        for n in range(2000)
    )
    files = {
        "deep.form": form("deep", field("textfield", ".".join("a" * 900))),
        "chain.dmn": TABLE.split(b"<decision ")[0] + chain.encode() + b"</definitions>",
        "broken.form": b'{"id": ' + b"[" * 100_000,
        "broken.dmn": b"<definitions",
        "p.bpmn": diagram(
            "p", START_END + user_task("u", 'camunda:formKey="deep"') + script("b", "(" * 3000 + "a" + ")" * 3000), "s>u u>b b>e"
        ),
    }
    at = seen(feel, files, "p")
    assert at["b"]["a"].type == "context"

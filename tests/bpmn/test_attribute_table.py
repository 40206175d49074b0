"""The table of Camunda's attributes in the documentation: it lists what the vocabulary accepts; a diagram shows each one's effect."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from engine.bpmn import vocabulary
from engine.bpmn.parse import parse
from tests.bpmn.conftest import NOON, Begin, HostDouble, Run
from tests.bpmn.diagrams import (
    boundary,
    call,
    catch,
    chain,
    conditional,
    correlation,
    definition,
    element,
    end,
    error,
    escalation,
    extensions,
    file_of,
    listening,
    many,
    mapping,
    message,
    parameters,
    process,
    script,
    service,
    start,
    straight,
    throw,
    user,
)
from tests.conftest import PROJECT

Check = Callable[[Run], object]
BOUND = {"Binding": "version", "Version": "3"}
TAGGED = {"Binding": "versionTag", "VersionTag": "spring"}


def one(*parts: str, ids: tuple[str, ...] = ("x",), **attributes: str) -> bytes:
    return file_of(process(start(), *parts, end(), chain("start", *ids, "end"), **attributes))


def linked(tag: str, name: str, attribute: str, binding: dict[str, str]) -> bytes:
    own = {f"camunda__{attribute}{key}": value for key, value in binding.items()}
    if attribute == "calledElement":
        return one(user("w"), call("x", name, **own), ids=("w", "x"))
    return one(element(tag, "x", **own, **{f"camunda__{attribute}": name}))


def caught(kind: str, variable: str) -> bytes:
    root = (error if kind == "error" else escalation)("e", "E1")
    inside = [start("i"), end("o", definition(kind, "e")), chain("i", "o")]
    border = boundary("b", "s", definition(kind, "e", **{f"camunda__{variable}": "found"}))
    parts = [start(), element("subProcess", "s", *inside), border, user("x"), end(), chain("start", "s", "end"), chain("b", "x", "end")]
    return file_of(root, process(*parts))


def task_of(run: Run) -> object:
    return next(iter(run.waits.user_tasks.values()))


def is_waiting(run: Run) -> bool:
    return bool(run.waits.continuations)


#: Attribute to a diagram and what it does there.
EXAMPLES: dict[str, tuple[bytes, Check]] = {
    "assignee": (one(user("x", assignee="li")), lambda run: task_of(run).assignee == "li"),
    "candidateUsers": (one(user("x", candidateUsers="a, b")), lambda run: task_of(run).candidate_users == ("a", "b")),
    "candidateGroups": (one(user("x", candidateGroups="=groups")), lambda run: task_of(run).candidate_groups == ("g",)),
    "dueDate": (one(user("x", dueDate="PT1H")), lambda run: task_of(run).due_at == NOON + timedelta(hours=1)),
    "followUpDate": (one(user("x", followUpDate="=limit")), lambda run: task_of(run).follow_up_at == NOON + timedelta(days=2)),
    "priority": (one(user("x", priority="70")), lambda run: task_of(run).priority == 70),
    "formKey": (one(user("x", formKey="f")), lambda run: (task_of(run).form_key, task_of(run).form_binding) == ("f", "latest")),
    "formRef": (one(user("x", formRef="f")), lambda run: task_of(run).form_key == "f"),
    "formRefBinding": (one(user("x", formRef="f", formRefBinding="deployment")), lambda run: task_of(run).form_binding == "deployment"),
    "formRefVersion": (linked("userTask", "f", "formRef", BOUND), lambda run: task_of(run).form_version == 3),
    "formRefVersionTag": (linked("userTask", "f", "formRef", TAGGED), lambda run: task_of(run).form_version == "spring"),
    "initiator": (
        file_of(process(start(camunda__initiator="who"), user("x"), end(), chain("start", "x", "end"))),
        lambda run: run.variables["who"] == "示例·林晓",
    ),
    "type": (one(service("x", "double")), lambda run: run.variables["doubled"] == 6),
    "topic": (one(service("x", "double")), lambda run: run.variables["doubled"] == 6),
    "decisionRef": (linked("businessRuleTask", "D", "decisionRef", {}), lambda run: run.host.decided[0].key == "D"),
    "decisionRefBinding": (
        linked("businessRuleTask", "D", "decisionRef", {"Binding": "deployment"}),
        lambda run: run.host.decided[0].binding == "deployment",
    ),
    "decisionRefVersion": (linked("businessRuleTask", "D", "decisionRef", BOUND), lambda run: run.host.decided[0].version == 3),
    "decisionRefVersionTag": (linked("businessRuleTask", "D", "decisionRef", TAGGED), lambda run: run.host.decided[0].version == "spring"),
    "mapDecisionResult": (
        one(
            element("businessRuleTask", "x", camunda__decisionRef="D", camunda__mapDecisionResult="resultList", camunda__resultVariable="r")
        ),
        lambda run: run.host.decided[0].map_result == "resultList",
    ),
    "resultVariable": (one(script("x", "1 + 1", camunda__resultVariable="two")), lambda run: run.variables["two"] == 2),
    "calledElementBinding": (
        linked("callActivity", "P", "calledElement", {"Binding": "deployment"}),
        lambda run: _went_on(run).host.called[0].binding == "deployment",
    ),
    "calledElementVersion": (
        linked("callActivity", "P", "calledElement", BOUND),
        lambda run: _went_on(run).host.called[0].version == 3,
    ),
    "calledElementVersionTag": (
        linked("callActivity", "P", "calledElement", TAGGED),
        lambda run: _went_on(run).host.called[0].version == "spring",
    ),
    "collection": (one(user("x", many(collection="groups"))), lambda run: run.tasks == ["x"]),
    "elementVariable": (one(user("x", many(collection="groups", elementVariable="g"))), lambda run: run.data_at("x")["g"] == "g"),
    "errorCodeVariable": (caught("error", "errorCodeVariable"), lambda run: run.variables["found"] == "E1"),
    "errorMessageVariable": (caught("error", "errorMessageVariable"), lambda run: "found" in run.variables),
    "escalationCodeVariable": (caught("escalation", "escalationCodeVariable"), lambda run: run.variables["found"] == "E1"),
    "variableName": (
        one(catch("x", conditional("n = 3", camunda__variableName="n"))),
        lambda run: run.completed,
    ),
    "variableEvents": (
        one(user("w"), catch("x", conditional("n = 4", camunda__variableName="n", camunda__variableEvents="update")), ids=("w", "x")),
        lambda run: _went_on(run, n=4).completed,
    ),
    "asyncBefore": (one(element("manualTask", "x", camunda__asyncBefore="true")), is_waiting),
    "asyncAfter": (one(element("manualTask", "x", camunda__asyncAfter="true")), is_waiting),
    "exclusive": (one(element("manualTask", "x", camunda__exclusive="true")), lambda run: run.completed),
    "versionTag": (
        one(user("x"), camunda__versionTag="spring"),
        lambda run: run.host.definitions[1].version_tag == "spring",
    ),
    "historyTimeToLive": (one(user("x"), camunda__historyTimeToLive="P1D"), lambda run: run.tasks == ["x"]),
    "isStartableInTasklist": (one(user("x"), camunda__isStartableInTasklist="true"), lambda run: run.tasks == ["x"]),
    "modelerTemplate": (one(user("x", modelerTemplate="t")), lambda run: run.tasks == ["x"]),
    "modelerTemplateVersion": (one(user("x", modelerTemplateVersion="2")), lambda run: run.tasks == ["x"]),
    "modelerTemplateIcon": (one(user("x", modelerTemplateIcon="data:")), lambda run: run.tasks == ["x"]),
    "in": (one(call("x", "Q", extensions(mapping("in", source="n", target="m")))), lambda run: run.data_at("q")["m"] == 3),
    "out": (
        one(call("x", "Q", extensions(mapping("out", source="found", target="m"))), user("y"), ids=("x", "y")),
        lambda run: _went_on(run, found=5).variables["m"] == 5,
    ),
    "inputOutput": (one(user("x", parameters({"m": "=n + 1"}))), lambda run: run.data_at("x")["m"] == 4),
    "properties": (
        file_of(message("m"), straight(catch("x", correlation("=n"), definition("message", "m")), ids=["x"])),
        lambda run: next(iter(run.waits.subscriptions.values())).correlation_key == "3",
    ),
    "failedJobRetryTimeCycle": (
        one(service("x", "nowhere", extensions("<camunda:failedJobRetryTimeCycle>R3/PT5M</camunda:failedJobRetryTimeCycle>"))),
        lambda run: next(iter(run.waits.failures.values())).retry_cycle == "R3/PT5M",
    ),
    "executionListener": (
        one(user("x", listening("executionListener", "start", delegateExpression="${double}"))),
        lambda run: run.variables["doubled"] == 6,
    ),
    "taskListener": (
        one(user("x", listening("taskListener", "create", delegateExpression="${double}"))),
        lambda run: run.variables["doubled"] == 6,
    ),
}
CALLED = file_of(process(start(), user("q"), end(), chain("start", "q", "end"), key="Q"))


def _went_on(run: Run, **variables: object) -> Run:
    run.complete(run.tasks[0], **variables)
    return run


def documented() -> set[str]:
    text = (PROJECT / "docs" / "bpmn-support.md").read_text("utf-8").split("## Camunda 的属性")[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    return {name for row in rows for name in re.findall(r"`(\w+)`", row)}


def accepted() -> set[str]:
    """All attributes and extensions that the vocabulary lets through."""
    names = set(vocabulary.HARMLESS_ATTRIBUTES) | set(vocabulary.CAN_BE_ASYNC) | set(vocabulary._ANY_EXTENSION)
    for own in (*vocabulary.CAMUNDA_ATTRIBUTES.values(), *vocabulary.CAMUNDA_EXTENSIONS.values()):
        names |= own
    return names


def test_the_table_lists_exactly_what_is_accepted():
    assert documented() == accepted() == set(EXAMPLES)


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_an_attribute_of_the_table_does_what_it_says(begin: Begin, host: HostDouble, name: str):
    host.operations["double"] = lambda inputs, activity: {"doubled": 2 * activity.variables["n"]}
    host.decisions["D"] = lambda variables: {"d": 1}
    source, has_effect = EXAMPLES[name]
    assert f"camunda:{name}".encode() in source
    assert has_effect(begin(source, CALLED, n=3, groups=["g"], limit="P2D"))


def test_an_interrupted_join_is_reached_in_a_step_of_its_own(begin: Begin):
    """``asyncBefore`` on gateways: a token that waits for its own step is none that waits for others."""
    parts = [start(), element("parallelGateway", "f"), user("a"), user("b"), element("parallelGateway", "j", camunda__asyncBefore="true")]
    flows = [chain("start", "f", "a", "j", "t", "end"), chain("f", "b", "j")]
    run = begin(file_of(process(*parts, user("t"), end(), *flows)))
    run.complete("a")
    assert not is_waiting(run)
    run.complete("b")
    assert is_waiting(run)
    run.resume()
    assert run.tasks == ["t"]


def test_what_an_event_throws_may_call_an_operation(begin: Begin, host: HostDouble):
    host.operations["double"] = lambda inputs, activity: {"doubled": 6}
    event = throw("x", definition("message", camunda__type="external", camunda__topic="double"))
    assert begin(one(event)).variables["doubled"] == 6


def test_the_version_tag_is_kept_with_the_definition():
    assert parse(one(user("x"), camunda__versionTag="v2"), "x.bpmn")[0].version_tag == "v2"

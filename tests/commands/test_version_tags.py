"""Version tags: kept from the files at deployment, and the newest version that carries one answers to the binding “versionTag”."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from engine import runtime
from engine.assembly import Engine
from engine.commands import deployments, instances
from engine.errors import Finding, InvalidDefinition
from engine.queries.inbox import InboxQuery, inbox
from engine.queries.tasks import task_page
from tests.commands.conftest import ADMIN, CLERK, START_END, deploy, diagram, user_task

CALL = (
    '<bpmn:callActivity id="x" calledElement="called" camunda:calledElementBinding="versionTag" camunda:calledElementVersionTag="{tag}">'
    '<bpmn:extensionElements><camunda:out source="answer" target="answer"/></bpmn:extensionElements></bpmn:callActivity>'
)
DECIDE = (
    '<bpmn:businessRuleTask id="x" camunda:decisionRef="colour" camunda:decisionRefBinding="versionTag" '
    'camunda:decisionRefVersionTag="{tag}" camunda:mapDecisionResult="singleEntry" camunda:resultVariable="answer"/>'
)
_TAGGED = 'camunda:formRefBinding="versionTag" camunda:formRefVersionTag="{tag}"'
ASK = f'<bpmn:userTask id="x" camunda:assignee="li" camunda:formRef="ask" {_TAGGED}/>'
FLOWS = "s>x x>e"


def called(answer: int, tag: str) -> bytes:
    body = f'<bpmn:scriptTask id="x"><bpmn:script>={{answer: {answer}}}</bpmn:script></bpmn:scriptTask>'
    return diagram("called", START_END + body, FLOWS).replace(b'id="called"', f'id="called" camunda:versionTag="{tag}"'.encode())


def colour(answer: int, tag: str) -> bytes:
    spaces = 'xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" xmlns:camunda="http://camunda.org/schema/1.0/dmn"'
    logic = f'<variable name="colour"/><literalExpression><text>{answer}</text></literalExpression>'
    decision = f'<decision id="colour" name="colour" camunda:versionTag="{tag}">{logic}</decision>'
    return f'<definitions {spaces} id="d" name="d" namespace="n">{decision}</definitions>'.encode()


def ask(label: str, tag: str) -> bytes:
    field = {"type": "textfield", "key": "name", "label": label, "id": "f1"}
    return json.dumps({"type": "default", "id": "ask", "versionTag": tag, "components": [field]}).encode()


def caller(body: str, tag: str) -> bytes:
    return diagram("caller", START_END + body.replace("{tag}", tag) + user_task("w"), "s>x x>w w>e")


def answer_of(engine: Engine) -> object:
    """What the called version answers; the instance waits behind it."""
    instance = instances.start_instance(engine, ADMIN, "caller", "K1", {})
    with engine.database.reading() as session:
        return runtime.peek(engine, session, ADMIN, instance).execution.variables["answer"]


@pytest.mark.parametrize(("body", "kind", "suffix"), [(CALL, called, "bpmn"), (DECIDE, colour, "dmn")])
def test_the_newest_version_with_the_tag_answers_although_a_later_one_has_another(
    engine: Engine, body: str, kind: Callable[[int, str], bytes], suffix: str
) -> None:
    for number, tag in ((1, "spring"), (2, "spring"), (3, "summer")):
        deployments.deploy(engine, ADMIN, {f"a.{suffix}": kind(number, tag)}, f"deployment {number}")
    deploy(engine, caller(body, "spring"))
    assert answer_of(engine) == 2


@pytest.mark.parametrize(
    ("body", "file"),
    [
        (CALL, ("a.bpmn", called(1, "spring"))),
        (DECIDE, ("a.dmn", colour(1, "spring"))),
        (ASK, ("a.form", ask("姓名", "spring"))),
    ],
)
@pytest.mark.parametrize("together", [True, False])
def test_a_tag_that_no_version_carries_is_found_at_deployment(engine: Engine, body: str, file: tuple[str, bytes], together: bool) -> None:
    files = dict([file])
    if not together:
        deployments.deploy(engine, ADMIN, files, "before")
    with pytest.raises(InvalidDefinition) as refused:
        deployments.deploy(engine, ADMIN, {**(files if together else {}), "b.bpmn": caller(body, "winter")}, "wrong")
    found: list[Finding] = list(refused.value.findings)
    assert [(finding.code, finding.element_id) for finding in found] == [("missing-version-tag", "x")]
    assert "winter" in found[0].message and "spring" in found[0].remedy
    assert deployments.deploy(engine, ADMIN, {**files, "b.bpmn": caller(body, "spring")}, "right").deployed


def test_a_task_shows_the_form_of_its_tag_although_a_later_one_is_deployed(engine: Engine) -> None:
    for label, tag in (("姓名", "spring"), ("单位", "summer")):
        deployments.deploy(engine, ADMIN, {"a.form": ask(label, tag)}, tag)
    deploy(engine, diagram("asks", START_END + ASK.replace("{tag}", "spring").replace('"li"', '"clerk"'), FLOWS))
    instances.start_instance(engine, ADMIN, "asks", "K1", {})
    item = inbox(engine, CLERK, InboxQuery()).items[0]
    form = task_page(engine, CLERK, item.task_id).form
    assert form is not None and form["components"][0]["label"] == "姓名"

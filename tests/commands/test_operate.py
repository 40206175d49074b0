"""What the page of an instance, of a definition and of incidents says: where work stands, since when, how long it takes, why it stops."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from engine.actors import Actor
from engine.assembly import Engine
from engine.clock import MovableClock
from engine.commands import instances, modification, user_tasks
from engine.commands.modification import Place, RetryElement
from engine.db.tables import UserTask
from engine.errors import NotAllowed, NotFound
from engine.queries import operate
from tests.commands.conftest import ADMIN, CLERK, START_END, WINDOW, deploy, diagram, user_task

MANY = '<bpmn:multiInstanceLoopCharacteristics camunda:collection="= who" camunda:elementVariable="one" />'
STRANGER = Actor("far", "示例·远", frozenset({"admin"}), "440104-01", frozenset({"440104-01"}))


def complete(engine: Engine, instance: int, element: str) -> None:
    with engine.database.reading() as session:
        wanted = (UserTask.instance_id == instance, UserTask.element_id == element, UserTask.ended_at.is_(None))
        number = session.scalars(select(UserTask.id).where(*wanted)).first()
    assert number is not None
    user_tasks.complete_task(engine, CLERK, number, {})


def started(engine: Engine, key: str, number: int = 1, **variables: Any) -> int:
    return instances.start_instance(engine, ADMIN, key, f"C-{number}", variables)


@pytest.fixture
def nested(engine: Engine) -> int:
    """A process that calls another one, in which two people are asked."""
    asked = f'<bpmn:userTask id="ask" name="问" camunda:candidateGroups="window">{MANY}</bpmn:userTask>'
    deploy(engine, diagram("inner", START_END + asked, "s>ask ask>e"))
    mapped = '<bpmn:extensionElements><camunda:in source="who" target="who" /></bpmn:extensionElements>'
    call = f'<bpmn:callActivity id="c" calledElement="inner">{mapped}</bpmn:callActivity>'
    deploy(engine, diagram("outer", START_END + user_task("first") + call, "s>first first>c c>e"))
    return started(engine, "outer", who=["a", "b"])


def test_the_page_of_an_instance_shows_every_level_with_its_tokens_and_variables(engine: Engine, nested: int, clock: MovableClock):
    clock.advance(hours=1)
    complete(engine, nested, "first")
    view = operate.instance(engine, ADMIN, nested)
    assert [(diagram.key, [active.element_id for active in diagram.active]) for diagram in view.diagrams] == [
        ("inner", ["ask"]),
        ("outer", ["c"]),
    ]
    assert view.diagrams[1].done == {"s": 1, "first": 1}
    outer, inner = view.scopes
    assert (outer.variables["who"], inner.variables, inner.is_called) == (["a", "b"], {"who": ["a", "b"]}, True)
    assert [dict(token.own) for token in inner.tokens if token.own] == [{"loopCounter": 0, "one": "a"}, {"loopCounter": 1, "one": "b"}]
    assert {token.since for token in inner.tokens} == {clock.now()}
    assert len(view.diagrams[0].active[0].tokens) == 3  # the body and its two instances


def test_an_ended_instance_shows_what_was_done_and_nothing_open(engine: Engine, nested: int):
    instances.cancel_instance(engine, ADMIN, nested, "不办了")
    view = operate.instance(engine, ADMIN, nested)
    assert (view.status, view.scopes, [diagram.active for diagram in view.diagrams]) == ("ended", (), [()])


def test_a_suspended_instance_shows_where_it_stands(engine: Engine, nested: int):
    modification.suspend_instance(engine, ADMIN, nested, "核实")
    view = operate.instance(engine, ADMIN, nested)
    assert (view.status, view.diagrams[0].active[0].element_id) == ("suspended", "first")


def test_the_page_of_a_definition_counts_and_times_its_elements(engine: Engine, clock: MovableClock):
    deploy(engine, diagram("p", START_END + user_task("quick") + user_task("slow"), "s>quick quick>slow slow>e"))
    numbers = [started(engine, "p", number) for number in range(4)]
    for number in numbers[:3]:
        clock.advance(minutes=1)
        complete(engine, number, "quick")
    clock.advance(hours=10)
    complete(engine, numbers[0], "slow")
    found = operate.definition_statistics(engine, ADMIN, operate.instance(engine, ADMIN, numbers[0]).definition_id)
    assert (found["quick"].count, found["quick"].running, found["quick"].median) == (3, 1, 120.0)
    assert (found["slow"].count, found["slow"].running, found["slow"].heat) == (1, 2, 1.0)
    assert 0 < found["quick"].heat < 0.1
    lines = operate.instances(engine, ADMIN, operate.instance(engine, ADMIN, numbers[0]).definition_id, "slow")
    assert [(line.id, line.elements) for line in lines] == [(numbers[1], ("slow",)), (numbers[2], ("slow",))]


def test_incidents_are_grouped_by_cause_and_retried_together(engine: Engine):
    holds = "<bpmn:conditionExpression>{1}</bpmn:conditionExpression>"
    condition = f'<bpmn:sequenceFlow id="c" sourceRef="{{0}}" targetRef="e">{holds}</bpmn:sequenceFlow>'
    gate = '<bpmn:exclusiveGateway id="{0}" />'
    deploy(engine, diagram("p", START_END + gate.format("g") + condition.format("g", "n = 1"), "s>g"))
    deploy(engine, diagram("q", START_END + gate.format("h") + condition.format("h", "n = 1"), "s>h"))
    numbers = [started(engine, "p", number, n=0) for number in range(3)]
    started(engine, "q", 9, n=0)
    most, least = operate.incident_groups(engine, ADMIN)
    assert (most.process_key, most.element_id, most.count, most.instance_ids) == ("p", "g", 3, tuple(numbers))
    assert (least.process_key, least.count) == ("q", 1)
    modification.change_instances(engine, ADMIN, most.instance_ids, modification.EditVariables({"n": 1}), "录错了")
    modification.change_instances(engine, ADMIN, most.instance_ids, RetryElement(Place(element="g")), "已改正")
    assert [group.process_key for group in operate.incident_groups(engine, ADMIN)] == ["q"]
    assert operate.incident_groups(engine, STRANGER) == ()


def test_who_looks_after_no_process_or_another_window_sees_none(engine: Engine, nested: int):
    for person in (CLERK, STRANGER):
        with pytest.raises(NotAllowed):
            operate.instance(engine, person, nested)
    with pytest.raises(NotAllowed):
        operate.definition_statistics(engine, CLERK, 1)
    with pytest.raises(NotAllowed):
        operate.incident_groups(engine, CLERK)
    with pytest.raises(NotFound):
        operate.instance(engine, Actor("admin", "", frozenset({"auditor"}), WINDOW, frozenset({WINDOW})), 10**30)

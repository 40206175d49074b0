"""An expression without end that a worker meets: its incident names the element and the expression, and the other jobs go on."""

from __future__ import annotations

from collections.abc import Callable
from xml.sax.saxutils import escape

import pytest

from engine.assembly import Engine
from engine.clock import MovableClock
from engine.commands import instances
from engine.queries.inbox import InboxQuery, inbox
from engine.queries.incidents import open_incidents
from engine.worker import Worker
from tests.commands.conftest import ADMIN, CLERK, START_END, deploy, diagram, engine, one_timer, user_task  # noqa: F401 - fixtures

TOO_LARGE = "count(for i in 1..1000000000 return i)"
TOO_LONG = 'matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "^(a+)+$")'
AFTER_AN_HOUR = (
    '<bpmn:intermediateCatchEvent id="wait" name="等"><bpmn:timerEventDefinition>'
    "<bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>"
)


def script(expression: str) -> tuple[str, str]:
    head = '<bpmn:scriptTask id="work" name="算" scriptFormat="feel" camunda:resultVariable="r">'
    return f"{head}<bpmn:script>={expression}</bpmn:script></bpmn:scriptTask>", "s>wait wait>work work>e"


def timer(expression: str) -> tuple[str, str]:
    duration = f"<bpmn:timerEventDefinition><bpmn:timeDuration>={expression}</bpmn:timeDuration></bpmn:timerEventDefinition>"
    return f'<bpmn:intermediateCatchEvent id="work" name="等">{duration}</bpmn:intermediateCatchEvent>', "s>wait wait>work work>e"


def boundary_timer(expression: str) -> tuple[str, str]:
    duration = f"<bpmn:timerEventDefinition><bpmn:timeDuration>={expression}</bpmn:timeDuration></bpmn:timerEventDefinition>"
    late = f'<bpmn:boundaryEvent id="late" name="晚" attachedToRef="work">{duration}</bpmn:boundaryEvent>'
    return user_task("work") + late, "s>wait wait>work work>e late>e"


def gateway(expression: str) -> tuple[str, str]:
    condition = f'<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">={escape(expression)} &gt; 2</bpmn:conditionExpression>'
    flow = f'<bpmn:sequenceFlow id="way" sourceRef="work" targetRef="e">{condition}</bpmn:sequenceFlow>'
    return f'<bpmn:exclusiveGateway id="work" name="判" default="f2" />{user_task("other")}{flow}', "s>wait wait>work work>other other>e"


def operation(expression: str) -> tuple[str, str]:
    given = f'<camunda:inputParameter name="kind">={expression}</camunda:inputParameter>'
    inside = f"<bpmn:extensionElements><camunda:inputOutput>{given}</camunda:inputOutput></bpmn:extensionElements>"
    work = f'<bpmn:serviceTask id="work" name="记" camunda:type="external" camunda:topic="clock-stop">{inside}</bpmn:serviceTask>'
    return work, "s>wait wait>work work>e"


def collection(expression: str) -> tuple[str, str]:
    many = f'<bpmn:multiInstanceLoopCharacteristics camunda:collection="={expression}" camunda:elementVariable="one" />'
    return f'<bpmn:userTask id="work" name="办" camunda:candidateGroups="window">{many}</bpmn:userTask>', "s>wait wait>work work>e"


PLACES = (script, timer, boundary_timer, gateway, operation, collection)


CASES = [*((place, TOO_LARGE) for place in PLACES), (script, TOO_LONG), (timer, TOO_LONG)]


@pytest.mark.parametrize(("place", "expression"), CASES, ids=lambda value: value if isinstance(value, str) else value.__name__)
def test_an_incident_names_the_element_and_the_expression_that_was_stopped(
    one_timer: Engine,  # noqa: F811 - the fixture's name
    clock: MovableClock,
    place: Callable[[str], tuple[str, str]],
    expression: str,
) -> None:
    work, flows = place(expression)
    deploy(one_timer, diagram("endless", START_END + AFTER_AN_HOUR + work, flows))
    instances.start_instance(one_timer, ADMIN, "endless", "C-endless", {})
    instances.start_instance(one_timer, ADMIN, "one_timer", "C-other", {})
    clock.advance(hours=1)
    worker = Worker(one_timer)
    while worker.run_once():
        clock.advance(minutes=1)
    (incident,) = open_incidents(one_timer, ADMIN)
    assert (incident.case_no, incident.element_id) == ("C-endless", "work")
    assert f"表达式：{expression}" in incident.message
    assert [item.case_no for item in inbox(one_timer, CLERK, InboxQuery()).items if item.element_id == "after"] == ["C-other"]

"""Deployment: all or nothing, the same bytes make no new version, every broken name is found."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from engine.assembly import Engine
from engine.commands import deployments, instances, user_tasks
from engine.db.tables import Definition, Deployment
from engine.errors import InvalidDefinition
from engine.queries.inbox import InboxQuery, inbox
from tests.commands.conftest import ADMIN, CLERK, START_END, deploy, diagram, user_task

GOOD = diagram("good", START_END + user_task("work"), "s>work work>e")


def codes(error: pytest.ExceptionInfo[InvalidDefinition]) -> set[str]:
    return {finding.code for finding in error.value.findings}


def test_the_same_bytes_make_no_new_version(engine: Engine) -> None:
    first, second = deploy(engine, GOOD), deploy(engine, GOOD)
    assert [(item.key, item.version) for item in first.deployed] == [("good", 1)]
    assert (second.id, second.deployed, [item.version for item in second.unchanged]) == (None, (), [1])


def test_changed_bytes_make_the_next_version(engine: Engine) -> None:
    deploy(engine, GOOD)
    changed = diagram("good", START_END + user_task("other"), "s>other other>e")
    assert deploy(engine, changed).deployed[0].version == 2


def test_a_file_that_is_deployed_alone_keeps_its_folder(engine: Engine) -> None:
    deployments.deploy(engine, ADMIN, {"processes/good.bpmn": GOOD}, "all")
    changed = diagram("good", START_END + user_task("other"), "s>other other>e")
    (alone,) = deployments.deploy(engine, ADMIN, {"good.bpmn": changed}, "alone").deployed
    assert (alone.file, alone.version) == ("processes/good.bpmn", 2)


def test_a_running_instance_stays_on_the_version_it_started_with(engine: Engine) -> None:
    deploy(engine, GOOD)
    instances.start_instance(engine, ADMIN, "good", "C-1", {})
    deploy(engine, diagram("good", START_END + user_task("work") + user_task("more"), "s>work work>more more>e"))
    task = inbox(engine, CLERK, InboxQuery()).items[0]
    assert user_tasks.complete_task(engine, CLERK, task.task_id, {}).next_task_id is None


def test_one_bad_file_deploys_nothing_of_the_set(engine: Engine) -> None:
    with pytest.raises(InvalidDefinition) as error:
        deployments.deploy(engine, ADMIN, {"good.bpmn": GOOD, "bad.bpmn": b"<bpmn:definitions"}, "test")
    assert {finding.file for finding in error.value.findings} == {"bad.bpmn"}
    with engine.database.reading() as session:
        assert (session.scalars(select(Definition)).all(), session.scalars(select(Deployment)).all()) == ([], [])


@pytest.mark.parametrize(
    ("body", "flows", "code"),
    [
        ('<bpmn:callActivity id="x" name="x" calledElement="nowhere" />', "s>x x>e", "missing-called-process"),
        ('<bpmn:userTask id="x" name="x" camunda:formKey="no_form" camunda:candidateGroups="window" />', "s>x x>e", "missing-form"),
        ('<bpmn:userTask id="x" name="x" camunda:candidateGroups="nobody" />', "s>x x>e", "missing-candidate-group"),
        ('<bpmn:serviceTask id="x" name="x" camunda:type="external" camunda:topic="fly" />', "s>x x>e", "missing-operation"),
        ('<bpmn:businessRuleTask id="x" name="x" camunda:decisionRef="DT99" camunda:resultVariable="r" />', "s>x x>e", "missing-decision"),
        (
            '<bpmn:scriptTask id="x" name="x" scriptFormat="feel"><bpmn:script>{a: 1 +}</bpmn:script></bpmn:scriptTask>',
            "s>x x>e",
            "feel-syntax",
        ),
    ],
)
def test_a_name_that_does_not_exist_is_found_at_its_element(engine: Engine, body: str, flows: str, code: str) -> None:
    with pytest.raises(InvalidDefinition) as error:
        deploy(engine, diagram("broken", START_END + body, flows))
    finding = next(found for found in error.value.findings if found.code == code)
    assert (finding.file, finding.element_id, finding.element_name) == ("0.bpmn", "x", "x")
    assert finding.line and finding.remedy


def test_a_near_name_is_suggested(engine: Engine) -> None:
    with pytest.raises(InvalidDefinition) as error:
        deploy(engine, diagram("broken", START_END + user_task("x", 'camunda:candidateGroups="windov"'), "s>x x>e"))
    assert error.value.findings[0].remedy == "是不是“window”?"


def test_a_key_defined_in_two_files_is_refused(engine: Engine) -> None:
    with pytest.raises(InvalidDefinition) as error:
        deploy(engine, GOOD, GOOD.replace(b'"work"', b'"word"'))
    assert codes(error) == {"defined-twice"}


def test_a_file_of_another_kind_is_refused(engine: Engine) -> None:
    with pytest.raises(InvalidDefinition) as error:
        deployments.deploy(engine, ADMIN, {"notes.txt": b"hello"}, "test")
    assert codes(error) == {"unknown-file"}

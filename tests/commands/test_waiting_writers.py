"""What a command does while others write: it is checked without holding them up, and again when they changed what it had read."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from engine import forms
from engine.actors import Actor
from engine.assembly import Engine, build_engine
from engine.case_opening import SPINE
from engine.commands import cases, deployments, instances, user_tasks
from engine.db.database import Work
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound
from engine.queries.evidence import verify_evidence
from engine.queries.inbox import InboxQuery, inbox
from tests.commands.conftest import ADMIN, CLERK, COLLEAGUE, START_END, diagram, user_task

FORM = {
    "id": "note_form",
    "type": "default",
    "schemaVersion": 16,
    "components": [{"type": "textfield", "key": "note", "id": "Field_note", "label": "说明", "validate": {"required": True}}],
}


@pytest.fixture
def tasks(engine: Engine) -> list[str]:
    """Two parallel tasks of one case, both with a form."""
    with_form = 'camunda:candidateGroups="window" camunda:formKey="note_form"'
    fork = '<bpmn:parallelGateway id="fork" name="分" /><bpmn:parallelGateway id="join" name="合" />'
    flows = "s>fork fork>a fork>b a>join b>join join>e"
    files = {
        "f.form": json.dumps(FORM).encode(),
        "p.bpmn": diagram("parallel", START_END + fork + user_task("a", with_form) + user_task("b", with_form), flows),
    }
    deployments.deploy(engine, ADMIN, files, "test")
    instances.start_instance(engine, ADMIN, "parallel", "C-1", {})
    return [item.task_id for item in inbox(engine, CLERK, InboxQuery()).items]


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The title of each form that is validated."""
    seen, validated = list[str](), forms.validated

    def noted(*given: object) -> object:
        seen.append(str(given[3]))
        return validated(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(forms, "validated", noted)
    return seen


def before_writing(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]) -> None:
    """Let something happen after the next command has read and before it writes."""
    original = Work.start_writing

    def late(work: Work) -> bool:
        monkeypatch.setattr(Work, "start_writing", original)
        happens()
        return original(work)

    monkeypatch.setattr(Work, "start_writing", late)


def test_a_form_is_refused_while_another_command_is_still_writing(engine: Engine, tasks: list[str]) -> None:
    with engine.database.transaction(), pytest.raises(InvalidInput):
        user_tasks.complete_task(engine, CLERK, tasks[0], {"note": ""})


def test_a_form_is_validated_once_when_nobody_else_wrote(engine: Engine, tasks: list[str], checks: list[str]) -> None:
    user_tasks.complete_task(engine, CLERK, tasks[0], {"note": "办妥"})
    assert checks == ["a"]


def test_a_completion_is_checked_again_when_its_case_moved_meanwhile(
    engine: Engine, tasks: list[str], checks: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before_writing(monkeypatch, lambda: user_tasks.complete_task(engine, COLLEAGUE, tasks[1], {"note": "乙"}))
    assert user_tasks.complete_task(engine, CLERK, tasks[0], {"note": "甲"}).next_task_id is None
    assert checks == ["a", "b", "a"]
    assert inbox(engine, CLERK, InboxQuery()).items == ()
    assert verify_evidence(engine).faults == ()


def test_a_completion_is_not_checked_again_when_only_other_cases_moved(
    engine: Engine, tasks: list[str], checks: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before_writing(monkeypatch, lambda: instances.start_instance(engine, ADMIN, "parallel", "C-2", {}))
    user_tasks.complete_task(engine, CLERK, tasks[0], {"note": "甲"})
    assert checks == ["a"]


@pytest.mark.parametrize("person", [CLERK, COLLEAGUE], ids=["the same person", "a colleague"])
def test_a_task_completed_meanwhile_is_refused_as_completed(
    engine: Engine, tasks: list[str], monkeypatch: pytest.MonkeyPatch, person: Actor
) -> None:
    before_writing(monkeypatch, lambda: user_tasks.complete_task(engine, person, tasks[0], {"note": "先"}))
    with pytest.raises(Conflict, match="was completed"):
        user_tasks.complete_task(engine, CLERK, tasks[0], {"note": "后"})
    assert verify_evidence(engine).faults == ()


def test_a_task_claimed_meanwhile_is_refused_to_the_others(engine: Engine, tasks: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    before_writing(monkeypatch, lambda: user_tasks.claim_task(engine, COLLEAGUE, tasks[0]))
    with pytest.raises(NotAllowed, match="to be yours"):
        user_tasks.complete_task(engine, CLERK, tasks[0], {"note": "后"})


@pytest.fixture
def counter(engine: Engine) -> Engine:
    """Cases can be registered, with a short form and a short process."""
    deployments.deploy(engine, ADMIN, {"f.form": registration(required="text"), "p.bpmn": SHORT_SPINE}, "test")
    return engine


REGISTERED = {"applicant": {"name": "示例·王芳"}, "text": "补办"}
SHORT_SPINE = diagram(SPINE, START_END + user_task("work"), "s>work work>e")


def registration(required: str) -> bytes:
    fields = [
        {"type": "textfield", "key": key, "id": f"Field_{key[:5]}", "label": key, "validate": {"required": key == required}}
        for key in ("applicant.name", "text", "title")
    ]
    return json.dumps({**FORM, "id": cases.REGISTER_FORM, "components": fields}).encode()


def test_a_registration_is_refused_while_another_command_is_still_writing(counter: Engine) -> None:
    with counter.database.transaction(), pytest.raises(InvalidInput) as refused:
        cases.register_case(counter, CLERK, {"title": "甲"})
    assert list(refused.value.fields) == ["text"]


def test_a_registration_is_validated_once_when_its_form_stays(counter: Engine, checks: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    before_writing(monkeypatch, lambda: cases.register_case(counter, COLLEAGUE, REGISTERED))
    cases.register_case(counter, CLERK, REGISTERED)
    assert checks == ["registration", "registration"]
    assert len(inbox(counter, CLERK, InboxQuery()).items) == 2


def test_a_registration_is_judged_by_the_form_that_came_into_force_meanwhile(counter: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    stricter = {"f.form": registration(required="title")}
    before_writing(monkeypatch, lambda: deployments.deploy(counter, ADMIN, stricter, "test"))
    with pytest.raises(InvalidInput) as refused:
        cases.register_case(counter, CLERK, REGISTERED)
    assert list(refused.value.fields) == ["title"]
    assert inbox(counter, CLERK, InboxQuery()).items == ()


def test_an_instance_starts_in_the_version_that_came_into_force_meanwhile(counter: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    newer = {"p.bpmn": diagram(SPINE, START_END + user_task("newer"), "s>newer newer>e")}
    before_writing(monkeypatch, lambda: deployments.deploy(counter, ADMIN, newer, "test"))
    instances.start_instance(counter, ADMIN, SPINE, "C-1", {})
    assert [item.element_id for item in inbox(counter, CLERK, InboxQuery()).items] == ["newer"]


def test_a_process_is_parsed_before_its_instance_waits_for_its_turn(counter: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    known = list[int]()
    fresh = build_engine(counter.settings, counter.clock)
    before_writing(monkeypatch, lambda: known.extend(fresh.definitions._parsed))
    instances.start_instance(fresh, ADMIN, SPINE, "C-1", {})
    fresh.database.dispose()
    assert len(known) == 1


def test_a_process_that_is_not_deployed_can_not_be_started(counter: Engine) -> None:
    with pytest.raises(NotFound, match="nowhere"):
        instances.start_instance(counter, ADMIN, "nowhere", "C-1", {})

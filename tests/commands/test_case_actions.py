"""Actions on case files: offered while they are possible, to whom may; what nobody waits for any more is refused with a clear word."""

from __future__ import annotations

import json

import pytest

from engine.actors import Actor
from engine.assembly import Engine
from engine.commands import deployments
from engine.commands.case_actions import act, act_as_citizen
from engine.commands.case_files import open_case_file
from engine.commands.user_tasks import complete_task
from engine.db.case_tables import Case, Department
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound
from engine.queries.case_actions import case_action, case_actions, public_actions
from tests.commands.conftest import ADMIN, CLERK, COLLEAGUE, ELSEWHERE, HEAD, diagram, user_task
from tests.commands.files_of_kinds import BY_MESSAGE, END, SAID_FORM, START, add_action, add_kind, case, deploy, instances, service, tasks

SAID = {"title": "少跑一趟", "text": "窗口与部门共用一张表。"}
#: Waits for the message with the number of its file as the key.
WAITS = (
    '<bpmn:intermediateCatchEvent id="wait" name="等来信"><bpmn:extensionElements><camunda:properties>'
    '<camunda:property name="correlationKey" value="=case_no" /></camunda:properties></bpmn:extensionElements>'
    '<bpmn:messageEventDefinition messageRef="m_go" /></bpmn:intermediateCatchEvent>'
)
#: The start event lets its process run once at a time beside a file.
ONCE = (
    '<bpmn:extensionElements><camunda:properties><camunda:property name="once" value="true" />'
    "</camunda:properties></bpmn:extensionElements>"
)


@pytest.fixture
def beside(engine: Engine) -> Engine:
    """A file whose process waits for a clerk, and a procedure that the message ``go`` starts beside it."""
    add_kind(engine, "suggestion", "suggest", is_public=True)
    add_action(engine, "ask", name="提问", form="said", is_public=True)
    steps = START + user_task("study") + service("closed", "case-set-status", status="已归档") + user_task("rest") + END
    deploy(
        engine,
        diagram("suggest", steps, "s>study study>closed closed>rest rest>e"),
        diagram("ask", BY_MESSAGE + user_task("answer") + END, "s>answer answer>e"),
    )
    return engine


def opened(engine: Engine) -> str:
    return open_case_file(engine, CLERK, "suggestion", SAID)


def offered(engine: Engine, case_no: str) -> list[str]:
    return [view.action for view in case_actions(engine, CLERK, case_no)]


def close(engine: Engine) -> None:
    complete_task(engine, CLERK, next(item.task_id for item in tasks(engine) if item.element_id == "study"), {})


def test_an_action_starts_the_procedure_beside_the_process_of_the_file(beside: Engine) -> None:
    number = opened(beside)
    assert offered(beside, number) == ["ask"]
    act(beside, CLERK, number, "ask", {"text": "要多久?"})
    assert {(item.case_no, item.element_id) for item in tasks(beside)} == {(number, "study"), (number, "answer")}
    assert len(instances(beside, number)) == 2


def test_an_action_reaches_what_waits_for_it_and_is_gone_then(engine: Engine) -> None:
    add_kind(engine, "suggestion", "suggest")
    add_action(engine, "go_on")
    deploy(engine, diagram("suggest", START + WAITS + user_task("study") + END, "s>wait wait>study study>e"))
    number, other = opened(engine), opened(engine)
    act(engine, CLERK, number, "go_on", {})
    assert [(item.case_no, item.element_id) for item in tasks(engine)] == [(number, "study")]
    assert (offered(engine, number), offered(engine, other)) == ([], ["go_on"])
    with pytest.raises(Conflict, match=r"Expected case .* to wait for “撤回” but it does not, or not any more") as refused:
        act(engine, CLERK, number, "go_on", {})
    assert refused.value.code == "case-action-gone"
    assert [item.element_id for item in tasks(engine)] == ["study"]


def test_a_procedure_that_runs_once_is_refused_while_one_runs_and_named(beside: Engine) -> None:
    start = BY_MESSAGE.replace('name="来信">', f'name="来信">{ONCE}')
    deploy(beside, diagram("ask", start + user_task("answer") + END, "s>answer answer>e"))
    number, other = opened(beside), opened(beside)
    act(beside, CLERK, number, "ask", {"text": "要多久?"})
    with pytest.raises(
        Conflict, match=rf"Expected no “.+” to run beside {number} but one has been running since 2026-11-23 10:00"
    ) as refused:
        act(beside, CLERK, number, "ask", {"text": "要多久?"})
    assert (refused.value.code, refused.value.facts["since"]) == ("procedure-runs", "2026-11-23 10:00")
    with pytest.raises(Conflict, match="to run beside"):
        case_action(beside, CLERK, number, "ask")
    act(beside, CLERK, other, "ask", {"text": "要多久?"})  # another file is not concerned
    answer = next(item.task_id for item in tasks(beside) if (item.case_no, item.element_id) == (number, "answer"))
    complete_task(beside, CLERK, answer, {})
    act(beside, CLERK, number, "ask", {"text": "还要多久?"})
    assert len(instances(beside, number)) == 3


def test_other_procedures_may_run_side_by_side(beside: Engine) -> None:
    number = opened(beside)
    for _ in range(2):
        act(beside, CLERK, number, "ask", {"text": "要多久?"})
    assert [item.element_id for item in tasks(beside)].count("answer") == 2


def test_an_action_is_offered_to_its_groups_only(beside: Engine) -> None:
    number = opened(beside)
    assert case_actions(beside, HEAD, number) == ()
    with pytest.raises(NotAllowed, match="Expected one of window to ask"):
        act(beside, HEAD, number, "ask", {})
    with pytest.raises(NotAllowed, match="to belong to your window"):
        act(beside, ELSEWHERE, number, "ask", {})
    with pytest.raises(NotFound, match="Expected an action on case files"):
        act(beside, CLERK, number, "sing", {})


def test_an_action_may_be_for_whoever_owns_the_file(beside: Engine) -> None:
    add_action(beside, "ask", groups=["owner"])
    number = opened(beside)
    assert offered(beside, number) == ["ask"]  # the clerk opened it
    assert case_actions(beside, COLLEAGUE, number) == ()
    with pytest.raises(NotAllowed, match="Expected one of owner to ask"):
        act(beside, COLLEAGUE, number, "ask", {})


def test_an_action_may_be_for_every_department_that_sees_the_file(beside: Engine) -> None:
    add_action(beside, "ask", groups=["departments"])
    number = opened(beside)
    taxes = Actor("taxes", "示例·税务", frozenset({"D02"}), CLERK.org_unit, CLERK.scope)
    chief = Actor("chief", "示例·局长", frozenset({"D02_leader"}), CLERK.org_unit, CLERK.scope)
    with pytest.raises(NotAllowed, match="to have a share in case"):
        case_actions(beside, taxes, number)
    with beside.database.transaction() as session:
        session.get_one(Case, number).lead_department = "D02"
    assert [view.action for view in case_actions(beside, taxes, number)] == ["ask"]
    with pytest.raises(NotAllowed):
        act(beside, chief, number, "ask", {})


def test_an_action_that_names_no_status_is_for_open_files(beside: Engine) -> None:
    number = opened(beside)
    close(beside)
    assert case(beside, number).closed_at is not None
    assert offered(beside, number) == []
    with pytest.raises(Conflict, match=r"at a status for “提问” but it is 已归档") as refused:
        act(beside, CLERK, number, "ask", {})
    assert refused.value.code == "case-action-status"


def test_the_word_closed_offers_an_action_after_the_end_as_well(beside: Engine) -> None:
    add_action(beside, "ask", statuses=["closed"])
    add_action(beside, "early", statuses=["办理中"])
    number = opened(beside)
    assert offered(beside, number) == ["ask", "early"]
    close(beside)
    assert offered(beside, number) == ["ask"]


def test_an_action_of_another_kind_is_not_offered(beside: Engine) -> None:
    add_action(beside, "ask", kinds=["case"])
    assert offered(beside, opened(beside)) == []


def test_the_form_of_an_action_is_checked_and_nothing_is_sent_when_it_is_wrong(beside: Engine) -> None:
    number = opened(beside)
    page = case_action(beside, CLERK, number, "ask")
    assert page.schema is not None and page.view.name == "提问" and page.variables["case_no"] == number
    with pytest.raises(InvalidInput):
        act(beside, CLERK, number, "ask", {"text": ["not", "text"]})
    assert len(instances(beside, number)) == 1


def test_the_applicant_acts_behind_the_link_on_what_is_public(beside: Engine) -> None:
    add_action(beside, "inside", is_public=False)
    number = opened(beside)
    token = case(beside, number).public_token
    assert [view.action for view in public_actions(beside, token)] == ["ask"]
    act_as_citizen(beside, token, "ask", {"text": "要多久?"})
    assert len(instances(beside, number)) == 2
    with pytest.raises(NotAllowed, match="for the staff only"):
        act_as_citizen(beside, token, "inside", {})
    with pytest.raises(NotFound):
        act_as_citizen(beside, "unknown", "ask", {})


@pytest.mark.parametrize(("refers_to", "is_there"), [("suggestion", True), ("open_suggestion", True), ("file", True), ("case", False)])
def test_a_field_that_asks_for_the_number_of_a_file_takes_those_of_its_kind_only(beside: Engine, refers_to: str, is_there: bool) -> None:
    asking = json.loads(SAID_FORM)
    asking["components"].append({"type": "textfield", "id": "f", "key": "main", "label": "主件", "properties": {"refers_to": refers_to}})
    deployments.deploy(beside, ADMIN, {"said.form": json.dumps(asking).encode()}, "test")
    main, number = opened(beside), opened(beside)
    if is_there:
        act(beside, CLERK, number, "ask", {"main": main})
        return
    with pytest.raises(InvalidInput) as refused:
        act(beside, CLERK, number, "ask", {"main": main})
    assert refused.value.fields == {"main": [f"没有编号为“{main}”的工单,请核对。"]}


def _asking(engine: Engine, *fields: dict[str, object]) -> None:
    asking = json.loads(SAID_FORM)
    asking["components"] += [{"id": f"f_{one['key']}", "label": "填", **one} for one in fields]
    deployments.deploy(engine, ADMIN, {"said.form": json.dumps(asking).encode()}, "test")


def test_a_field_that_asks_for_a_deployment_refuses_a_number_that_there_is_not_and_one_that_holds_no_table(beside: Engine) -> None:
    _asking(beside, {"type": "number", "key": "deployment", "properties": {"refers_to": "deployment"}})
    number = opened(beside)
    for wrong in (99_999, 1):
        with pytest.raises(InvalidInput) as refused:
            act(beside, CLERK, number, "ask", {"deployment": wrong})
        assert f"“{wrong}”" in refused.value.fields["deployment"][0]
    act(beside, CLERK, number, "ask", {"deployment": None})


def test_a_field_that_asks_for_shared_data_takes_only_what_the_department_shares(beside: Engine) -> None:
    _asking(beside, {"type": "textfield", "key": "by"}, {"type": "textfield", "key": "item", "properties": {"refers_to": "shared_by:by"}})
    with beside.database.transaction() as session:
        session.add(Department(code="D91", name="示例局", uscc="", share_items=["企业登记信息"]))
    number = opened(beside)
    with pytest.raises(InvalidInput) as refused:
        act(beside, CLERK, number, "ask", {"by": "D91", "item": "户籍"})
    assert refused.value.fields == {"item": ["该部门没有“户籍”这项共享数据,可申请的有:企业登记信息。"]}
    act(beside, CLERK, number, "ask", {"by": "D91", "item": "企业登记信息"})

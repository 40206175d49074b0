"""Separation of duties: who did one step of a case may not do another that its diagram keeps apart."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from engine.assembly import Engine
from engine.commands import instances, user_tasks
from engine.db.tables import Account, UserTask
from engine.errors import InvalidDefinition, InvalidInput, NotAllowed
from engine.queries.inbox import InboxItem, InboxQuery, inbox
from engine.queries.tasks import task_page
from tests.commands.conftest import ADMIN, CLERK, COLLEAGUE, HEAD, START_END, WINDOW, deploy, diagram


def kept_apart(element_id: str, *others: str, extra: str = 'camunda:candidateGroups="window"') -> str:
    rule = f'<camunda:property name="not_completed_by" value="{", ".join(others)}" />'
    properties = f"<bpmn:extensionElements><camunda:properties>{rule}</camunda:properties></bpmn:extensionElements>"
    return f'<bpmn:userTask id="{element_id}" name="{element_id}" {extra}>{properties}</bpmn:userTask>'


def user_task(element_id: str) -> str:
    return f'<bpmn:userTask id="{element_id}" name="提出" camunda:candidateGroups="window" />'


@pytest.fixture
def four_eyes(engine: Engine) -> Engine:
    """start → propose → approve → end; who proposes does not approve."""
    body = START_END + user_task("propose") + kept_apart("approve", "propose")
    deploy(engine, diagram("four_eyes", body, "s>propose propose>approve approve>e"))
    return engine


def open_task(engine: Engine, case: str = "C-1") -> str:
    with engine.database.reading() as session:
        found = select(UserTask.id).where(UserTask.business_key == case, UserTask.ended_at.is_(None))
        return session.scalars(found.order_by(UserTask.created_at)).one()


def proposed_by_clerk(engine: Engine) -> str:
    instances.start_instance(engine, ADMIN, "four_eyes", "C-1", {})
    user_tasks.complete_task(engine, CLERK, open_task(engine), {})
    return open_task(engine)


def seen(engine: Engine) -> InboxItem:
    (item,) = inbox(engine, CLERK, InboxQuery()).items
    return item


def test_who_proposed_can_neither_claim_nor_complete_the_approval(four_eyes: Engine) -> None:
    task = proposed_by_clerk(four_eyes)
    for attempt in (user_tasks.claim_task, lambda *given: user_tasks.complete_task(*given, {})):
        with pytest.raises(NotAllowed, match="you completed '提出' of the same case") as refused:
            attempt(four_eyes, CLERK, task)
        assert refused.value.code == "four-eyes"


def test_somebody_else_approves(four_eyes: Engine) -> None:
    user_tasks.complete_task(four_eyes, COLLEAGUE, proposed_by_clerk(four_eyes), {})
    assert inbox(four_eyes, CLERK, InboxQuery()).items == ()


def test_the_inbox_and_the_page_say_so_instead_of_offering_the_task(four_eyes: Engine) -> None:
    task = proposed_by_clerk(four_eyes)
    assert (seen(four_eyes).can_claim, seen(four_eyes).barred_by) == (False, ("提出",))
    assert not task_page(four_eyes, CLERK, task).can_complete
    assert task_page(four_eyes, COLLEAGUE, task).can_complete


def test_a_step_of_another_case_bars_nobody(four_eyes: Engine) -> None:
    proposed_by_clerk(four_eyes)
    instances.start_instance(four_eyes, ADMIN, "four_eyes", "C-2", {})
    user_tasks.complete_task(four_eyes, COLLEAGUE, open_task(four_eyes, "C-2"), {})
    user_tasks.complete_task(four_eyes, CLERK, open_task(four_eyes, "C-2"), {})


def test_a_step_of_another_process_of_the_same_case_counts(four_eyes: Engine) -> None:
    body = START_END + kept_apart("review", "propose", "approve")
    deploy(four_eyes, diagram("reviewing", body, "s>review review>e"))
    user_tasks.complete_task(four_eyes, COLLEAGUE, proposed_by_clerk(four_eyes), {})
    instances.start_instance(four_eyes, ADMIN, "reviewing", "C-1", {})
    for person in (CLERK, COLLEAGUE):
        with pytest.raises(NotAllowed):
            user_tasks.complete_task(four_eyes, person, open_task(four_eyes), {})


def test_nobody_hands_the_approval_over_to_who_proposed(four_eyes: Engine) -> None:
    with four_eyes.database.transaction() as session:
        session.add(Account(id="clerk", name="示例·林晓", password_hash="-", org_unit=WINDOW))
    with pytest.raises(InvalidInput) as refused:
        user_tasks.reassign_task(four_eyes, HEAD, proposed_by_clerk(four_eyes), "clerk")
    assert refused.value.fields == {"assignee": ["示例·林晓办过“提出”,这一步须由另一人办理,请选择他人。"]}


def test_a_step_that_is_no_user_task_is_refused_at_deployment(engine: Engine) -> None:
    body = START_END + user_task("propose") + kept_apart("approve", "proposal", "s")
    with pytest.raises(InvalidDefinition) as refused:
        deploy(engine, diagram("four_eyes", body, "s>propose propose>approve approve>e"))
    found = [(one.code, one.element_id, one.message) for one in refused.value.findings if one.severity == "error"]
    assert found == [
        ("unknown-separation", "approve", "not_completed_by 里的“proposal”不是任何流程图中的人工任务。"),
        ("unknown-separation", "approve", "not_completed_by 里的“s”不是任何流程图中的人工任务。"),
    ]
    assert "propose" in refused.value.findings[0].remedy

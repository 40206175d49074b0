"""Repairs by administrators: move, skip, retry, end, set variables, rest and go on; each with a reason, evidence and a trial before."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from engine import runtime
from engine.actors import Actor
from engine.assembly import Engine
from engine.clock import MovableClock
from engine.commands import instances, jobs, modification, user_tasks
from engine.commands.modification import EditVariables, EndInstance, MoveToken, Place, RetryElement, SkipElement, Suspend
from engine.db.tables import Evidence, Incident, Job, ProcessInstance, UserTask
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound
from engine.queries.evidence import verify_evidence
from engine.queries.inbox import InboxQuery, inbox
from tests.commands.conftest import ADMIN, CLERK, START_END, WINDOW, deploy, diagram, user_task

MESSAGE = '<bpmn:messageEventDefinition messageRef="m_go" />'
WHO = '<camunda:inputOutput><camunda:inputParameter name="who">citizen</camunda:inputParameter></camunda:inputOutput>'
MANY = "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>3</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>"


def begun(engine: Engine, body: str, flows: str, key: str = "p", **variables: Any) -> int:
    deploy(engine, diagram(key, START_END + body, flows))
    return instances.start_instance(engine, ADMIN, key, "C-1", variables)


def tokens(engine: Engine) -> dict[str, int]:
    with engine.database.reading() as session:
        return dict(session.execute(select(UserTask.element_id, UserTask.token).where(UserTask.ended_at.is_(None))).all())  # type: ignore[arg-type]


def seen(engine: Engine) -> list[str]:
    return sorted(item.element_id for item in inbox(engine, CLERK, InboxQuery()).items)


def events(engine: Engine) -> list[str]:
    with engine.database.reading() as session:
        return list(session.scalars(select(Evidence.event).order_by(Evidence.id)))


def complete(engine: Engine, element: str) -> None:
    user_tasks.complete_task(engine, CLERK, f"1-{tokens(engine)[element]}", {})


def two(engine: Engine, **variables: Any) -> int:
    return begun(engine, user_task("first") + user_task("second"), "s>first first>second second>e", **variables)


def test_a_token_moved_elsewhere_ends_its_work_and_begins_there_anew(engine: Engine):
    instance = two(engine)
    before = tokens(engine)["first"]
    found = modification.move_token(engine, ADMIN, instance, before, "second", "材料已齐")
    assert (found.stands, seen(engine)) == (("second",), ["second"])
    assert modification.move_token(engine, ADMIN, instance, tokens(engine)["second"], "first", "退回").stands == ("first",)
    with engine.database.reading() as session:
        outcomes = {(task.element_id, task.outcome) for task in session.scalars(select(UserTask))}
    assert outcomes == {("first", "cancelled"), ("second", "cancelled"), ("first", None)}
    assert events(engine).count("instance:modify") == 2
    assert verify_evidence(engine).faults == ()


def test_a_token_goes_only_to_elements_of_its_own_scope_at_which_tokens_arrive(engine: Engine):
    join = '<bpmn:parallelGateway id="f" /><bpmn:parallelGateway id="j" />'
    instance = begun(engine, join + user_task("a") + user_task("b"), "s>f f>a f>b a>j b>j j>e")
    for target in ("nowhere", "j", "s"):
        with pytest.raises(InvalidInput):
            modification.move_token(engine, ADMIN, instance, tokens(engine)["a"], target, "试")
    with pytest.raises(NotFound):
        modification.move_token(engine, ADMIN, instance, 999, "a", "试")
    assert seen(engine) == ["a", "b"]


def test_one_of_several_instances_cannot_be_moved_but_can_be_skipped(engine: Engine):
    instance = begun(engine, f'<bpmn:userTask id="a" camunda:candidateGroups="window">{MANY}</bpmn:userTask>', "s>a a>e")
    with pytest.raises(InvalidInput):
        modification.move_token(engine, ADMIN, instance, tokens(engine)["a"], "e", "试")
    modification.skip_element(engine, ADMIN, instance, tokens(engine)["a"], {}, "一家不必答")
    assert seen(engine) == ["a", "a"]
    assert modification.change_instance(engine, ADMIN, instance, SkipElement(Place(element="a")), "都不必答").status == "ended"


def test_a_skipped_task_gives_the_results_that_were_stated(engine: Engine):
    instance = two(engine, n=1)
    modification.skip_element(engine, ADMIN, instance, tokens(engine)["first"], {"n": 2, "ok": True}, "系统外已办")
    assert (seen(engine), variables(engine, instance)) == (["second"], {"n": 2, "ok": True, "org_unit": WINDOW})


def test_a_called_process_that_is_skipped_ends_with_everything_in_it(engine: Engine):
    deploy(engine, diagram("inner", START_END + user_task("deep"), "s>deep deep>e"))
    call = '<bpmn:callActivity id="c" calledElement="inner" />'
    instance = begun(engine, call + user_task("after"), "s>c c>after after>e")
    modification.change_instance(engine, ADMIN, instance, SkipElement(Place(element="c"), {"done": 1}), "不必再办")
    assert seen(engine) == ["after"]


def test_a_failed_element_is_retried_or_skipped_and_its_incident_closed(engine: Engine):
    gate = '<bpmn:exclusiveGateway id="g" /><bpmn:sequenceFlow id="c" sourceRef="g" targetRef="after">{}</bpmn:sequenceFlow>'
    condition = "<bpmn:conditionExpression>n = 1</bpmn:conditionExpression>"
    instance = begun(engine, gate.format(condition) + user_task("after"), "s>g after>e", n=0)
    with pytest.raises(InvalidInput):
        modification.change_instance(engine, ADMIN, instance, SkipElement(Place(element="g")), "网关不能跳过")
    assert modification.change_instance(engine, ADMIN, instance, RetryElement(), "再试").failures != ()
    modification.edit_variables(engine, ADMIN, instance, None, {"n": 1}, "录错了")
    assert modification.change_instance(engine, ADMIN, instance, RetryElement(Place(element="g")), "已改正").stands == ("after",)
    with engine.database.reading() as session:
        assert session.scalars(select(Incident).where(Incident.resolved_at.is_(None))).all() == []
    with pytest.raises(NotFound):
        modification.change_instance(engine, ADMIN, instance, RetryElement(), "没有故障")


def test_variables_are_set_for_the_whole_instance_or_where_one_token_stands(engine: Engine):
    fork = '<bpmn:parallelGateway id="f" />'
    instance = begun(engine, fork + user_task("a") + user_task("b") + '<bpmn:endEvent id="e2" />', "s>f f>a f>b a>e b>e2", x=1)
    modification.edit_variables(engine, ADMIN, instance, None, {"x": 2, "on": date(2026, 12, 1)}, "更正")
    modification.edit_variables(engine, ADMIN, instance, tokens(engine)["a"], {"x": 3}, "只更正这一支")
    assert (at(engine, instance, "a")["x"], at(engine, instance, "b")) == (3, {"x": 2, "on": date(2026, 12, 1), "org_unit": WINDOW})
    assert events(engine).count("variables:edit") == 2
    with pytest.raises(InvalidInput):
        modification.edit_variables(engine, ADMIN, instance, None, {}, "空")
    with pytest.raises(InvalidInput):
        modification.edit_variables(engine, ADMIN, instance, None, {"x": object()}, "不是值")


def test_what_is_typed_becomes_a_value_of_its_kind_or_is_refused():
    texts = [("text", " a "), ("number", "12"), ("number", "1.50"), ("boolean", "是"), ("date", "2026-12-01"), ("json", '{"a": [1]}')]
    assert [modification.typed_value(*pair) for pair in [*texts, ("null", "")]] == [
        *(" a ", 12, 1.5, True, date(2026, 12, 1), {"a": [1]}, None)
    ]
    wrong = [
        ("number", "x"),
        ("number", "nan"),
        ("number", "1e999999999"),
        ("number", "9" * 400),
        ("boolean", "maybe"),
        ("date", "soon"),
        ("json", "{"),
        ("datetime", "2026-12-01"),
        ("magic", ""),
    ]
    for kind, text in wrong:
        with pytest.raises(InvalidInput):
            modification.typed_value(kind, text)


def test_a_suspended_instance_takes_no_completion_and_its_timer_waits_until_it_is_resumed(engine: Engine, clock: MovableClock):
    wait = '<bpmn:boundaryEvent id="late" attachedToRef="first" cancelActivity="false"><bpmn:timerEventDefinition>'
    wait += "<bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>"
    instance = begun(
        engine, user_task("first") + wait + user_task("chase") + '<bpmn:endEvent id="e2" />', "s>first first>e late>chase chase>e2"
    )
    modification.suspend_instance(engine, ADMIN, instance, "核实举报")
    with pytest.raises(Conflict, match="suspended"):
        complete(engine, "first")
    with pytest.raises(Conflict):
        modification.suspend_instance(engine, ADMIN, instance, "再来一次")
    clock.advance(hours=3)
    assert jobs.run_due_jobs(engine, "w") == 0
    assert jobs.next_due(engine) is None
    modification.resume_instance(engine, ADMIN, instance, "核实完毕")
    assert jobs.run_due_jobs(engine, "w") == 2  # what waited, and a look at the clocks of its case
    assert seen(engine) == ["chase", "first"]
    with pytest.raises(Conflict):
        modification.resume_instance(engine, ADMIN, instance, "没有挂起")
    complete(engine, "first")
    assert [event for event in events(engine) if event.startswith("instance:")][:3] == [
        "instance:start",
        "instance:suspend",
        "instance:resume",
    ]


def test_a_message_for_a_suspended_instance_is_delivered_when_it_goes_on(engine: Engine):
    instance = begun(
        engine, f'<bpmn:intermediateCatchEvent id="c">{MESSAGE}</bpmn:intermediateCatchEvent>' + user_task("after"), "s>c c>after after>e"
    )
    modification.suspend_instance(engine, ADMIN, instance, "核实")
    sent = (
        f'<bpmn:intermediateThrowEvent id="t"><bpmn:extensionElements>{WHO}</bpmn:extensionElements>{MESSAGE}</bpmn:intermediateThrowEvent>'
    )
    deploy(engine, diagram("sender", START_END + sent, "s>t t>e"))
    instances.start_instance(engine, ADMIN, "sender", "C-2", {})
    assert jobs.run_due_jobs(engine, "w") == 1
    assert jobs.run_due_jobs(engine, "w") == 0
    modification.resume_instance(engine, ADMIN, instance, "好了")
    assert jobs.run_due_jobs(engine, "w") == 2  # what waited, and a look at the clocks of its case
    assert (seen(engine), variables(engine, instance)["who"]) == (["after"], "citizen")


def test_a_job_that_a_worker_held_while_the_instance_was_suspended_has_no_effect(engine: Engine, clock: MovableClock):
    hour = "<bpmn:timerEventDefinition><bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition>"
    wait = f'<bpmn:intermediateCatchEvent id="c">{hour}'
    instance = begun(engine, wait + "</bpmn:intermediateCatchEvent>" + user_task("after"), "s>c c>after after>e")
    clock.advance(hours=2)
    (held,) = jobs.claim_jobs(engine, "w", 16)
    modification.suspend_instance(engine, ADMIN, instance, "核实")
    jobs.execute_job(engine, held)
    assert seen(engine) == []
    modification.resume_instance(engine, ADMIN, instance, "好了")
    clock.advance(seconds=1)
    assert jobs.run_due_jobs(engine, "w") == 2  # what waited, and a look at the clocks of its case
    assert seen(engine) == ["after"]
    with engine.database.reading() as session:
        assert session.scalars(select(Job)).all() == []


def test_an_instance_ended_by_hand_leaves_nothing_open_and_keeps_the_reason_as_a_digest(engine: Engine):
    instance = two(engine)
    found = modification.end_instance(engine, ADMIN, instance, EndInstance(), "重复登记")
    assert (found.status, seen(engine), events(engine)[-1]) == ("ended", [], "instance:end")
    with engine.database.reading() as session:
        assert "重复登记" not in "".join(session.scalars(select(Evidence.facts)))
    with pytest.raises(Conflict):
        modification.end_instance(engine, ADMIN, instance, EndInstance(), "再来")


def test_a_trial_says_what_would_come_and_changes_nothing(engine: Engine):
    instance = two(engine)
    with engine.database.reading() as session:
        before = (session.get_one(ProcessInstance, instance).state, len(list(session.scalars(select(Evidence.id)))))
    assert modification.try_change(engine, ADMIN, instance, MoveToken(Place(element="first"), "second")).stands == ("second",)
    assert modification.try_change(engine, ADMIN, instance, EndInstance()).status == "ended"
    with engine.database.reading() as session:
        assert (session.get_one(ProcessInstance, instance).state, len(list(session.scalars(select(Evidence.id))))) == before
    assert seen(engine) == ["first"]


def test_many_instances_are_changed_each_for_itself(engine: Engine):
    deploy(engine, diagram("p", START_END + user_task("first") + user_task("second"), "s>first first>second second>e"))
    numbers = [instances.start_instance(engine, ADMIN, "p", f"C-{number}", {}) for number in range(4)]
    instances.cancel_instance(engine, ADMIN, numbers[1], "不办了")
    change = MoveToken(Place(element="first"), "second")
    tried = modification.try_changes(engine, ADMIN, [*numbers, 999], change)
    done = modification.change_instances(engine, ADMIN, [*numbers, 999], change, "第一步取消")
    assert [result.is_changed for result in tried] == [result.is_changed for result in done] == [True, False, True, True, False]
    assert seen(engine) == ["second"] * 3
    with pytest.raises(InvalidInput):
        modification.change_instances(engine, ADMIN, range(modification.MOST_AT_ONCE + 1), Suspend(), "太多")


def test_only_administrators_of_the_window_repair_and_only_with_a_reason(engine: Engine):
    instance = two(engine)
    stranger = Actor("far", "示例·远", frozenset({"admin"}), "440104-01", frozenset({"440104-01"}))
    for person in (CLERK, stranger):
        with pytest.raises(NotAllowed):
            modification.suspend_instance(engine, person, instance, "试")
        with pytest.raises(NotAllowed):
            modification.try_change(engine, person, instance, EditVariables({"x": 1}))
    with pytest.raises(InvalidInput):
        modification.suspend_instance(engine, ADMIN, instance, "  ")
    with pytest.raises(NotFound):
        modification.suspend_instance(engine, ADMIN, 10**30, "试")


def variables(engine: Engine, instance: int) -> dict[str, Any]:
    with engine.database.reading() as session:
        return dict(runtime.peek(engine, session, ADMIN, instance).execution.variables)


def at(engine: Engine, instance: int, element: str) -> dict[str, Any]:
    with engine.database.reading() as session:
        return dict(runtime.peek(engine, session, ADMIN, instance).execution.variables_of(tokens(engine)[element]))

"""User tasks, scripts, operations, decisions, parameters, asynchronous continuation, failures and retry."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from engine.bpmn.failures import TEXTS
from engine.bpmn.waits import Activity
from engine.errors import BpmnError, InvalidInput, NotFound
from tests.bpmn.conftest import NOON, Begin, HostDouble
from tests.bpmn.diagrams import (
    boundary,
    chain,
    element,
    end,
    extensions,
    file_of,
    parameters,
    process,
    script,
    service,
    start,
    straight,
    sub,
    timer,
    user,
)


def test_a_user_task_tells_the_inbox_all_about_itself(begin: Begin):
    task = user(
        "a",
        "<bpmn:documentation>核对材料</bpmn:documentation>",
        assignee="=owner",
        candidateUsers="li, wang",
        candidateGroups='=["clerks", team]',
        dueDate="=limit",
        followUpDate="PT1H",
        priority="70",
        formRef="register",
        formRefBinding="version",
        formRefVersion="3",
    ).replace("<bpmn:userTask ", '<bpmn:userTask name="登记" ')
    run = begin(file_of(straight(task, ids=["a"])), owner="zhang", team="leads", limit="P2D")
    (wait,) = run.waits.user_tasks.values()
    assert (wait.element_id, wait.name, wait.process_key, wait.documentation) == ("a", "登记", "P", "核对材料")
    assert (wait.assignee, wait.candidate_users, wait.candidate_groups) == ("zhang", ("li", "wang"), ("clerks", "leads"))
    assert (wait.due_at, wait.follow_up_at, wait.created_at) == (NOON + timedelta(days=2), NOON + timedelta(hours=1), NOON)
    assert (wait.priority, wait.form_key, wait.form_binding, wait.form_version) == (70, "register", "version", 3)


def test_a_plain_user_task_has_no_limits_and_middle_priority(begin: Begin):
    (wait,) = begin(file_of(straight(user("a", formKey="f"), ids=["a"]))).waits.user_tasks.values()
    assert (wait.assignee, wait.candidate_users, wait.candidate_groups, wait.due_at, wait.priority) == (None, (), (), None, 50)
    assert (wait.form_key, wait.form_binding, wait.form_version, wait.lane) == ("f", "latest", None, None)


def test_the_lane_of_a_task_is_known_also_inside_a_sub_process(begin: Begin):
    lane = '<bpmn:lane id="l1" name="窗口"><bpmn:flowNodeRef>a</bpmn:flowNodeRef><bpmn:flowNodeRef>s</bpmn:flowNodeRef></bpmn:lane>'
    inside = sub("s", start("i"), user("b"), end("o"), chain("i", "b", "o"))
    run = begin(file_of(straight(f'<bpmn:laneSet id="ls">{lane}</bpmn:laneSet>', user("a"), inside, ids=["a", "s"])))
    assert [wait.lane for wait in run.waits.user_tasks.values()] == ["窗口"]
    run.complete("a")
    assert [(wait.element_id, wait.lane) for wait in run.waits.user_tasks.values()] == [("b", "窗口")]


def test_attributes_are_evaluated_when_the_task_is_reached_and_not_again(begin: Begin):
    run = begin(file_of(straight(user("a", assignee="=who"), ids=["a"])), who="first")
    run.set_variables(who="second")
    assert next(iter(run.waits.user_tasks.values())).assignee == "first"


def test_a_script_merges_its_context_or_fills_its_result_variable(begin: Begin):
    parts = [script("s1", "= {a: x + 1, b: [x]}"), script("s2", "a * 2", camunda__resultVariable="c"), user("t")]
    run = begin(file_of(straight(*parts, ids=["s1", "s2", "t"])), x=1)
    assert run.data_at("t") == {"x": 1, "a": 2, "b": [1], "c": 4}


def test_a_script_that_gives_no_context_is_a_failure(begin: Begin):
    run = begin(file_of(straight(script("s", "1 + 1"), ids=["s"])))
    assert "结构" in run.failures["s"]


def test_an_operation_gets_its_inputs_and_its_result_is_merged(begin: Begin, host: HostDouble):
    seen: list[Any] = []

    def notify(inputs: Mapping[str, Any], activity: Activity) -> Mapping[str, Any]:
        seen.append((inputs, activity))
        return {"notice_id": 7}

    host.operations["notify"] = notify
    inputs = parameters({"to": "=phone", "kind": "sms", "empty": ""})
    run = begin(file_of(straight(service("n", "notify", inputs, name="告知"), user("t"), ids=["n", "t"])), phone="123")
    ((given, activity),) = seen
    assert given == {"to": "123", "kind": "sms", "empty": ""}
    assert (activity.element_id, activity.element_name, activity.process_key, dict(activity.variables)) == (
        "n",
        "告知",
        "P",
        {"phone": "123"},
    )
    assert run.data_at("t") == {"phone": "123", "notice_id": 7}


def test_output_parameters_choose_what_an_operation_leaves(begin: Begin, host: HostDouble):
    host.operations["count"] = lambda inputs, activity: {"n": 2, "noise": True}
    task = service("c", "count", parameters({"base": "=10"}, {"total": "=base + n", "label": "fixed"}))
    run = begin(file_of(straight(task, user("t"), ids=["c", "t"])))
    assert run.data_at("t") == {"total": 12, "label": "fixed"}


def test_lists_and_maps_can_be_parameters(begin: Begin, host: HostDouble):
    seen: list[Mapping[str, Any]] = []
    host.operations["op"] = lambda inputs, activity: seen.append(inputs) or {}
    nested = (
        '<camunda:inputOutput><camunda:inputParameter name="l">'
        "<camunda:list><camunda:value>=x</camunda:value><camunda:value>y</camunda:value></camunda:list>"
        '</camunda:inputParameter><camunda:inputParameter name="m">'
        '<camunda:map><camunda:entry key="k">=x + 1</camunda:entry></camunda:map>'
        "</camunda:inputParameter></camunda:inputOutput>"
    )
    begin(file_of(straight(service("o", "op", extensions(nested)), ids=["o"])), x=1)
    assert seen[0] == {"l": [1, "y"], "m": {"k": 2}}


def test_an_operation_cannot_change_the_variables_it_is_shown(begin: Begin, host: HostDouble):
    def meddle(inputs: Mapping[str, Any], activity: Activity) -> Mapping[str, Any]:
        inputs["list"].append(9)
        activity.variables["list"].append(9)
        return {}

    host.operations["meddle"] = meddle
    run = begin(file_of(straight(service("o", "meddle", parameters({"list": "=list"})), user("t"), ids=["o", "t"])), list=[1])
    assert run.data_at("t") == {"list": [1]}


def test_inputs_of_a_user_task_are_its_own_and_outputs_map_back(begin: Begin):
    task = user("a", parameters({"question": '="what about " + topic'}, {"answer": "=reply"}))
    run = begin(file_of(straight(task, user("t"), ids=["a", "t"])), topic="x")
    assert run.data_at("a") == {"topic": "x", "question": "what about x"}
    run.complete("a", reply="fine", question="changed in the form")
    assert run.data_at("t") == {"topic": "x", "reply": "fine", "answer": "fine"}


def rule(id: str, **attributes: str) -> str:
    return element("businessRuleTask", id, **{f"camunda__{name}": value for name, value in attributes.items()})


def test_a_decision_goes_to_its_result_variable_in_the_shape_that_is_asked(begin: Begin, host: HostDouble):
    host.decisions["DT01"] = lambda variables: [f"row {variables['x']}"]
    task = rule("r", decisionRef="DT01", decisionRefBinding="deployment", mapDecisionResult="collectEntries", resultVariable="rows")
    run = begin(file_of(straight(task, user("t"), ids=["r", "t"])), x=1)
    assert run.data_at("t") == {"x": 1, "rows": ["row 1"]}
    (ref,) = host.decided
    assert (ref.key, ref.binding, ref.version, ref.element_id, ref.map_result) == ("DT01", "deployment", None, "r", "collectEntries")


def test_a_decision_without_result_variable_merges_its_context(begin: Begin, host: HostDouble):
    host.decisions["DT01"] = lambda variables: {"level": 2}
    run = begin(file_of(straight(rule("r", decisionRef="DT01"), user("t"), ids=["r", "t"])))
    assert run.data_at("t") == {"level": 2}
    assert host.decided[0].map_result == "singleResult"


def test_an_asynchronous_element_waits_until_it_is_resumed(begin: Begin, host: HostDouble):
    host.operations["op"] = lambda inputs, activity: {"done": True}
    cycle = extensions("<camunda:failedJobRetryTimeCycle>R3/PT5M</camunda:failedJobRetryTimeCycle>")
    run = begin(file_of(straight(service("o", "op", cycle, camunda__asyncBefore="true"), user("t"), ids=["o", "t"])))
    (wait,) = run.waits.continuations.values()
    assert (wait.element_id, wait.retry_cycle) == ("o", "R3/PT5M")
    assert run.tasks == []
    run.resume()
    assert run.data_at("t") == {"done": True}


def test_whatever_an_operation_raises_stops_only_its_own_token(begin: Begin, host: HostDouble):
    attempts: list[int] = []

    def flaky(inputs: Mapping[str, Any], activity: Activity) -> Mapping[str, Any]:
        attempts.append(1)
        if len(attempts) < 3:
            raise RuntimeError("line is down")
        return {"ok": True}

    host.operations["flaky"] = flaky
    parts = [start(), service("o", "flaky"), user("t"), user("b"), end()]
    flows = [("start", "o"), ("o", "t"), ("t", "end"), ("start", "b"), ("b", "end")]
    arrows = "".join(f'<bpmn:sequenceFlow id="q{n}" sourceRef="{a}" targetRef="{b}"/>' for n, (a, b) in enumerate(flows))
    run = begin(file_of(process(*parts, arrows)))
    (failure,) = run.waits.failures.values()
    assert failure.message == "RuntimeError: line is down"
    assert "Traceback" in failure.detail
    assert run.tasks == ["b"]
    run.retry()
    assert list(run.failures) == ["o"]
    run.complete("b", other=1)
    run.retry()
    assert run.data_at("t") == {"ok": True, "other": 1}
    assert run.failures == {}


def test_a_failing_output_mapping_is_retried_without_repeating_the_work(begin: Begin):
    run = begin(file_of(straight(user("a", parameters(outputs={"y": "=missing + 1"})), user("t"), ids=["a", "t"])))
    run.complete("a")
    assert list(run.failures) == ["a"]
    run.set_variables(missing=1)
    run.retry()
    assert run.data_at("t") == {"missing": 1, "y": 2}


def test_a_task_whose_attributes_cannot_be_evaluated_is_a_failure_and_opens_after_retry(begin: Begin):
    run = begin(file_of(straight(user("a", dueDate="=limit"), ids=["a"])))
    assert list(run.failures) == ["a"]
    assert run.tasks == []
    run.set_variables(limit="PT1H")
    run.retry()
    assert run.tasks == ["a"]


def test_a_business_error_without_a_boundary_event_is_a_failure(begin: Begin, host: HostDouble):
    def refuse(inputs: Mapping[str, Any], activity: Activity) -> Mapping[str, Any]:
        raise BpmnError("NO_STOCK", "nothing left")

    host.operations["refuse"] = refuse
    run = begin(file_of(straight(service("o", "refuse"), ids=["o"])))
    assert "NO_STOCK" in run.failures["o"]


def test_a_token_that_does_not_wait_is_not_found(begin: Begin):
    run = begin(file_of(straight(user("a"), ids=["a"])))
    token = run.task("a")
    run.complete("a")
    for command in (run.execution.fire_timer, run.execution.resume, run.execution.retry):
        with pytest.raises(NotFound):
            command(token)
    for command_with_data in (run.execution.complete, run.execution.deliver):
        with pytest.raises(NotFound):
            command_with_data(token, {})


@pytest.mark.parametrize("value", [object(), {1: "x"}, {"$t": "date"}, float("nan"), 2**64, "\ud800", {"\ud800": 1}, {"a": [b"bytes"]}])
def test_variables_that_cannot_be_stored_are_refused_and_nothing_changes(begin: Begin, value: Any):
    run = begin(file_of(straight(user("a"), ids=["a"])))
    with pytest.raises(InvalidInput):
        run.execution.complete(run.task("a"), {"x": value})
    assert run.tasks == ["a"]
    assert run.variables == {}


def test_dates_and_durations_survive_the_stored_state(begin: Begin):
    text = '{day: date("2026-03-02"), moment: date and time("2026-03-02T08:00:00Z"), span: duration("PT90M"), clock: time("08:30:00")}'
    run = begin(file_of(straight(script("s", text), user("t"), ids=["s", "t"])))
    data = run.data_at("t")
    run.complete("t")
    assert run.variables == data
    assert data["span"] == timedelta(minutes=90)
    assert data["day"].isoformat() == "2026-03-02"


def test_what_a_caller_does_with_variables_afterwards_does_not_reach_the_instance(begin: Begin):
    run = begin(file_of(straight(user("a"), user("b"), ids=["a", "b"])))
    given: dict[str, Any] = {"list": [1]}
    run.execution.complete(run.task("a"), given)
    given["list"].append(2)
    run.execution.variables["list"].append(3)
    run.execution.variables_of(run.task("b"))["list"].append(4)
    assert run.data_at("b") == {"list": [1]}


def test_variables_set_by_an_operator_reach_every_branch(begin: Begin):
    parts = [start(), user("a"), user("b"), end()]
    arrows = "".join(
        f'<bpmn:sequenceFlow id="{a}_{b}" sourceRef="{a}" targetRef="{b}"/>'
        for a, b in [("start", "a"), ("start", "b"), ("a", "end"), ("b", "end")]
    )
    run = begin(file_of(process(*parts, arrows)), x=1)
    run.set_variables(x=2, y=3)
    assert run.data_at("a") == run.data_at("b") == {"x": 2, "y": 3}


def test_a_cancelled_instance_is_completed_and_its_open_runs_are_cancelled(begin: Begin):
    run = begin(file_of(straight(user("a"), ids=["a"])), x=1)
    run.cancel()
    assert run.completed
    assert run.tasks == []
    assert run.path("userTask") == [("a", "cancelled")]
    assert run.variables == {"x": 1}
    assert run.ends == ()


def test_values_nested_too_deep_are_refused_and_do_not_crash(begin: Begin):
    value: list[Any] = []
    for _ in range(5000):
        value = [value]
    run = begin(file_of(straight(user("a"), ids=["a"])))
    with pytest.raises(InvalidInput):
        run.execution.complete(run.task("a"), {"x": value})
    run.complete("a", x=[[[[1]]]])
    assert run.completed


def test_every_failure_text_speaks_chinese_and_english():
    for chinese, english in TEXTS.values():
        assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese)
        assert not any("\u4e00" <= letter <= "\u9fff" for letter in english)


def test_a_timer_at_the_border_frees_a_task_that_has_failed(begin: Begin, host: HostDouble):
    late = boundary("late", "o", timer("timeDuration", "P1D"))
    parts = [start(), service("o", "broken"), late, user("t"), end(), chain("start", "o", "end"), chain("late", "t", "end")]
    run = begin(file_of(process(*parts)))
    assert list(run.failures) == ["o"]
    run.fire("late")
    assert (run.failures, run.tasks) == ({}, ["t"])


def test_a_failure_tells_the_retry_cycle_of_its_element(begin: Begin):
    cycle = extensions("<camunda:failedJobRetryTimeCycle>R3/PT5M</camunda:failedJobRetryTimeCycle>")
    (failure,) = begin(file_of(straight(service("o", "unknown", cycle), ids=["o"]))).waits.failures.values()
    assert failure.retry_cycle == "R3/PT5M"


def test_a_boundary_timer_may_use_the_inputs_of_its_task(begin: Begin):
    late = boundary("late", "a", timer("timeDuration", "=limit"))
    parts = [
        start(),
        user("a", parameters({"limit": '="PT" + string(hours) + "H"'})),
        late,
        end(),
        chain("start", "a", "end"),
        chain("late", "end"),
    ]
    run = begin(file_of(process(*parts)), hours=3)
    assert next(iter(run.waits.timers.values())).due_at == NOON + timedelta(hours=3)

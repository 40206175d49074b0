"""What can run but may be improved: people, time, choices, names. Each fault is planted once, each right way is quiet."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.deployment_checks import check_set, parse_files
from engine.deployment_checks.advice_texts import SEVERITIES
from engine.feel import Feel
from engine.surroundings import PAGE_FORMS
from tests.commands.conftest import START_END, user_task
from tests.deployment_checks.advised import advised, places
from tests.deployment_checks.conftest import own_files, own_surroundings
from tests.deployment_checks.test_variables_at_places import diagram, field, form, script

WINDOW = 'camunda:candidateGroups="window"'


def about(feel: Feel, body: str, flows: str, *codes: str, **around: object) -> list[tuple[str, str | None]]:
    return places(advised(feel, {"p.bpmn": diagram("p", START_END + body, flows)}, **around), *codes)


# ── people ──────────────────────────────────────────────────────────────────
def test_a_user_task_that_names_nobody_is_a_warning(feel: Feel) -> None:
    assert about(feel, user_task("u", ""), "s>u u>e", "nobody") == [("nobody", "u")]
    assert about(feel, user_task("u", 'camunda:assignee="=owner"'), "s>u u>e", "nobody") == []


@pytest.mark.parametrize(
    ("extra", "code"),
    [
        (WINDOW, None),
        ('camunda:candidateGroups="expert"', "group-empty"),
        ('camunda:candidateGroups="window,expert"', "group-empty-too"),
        ('camunda:candidateGroups="expert" camunda:assignee="=owner"', "group-empty-too"),
        ('camunda:candidateGroups="=group"', None),
        ('camunda:assignee="lin"', None),
        ('camunda:assignee="owner"', "no-account"),
        ('camunda:candidateUsers="lin, wang"', "no-account"),
    ],
)
def test_a_group_without_members_and_an_account_that_does_not_exist_are_told(feel: Feel, extra: str, code: str | None) -> None:
    known = {"members": {"window": 2, "expert": 0}, "accounts": frozenset({"lin"}), "groups": frozenset({"window", "expert"})}
    found = about(feel, user_task("u", extra), "s>u u>e", "group-empty", "group-empty-too", "no-account", **known)
    assert found == ([(code, "u")] if code else [])


def test_nothing_is_said_of_people_while_nobody_is_entered_yet(feel: Feel) -> None:
    body = user_task("u", f'{WINDOW} camunda:assignee="lin"')
    assert about(feel, body, "s>u u>e", "group-empty-too", "no-account", members={"window": 0}) == []


# ── time ────────────────────────────────────────────────────────────────────
DUE = f'{WINDOW} camunda:dueDate="P1D"'


def timer(element_id: str, duration: str, host: str = "u", tag: str = "timeDuration") -> str:
    return (
        f'<bpmn:boundaryEvent id="{element_id}" name="到时" attachedToRef="{host}" cancelActivity="false"><bpmn:timerEventDefinition>'
        f"<bpmn:{tag}>{duration}</bpmn:{tag}></bpmn:timerEventDefinition></bpmn:boundaryEvent>"
    )


def test_a_limit_that_no_timer_watches_is_information(feel: Feel) -> None:
    assert about(feel, user_task("u", DUE), "s>u u>e", "limit-unwatched") == [("limit-unwatched", "u")]
    assert about(feel, user_task("u", DUE) + timer("t", "P1D"), "s>u u>e t>e", "limit-unwatched") == []


def test_a_timer_around_the_task_watches_its_limit(feel: Feel) -> None:
    inner = f'<bpmn:startEvent id="s2" />{user_task("u", DUE)}<bpmn:endEvent id="e2" />'
    flows = '<bpmn:sequenceFlow id="g1" sourceRef="s2" targetRef="u" /><bpmn:sequenceFlow id="g2" sourceRef="u" targetRef="e2" />'
    body = f'<bpmn:subProcess id="p2" name="办理">{inner}{flows}</bpmn:subProcess>'
    assert about(feel, body, "s>p2 p2>e", "limit-unwatched") == [("limit-unwatched", "u")]
    assert about(feel, body + timer("t", "P1D", "p2"), "s>p2 p2>e t>e", "limit-unwatched") == []


@pytest.mark.parametrize(
    ("text", "tag", "code"),
    [
        ("PT30S", "timeDuration", "timer-short"),
        ('=duration("PT5S")', "timeDuration", "timer-short"),
        ("R/PT10S", "timeCycle", "timer-short"),
        ("P20Y", "timeDuration", "timer-long"),
        ("PT1M", "timeDuration", None),
        ("3个工作日", "timeDuration", None),
        ("2099-01-01", "timeDate", None),
        ("=limit", "timeDuration", None),
    ],
)
def test_a_timer_that_is_surely_a_slip_is_a_warning(feel: Feel, text: str, tag: str, code: str | None) -> None:
    found = about(feel, user_task("u") + timer("t", text, tag=tag), "s>u u>e t>e", "timer-short", "timer-long")
    assert found == ([(code, "t")] if code else [])


# ── gateways ────────────────────────────────────────────────────────────────
def choice(*conditions: str, extra: str = "") -> str:
    flows = "".join(
        f'<bpmn:sequenceFlow id="w{n}" sourceRef="g" targetRef="e"><bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">'
        f"{condition.replace('<', '&lt;')}</bpmn:conditionExpression></bpmn:sequenceFlow>"
        for n, condition in enumerate(conditions)
    )
    return f'<bpmn:exclusiveGateway id="g" name="哪一种?"{extra} />{flows}'


LEVEL = field("select", "level", values=[{"label": "a", "value": "a"}, {"label": "b", "value": "b"}])
ASKED = form("ask", LEVEL, field("checkbox", "ok"), field("number", "n"), field("textfield", "free"))


@pytest.mark.parametrize(
    ("conditions", "code"),
    [
        (["ok", "not(ok)"], None),
        (["ok = true", "ok = false"], None),
        (["n > 3", "n <= 3"], None),
        (['level = "a"', 'level = "b"'], None),
        (['level = "a"', 'level != "a"'], None),
        (['level = "a" and ok', 'level = "a" and ok = false', 'level = "b"'], None),
        (['level = "a" and (ok or n > 3)', "true"], "no-default"),
        (['level = "a" or (level = "b" and ok)', 'level = "b" and not(ok)'], None),
        (["free = null", "free != null"], None),
        (['free in ("x", "y")', 'free = "z"'], "no-way-on"),
        (['level = "a"', 'level = "b" and ok'], "no-way-on"),
        (["n > 3", "n < 3"], "no-way-on"),
        (["n > 3", "n < n + 1"], "no-default"),
    ],
)
def test_a_gateway_without_default_is_a_warning_unless_its_conditions_are_complete(feel: Feel, conditions: list[str], code: str) -> None:
    source = diagram("p", START_END + user_task("u", f'{WINDOW} camunda:formKey="ask"') + choice(*conditions), "s>u u>g")
    found = places(advised(feel, {"p.bpmn": source, "ask.form": ASKED}), "no-default", "no-way-on")
    assert found == ([(code, "g")] if code else [])


def test_a_gateway_that_lacks_a_way_says_for_which_values_and_one_with_a_default_is_quiet(feel: Feel) -> None:
    body = user_task("u", f'{WINDOW} camunda:formKey="ask"')
    source = diagram("p", START_END + body + choice('level = "a"', 'level = "b" and ok'), "s>u u>g")
    [found] = [one for one in advised(feel, {"p.bpmn": source, "ask.form": ASKED}, "en") if one.code == "no-way-on"]
    assert "level = “b”, ok = false" in found.message and found.severity == "warning"
    assert about(feel, script("u", "{n: 1}") + choice("n > 3", "n < 3", extra=' default="w0"'), "s>u u>g", "no-way-on", "no-default") == []


def test_a_very_long_condition_is_not_taken_apart(feel: Feel) -> None:
    long = "(" * 600 + "n > 3" + ")" * 600
    assert about(feel, script("u", "{n: 1}") + choice(long, "n < 3"), "s>u u>g", "no-default") == [("no-default", "g")]


# ── names ───────────────────────────────────────────────────────────────────
def test_elements_without_name_with_the_same_name_and_with_the_id_of_a_modeler_are_information(feel: Feel) -> None:
    tasks = (
        f'<bpmn:userTask id="Activity_0abc123" name="核对" {WINDOW} /><bpmn:userTask id="b" name="核对" {WINDOW} />'
        f'<bpmn:userTask id="c" {WINDOW} />'
    )
    found = about(feel, tasks, "s>Activity_0abc123 Activity_0abc123>b b>c c>e", "unnamed", "name-twice", "given-id", "no-lanes")
    assert found == [("given-id", "Activity_0abc123"), ("name-twice", "b"), ("unnamed", "c"), ("no-lanes", "p")]
    assert {SEVERITIES[code] for code, _ in found} == {"info"}


def test_joins_and_plain_starts_of_sub_processes_need_no_name_and_machines_no_lane(feel: Feel) -> None:
    body = '<bpmn:parallelGateway id="f" /><bpmn:parallelGateway id="j" />' + script("a", "{x: 1}").replace(
        "<bpmn:scriptTask", '<bpmn:scriptTask name="a"'
    )
    assert about(feel, body, "s>f f>a f>j a>j j>e", "unnamed", "no-lanes") == []


# ── the files that the program brings along ─────────────────────────────────
def test_our_own_files_give_no_warning_but_one_that_is_right(feel: Feel) -> None:
    parsed, problems = parse_files(feel, own_files())
    found = check_set(feel, parsed, replace(own_surroundings(), pages=PAGE_FORMS))
    assert problems == []
    assert {(one.code, one.element_id) for one in found if one.severity != "info"} <= {("no-way-on", "which_follow_up")}

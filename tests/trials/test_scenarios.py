"""Scenario files: what they may say, how they run in virtual time, what they find."""

from __future__ import annotations

from datetime import datetime

import pytest

from engine.errors import InvalidDefinition
from engine.feel import Feel
from engine.settings import read_settings
from engine.trials import scenarios
from engine.trials.centre import Template, template
from engine.trials.coverage import coverage
from tests.commands.conftest import START_END, diagram, user_task
from tests.conftest import PROJECT

SHIPPED = sorted((PROJECT / "processes" / "scenarios").glob("*.toml"))


def read(text: str) -> scenarios.Scenario:
    return scenarios.read_scenario("processes/scenarios/x.toml", text.encode())


@pytest.mark.parametrize("file", SHIPPED, ids=lambda path: path.stem)
def test_every_scenario_that_is_shipped_passes(file, prepared: Template) -> None:
    outcome = scenarios.run(prepared, scenarios.read_scenario(str(file), file.read_bytes()))
    assert outcome.is_passed, "\n".join(map(str, outcome.failures))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("title = 'x'\n[given]\n", "given"),
        ("[given]\nprocess='p'\ncase={}\n", "given"),
        ("[given]\nprocess='p'\nat='soon'\n", "given.at"),
        ("colour=1\n[given]\nprocess='p'\n", "colour"),
        ("[given]\nprocess='p'\n[then]\nstate='x'\n", "then.state"),
        ("[given]\nprocess='p'\n[[when]]\nanswers={}\n", "when 1"),
        ("[given]\nprocess='p'\n[[when]]\nwait='PT1H'\ncomplete='x'\n", "when 1"),
        ("[given]\nprocess='p'\n[[when]]\nuntil='never'\n", "when 1.until"),
        ("[given]\nprocess='p'\n[[when]]\nwait='PT1H'\nthen={opened=[]}\n", "when 1.then.opened"),
    ],
)
def test_what_a_scenario_may_not_say_is_named_by_its_place(text: str, place: str) -> None:
    with pytest.raises(InvalidDefinition) as refused:
        read(text)
    assert [finding.element_id for finding in refused.value.findings] == [place]


def test_what_is_no_toml_is_refused_with_the_line() -> None:
    with pytest.raises(InvalidDefinition) as refused:
        read("[given\n")
    assert "line 1" in refused.value.findings[0].message


def test_a_process_that_does_not_exist_fails_the_scenario_and_names_it(prepared: Template) -> None:
    outcome = scenarios.run(prepared, read("[given]\nprocess = 'nothing'\n"))
    assert not outcome.is_passed and "nothing" in outcome.failures[0].found


def simple_case(rest: str) -> scenarios.Scenario:
    return read((PROJECT / "processes" / "scenarios" / "simple_case_solved.toml").read_text("utf-8").split("[[when]]")[0] + rest)


def test_a_step_that_cannot_be_done_says_what_was_open_instead(prepared: Template) -> None:
    outcome = scenarios.run(prepared, simple_case("[[when]]\ncomplete = 'opinion'\n"))
    assert [failure.step for failure in outcome.failures] == [1] and "direct_coordination" in outcome.failures[0].found


@pytest.mark.parametrize(
    ("then", "expected"),
    [
        ("status = '已归档'", "status '已归档'"),
        ("level = '重大'", "level '重大'"),
        ("ended = true", "ended True"),
        ("path = ['grade_by_table', 'triage_by_table']", "the path to come to 'triage_by_table'"),
        ("never = ['direct_coordination']", "the path never to come to 'direct_coordination'"),
        ("open = []", "open tasks []"),
        ("notices = ['MSG-01', 'MSG-01']", "notices ['MSG-01']"),
        ("cards = ['红牌']", "cards ['红牌']"),
        ("rows = {DT01 = 'T99'}", "row 'T99' of DT01"),
        ("due = {finish = 2026-11-25T17:00:00}", "finish due at 2026-11-25 17:00:00"),
        ("due = {nothing = 2026-11-25T17:00:00}", "nothing due at 2026-11-25 17:00:00"),
        ("incidents = 1", "1 incidents"),
    ],
)
def test_each_expectation_that_does_not_hold_is_named(prepared: Template, then: str, expected: str) -> None:
    outcome = scenarios.run(prepared, simple_case(f"[then]\n{then}\n"))
    assert len(outcome.failures) == 1 and outcome.failures[0].expected.startswith(expected)


def test_expectations_that_hold_pass(prepared: Template) -> None:
    rest = """
[[when]]
wait = "1个工作日"
then = {open = ["direct_coordination"], due = {finish = 2026-11-26T17:00:00}}
[then]
level = "简单"
ended = false
path = ["triage_by_table", "grade_by_table", "direct_coordination"]
never = ["joint_meeting"]
notices = ["MSG-01"]
rows = {DT01 = "T12"}
incidents = 0
"""
    outcome = scenarios.run(prepared, simple_case(rest))
    assert outcome.is_passed, list(map(str, outcome.failures))
    assert outcome.ended_at == datetime.fromisoformat("2026-11-24T17:00+08:00")


def test_time_does_not_run_backwards(prepared: Template) -> None:
    outcome = scenarios.run(prepared, simple_case("[[when]]\nuntil = 2026-11-20T10:00:00\n"))
    assert "has passed" in outcome.failures[0].found


def test_coverage_counts_elements_and_rows(prepared: Template, files: dict[str, bytes]) -> None:
    outcome = scenarios.run(prepared, simple_case(""))
    found = {one.key: one for one in coverage(files, [outcome])}
    assert found["P06_simple"].counts["direct_coordination"] == 1 and 0 < found["P06_simple"].share < 1
    assert found["DT01"].counts["T12"] == 1 and "T01" in found["DT01"].gaps


def test_a_process_that_goes_round_in_circles_is_stopped(files: dict[str, bytes]) -> None:
    again = '<bpmn:manualTask id="m" name="转" camunda:asyncBefore="true" /><bpmn:exclusiveGateway id="g" name="?" default="out" />'
    loop = diagram("loop", START_END + again + user_task("u"), "s>m m>g u>e")
    always = "<bpmn:conditionExpression>true</bpmn:conditionExpression>"
    back = f'<bpmn:sequenceFlow id="again" sourceRef="g" targetRef="m">{always}</bpmn:sequenceFlow>'
    out = '<bpmn:sequenceFlow id="out" sourceRef="g" targetRef="u" />'
    content = loop.replace(b"</bpmn:process>", (back + out + "</bpmn:process>").encode())
    with template(read_settings({}), Feel(), {**files, "processes/loop.bpmn": content}) as made:
        outcome = scenarios.run(made, read("[given]\nprocess = 'loop'\n"))
    assert "round in circles" in outcome.failures[0].found

"""Scenarios that mean harm: too long, never ending, without sense. Each is refused or stopped in words, and nothing hangs."""

from __future__ import annotations

import pytest

from engine.deployment_checks import parse_files
from engine.errors import InvalidDefinition
from engine.feel import Feel
from engine.settings import read_settings
from engine.trials import playing, scenarios
from engine.trials.centre import Template, template
from engine.trials.scenario_files import LARGEST_FILE, MOST_STEPS, read_scenario
from tests.commands.conftest import START_END, diagram, user_task
from tests.conftest import PROJECT

SIMPLE = (PROJECT / "processes" / "scenarios" / "simple_case_solved.toml").read_text("utf-8").split("[[when]]")[0]


def refused(text: str) -> list[str | None]:
    with pytest.raises(InvalidDefinition) as error:
        read_scenario("x.toml", text.encode())
    return [finding.element_id for finding in error.value.findings]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a = " + "[" * 5_000, None),
        ("[given]\nprocess = 'p'\nvariables = { n = " + "9" * 5_000 + " }\n", None),
        ("x = '" + "长" * LARGEST_FILE + "'", None),
        ("[given]\nprocess = 'p'\n" + "[[when]]\nwait = 'PT1S'\n" * (MOST_STEPS + 1), "when"),
        ("when = 1\n[given]\nprocess = 'p'\n", "when"),
        ("when = ['x']\n[given]\nprocess = 'p'\n", "when 1"),
        ("[given]\nprocess = 1\n", "given.process"),
        ("[given]\ncase = 1\n", "given.case"),
        ("[given]\nprocess = 'p'\nat = 0001-01-01T00:00:00\n", "given.at"),
        ("[given]\nprocess = 'p'\nvariables = { n = nan }\n", "given.variables.n"),
        ("[given]\nprocess = 'p'\nvariables = { n = 9223372036854775807 }\n", "given.variables.n"),
        ('[given]\nprocess = "p"\nvariables = { n = "a\\u0000" }\n', "given.variables.n"),
        ("[given]\nprocess = 'p'\n[[when]]\ncomplete = 5\n", "when 1.complete"),
        ("[given]\nprocess = 'p'\n[[when]]\ncomplete = 'x'\nanswers = []\n", "when 1.answers"),
        ("[given]\nprocess = 'p'\n[then]\npath = 5\n", "then.path"),
        ("[given]\nprocess = 'p'\n[then]\ndue = { x = 'soon' }\n", "then.due.x"),
        ("[given]\nprocess = 'p'\n[then]\nrows = { DT01 = 3 }\n", "then.rows"),
    ],
)
def test_what_no_scenario_can_mean_is_refused_at_its_place(text: str, place: str | None) -> None:
    assert place in refused(text)


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("wait = '999999999个工作日'", "Expected"),
        ("wait = 'P9000Y'", "Expected"),
        ("wait = 'later'", "Expected"),
        ("complete = 'direct_coordination'\nby = 'nobody'", "'nobody'"),
        ("complete = 'direct_coordination'\nby = 'auditor'", "for auditor"),
        ("send = 'nothing_waits_for_this'", "Expected"),
        ("complete = 'direct_coordination'\nanswers = { contact_log = '" + "长" * 60_000 + "' }", "Expected"),
        ("complete = 'direct_coordination'\nanswers = { contact_log = { a = [1, 2] } }", "Expected"),
    ],
)
def test_a_step_that_asks_too_much_fails_in_words(prepared: Template, step: str, words: str) -> None:
    outcome = scenarios.run(prepared, read_scenario("x.toml", f"{SIMPLE}[[when]]\n{step}\n".encode()))
    assert [failure.step for failure in outcome.failures] == [1] and words in outcome.failures[0].found
    assert len(str(outcome.failures[0])) < 5_000


@pytest.mark.parametrize("text", ["a = " + "[" * 5_000, "a = " + "9" * 5_000, "a = ", "\udcff"])
def test_what_is_no_toml_is_a_finding_of_the_deployment_too(text: str) -> None:
    _parsed, findings = parse_files(Feel(), {"processes/scenarios/x.toml": text.encode("utf-8", "surrogatepass")})
    assert [finding.code for finding in findings] == ["toml"]


def test_a_person_who_registers_and_does_not_exist_is_named(prepared: Template) -> None:
    outcome = scenarios.run(prepared, read_scenario("x.toml", SIMPLE.replace("[given]", "[given]\nby = 'ghost'", 1).encode()))
    assert "'ghost'" in outcome.failures[0].found


@pytest.fixture
def ticking() -> Template:
    """A process with a timer that comes every second for ever."""
    timer = (
        '<bpmn:boundaryEvent id="tick" attachedToRef="u" cancelActivity="false"><bpmn:timerEventDefinition>'
        "<bpmn:timeCycle>R/PT1S</bpmn:timeCycle></bpmn:timerEventDefinition></bpmn:boundaryEvent>"
        '<bpmn:endEvent id="ticked" />'
    )
    content = diagram("ticking", START_END + user_task("u") + timer, "s>u u>e tick>ticked")
    with template(read_settings({}), Feel(), {"processes/ticking.bpmn": content}) as made:
        yield made


def test_a_timer_that_never_ends_is_stopped(ticking: Template, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(playing, "MOST_STOPS", 20)
    outcome = scenarios.run(ticking, read_scenario("x.toml", b"[given]\nprocess = 'ticking'\n[[when]]\nuntil = 2090-01-01T00:00:00\n"))
    assert "a timer never ends" in outcome.failures[0].found


def test_a_trial_that_costs_too_much_is_stopped(ticking: Template, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(playing, "LONGEST_TRIAL", 0.0)
    outcome = scenarios.run(ticking, read_scenario("x.toml", b"[given]\nprocess = 'ticking'\n"))
    assert "never comes to rest" in outcome.failures[0].found

"""Scenario files: what they may say, how they run in virtual time, what they find."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest

from engine.errors import InvalidDefinition
from engine.feel import Feel
from engine.services.reference import files_in
from engine.settings import read_settings
from engine.trials import scenarios
from engine.trials.centre import Template, template
from engine.trials.coverage import coverage
from tests.commands.conftest import START_END, diagram, user_task
from tests.commands.files_of_kinds import BY_MESSAGE, END, SAID_FORM, service
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
        ("[given]\nprocess='p'\nidle=true\n", "given"),
        ("[given.file]\ntitle='x'\n", "given.file.kind"),
        ("[given]\nprocess='p'\n[[when]]\nlook=true\ncase='complaint'\n", "when 1.case"),
        ("[given]\nprocess='p'\n[then]\nclocks={finish='late'}\n", "then.clocks"),
        ("[given]\nprocess='p'\n[then]\nentries={'退单'='一'}\n", "then.entries"),
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
        ("owner = 'head'", "owner 'head'"),
        ("children = ['complaint']", "children ['complaint']"),
        ("documents = ['refusal']", "documents ['refusal']"),
        ("entries = {'退单' = 1}", "entries 退单 = 1"),
        ("clocks = {finish = 'stopped'}", "clocks finish = 'stopped'"),
        ("facts = {topic = '取号'}", "facts topic = '取号'"),
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


#: A suggestion waits for a clerk; the message ``go`` starts a question beside it and opens a child of it.
KINDS_HEAD = "kind,name,name_en,prefix,process,start_form,openers,owner_group,public,applicant,description,description_en\n"
ACTIONS_HEAD = "action,name,name_en,message,form,groups,kinds,statuses,public,confirm,description,description_en\n"


@pytest.fixture(scope="module")
def with_kinds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Template]:
    """A small centre with two kinds of files and two actions."""
    settings = read_settings({"DOUDI_DATA": str(tmp_path_factory.mktemp("kinds"))})
    reference = files_in(PROJECT / "processes" / "reference")
    kinds = KINDS_HEAD + "case,工单,Case,BBC,P00_case_spine,case_register,window,window,false,required,,\n"
    kinds += "suggestion,建议件,Suggestion,SG,suggest,said,window,,true,none,,\nletter,信件,Letter,LE,letters,said,window,,false,none,,\n"
    actions = ACTIONS_HEAD + "ask,提问,Ask,go,said,window,suggestion,,false,false,,\nhurry,催办,Hurry,go,said,,suggestion,,true,false,,\n"
    small = {name: content for name, content in reference.items() if not name.startswith("case_")}
    small |= {"case_statuses.csv": reference["case_statuses.csv"], "case_kinds.csv": kinds.encode(), "case_actions.csv": actions.encode()}
    asked = service("note", "case-entry", kind="提问", facts="={words: text}") + service("open", "case-open", kind="letter", title="=text")
    diagrams = {
        "suggest.bpmn": diagram("suggest", START_END + user_task("study"), "s>study study>e"),
        "ask.bpmn": diagram("ask", BY_MESSAGE + asked + END, "s>note note>open open>e"),
        "letters.bpmn": diagram("letters", START_END + user_task("write"), "s>write write>e"),
    }
    with template(settings, Feel(), {**small, **diagrams, "said.form": SAID_FORM}) as found:
        yield found


def test_a_scenario_plays_a_file_of_any_kind_its_actions_and_its_children(with_kinds: Template) -> None:
    story = read(
        """
        [given.file]
        kind = "suggestion"
        title = "少跑一趟"
        benefit = "大"
        [[when]]
        action = "ask"
        answers = { text = "为什么?" }
        then = { children = ["letter"], entries = { "提问" = 1 }, facts = { benefit = "大" }, status = "办理中", owner = "window-a" }
        [[when]]
        action = "hurry"
        answers = { text = "快些" }
        then = { children = ["letter", "letter"], entries = { "提问" = 2 } }
        [[when]]
        case = "child:letter"
        complete = "write"
        then = { ended = true, open = [] }
        [[when]]
        open = "letter"
        answers = { title = "第三封" }
        [[when]]
        case = "file:letter"
        look = true
        then = { open = ["write"], facts = {} }
        [then]
        open = ["study"]
        children = ["letter", "letter", "letter"]
        """
    )
    outcome = scenarios.run(with_kinds, story)
    assert outcome.is_passed, "\n".join(map(str, outcome.failures))


@pytest.mark.parametrize(
    ("step", "found"),
    [
        ("case = 'child:letter'\nlook = true", "none at 'child:letter'"),
        ("action = 'sing'", "Expected an action on case files"),
        ("action = 'ask'\nby = 'head'", "Expected a group or account"),
        ("action = 'hurry'\nby = 'window'", "Expected one of nobody to hurry"),
        ("open = 'poem'", "Expected a kind of case file"),
    ],
)
def test_a_file_or_an_action_that_is_not_there_fails_the_step(with_kinds: Template, step: str, found: str) -> None:
    outcome = scenarios.run(with_kinds, read(f"[given.file]\nkind = 'suggestion'\ntitle = '一'\n[[when]]\n{step}\n"))
    assert [failure.step for failure in outcome.failures] == [1] and found in outcome.failures[0].found


def test_a_scenario_may_wait_for_what_begins_by_itself(with_kinds: Template) -> None:
    steps = "[[when]]\nwait = 'PT1H'\n[[when]]\nopen = 'letter'\nanswers = {title = '一'}\n"
    outcome = scenarios.run(with_kinds, read(f"[given]\nidle = true\n{steps}"))
    assert outcome.is_passed and outcome.report is not None and outcome.report.open_tasks() == ["write"]

"""What deployment says about expressions, variables and limits, in the words of an analyst; and the check of a draft."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from engine.assembly import Engine
from engine.cli import describe
from engine.commands import deployments
from engine.db.tables import Account, CandidateGroup, Definition, Membership
from engine.errors import Finding, InvalidDefinition, Severity
from tests.cli.conftest import Doudi, data, doudi, prepared  # noqa: F401 - fixtures
from tests.commands.conftest import ADMIN, START_END, WINDOW, deploy, diagram, user_task
from tests.conftest import PROJECT

SCRIPT = '<bpmn:scriptTask id="x" name="计算" scriptFormat="feel"><bpmn:script>{}</bpmn:script></bpmn:scriptTask>'
FLOWS = "s>x x>e"


def script(feel: str) -> bytes:
    return diagram("sum", START_END + SCRIPT.replace("{}", feel), FLOWS)


def refused(engine: Engine, source: bytes) -> list[Finding]:
    with pytest.raises(InvalidDefinition) as error:
        deploy(engine, source)
    return list(error.value.findings)


def told(findings: Iterable[Finding]) -> list[Finding]:
    """Without information, which these small diagrams have plenty of: they have no drawing and no lanes."""
    return [finding for finding in findings if finding.severity != "info"]


def due(limit: str) -> bytes:
    return diagram("due", START_END + user_task("x", f'camunda:candidateGroups="window" camunda:dueDate="{limit}"'), FLOWS)


def timer(tag: str, text: str) -> bytes:
    body = f'<bpmn:intermediateCatchEvent id="x"><bpmn:timerEventDefinition><bpmn:{tag}>{text}</bpmn:{tag}></bpmn:timerEventDefinition>'
    return diagram("timed", START_END + body + "</bpmn:intermediateCatchEvent>", FLOWS)


# ── expressions ─────────────────────────────────────────────────────────────
def test_a_broken_expression_says_what_where_and_what_to_write(engine: Engine) -> None:
    (finding,) = refused(engine, script("={a: 1 == 2}"))
    assert (finding.file, finding.element_id, finding.element_name, finding.code) == ("0.bpmn", "x", "计算", "feel-syntax")
    assert "脚本写得不对" in finding.message and "“==”改为“=”" in finding.message and "第 7 个字符" in finding.message


def test_findings_are_said_in_english_when_asked(engine: Engine) -> None:
    (finding,) = deployments.check(engine, {"0.bpmn": script("={a: 1 == 2}")}, "en")
    assert "write = for ==" in finding.message and "(character 7)" in finding.message
    assert finding.remedy == "Correct the expression."


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_missing_name_is_said_in_both_languages(engine: Engine, language: deployments.Language) -> None:
    body = user_task("x", 'camunda:candidateGroups="windov"')
    (finding,) = deployments.check(engine, {"0.bpmn": diagram("near", START_END + body, FLOWS)}, language)
    assert finding.remedy == {"zh": "是不是“window”?", "en": "Did you mean 'window'?"}[language]


# ── variables ───────────────────────────────────────────────────────────────
def test_a_variable_that_nothing_sets_is_a_warning_with_the_nearest_name(engine: Engine) -> None:
    first = SCRIPT.replace('"x"', '"first"').replace("{}", "={level: 1}")
    second = SCRIPT.replace("{}", "={double: 2 * levle}")
    result = deploy(engine, diagram("sum", START_END + first + second, "s>first first>x x>e"))
    (warning,) = told(result.warnings)
    assert [item.key for item in result.deployed] == ["sum"]
    assert (warning.severity, warning.code, warning.element_id) == ("warning", "unknown-variable", "x")
    assert "“levle”" in warning.message and "“level”" in warning.message


def test_a_variable_that_nothing_resembles_is_a_warning_too(engine: Engine) -> None:
    assert [warning.code for warning in told(deploy(engine, script("={a: amount + 1}")).warnings)] == ["unknown-variable"]


SETTING = {
    "a context of a script": SCRIPT.replace('"x"', '"first"').replace("{}", "={amount: 1}"),
    "a result variable": SCRIPT.replace('"x"', '"first" camunda:resultVariable="amount"').replace("{}", "=1"),
    "an output parameter": '<bpmn:manualTask id="first"><bpmn:extensionElements><camunda:inputOutput>'
    '<camunda:outputParameter name="amount">=1</camunda:outputParameter></camunda:inputOutput></bpmn:extensionElements></bpmn:manualTask>',
    "a message": '<bpmn:receiveTask id="first" messageRef="m_go" />',
    "a task without a form": user_task("first"),
    "a script that is no context": SCRIPT.replace('"x"', '"first"').replace("{}", "=get value({a: {b: 1}}, &quot;a&quot;)"),
}


@pytest.mark.parametrize("before", SETTING.values(), ids=SETTING.keys())
def test_a_variable_that_something_may_set_is_no_warning(engine: Engine, before: str) -> None:
    source = diagram("sum", START_END + before + SCRIPT.replace("{}", "={a: amount}"), "s>first first>x x>e")
    assert told(deploy(engine, source).warnings) == []


def test_a_likely_slip_is_a_warning_even_where_a_message_may_set_anything(engine: Engine) -> None:
    first = SCRIPT.replace('"x"', '"first"').replace("{}", "={amount: 1}")
    wait = '<bpmn:receiveTask id="wait" messageRef="m_go" />'
    body = START_END + first + wait + SCRIPT.replace("{}", "={a: amuont}")
    assert len(told(deploy(engine, diagram("sum", body, "s>first first>wait wait>x x>e")).warnings)) == 1


def test_a_form_in_the_set_or_deployed_before_sets_its_fields(engine: Engine) -> None:
    form = b'{"id": "ask", "type": "default", "schemaVersion": 16, "components": [{"type": "number", "key": "amount", "label": "n"}]}'
    task = user_task("first", 'camunda:candidateGroups="window" camunda:formKey="ask"')
    source = diagram("sum", START_END + task + SCRIPT.replace("{}", "={a: amount}"), "s>first first>x x>e")
    assert told(deployments.deploy(engine, ADMIN, {"ask.form": form, "sum.bpmn": source}, "test").warnings) == []
    assert told(deployments.check(engine, {"sum.bpmn": source.replace(b"amount}", b"amount + 1}")})) == []


def test_a_broken_expression_is_no_unknown_variable_too(engine: Engine) -> None:
    assert [finding.code for finding in refused(engine, script("={a: amount +}"))] == ["feel-syntax"]


def test_the_processes_that_the_program_brings_along_have_no_warnings(engine: Engine) -> None:
    findings = deployments.check(engine, deployments.read_folders(PROJECT / "processes", PROJECT / "forms"))
    assert {(one.code, one.element_id) for one in told(findings) if one.code != "missing-candidate-group"} == set()


def test_a_very_long_script_is_looked_through_once(engine: Engine) -> None:
    (finding,) = deployments.check(engine, {"0.bpmn": script("={a: " + "b c " * 300_000 + "}")})
    assert finding.code == "feel-syntax"


# ── people ──────────────────────────────────────────────────────────────────
def test_a_group_that_nobody_active_is_in_is_a_warning_once_people_are_entered(engine: Engine) -> None:
    body = START_END + user_task("x", 'camunda:candidateGroups="rectifier"')
    files = {"0.bpmn": diagram("staffed", body, FLOWS)}
    assert told(deployments.check(engine, files)) == []
    with engine.database.transaction() as session:
        session.add_all([CandidateGroup(id="window", name="窗口"), CandidateGroup(id="rectifier", name="整改专员")])
        for name, group, is_active in (("lin", "window", True), ("wang", "rectifier", False)):
            session.add(Account(id=name, name=name, password_hash="", org_unit=WINDOW, is_active=is_active))
            session.flush()
            session.add(Membership(account_id=name, group_id=group))
    assert [(one.code, one.element_id) for one in told(deployments.check(engine, files))] == [("group-empty", "x")]
    assert told(deployments.check(engine, {"0.bpmn": files["0.bpmn"].replace(b"rectifier", b"window")})) == []


# ── limits ──────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "source",
    [
        due("soon"),
        due("3个工作周"),
        due("2026-13-01"),
        due("P1X"),
        due("PT"),
        due("P1DT"),
        due("soon/P1D"),
        timer("timeDuration", "1 hour"),
        timer("timeDuration", "R3/PT10M"),
        timer("timeCycle", "R3/daily"),
        timer("timeCycle", "R/PT"),
        timer("timeCycle", "R0/PT10M"),
    ],
    ids=[
        "a word",
        "an unknown unit",
        "no month",
        "a duration of nothing known",
        "an empty duration",
        "an unfinished duration",
        "a due date like a cycle",
        "a duration in words",
        "a cycle as duration",
        "a cycle in words",
        "a cycle of nothing",
        "a cycle that never comes",
    ],
)
def test_a_limit_that_no_clock_understands_is_refused(engine: Engine, source: bytes) -> None:
    (finding,) = refused(engine, source)
    assert (finding.code, finding.element_id, finding.severity) == ("limit", "x", "error")
    assert finding.line and "3个工作日" in finding.remedy


@pytest.mark.parametrize(
    "source",
    [due("3个工作日"), due("2小时(自然)"), due("当日"), due("2099-01-01"), due("P20Y"), timer("timeCycle", "R/PT10M")],
    ids=["working days", "natural hours", "today", "a far date", "a long duration", "a cycle"],
)
def test_a_limit_that_is_well_written_is_no_finding(engine: Engine, source: bytes) -> None:
    assert told(deployments.check(engine, {"0.bpmn": source})) == []


# ── drafts ──────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("flag", [b' isExecutable="false"', b""], ids=["not executable", "nothing said"])
def test_a_diagram_that_is_not_executable_lists_what_it_needs(engine: Engine, flag: bytes) -> None:
    drawn = diagram("draft", START_END + '<bpmn:serviceTask id="x" name="查询" /><bpmn:complexGateway id="g" />', "s>x x>g g>e")
    findings = deployments.check(engine, {"draft.bpmn": drawn.replace(b' isExecutable="true"', flag)})
    codes = {finding.code for finding in findings}
    assert "no-executable-process" in codes and "unsupported-element" in codes
    assert "x" in {finding.element_id for finding in findings}


def test_checking_deploys_nothing(engine: Engine) -> None:
    assert told(deployments.check(engine, {"0.bpmn": script("={a: 1}")})) == []
    with engine.database.reading() as session:
        assert session.query(Definition).count() == 0


def test_a_file_that_cannot_be_read_does_not_hide_what_is_wrong_with_another(engine: Engine) -> None:
    findings = deployments.check(engine, {"a.bpmn": b"<no", "b.bpmn": due("soon")})
    assert {finding.file for finding in findings} == {"a.bpmn", "b.bpmn"}


def test_a_folder_of_drafts_is_read_like_one_of_deployments(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "one.bpmn").write_bytes(due("当日"))
    assert told(deployments.check(engine, deployments.read_folders(tmp_path))) == []


# ── at the command line ─────────────────────────────────────────────────────
def test_the_command_lists_errors_with_exit_code_1_and_says_them_in_english(prepared: Doudi, tmp_path: Path) -> None:  # noqa: F811
    (tmp_path / "due.bpmn").write_bytes(due("soon"))
    result = prepared("check", tmp_path / "due.bpmn", "--language", "en")
    assert result.exit_code == 1
    assert "error   due.bpmn:" in result.stdout and "The limit “soon”" in result.stdout
    assert "Checked 1 files: 1 errors, 0 warnings." in result.stdout


def test_the_command_ends_well_with_warnings_alone(prepared: Doudi, tmp_path: Path) -> None:  # noqa: F811
    (tmp_path / "sum.bpmn").write_bytes(script("={a: zzzunknown}"))
    checked = prepared("check", tmp_path / "sum.bpmn")
    deployed = prepared("deploy", "--no-scenarios", "only the warnings", tmp_path / "sum.bpmn")
    assert (checked.exit_code, deployed.exit_code) == (0, 0)
    assert "warning sum.bpmn:" in checked.stdout and "warning sum.bpmn:" in deployed.stderr


def test_the_files_that_the_program_brings_along_deploy_without_a_warning(doudi: Doudi) -> None:  # noqa: F811
    doudi("upgrade-db")
    doudi("load-reference")
    checked = doudi("check")
    assert checked.exit_code == 0
    assert checked.stdout.splitlines()[-1].partition(": ")[2].startswith("0 errors, 0 warnings")


def test_each_finding_is_told_by_its_severity_where_a_deployment_is_refused() -> None:
    severities: tuple[Severity, ...] = ("error", "warning", "info")
    found = [Finding("a.bpmn", None, None, None, one, "It is so.", "Mend it.", one) for one in severities]
    lines = describe(InvalidDefinition("Expected better files.", found)).splitlines()
    assert [line.split("a.bpmn")[0] for line in lines[1:]] == ["  ", "  warning ", "  info "]

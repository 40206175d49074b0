"""``doudi try``, and the proof that ``doudi deploy`` asks for."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from sqlalchemy import select

from engine.assembly import build_engine
from engine.db.tables import Deployment
from tests.conftest import PROJECT, Template, settings_in

from .conftest import Doudi

SCENARIO = PROJECT / "processes" / "scenarios" / "simple_case_solved.toml"


@pytest.fixture(scope="module")
def template(template_of_one_scenario: Template) -> Template:
    return template_of_one_scenario


@pytest.fixture
def shorter(tmp_path: Path) -> Path:
    """The table of limits, with another limit for simple cases."""
    file = tmp_path / "DT03_time_limits.dmn"
    text = (PROJECT / "processes" / "DT03_time_limits.dmn").read_text("utf-8")
    file.write_text(text.replace('"3个工作日"', '"2个工作日"'), "utf-8")
    return file


@pytest.fixture
def late(tmp_path: Path) -> Path:
    """A scenario that says when a simple case is due."""
    file = tmp_path / "due.toml"
    text = SCENARIO.read_text("utf-8").split("[[when]]")[0]
    file.write_text(text + "[then]\ndue = { finish = 2026-11-26T17:00:00 }\n", "utf-8")
    return file


def deployments(data: Path) -> list[Deployment]:
    engine = build_engine(settings_in(data))
    with engine.database.reading() as session:
        found = list(session.scalars(select(Deployment).order_by(Deployment.id)))
    engine.database.dispose()
    return found


def test_a_scenario_that_holds_is_answered_by_exit_code_zero(prepared: Doudi, late: Path) -> None:
    result = prepared("try", SCENARIO, late, "--coverage")
    assert result.exit_code == 0 and "2 scenarios: 2 passed, 0 failed." in result.stdout
    assert "P06_simple" in result.stdout and "never: " in result.stdout


def test_a_scenario_that_does_not_hold_names_step_expectation_and_finding(prepared: Doudi, data: Path, late: Path, shorter: Path) -> None:
    before = len(deployments(data))
    result = prepared("try", late, "--files", shorter)
    assert result.exit_code == 1 and "1 failed" in result.stdout
    assert "Expected finish due at 2026-11-26 17:00:00 but found 2026-11-25T17:00+08:00" in result.stdout
    assert len(deployments(data)) == before


def test_what_is_no_scenario_is_refused_with_its_place(prepared: Doudi, tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text("[given]\nprocess = 5\n", "utf-8")
    result = prepared("try", tmp_path / "x.toml")
    assert result.exit_code == 1 and "given.process" in result.stderr


def test_a_deployment_against_a_scenario_is_refused_and_nothing_is_deployed(prepared: Doudi, data: Path, late: Path, shorter: Path) -> None:
    before = len(deployments(data))
    result = prepared("deploy", late, shorter)
    assert result.exit_code == 1 and "scenario-failed" in result.stderr
    assert len(deployments(data)) == before


def test_a_deployment_without_scenarios_keeps_the_reason(prepared: Doudi, data: Path, late: Path, shorter: Path) -> None:
    result = prepared("deploy", late, shorter, "--no-scenarios", "出厂前试用")
    assert result.exit_code == 0, result.stderr
    assert deployments(data)[-1].checks["no_scenarios"] == "出厂前试用"


def test_a_deployment_without_scenarios_asks_for_the_reason(prepared: Doudi, shorter: Path) -> None:
    result = prepared("deploy", shorter, "--no-scenarios", " ")
    assert result.exit_code == 1 and "Expected a reason" in result.stderr


def test_a_proved_deployment_keeps_how_many_scenarios_passed(doudi: Doudi, data: Path, tmp_path: Path) -> None:
    doudi("upgrade-db")
    doudi("load-reference")
    for name in ("processes", "forms"):
        shutil.copytree(PROJECT / name, tmp_path / name, ignore=shutil.ignore_patterns("scenarios"))
    (tmp_path / "processes" / "scenarios").mkdir()
    shutil.copy(SCENARIO, tmp_path / "processes" / "scenarios" / SCENARIO.name)
    result = doudi("deploy", tmp_path / "processes", tmp_path / "forms")
    assert result.exit_code == 0, result.stderr
    assert json.loads(json.dumps(deployments(data)[-1].checks)) | {"files": 0} == {"scenarios": 1, "failed": [], "files": 0}

"""Operating an installation by the ``doudi`` command: what it prints, what it refuses, its exit codes."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from engine.assembly import build_engine
from engine.cli import main
from engine.commands.accounts import authenticate
from tests.cli.conftest import Doudi
from tests.conftest import settings_in

ONE_CASE = Path(__file__).parent / "one_case.json"
NEEDS_TABLES = [
    ["deploy"],
    ["load-reference"],
    ["verify-evidence"],
    ["worker"],
    ["serve"],
    ["create-account", "wang", "--name", "王芳", "--password", "x" * 12],
]


def one_line_of(text: str) -> str:
    (line,) = [line for line in text.splitlines() if line.strip()]
    return line


def test_help_without_a_command_names_the_five_steps_of_a_new_installation(doudi: Doudi):
    result = doudi("--help")
    assert result.exit_code == 0
    for step in ("doudi upgrade-db", "doudi load-reference", "doudi deploy", "doudi create-account", "doudi serve"):
        assert step in result.stdout


@pytest.mark.parametrize("command", sorted(main.commands))
def test_every_command_and_option_explains_itself(doudi: Doudi, command: str):
    assert doudi(command, "--help").exit_code == 0
    assert main.commands[command].help
    assert [option.name for option in main.commands[command].params if option.param_type_name == "option" and not option.help] == []


def test_the_list_of_commands_cuts_no_explanation_short(doudi: Doudi):
    listed = doudi("--help").stdout.split("Commands:")[1]
    assert "..." not in listed


def test_the_data_folder_is_closed_to_other_users(doudi: Doudi, data: Path):
    doudi("upgrade-db")
    assert data.stat().st_mode & 0o077 == 0


def test_upgrading_twice_says_so_and_changes_nothing(doudi: Doudi):
    assert "Upgraded the database from empty" in doudi("upgrade-db").stdout
    assert "The database is at revision" in doudi("upgrade-db").stdout


@pytest.mark.parametrize("arguments", NEEDS_TABLES, ids=lambda arguments: arguments[0])
def test_a_database_without_tables_is_refused_in_one_line_naming_the_command(doudi: Doudi, arguments: list[str]):
    result = doudi(*arguments)
    assert result.exit_code == 1
    assert "Run: doudi upgrade-db" in one_line_of(result.stderr)


def test_the_shipped_files_and_reference_data_install_on_empty_tables(doudi: Doudi):
    doudi("upgrade-db")
    reference = doudi("load-reference")
    deployed, again = doudi("deploy", "--no-scenarios", "tests/processes plays them"), doudi("deploy")
    assert (reference.exit_code, deployed.exit_code, again.exit_code) == (0, 0, 0), deployed.stderr
    assert "P00_case_spine" in deployed.stdout
    assert "Deployed 0 definitions" in again.stdout


def test_a_broken_diagram_lists_its_findings_and_deploys_nothing(prepared: Doudi, tmp_path: Path):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "broken.bpmn").write_text("<definitions><process>")

    result = prepared("deploy", folder)

    assert result.exit_code == 1
    assert "broken.bpmn" in result.stderr
    assert "→" in result.stderr, "Expected a remedy."
    assert "Traceback" not in result.stderr
    assert "Deployed" not in result.stdout


def test_deploying_a_folder_without_files_is_refused(prepared: Doudi, tmp_path: Path):
    (tmp_path / "empty").mkdir()
    result = prepared("deploy", tmp_path / "empty")
    assert result.exit_code == 1
    assert "Expected" in one_line_of(result.stderr)


def test_a_path_that_is_not_there_is_a_usage_error(prepared: Doudi, tmp_path: Path):
    assert prepared("deploy", tmp_path / "nowhere").exit_code == 2
    assert prepared("load-reference", tmp_path / "nowhere").exit_code == 2
    assert prepared("import-cases", tmp_path / "nowhere.json").exit_code == 2


BAD_CASE_FILES = {
    "not JSON": b'[{"id": ',
    "not UTF-8": '[{"id": "中文"}]'.encode("gb18030"),
    "an object": b'{"id": "K01"}',
    "a list of texts": b'["K01"]',
    "nested without end": b"[" * 100_000,
    "nothing": b"",
}


@pytest.mark.parametrize("content", BAD_CASE_FILES.values(), ids=BAD_CASE_FILES.keys())
def test_a_case_file_that_cannot_be_read_is_refused_naming_it_and_a_remedy(prepared: Doudi, tmp_path: Path, content: bytes):
    file = tmp_path / "cases.json"
    file.write_bytes(content)
    result = prepared("import-cases", file)
    assert result.exit_code == 1
    assert str(file) in result.stderr
    assert "→" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_case_without_its_text_names_the_case_and_imports_none(prepared: Doudi, tmp_path: Path):
    (case,) = json.loads(ONE_CASE.read_text("utf-8"))
    file = tmp_path / "cases.json"
    file.write_text(json.dumps([case, {**case, "id": "K99", "text": ""}]))
    result = prepared("import-cases", file)
    assert result.exit_code == 1
    assert "K99" in result.stderr
    assert "0 had been imported before" in prepared("import-cases", ONE_CASE).stdout


def test_imported_cases_are_reported_as_the_engine_decided_them(prepared: Doudi, tmp_path: Path):
    report = tmp_path / "report.json"
    result = prepared("import-cases", ONE_CASE, "--report", report)
    assert result.exit_code == 0, result.stderr
    assert json.loads(report.read_text("utf-8")) == [
        {"id": "K01", "triage": "T12", "grade": "G9", "level": "简单", "respond_by": "2026-11-23T11:20", "finish_by": "2026-11-26T17:00"}
    ]


def test_importing_the_same_file_again_changes_nothing(prepared: Doudi):
    assert "Imported 1 cases; 0 had" in prepared("import-cases", ONE_CASE).stdout
    assert "Imported 0 cases; 1 had" in prepared("import-cases", ONE_CASE).stdout


def test_untouched_evidence_verifies(prepared: Doudi):
    result = prepared("verify-evidence")
    assert result.exit_code == 0
    assert "All evidence is unbroken." in result.stdout


def test_changed_evidence_is_named_and_answers_exit_code_one(prepared: Doudi, data: Path):
    with sqlite3.connect(data / "doudi.db") as connection:
        connection.execute("UPDATE evidence SET actor = 'somebody else' WHERE chain = 'deployments'")
    connection.close()
    result = prepared("verify-evidence")
    assert result.exit_code == 1
    assert "deployments #1" in result.stderr


def test_a_created_account_can_log_in(prepared: Doudi, data: Path):
    result = prepared(
        "create-account", "wang.fang", "--name", "王芳", "--group", "window", "--exception", "首批人员", input="a long password\n"
    )
    assert result.exit_code == 0, result.stderr
    assert "a long password" not in result.output
    engine = build_engine(settings_in(data))
    assert authenticate(engine, "wang.fang", "a long password").name == "王芳"
    engine.database.dispose()


def test_a_window_post_without_training_is_refused_with_the_remedy(prepared: Doudi):
    result = prepared("create-account", "wang.fang", "--name", "王芳", "--group", "window", "--password", "a long password")
    assert result.exit_code == 1
    assert "groups: 这个账号还没有完成岗前培训" in result.stderr


def test_an_account_in_an_unknown_group_is_refused(prepared: Doudi):
    result = prepared("create-account", "wang.fang", "--name", "王芳", "--group", "nobody", "--password", "a long password")
    assert result.exit_code == 1
    assert "nobody" in result.stderr


def test_an_address_that_is_no_database_is_refused_in_one_line(doudi: Doudi):
    result = doudi("upgrade-db", DOUDI_DATABASE_URL="what?")
    assert result.exit_code == 1
    assert "DOUDI_DATABASE_URL" in one_line_of(result.stderr)


def test_a_postgresql_address_for_another_driver_says_how_it_has_to_begin(doudi: Doudi):
    result = doudi("upgrade-db", DOUDI_DATABASE_URL="postgresql+psycopg2://nobody@127.0.0.1/none")
    assert result.exit_code == 1
    assert "postgresql+psycopg://" in one_line_of(result.stderr)


def test_a_database_that_does_not_answer_is_refused_without_a_stack_trace(doudi: Doudi):
    result = doudi("upgrade-db", DOUDI_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: Expected the database to answer but")
    assert "Traceback" not in result.stderr


def test_a_file_that_is_no_database_is_refused_without_a_stack_trace(doudi: Doudi, data: Path):
    data.mkdir()
    (data / "doudi.db").write_bytes(b"this is no database, " * 500)
    result = doudi("upgrade-db")
    assert result.exit_code == 1
    assert "file is not a database" in one_line_of(result.stderr)


def test_an_address_that_is_none_is_refused_in_one_line(prepared: Doudi):
    result = prepared("serve", "--host", "nonsense..host")
    assert result.exit_code == 1
    assert "Choose another --host" in one_line_of(result.stderr)


def test_a_setting_that_is_no_number_is_refused_in_one_line(doudi: Doudi):
    result = doudi("upgrade-db", DOUDI_LEASE_SECONDS="soon")
    assert result.exit_code == 1
    assert "DOUDI_" in one_line_of(result.stderr)

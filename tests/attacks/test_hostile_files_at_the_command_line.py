"""Files nobody wants: refused in one error that names the file and a remedy; nothing of a set is deployed, no case is half opened."""

from __future__ import annotations

import json
import os
import sqlite3
from pathlib import Path

import pytest

from tests.cli.conftest import Doudi, data, doudi, prepared  # noqa: F401 - fixtures
from tests.cli.test_hostile_files import TASK, diagram

GOOD = diagram(TASK.format(""))
CASE = {
    "id": "X1",
    "received": "2026-11-23T10:20",
    "channel": "现场",
    "party": "自然人",
    "name": "何女士",
    "text": "申请施工许可,只差监理合同",
}


def rows(folder: Path) -> dict[str, int]:
    connection = sqlite3.connect(folder / "doudi.db")
    try:
        tables = [row[0] for row in connection.execute("select name from sqlite_master where type = 'table'")]
        return {table: connection.execute(f'select count(*) from "{table}"').fetchone()[0] for table in tables}
    finally:
        connection.close()


def assert_refused(run: Doudi, folder: Path, arguments: list[object], *named: str) -> None:
    before = rows(folder)
    result = run(*arguments)
    assert result.exit_code == 1, result.output
    assert "→" in result.stderr and all(name in result.stderr for name in named), result.stderr
    assert result.stderr.isprintable() or set(filter(lambda sign: not sign.isprintable(), result.stderr)) == {"\n"}
    assert rows(folder) == before


NO_FILES = {
    "a folder with the name of a diagram": lambda folder: (folder / "x.bpmn").mkdir(),
    "a link to nothing": lambda folder: (folder / "x.bpmn").symlink_to(folder / "nowhere"),
    "a link to itself": lambda folder: (folder / "x.bpmn").symlink_to(folder / "x.bpmn"),
    "a link out of the folder": lambda folder: (folder / "x.bpmn").symlink_to("/etc/passwd"),
    "a pipe": lambda folder: os.mkfifo(folder / "x.bpmn"),
    "a device": lambda folder: (folder / "x.bpmn").symlink_to("/dev/zero"),
    "a name in capitals": lambda folder: (folder / "X.BPMN").write_bytes(GOOD),
    "eleven megabytes": lambda folder: (folder / "x.bpmn").write_bytes(b"x" * 11_000_000),
}


@pytest.mark.parametrize("make", NO_FILES.values(), ids=NO_FILES)
def test_what_is_no_readable_diagram_stops_the_whole_deployment(prepared: Doudi, data: Path, tmp_path: Path, make) -> None:  # noqa: F811
    folder = tmp_path / "set"
    folder.mkdir()
    (folder / "good.bpmn").write_bytes(GOOD)
    make(folder)
    assert_refused(prepared, data, ["deploy", folder], "x.bpmn" if "X.BPMN" not in os.listdir(folder) else "X.BPMN")


def test_two_files_of_the_same_name_do_not_push_each_other_out(prepared: Doudi, data: Path, tmp_path: Path) -> None:  # noqa: F811
    for name, content in (("a", GOOD), ("b", GOOD.replace(b'"broken"', b'"other"'))):
        (tmp_path / name / "set").mkdir(parents=True)
        (tmp_path / name / "set" / "x.bpmn").write_bytes(content)
    folders = [tmp_path / "a" / "set", tmp_path / "b" / "set"]
    assert_refused(prepared, data, ["deploy", *folders], "x.bpmn", "same name")
    assert_refused(prepared, data, ["deploy", *(folder / "x.bpmn" for folder in folders)], "x.bpmn", "same name")


@pytest.mark.parametrize("name", ["x\n[all-good] y.bpmn", "x\x1b[2Jy.bpmn", "\u202ex.bpmn", os.fsdecode(b"\xff.bpmn"), "x" * 240 + ".bpmn"])
def test_a_file_name_that_cannot_be_shown_is_refused_and_spoils_no_message(
    prepared: Doudi, data: Path, tmp_path: Path, name: str  # noqa: F811
) -> None:  # fmt: skip
    (tmp_path / name).write_bytes(GOOD)
    assert_refused(prepared, data, ["deploy", tmp_path / name], "file-name")


SPOILT = {
    "a key of a thousand characters": ("x.bpmn", GOOD.replace(b'"broken"', b'"' + b"k" * 1000 + b'"')),
    "a name of a thousand characters": ("x.bpmn", GOOD.replace("坏图".encode(), b"n" * 1000)),
    "half a character": ("x.form", b'{"id":"f","type":"default","components":[{"type":"textfield","key":"a","id":"a","label":"\\ud800"}]}'),
}


@pytest.mark.parametrize(("name", "content"), SPOILT.values(), ids=SPOILT)
def test_names_that_no_table_can_hold_are_refused(prepared: Doudi, data: Path, tmp_path: Path, name: str, content: bytes) -> None:  # noqa: F811
    (tmp_path / name).write_bytes(content)
    assert_refused(prepared, data, ["deploy", tmp_path / name], name)


BAD_CASES = {
    "half a character": {"text": "\ud800施工许可"},
    "half a character in the number": {"id": "\ud800"},
    "a control character": {"text": "施工\x00许可"},
    "a name turned around": {"name": "\u202e士女何"},
    "the first year": {"received": "0001-01-01T00:00"},
    "the last year": {"received": "9999-12-31T23:59"},
    "a year without calendar": {"received": "1999-11-23T10:20"},
    "a count without end": {"triage_input": {"涉及部门数": 10**30}},
    "a negative item that is on no list": {"triage_input": {"负面清单": "N99"}},
    "a party that is a list": {"party": ["自然人"]},
    "a matter that is an object": {"matter": {"code": "M01"}},
}


@pytest.mark.parametrize("spoilt", BAD_CASES.values(), ids=BAD_CASES)
def test_a_spoilt_case_stops_the_whole_file(prepared: Doudi, data: Path, tmp_path: Path, spoilt: dict[str, object]) -> None:  # noqa: F811
    file = tmp_path / "cases.json"
    file.write_text(json.dumps([CASE, {**CASE, "id": "X2", **spoilt}]), "utf-8")
    assert_refused(prepared, data, ["import-cases", file], "cases.json")


def test_a_fact_that_stands_twice_is_not_guessed(prepared: Doudi, data: Path, tmp_path: Path) -> None:  # noqa: F811
    file = tmp_path / "cases.json"
    file.write_text(json.dumps([CASE]).replace('"id":', '"id": "X0", "id":'), "utf-8")
    assert_refused(prepared, data, ["import-cases", file], "cases.json", "'id' stands twice")


@pytest.mark.parametrize("account", ["", " a b ", "a\x1b[31m", "a" * 200, "a|0", "../x", "\u202ex", os.fsdecode(b"\xff"), "a\nb"])
def test_an_account_that_nobody_can_log_in_with_is_not_made(prepared: Doudi, data: Path, account: str) -> None:  # noqa: F811
    before = rows(data)
    result = prepared("create-account", "--name", "示例·甲", "--password", "long enough 1", "--", account)
    assert result.exit_code == 1 and "account_id" in result.stderr
    assert rows(data) == before


def test_a_person_needs_a_name_that_can_be_read(prepared: Doudi, data: Path) -> None:  # noqa: F811
    before = rows(data)
    for name in ("", "  ", "\u202e甲", "甲" * 51, "甲\n乙"):
        assert prepared("create-account", "jia", "--name", name, "--password", "long enough 1").exit_code == 1
    assert rows(data) == before

"""Broken or hostile files at the command line: file, place and remedy are named, the exit code is 1, nothing is deployed or loaded."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.cli.conftest import Doudi
from tests.conftest import PROJECT

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"
  id="d" targetNamespace="http://doudi/tests">
  <bpmn:process id="broken" name="坏图" isExecutable="true" camunda:historyTimeToLive="P1D">
"""
TAIL = """
  </bpmn:process>
</bpmn:definitions>"""
START = '<bpmn:startEvent id="begin" name="开始" />'
END = '<bpmn:endEvent id="finish" name="结束" />'


def diagram(middle: str, flows: str = "begin>work work>finish") -> bytes:
    pairs = [flow.split(">") for flow in flows.split()]
    lines = [f'<bpmn:sequenceFlow id="f{n}" sourceRef="{a}" targetRef="{b}" />' for n, (a, b) in enumerate(pairs)]
    return (HEAD + "\n".join([START, middle, END, *lines]) + TAIL).encode()


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
TASK = '<bpmn:userTask id="work" name="办理" camunda:candidateGroups="window" {} />'

HOSTILE: dict[str, tuple[str, bytes, str]] = {
    "malformed XML": ("broken.bpmn", b"<bpmn:definitions><bpmn:process>", "broken.bpmn"),
    "an external entity": ("broken.bpmn", b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>', "broken.bpmn"),
    "billion laughs": ("broken.bpmn", f'<!DOCTYPE d [<!ENTITY l0 "ha">{LAUGHS}]><d>&l9;</d>'.encode(), "broken.bpmn"),
    "three megabytes": ("broken.bpmn", diagram(TASK.format("") + "<!--" + "x" * 3_000_000 + "-->"), "broken.bpmn"),
    "a wrong encoding": ("broken.bpmn", diagram(TASK.format("")).decode().encode("gb18030"), "broken.bpmn"),
    "an empty file": ("broken.bpmn", b"", "broken.bpmn"),
    "an unknown form": ("broken.bpmn", diagram(TASK.format('camunda:formKey="nowhere"')), "work"),
    "an unknown group": ("broken.bpmn", diagram(TASK.format("").replace('"window"', '"nobody"')), "nobody"),
    "two start events": ("broken.bpmn", diagram('<bpmn:startEvent id="again" />', "begin>finish again>finish"), "again"),
    "a missing called process": ("broken.bpmn", diagram('<bpmn:callActivity id="work" calledElement="nowhere" />'), "nowhere"),
    "an unknown operation": ("broken.bpmn", diagram('<bpmn:serviceTask id="work" camunda:type="external" camunda:topic="rm" />'), "rm"),
    "a table that is no table": ("broken.dmn", b"<definitions/>", "broken.dmn"),
    "an entity in a table": ("broken.dmn", b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>', "broken.dmn"),
    "a form that is no JSON": ("broken.form", b'{"type": ', "broken.form"),
    "a form that is a list": ("broken.form", b"[1]", "broken.form"),
    "a form nested without end": ("broken.form", b'{"components":' * 100_000, "broken.form"),
    "an unknown kind of file": ("broken.exe", b"MZ", "broken.exe"),
}


def definitions_in(data: Path) -> int:
    connection = sqlite3.connect(data / "doudi.db")
    try:
        return int(connection.execute("SELECT count(*) FROM definition").fetchone()[0])
    finally:
        connection.close()


@pytest.mark.parametrize(("name", "content", "named"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_file_is_refused_with_its_place_and_deploys_nothing(
    prepared: Doudi, data: Path, tmp_path: Path, name: str, content: bytes, named: str
):
    shutil.copy(PROJECT / "forms" / "hand_over.form", tmp_path / "good.form")
    (tmp_path / name).write_bytes(content)
    before = definitions_in(data)

    result = prepared("deploy", tmp_path / "good.form", tmp_path / name)

    assert result.exit_code == 1
    assert name in result.stderr
    assert named in result.stderr
    assert "→" in result.stderr, "Expected a remedy."
    assert "root:" not in result.stderr, "Expected no file of the machine in the answer."
    assert len(result.stderr) < 5_000
    assert definitions_in(data) == before


BAD_REFERENCE = {
    "a wrong encoding": lambda text: text.encode("gb18030"),
    "a line with too many cells": lambda text: (text + "\na,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q\n").encode(),
    "no heading": lambda text: b"",
    "binary": lambda text: bytes(range(256)),
}


@pytest.mark.parametrize("spoil", BAD_REFERENCE.values(), ids=BAD_REFERENCE.keys())
def test_broken_reference_data_is_refused_naming_file_and_remedy(prepared: Doudi, tmp_path: Path, spoil):
    folder = tmp_path / "reference"
    shutil.copytree(PROJECT / "processes" / "reference", folder)
    file = folder / "departments.csv"
    file.write_bytes(spoil(file.read_text("utf-8")))

    result = prepared("load-reference", folder)

    assert result.exit_code == 1
    assert "departments.csv" in result.stderr
    assert "→" in result.stderr


def test_reference_data_without_a_file_is_refused_naming_it(prepared: Doudi, tmp_path: Path):
    folder = tmp_path / "reference"
    shutil.copytree(PROJECT / "processes" / "reference", folder)
    (folder / "matters.csv").unlink()
    result = prepared("load-reference", folder)
    assert result.exit_code == 1
    assert "matters.csv" in result.stderr

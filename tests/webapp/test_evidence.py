"""Auditors read what was recorded of cases, versions and migrations, and change nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .conftest import Person


def test_an_auditor_reads_the_facts_of_versions_and_of_a_case(person: Callable[[str], Person], simple_case: str) -> None:
    person("admin").post("/releases/suspend", {"key": "P06_simple", "reason": "表单有误"})
    auditor = person("auditor")
    versions, case = auditor.get("/evidence"), auditor.get(f"/evidence?q={simple_case}")
    assert "definition:suspend" in versions.words and "P06_simple" in versions.words
    assert "case:register" in case.words and "张示例" not in case.words
    assert not versions.find("//main//form[@method='post']")
    assert "/evidence" in auditor.get("/").find("//nav//a/@href")


def test_older_facts_follow_and_what_is_not_there_is_said(person: Callable[[str], Person], simple_case: str) -> None:
    auditor = person("auditor")
    assert "case:register" not in auditor.get(f"/evidence?q={simple_case}&before=1").words
    assert "没有记录" in auditor.get("/evidence?q=nothing&before=x").words


@pytest.mark.parametrize("account", ["window-a", "analyst"])
def test_nobody_else_reads_it(person: Callable[[str], Person], account: str) -> None:
    assert person(account).get("/evidence").status == 403
    assert "/evidence" not in person(account).get("/").find("//a/@href")

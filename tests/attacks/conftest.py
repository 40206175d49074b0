"""People who want what is not theirs: browsers of every post, a clerk of another window, a look into the rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from engine.actors import SYSTEM
from engine.assembly import Engine
from engine.commands.accounts import create_account
from tests.webapp.conftest import (  # noqa: F401 - fixtures
    PASSWORD,
    Answer,
    Person,
    complex_case,
    person,
    simple_case,
    site,
    stranger,
    task_of,
)

Persons = Callable[[str], Person]
Rows = Callable[..., list[Any]]

WORDS = "经协调,建设局已容缺受理您的申请,请在五个工作日内补齐材料。"
#: What the pages of the registration form post for a 简单 case.
REGISTRATION = {
    "channel": "现场", "matter": "M06", "applicant.kind": "自然人", "applicant.name": "司马探针", "applicant.phone": "13912345678",
    "applicant.cert_type": "居民身份证", "applicant.cert_no": "11010119500307038X", "applicant.address": "示例路探针巷七号",
    "text": "申请建筑工程施工许可,其他材料都齐了,只差监理合同备案证明,能不能先受理?", "trips": "2",
    "triage_facts.nature": "办事", "triage_facts.negative_code": "-", "triage_facts.in_jurisdiction": "true",
    "triage_facts.tried_regular": "true", "triage_facts.has_policy_room": "true", "triage_facts.department_count": "1",
    "triage_facts.cause": "材料不齐全", "grading_facts.government_levels": "1", "grading_facts.cross_region": "否",
}  # fmt: skip
SCRIPT = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


@pytest.fixture
def rows(engine: Engine) -> Rows:
    """``rows("select …", name=value)``: what lies in the tables, whoever may see it."""

    def read(statement: str, **values: Any) -> list[Any]:
        with engine.database.reading() as session:
            return list(session.execute(text(statement), values))

    return read


@pytest.fixture
def everything(rows: Rows) -> Callable[[], dict[str, int]]:
    """How many rows each table has: the same before and after means that nothing was changed."""

    def count() -> dict[str, int]:
        tables = [row[0] for row in rows("select name from sqlite_master where type = 'table'")]
        return {table: rows(f'select count(*) from "{table}"')[0][0] for table in tables}

    return count


@pytest.fixture
def neighbour(engine: Engine, person: Persons) -> Person:  # noqa: F811 - the fixture
    """Somebody with every post, but in another window."""
    groups = ["window", "window_head", "coordinator", "admin", "complaint_officer", "D01"]
    create_account(engine, SYSTEM, "neighbour", "示例·邻窗", PASSWORD, "440104-01", groups, exception="测试用账号")
    return person("neighbour")


@pytest.fixture
def link(rows: Rows, simple_case: str) -> str:  # noqa: F811 - the fixture
    """The link the citizen was sent."""
    return f"/p/{rows('select public_token from case_file where no = :no', no=simple_case)[0][0]}"


def work_through(clerk: Person, case_no: str, words: str = WORDS) -> None:
    """The clerk coordinates, drafts the reply and gives it: now the citizen is asked."""
    for fields in (
        {"contact_log": words, "coordination_outcome": "已解决", "conclusion": words},
        {"reply.result": "直接解决", "reply.done": words, "reply.text": words},
        {"reply.answered_by": "当面", "reply.answered_at": "2026-11-23T11:00"},
    ):
        address = clerk.get(f"/?q={case_no}").find("//a[starts-with(@href, '/tasks/')]/@href")[0]
        answer = clerk.post(address, {"version": clerk.get(address).value("version"), **fields})
        assert answer.status == 303, answer.words

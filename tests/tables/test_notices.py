"""The notice texts: all there, each placeholder named, nothing in them that must not travel by SMS."""

from __future__ import annotations

import csv
import re

import pytest

from .conftest import PROCESSES

FILE = PROCESSES / "notices" / "messages.csv"
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


@pytest.fixture(scope="module")
def messages() -> dict[str, dict[str, str]]:
    with FILE.open(encoding="utf-8", newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file, strict=True)}


def test_all_messages_are_there_but_the_number_that_was_never_given(messages: dict[str, dict[str, str]]) -> None:
    given = {f"MSG-{number:02d}" for number in range(1, 25) if number != 19}
    assert given <= set(messages) and "MSG-19" not in messages


def test_every_message_says_when_to_whom_and_what(messages: dict[str, dict[str, str]]) -> None:
    assert [row["id"] for row in messages.values() if not (row["event"] and row["text"] and row["audience"])] == []
    assert {row["critical"] for row in messages.values()} == {"true", "false"}


def test_every_placeholder_is_a_word(messages: dict[str, dict[str, str]]) -> None:
    found = {name for row in messages.values() for name in PLACEHOLDER.findall(row["text"])}
    assert [name for name in found if not name.isidentifier()] == []


def test_no_brace_stands_alone(messages: dict[str, dict[str, str]]) -> None:
    assert [row["id"] for row in messages.values() if re.search(r"[{}]", PLACEHOLDER.sub("", row["text"]))] == []


@pytest.mark.parametrize(
    ("message", "placeholders"),
    [
        ("MSG-01", "事项 工单号 姓名 电话 短链"),
        ("MSG-02", "紧急电话"),
        ("MSG-03", "短链 电话"),
        ("MSG-04", "部门 窗口号 联系人 电话 时间"),
        ("MSG-05", "主单号"),
        ("MSG-06", "地区 部门"),
        ("MSG-08", "等级 牵头部门 N 日期"),
        ("MSG-09", "部门 日期 动作"),
        ("MSG-15", "短链"),
        ("MSG-16", "短链"),
        ("MSG-17", "摘要"),
        ("MSG-20", "工单号"),
        ("MSG-21", "工单号 签收截止 办理截止"),
        ("MSG-22", "工单号 剩余或超期 天数 标识 动作"),
        ("MSG-23", "时间 议题"),
    ],
)
def test_the_messages_in_use_ask_for_exactly_these_values(messages: dict[str, dict[str, str]], message: str, placeholders: str) -> None:
    assert PLACEHOLDER.findall(messages[message]["text"]) == placeholders.split()


def test_no_message_to_the_applicant_carries_an_identity_number_or_a_reason_of_refusal(messages: dict[str, dict[str, str]]) -> None:
    names = {name for row in messages.values() if row["audience"] == "申请人" for name in PLACEHOLDER.findall(row["text"])}
    assert names & {"证件号码", "身份证号", "不予受理理由"} == set()

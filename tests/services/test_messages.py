"""Notice texts: declared variables, channels, nothing that a message must not say; and what every shipped text becomes."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from engine.services.csv_tables import Findings, read_file
from engine.services.identity import mask_text
from engine.services.message_checks import check_messages
from engine.services.notices import FORBIDDEN, placeholders, render
from engine.services.reference_files import MESSAGES

SHIPPED = Path(__file__).resolve().parents[2] / "processes" / "notices" / "messages.csv"
HEADER = "id,event,name_en,text,text_en,variables,channels,audience,critical\n"
GOOD = "MSG-01,登记成功,Registered,工单{工单号}:{短链}。,Case {工单号},工单号;短链,sms;wechat,申请人,true\n"


def found(rows: str, header: str = HEADER) -> list[tuple[int | None, str | None, str]]:
    findings = Findings()
    check_messages(read_file((header + rows).encode(), MESSAGES, findings), findings)
    return [(one.line, one.element_id, one.code) for one in findings.items]


def test_a_text_with_declared_variables_is_right() -> None:
    assert found(GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "column", "code"),
    [
        ("工单{工单号}:", "工单{工单编号}:", "text", "undeclared"),
        ("Case {工单号}", "Case {number}", "text_en", "undeclared"),
        ("工单号;短链", "工单号;短链;天数", "variables", "unused-variable"),
        ("{短链}。", "{短链。", "text", "placeholder"),
        ("{短链}。", "{短链}{}。", "text", "placeholder"),
        ("{短链}。", "{短链}{身份证号}。", "text", "personal-data"),
        ("工单号;短链", "工单号;短链;住址", "variables", "personal-data"),
        ("sms;wechat", "sms;pigeon", "channels", "value"),
    ],
)
def test_a_text_that_is_wrong_is_refused_with_its_line_and_column(old: str, new: str, column: str, code: str) -> None:
    assert (3, column, code) in found(GOOD + GOOD.replace("MSG-01", "MSG-02").replace(old, new))


def test_a_row_without_a_declaration_beside_declared_ones_is_refused() -> None:
    assert found(GOOD + GOOD.replace("MSG-01", "MSG-02").replace("工单号;短链,sms", ",sms")) == [
        (3, "text", "undeclared"),
        (3, "text", "undeclared"),
        (3, "text_en", "undeclared"),
    ]


def test_a_file_from_before_there_were_declarations_still_loads() -> None:
    assert found('MSG-01,登记成功,"工单{工单号}",申请人,true\n', "id,event,text,audience,critical\n") == []


def shipped() -> list[dict[str, str]]:
    return list(csv.DictReader(SHIPPED.read_text("utf-8").splitlines()))


@pytest.mark.parametrize("row", shipped(), ids=[row["id"] for row in shipped()])
def test_every_shipped_text_is_named_in_both_languages_and_declares_its_variables(row: dict[str, str]) -> None:
    assert row["name_en"].isascii() and row["name_en"] and row["text_en"]
    assert placeholders(row["text"]) | placeholders(row["text_en"]) == set(filter(None, row["variables"].split(";")))


@pytest.mark.parametrize("row", shipped(), ids=[row["id"] for row in shipped()])
def test_no_shipped_text_carries_a_number_a_name_or_a_reason_of_refusal(row: dict[str, str]) -> None:
    declared = list(filter(None, row["variables"].split(";")))
    for text in (row["text"], row["text_en"]):
        body = render(row["id"], text, declared, {}, dict.fromkeys(declared, "示例值"))
        assert mask_text(body) == body and "{" not in body
        assert not placeholders(text) & set(FORBIDDEN) and len(body) <= 500
